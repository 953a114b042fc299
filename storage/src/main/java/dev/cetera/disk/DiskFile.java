package dev.cetera.disk;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/// An open file. Positions and sizes are in bytes. Reads may come from any thread; writes from one at a time.
public interface DiskFile extends Closeable {
    Path path();

    long size() throws IOException;

    /// Reads until `dst` is full or the file ends.
    ///
    /// @return bytes read, -1 at the end of the file
    int read(ByteBuffer dst, long position) throws IOException;

    /// Writes all of `src`. Nothing is durable before [#sync].
    void write(ByteBuffer src, long position) throws IOException;

    /// Makes the file this long: cuts it, or extends it with zeros.
    void truncate(long size) throws IOException;

    /// Reserves blocks that read as zero up to `size`; the file becomes at least that long.
    void allocate(long size) throws IOException;

    /// Makes all that was written durable, size included (fdatasync). After an error nobody knows what is on
    /// the disk: the caller must stop using the file, never try again.
    void sync() throws IOException;

    /// Takes a lock that is held until the file is closed.
    ///
    /// @return false when another open file holds it
    boolean tryLock(LockKind kind) throws IOException;

    /// A read-only view of the first `length` bytes, alive as long as `arena`. Later writes below `length`
    /// show in it. The file must be that long while the view is read.
    MemorySegment map(long length, Arena arena) throws IOException;

    @Override
    void close() throws IOException;
}
