package dev.cetera.bolt;

import dev.cetera.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Gathers neighbouring pages into one buffer, so that a commit costs a few large writes. Guarded by the
/// writer's place in [Bolt].
final class PageWriter {
    /// Big enough that a longer write gains nothing; a single larger page run gets a buffer of its own.
    private static final int BUFFER_BYTES = 1 << 20;

    private final DiskFile file;
    private final int bufferBytes;
    private ByteBuffer buffer = ByteBuffer.allocateDirect(0);
    private long start;
    private int used;
    private int reserved;

    PageWriter(DiskFile file) {
        this(file, BUFFER_BYTES);
    }

    PageWriter(DiskFile file, int bufferBytes) {
        this.file = file;
        this.bufferBytes = bufferBytes;
    }

    /// Room for the pages at that place in the file: a little-endian buffer to be filled from its position
    /// on, before [#written].
    ByteBuffer reserve(long position, long bytes) throws IOException {
        reserved = Math.toIntExact(bytes);
        if (used > 0 && (position != start + used || used + bytes > buffer.capacity())) {
            flush();
        }
        if (buffer.capacity() < used + reserved) {
            buffer = ByteBuffer.allocateDirect(Math.max(bufferBytes, reserved)).order(ByteOrder.LITTLE_ENDIAN);
        }
        if (used == 0) {
            start = position;
        }
        buffer.clear().position(used);
        return buffer;
    }

    /// The reserved room is filled up to the buffer's position; the rest of it becomes zero.
    void written() {
        int end = used + reserved;
        while (buffer.position() + Long.BYTES <= end) {
            buffer.putLong(0);
        }
        while (buffer.position() < end) {
            buffer.put((byte) 0);
        }
        used = end;
    }

    void flush() throws IOException {
        if (used > 0) {
            buffer.position(0).limit(used);
            used = 0;
            file.write(buffer, start);
        }
        if (buffer.capacity() > bufferBytes) {
            buffer = ByteBuffer.allocateDirect(0);
        }
    }

    /// Forgets what was not flushed.
    void reset() {
        used = 0;
    }
}
