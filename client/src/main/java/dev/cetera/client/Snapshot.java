package dev.cetera.client;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.MaintenanceGrpc;
import dev.cetera.api.etcdserverpb.SnapshotRequest;
import dev.cetera.api.etcdserverpb.SnapshotResponse;
import dev.cetera.client.transport.CallFailure;
import dev.cetera.client.transport.StreamCall;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/// A database on its way here. Reads throw [CanceledException] after [#close] by another thread or an
/// interrupt, [DeadlineException] when the time is over, and other [EtcdException]s for what else may happen;
/// never a bare gRPC status. It is asked for again only as long as nothing has come. For one thread.
public final class Snapshot extends InputStream {
    private static final int MAX_ATTEMPTS = 100;

    private final BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
    private final Calls calls;
    private volatile @Nullable StreamCall<SnapshotRequest, SnapshotResponse> stream;
    private volatile boolean canceled;
    private volatile boolean begun;
    private int attempts;
    private ByteString current = ByteString.EMPTY;
    private int at;
    private volatile long remaining = -1;
    private boolean ended;

    /// Bytes, or an end: in peace, or with a reason.
    private record Piece(
            ByteString bytes, boolean last, @Nullable EtcdException why) {}

    private Snapshot(Calls calls) {
        this.calls = calls;
    }

    static Snapshot open(Calls calls) {
        var snapshot = new Snapshot(calls);
        snapshot.ask(null);
        return snapshot;
    }

    private void ask(@Nullable StreamCall<?, ?> failed) {
        attempts++;
        stream = calls.open(MaintenanceGrpc.getSnapshotMethod(), failed, new Answers());
    }

    /// Bytes that will still come, as of what has been read; -1 before anything has come. The member doesn't
    /// count the checksum.
    public long remaining() {
        return remaining;
    }

    /// Writes all of it to a file, which must not exist, and closes. What is left by a failure is removed.
    public void saveTo(Path file) throws IOException {
        try (this;
                var out = Files.newOutputStream(file, java.nio.file.StandardOpenOption.CREATE_NEW)) {
            transferTo(out);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    @Override
    public int read() {
        return more() ? current.byteAt(at++) & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        if (!more()) {
            return -1;
        }
        int count = Math.min(length, current.size() - at);
        current.substring(at, at + count).copyTo(into, offset);
        at += count;
        return count;
    }

    private boolean more() {
        while (at == current.size()) {
            if (canceled) {
                throw new CanceledException(EtcdException.Fate.NOT_APPLIED);
            }
            if (ended) {
                return false;
            }
            Piece piece;
            try {
                piece = pieces.take();
            } catch (InterruptedException e) {
                close();
                Thread.currentThread().interrupt();
                throw new CanceledException(EtcdException.Fate.NOT_APPLIED);
            }
            if (piece.why != null) {
                pieces.add(piece); // whoever reads on is told again
                throw piece.why;
            }
            ended = piece.last;
            current = piece.bytes;
            at = 0;
            var from = stream;
            if (from != null) {
                from.request(1);
            }
        }
        return true;
    }

    @Override
    public void close() {
        canceled = true;
        var running = stream;
        if (running != null) {
            running.cancel();
        }
    }

    private final class Answers implements StreamCall.Listener<SnapshotRequest, SnapshotResponse> {
        @Override
        public void opened(StreamCall<SnapshotRequest, SnapshotResponse> opened, String endpoint) {
            opened.request(1);
            opened.send(SnapshotRequest.getDefaultInstance());
            opened.halfClose();
        }

        @Override
        public void message(StreamCall<SnapshotRequest, SnapshotResponse> from, SnapshotResponse answer) {
            begun = true;
            remaining = answer.getRemainingBytes();
            pieces.add(new Piece(answer.getBlob(), false, null));
        }

        @Override
        public void closed(StreamCall<SnapshotRequest, SnapshotResponse> gone, @Nullable CallFailure failure) {
            if (failure == null) {
                pieces.add(new Piece(ByteString.EMPTY, true, null));
                return;
            }
            var why = EtcdException.from(failure);
            if (why.code() == Code.UNAVAILABLE && !begun && attempts < MAX_ATTEMPTS && !canceled) {
                ask(gone);
            } else {
                pieces.add(new Piece(ByteString.EMPTY, true, why));
            }
        }
    }
}
