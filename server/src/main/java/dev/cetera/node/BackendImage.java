package dev.cetera.node;

import dev.cetera.schema.Snapshot;
import java.nio.ByteBuffer;
import java.util.function.LongConsumer;

/// The backend file as one commit left it, read once. Confined to one thread at a time.
final class BackendImage implements SnapshotSource {
    private final Snapshot file;
    private final LongConsumer whenRead;
    private final byte[] piece = new byte[1 << 16];
    private long position;
    private boolean read;

    /// @param whenRead told the size when all of it was read
    BackendImage(Snapshot file, LongConsumer whenRead) {
        this.file = file;
        this.whenRead = whenRead;
    }

    @Override
    public long size() {
        return file.size();
    }

    @Override
    public int read(ByteBuffer into) {
        int length = file.readCopy(position, piece, 0, Math.min(piece.length, into.remaining()));
        if (length > 0) {
            into.put(piece, 0, length);
            position += length;
        }
        if (position == size() && !read) {
            read = true;
            whenRead.accept(position);
        }
        return length;
    }

    @Override
    public void close() {
        file.close();
    }
}
