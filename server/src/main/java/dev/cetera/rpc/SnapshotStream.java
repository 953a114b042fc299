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
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// The backend file as a stream of chunks, the last of which is the SHA-256 of all before. Reading may wait
/// for the disk, so it is done where waiting is allowed, and only for as long as the client takes what is
/// read: no more is in memory than the transport asked for. Shared.
final class SnapshotStream implements ServerCallHandler<InputStream, SnapshotResponse> {
    static final int CHUNK_BYTES = 32 * 1024;

    private static final Log LOG = Log.of("etcdserver/api/v3rpc");

    private final Node node;
    private final Histogram durations;
    private final Executor senders;

    /// @param senders run what may wait for the disk
    SnapshotStream(Node node, Histogram durations, Executor senders) {
        this.node = node;
        this.durations = durations;
        this.senders = senders;
    }

    @Override
    public ServerCall.Listener<InputStream> startCall(
            ServerCall<InputStream, SnapshotResponse> call, Metadata metadata) {
        call.request(1); // the one request says nothing, so its bytes are not looked at
        return new Download(call);
    }

    /// One client's download. Guarded by itself where the event loop and the sender meet.
    private final class Download extends ServerCall.Listener<InputStream> implements Answer<SnapshotSource> {
        private final ServerCall<InputStream, SnapshotResponse> call;

        /// Null before there is an image, and after the end.
        @GuardedBy("this")
        private @Nullable Sending sending;

        /// A sender works on it, or is about to.
        @GuardedBy("this")
        private boolean underWay;

        @GuardedBy("this")
        private boolean cancelled;

        Download(ServerCall<InputStream, SnapshotResponse> call) {
            this.call = call;
        }

        @Override
        public void onHalfClose() {
            node.as(Callers.of(call)).snapshot(this);
        }

        @Override
        public void onReady() {
            goOn();
        }

        @Override
        public void onCancel() {
            synchronized (this) {
                cancelled = true;
            }
            goOn();
        }

        @Override
        public void refused(Refusal why) {
            if (!call.isCancelled()) {
                call.close(why.status(), new Metadata());
            }
        }

        @Override
        public void done(SnapshotSource source) {
            call.sendHeaders(new Metadata());
            synchronized (this) {
                sending = new Sending(source);
            }
            goOn();
        }

        private void goOn() {
            Sending next;
            synchronized (this) {
                next = sending;
                if (next == null || underWay) {
                    return;
                }
                underWay = true;
            }
            senders.execute(() -> send(next));
        }

        /// Sends as much as the client takes.
        private void send(Sending next) {
            try {
                while (mayGoOn()) {
                    var response = next.next();
                    call.sendMessage(response);
                    if (next.isOver()) {
                        LOG.info("successfully sent database snapshot to client " + next.what);
                        durations.observeNanos(System.nanoTime() - next.startNanos);
                        end(next, Status.OK);
                    }
                }
            } catch (IOException unreadable) {
                LOG.error("failed to send database snapshot (" + unreadable.getMessage() + ")");
                end(next, Status.UNKNOWN.withDescription(unreadable.getMessage()));
            }
        }

        /// Whether another chunk is wanted; when it is not, the next sign of the client is waited for. Whether
        /// the client is ready is looked at under the lock, and a sign that it is comes after it is: so none
        /// is missed.
        private boolean mayGoOn() throws IOException {
            Sending over;
            synchronized (this) {
                over = sending;
                if (over == null) {
                    return false;
                }
                if (!cancelled) {
                    underWay = call.isReady();
                    return underWay;
                }
                sending = null;
            }
            over.source.close();
            return false;
        }

        private void end(Sending ended, Status status) {
            synchronized (this) {
                if (sending == null) {
                    return; // whatever fails now, nobody is there to be told
                }
                sending = null;
            }
            try {
                ended.source.close();
            } catch (IOException late) {
                LOG.warning("failed to close a database snapshot (" + late.getMessage() + ")");
            }
            call.close(status, new Metadata());
        }
    }

    /// An image on its way. Confined to one sender after the other.
    private static final class Sending {
        final SnapshotSource source;
        final String what;
        final long startNanos = System.nanoTime();
        private final MessageDigest digest = sha256();
        private final byte[] chunk = new byte[CHUNK_BYTES];
        private long remaining;
        private boolean over;

        Sending(SnapshotSource source) {
            this.source = source;
            this.remaining = source.size();
            this.what = bytes(remaining);
            LOG.info("sending database snapshot to client " + what);
        }

        boolean isOver() {
            return over;
        }

        /// The response lives until the next one is made: sending has copied its bytes by then.
        SnapshotResponse next() throws IOException {
            if (remaining == 0) {
                over = true;
                return response(ByteString.copyFrom(digest.digest()));
            }
            var buffer = ByteBuffer.wrap(chunk, 0, (int) Math.min(CHUNK_BYTES, remaining));
            while (buffer.hasRemaining()) {
                if (source.read(buffer) < 0) {
                    throw new EOFException("the snapshot ended " + remaining + " bytes early");
                }
            }
            int length = buffer.position();
            digest.update(chunk, 0, length);
            remaining -= length;
            return response(UnsafeByteOperations.unsafeWrap(chunk, 0, length));
        }

        private SnapshotResponse response(ByteString blob) {
            return SnapshotResponse.newBuilder()
                    .setRemainingBytes(remaining)
                    .setBlob(blob)
                    .build();
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
