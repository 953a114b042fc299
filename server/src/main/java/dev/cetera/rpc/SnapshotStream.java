package dev.cetera.rpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.SnapshotResponse;
import dev.cetera.logs.Log;
import dev.cetera.metrics.Histogram;
import dev.cetera.node.Answer;
import dev.cetera.node.Node;
import dev.cetera.node.SnapshotSource;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// The backend file as a stream of chunks, the last of which is the SHA-256 of all before. Reading may wait
/// for the disk and sending waits for the client, so each stream has a virtual thread; no more is in memory
/// than the transport asked for. Shared.
final class SnapshotStream implements ServerCallHandler<InputStream, SnapshotResponse> {
    static final int CHUNK_BYTES = 32 * 1024;

    private static final Log LOG = Log.of("etcdserver/api/v3rpc");

    private final Node node;
    private final Histogram durations;

    SnapshotStream(Node node, Histogram durations) {
        this.node = node;
        this.durations = durations;
    }

    @Override
    public ServerCall.Listener<InputStream> startCall(
            ServerCall<InputStream, SnapshotResponse> call, Metadata metadata) {
        call.request(1); // the one request says nothing, so its bytes are not looked at
        return new Download(call);
    }

    /// One client's download. Guarded by itself where the event loop and the sending thread meet.
    private final class Download extends ServerCall.Listener<InputStream> implements Answer<SnapshotSource> {
        private final ServerCall<InputStream, SnapshotResponse> call;

        @GuardedBy("this")
        private boolean cancelled;

        Download(ServerCall<InputStream, SnapshotResponse> call) {
            this.call = call;
        }

        @Override
        public void onHalfClose() {
            node.snapshot(this);
        }

        @Override
        public synchronized void onReady() {
            notifyAll();
        }

        @Override
        public synchronized void onCancel() {
            cancelled = true;
            notifyAll();
        }

        @Override
        public void refused(Refusal why) {
            if (!call.isCancelled()) {
                call.close(why.status(), new Metadata());
            }
        }

        @Override
        public void done(SnapshotSource source) {
            Thread.ofVirtual().name("snapshot").start(() -> send(source));
        }

        private void send(SnapshotSource source) {
            long startNanos = System.nanoTime();
            try (source) {
                var what = bytes(source.size());
                LOG.info("sending database snapshot to client " + what);
                if (pump(source)) {
                    LOG.info("successfully sent database snapshot to client " + what);
                    durations.observeNanos(System.nanoTime() - startNanos);
                    call.close(Status.OK, new Metadata());
                }
            } catch (IOException unreadable) {
                LOG.error("failed to send database snapshot (" + unreadable.getMessage() + ")");
                call.close(Status.UNKNOWN.withDescription(unreadable.getMessage()), new Metadata());
            } catch (InterruptedException stopping) {
                call.close(Refusal.STOPPED.status(), new Metadata());
            }
        }

        /// False when the client went away.
        private boolean pump(SnapshotSource source) throws IOException, InterruptedException {
            call.sendHeaders(new Metadata());
            var digest = sha256();
            var chunk = new byte[CHUNK_BYTES];
            long remaining = source.size();
            while (remaining > 0) {
                var buffer = ByteBuffer.wrap(chunk, 0, (int) Math.min(CHUNK_BYTES, remaining));
                while (buffer.hasRemaining()) {
                    if (source.read(buffer) < 0) {
                        throw new EOFException("the snapshot ended " + remaining + " bytes early");
                    }
                }
                int length = buffer.position();
                digest.update(chunk, 0, length);
                remaining -= length;
                // sendMessage has copied the bytes when it returns, so the array serves every chunk
                if (!sendWhenReady(UnsafeByteOperations.unsafeWrap(chunk, 0, length), remaining)) {
                    return false;
                }
            }
            return sendWhenReady(ByteString.copyFrom(digest.digest()), 0);
        }

        private boolean sendWhenReady(ByteString blob, long remaining) throws InterruptedException {
            synchronized (this) {
                while (!cancelled && !call.isReady()) {
                    wait();
                }
                if (cancelled) {
                    return false;
                }
            }
            call.sendMessage(SnapshotResponse.newBuilder()
                    .setRemainingBytes(remaining)
                    .setBlob(blob)
                    .build());
            return true;
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException absent) {
            throw new IllegalStateException("every JDK has SHA-256", absent);
        }
    }

    /// `20 kB [20480 bytes]`, in steps of 1000.
    static String bytes(long size) {
        var units = "kMGTPE";
        double value = size;
        int unit = -1;
        while (value >= 1000 && unit < units.length() - 1) {
            value /= 1000;
            unit++;
        }
        var number = unit >= 0 && value < 9.95
                ? String.format(java.util.Locale.ROOT, "%.1f", value)
                : Long.toString(Math.round(value));
        return number + " " + (unit < 0 ? "" : units.charAt(unit)) + "B [" + size + " bytes]";
    }
}
