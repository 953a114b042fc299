package dev.cetera.bolt;

import dev.cetera.disk.DiskFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/// One mapping of the file, unmapped when the last commit that is read through it goes. Shared: counted by an
/// atomic.
final class Mapping {
    private final OpenFile file;
    private final Arena arena;
    private final MemorySegment segment;
    private final AtomicInteger users = new AtomicInteger(1);

    private Mapping(OpenFile file, Arena arena, MemorySegment segment) {
        this.file = file;
        this.arena = arena;
        this.segment = segment;
    }

    /// A new mapping with one user.
    @SuppressWarnings("MustBeClosedChecker") // closed by the last release
    static Mapping of(OpenFile file, long bytes) throws IOException {
        var arena = Arena.ofShared();
        MemorySegment segment = null;
        try {
            segment = file.file().map(bytes, arena);
        } finally {
            if (segment == null) {
                arena.close();
            }
        }
        file.retain();
        return new Mapping(file, arena, segment);
    }

    MemorySegment segment() {
        return segment;
    }

    Mapping retain() {
        users.incrementAndGet();
        return this;
    }

    void release() {
        if (users.decrementAndGet() == 0) {
            arena.close();
            file.release();
        }
    }

    /// The file, open as long as the [Bolt] or a mapping needs it. Shared: counted by an atomic.
    static final class OpenFile {
        private final DiskFile file;
        private final AtomicInteger users = new AtomicInteger(1);

        OpenFile(DiskFile file) {
            this.file = file;
        }

        DiskFile file() {
            return file;
        }

        private void retain() {
            users.incrementAndGet();
        }

        void release() {
            if (users.decrementAndGet() == 0) {
                try {
                    file.close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }
}
