package dev.cetera.lab.load;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import dev.cetera.api.etcdserverpb.WatchRequest;
import dev.cetera.api.etcdserverpb.WatchResponse;
import dev.cetera.testkit.Await;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// Watchers that begin in the past. Each reads up to the present, and begins again. The latency
/// of an event counts from the start of its watcher, so the longest is the time of a whole catch-up.
///
/// Shared: each watcher is confined to its stream's order of callbacks.
final class CatchUpLoad implements Load {
    private static final Duration WRITE = Duration.ofMinutes(5);
    private static final ByteString EVERYTHING = ByteString.copyFrom(new byte[1]);

    private final Connections connections;
    private final Meter meter;
    private final int watchers;
    private final int history;
    private final byte[] create;
    private final AtomicInteger active = new AtomicInteger();

    /// @param watchers how many at once
    /// @param first revision to begin with
    /// @param history events from there to the present
    CatchUpLoad(Connections connections, Meter meter, int watchers, long first, int history) {
        this.connections = connections;
        this.meter = meter;
        this.watchers = watchers;
        this.history = history;
        this.create = WatchRequest.newBuilder()
                .setCreateRequest(WatchCreateRequest.newBuilder()
                        .setKey(EVERYTHING)
                        .setRangeEnd(EVERYTHING)
                        .setStartRevision(first))
                .build()
                .toByteArray();
    }

    /// Makes the history, one put a revision; returns its first revision.
    static long write(Settings settings, Connections connections) {
        var present = RangeRequest.newBuilder().setKey(EVERYTHING).build();
        long before = KVGrpc.newBlockingStub(connections.channel(0))
                .range(present)
                .getHeader()
                .getRevision();
        try (var later = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("history").daemon().factory())) {
            var writing = new Meter(settings.history(), later);
            try (Load puts = Workload.PUT.open(settings, connections, writing)) {
                puts.start();
                Await.await(settings.history() + " puts are made", WRITE, puts::idle);
            }
            if (!writing.errors().isEmpty()) {
                throw new IllegalStateException("the history could not be written: " + writing.errors());
            }
            later.shutdownNow();
        }
        return before + 1;
    }

    @Override
    public void start() {
        active.set(watchers);
        for (int i = 0; i < watchers; i++) {
            new Watcher(i).begin();
        }
    }

    @Override
    public boolean idle() {
        return active.get() == 0;
    }

    @Override
    public void close() {
        // A watcher ends its stream when it has seen the last event, or at the first after the meter's end.
    }

    private final class Watcher extends ClientCall.Listener<byte[]> {
        private final int number;
        private final ClientCall<byte[], byte[]> stream;
        private final long startNanos = System.nanoTime();
        private int seen;
        private boolean over;

        Watcher(int number) {
            this.number = number;
            this.stream = connections.channel(number).newCall(Wire.WATCH, CallOptions.DEFAULT);
        }

        void begin() {
            if (!meter.admit()) {
                active.decrementAndGet();
                return;
            }
            stream.start(this, new Metadata());
            stream.request(1);
            stream.sendMessage(create);
        }

        @Override
        public void onMessage(byte[] response) {
            if (over) {
                return;
            }
            stream.request(1);
            int events = events(response);
            long latency = System.nanoTime() - startNanos;
            for (int i = 0; i < events; i++) {
                meter.answered(latency);
            }
            seen += events;
            if (seen >= history || meter.stopped()) {
                over = true;
                stream.cancel("the present is reached", null);
                new Watcher(number).begin();
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            if (!over) {
                meter.failed(status);
                meter.afterError(() -> new Watcher(number).begin());
            }
        }

        private static int events(byte[] response) {
            try {
                var in = CodedInputStream.newInstance(response);
                int count = 0;
                for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                    if (tag >>> 3 == WatchResponse.EVENTS_FIELD_NUMBER) {
                        count++;
                    }
                    in.skipField(tag);
                }
                return count;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
