package dev.cetera.node;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/// One consistent image of the backend file, to be read once from front to back. Confined to whoever it was
/// answered to; [#read] may block on the disk, so it is called on a thread that may.
public interface SnapshotSource extends Closeable {
    /// Bytes of the whole image, fixed from the start.
    long size();

    /// Reads some bytes (at least one while any remain and `into` has room), or answers -1 at the end.
    int read(ByteBuffer into) throws IOException;

    /// Lets go of the image. Idempotent.
    @Override
    void close() throws IOException;
}
