package dev.cetera.lab.load;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import dev.cetera.api.etcdserverpb.WatchRequest;
import dev.cetera.api.etcdserverpb.WatchResponse;
import dev.cetera.api.mvccpb.Event;
import dev.cetera.api.mvccpb.KeyValue;
import dev.cetera.testkit.Await;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/// Puts to watched keys, and the events they make. The latency of an event counts from its put's start.
///
/// A writer puts again once its last put is answered and has reached every watcher of its key, so the load
/// goes as fast as events are delivered. A put's value begins with who wrote it and when:
///
///     run 8 | writer 4 | sequence 4 | nanoTime 8
///
/// Shared: streams and writers run on the transport's threads; a writer's count of what is outstanding joins
/// them.
final class WatchLoad implements Load {
    private static final int STAMP_BYTES = 24;
    private static final Duration CREATE = Duration.ofSeconds(60);

    /// Tells this run's events from those that an earlier one left behind.
    private final long run = ThreadLocalRandom.current().nextLong();

    private final Connections connections;
    private final Meter meter;
    private final int keys;
    private final int keySize;
    private final int watchersPerKey;
    private final Template put;
    private final int stampAt;
    private final Writer[] writers;
    private final List<ClientCall<byte[], byte[]>> streams = new ArrayList<>();
    private final AtomicInteger created = new AtomicInteger();
    private final AtomicInteger active = new AtomicInteger();

    WatchLoad(Settings settings, Connections connections, Meter meter, int keys, int watchersPerKey, int writerCount) {
        this.connections = connections;
        this.meter = meter;
        this.keys = keys;
        this.keySize = settings.keySize();
        this.watchersPerKey = watchersPerKey;
        byte[] mark = new byte[STAMP_BYTES];
        Arrays.fill(mark, (byte) 0xfc);
        ByteString value = Workload.value(settings);
        var request = Workload.putOf(settings).toBuilder()
                .setValue(ByteString.copyFrom(mark).concat(value.substring(Math.min(value.size(), STAMP_BYTES))))
                .build()
                .toByteArray();
        this.put = Template.of(request, settings.keySize());
        this.stampAt = indexOf(request, mark);
        var seeds = new SplittableRandom(settings.seed());
        this.writers = new Writer[writerCount];
        for (int i = 0; i < writerCount; i++) {
            writers[i] = new Writer(i, seeds.split());
        }
        watchAll();
    }

    private void watchAll() {
        int watchers = keys * watchersPerKey;
        for (int i = 0; i < connections.count(); i++) {
            var stream = connections.channel(i).newCall(Wire.WATCH, CallOptions.DEFAULT);
            streams.add(stream);
            stream.start(new Watcher(stream), new Metadata());
            stream.request(1);
        }
        for (int i = 0; i < watchers; i++) {
            var create = WatchCreateRequest.newBuilder().setKey(ByteString.copyFrom(Template.key(i % keys, keySize)));
            streams.get(i % streams.size())
                    .sendMessage(WatchRequest.newBuilder()
                            .setCreateRequest(create)
                            .build()
                            .toByteArray());
        }
        Await.await(watchers + " watchers are created", CREATE, () -> created.get() == watchers);
    }

    @Override
    public void start() {
        active.set(writers.length);
        for (Writer writer : writers) {
            writer.next();
        }
    }

    @Override
    public boolean idle() {
        return active.get() == 0;
    }

    @Override
    public void close() {
        streams.forEach(stream -> stream.cancel("the run is over", null));
    }

    private static int indexOf(byte[] bytes, byte[] part) {
        for (int at = 0; at + part.length <= bytes.length; at++) {
            if (Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
                return at;
            }
        }
        throw new IllegalStateException("the mark is not in the request");
    }

    /// Makes one put at a time.
    private final class Writer extends ClientCall.Listener<Integer> {
        private final int number;
        private final SplittableRandom random;
        /// Of the current put; written only between two of them.
        private final AtomicInteger sequence = new AtomicInteger();

        /// Events still due of the current put, and one for its answer.
        private final AtomicInteger outstanding = new AtomicInteger();

        Writer(int number, SplittableRandom random) {
            this.number = number;
            this.random = random;
        }

        void next() {
            if (!meter.admit()) {
                active.decrementAndGet();
                return;
            }
            outstanding.set(watchersPerKey + 1);
            int current = sequence.incrementAndGet();
            byte[] request = put.with(random.nextInt(keys), 1);
            ByteBuffer.wrap(request, stampAt, STAMP_BYTES)
                    .putLong(run)
                    .putInt(number)
                    .putInt(current)
                    .putLong(System.nanoTime());
            var call = connections.channel(number).newCall(Wire.PUT, CallOptions.DEFAULT);
            call.start(new Answer(), new Metadata());
            call.request(2);
            call.sendMessage(request);
            call.halfClose();
        }

        void delivered(int ofSequence, long startNanos) {
            if (ofSequence == sequence.get()) {
                meter.answered(System.nanoTime() - startNanos);
                done();
            }
        }

        private void done() {
            if (outstanding.decrementAndGet() == 0) {
                next();
            }
        }

        private final class Answer extends ClientCall.Listener<Integer> {
            @Override
            public void onClose(Status status, Metadata trailers) {
                if (status.isOk()) {
                    done();
                } else {
                    meter.failed(status);
                    meter.afterError(Writer.this::next);
                }
            }
        }
    }

    /// One stream and everything that is watched on it.
    private final class Watcher extends ClientCall.Listener<byte[]> {
        private final ClientCall<byte[], byte[]> stream;

        Watcher(ClientCall<byte[], byte[]> stream) {
            this.stream = stream;
        }

        @Override
        public void onMessage(byte[] response) {
            stream.request(1);
            try {
                read(response);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            if (status.getCode() != Status.Code.CANCELLED) {
                meter.failed(status);
            }
        }

        private void read(byte[] response) throws IOException {
            var in = CodedInputStream.newInstance(response);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                switch (tag >>> 3) {
                    case WatchResponse.CREATED_FIELD_NUMBER -> {
                        if (in.readBool()) {
                            created.incrementAndGet();
                        }
                    }
                    case WatchResponse.CANCELED_FIELD_NUMBER -> {
                        if (in.readBool()) {
                            meter.failed("a watcher was cancelled by the server");
                        }
                    }
                    case WatchResponse.EVENTS_FIELD_NUMBER -> {
                        int outer = in.pushLimit(in.readRawVarint32());
                        readEvent(in, response);
                        in.popLimit(outer);
                    }
                    default -> in.skipField(tag);
                }
            }
        }

        private void readEvent(CodedInputStream in, byte[] response) throws IOException {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag >>> 3 == Event.KV_FIELD_NUMBER) {
                    int outer = in.pushLimit(in.readRawVarint32());
                    readKeyValue(in, response);
                    in.popLimit(outer);
                } else {
                    in.skipField(tag);
                }
            }
        }

        private void readKeyValue(CodedInputStream in, byte[] response) throws IOException {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag >>> 3 == KeyValue.VALUE_FIELD_NUMBER) {
                    int size = in.readRawVarint32();
                    int at = in.getTotalBytesRead();
                    in.skipRawBytes(size);
                    if (size >= STAMP_BYTES) {
                        delivered(ByteBuffer.wrap(response, at, STAMP_BYTES));
                    }
                } else {
                    in.skipField(tag);
                }
            }
        }

        private void delivered(ByteBuffer stamp) {
            if (stamp.getLong() == run) {
                writers[stamp.getInt()].delivered(stamp.getInt(), stamp.getLong());
            }
        }
    }
}
