package dev.cetera.wal;

import dev.cetera.disk.Disk;
import dev.cetera.disk.DiskFile;
import dev.cetera.disk.OpenMode;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The file that will be the next segment: empty, reserved, locked, named `0.tmp` or `1.tmp` in turn, so that
/// a new one can be made while the one before has still to get its name. Guarded by `this`: one thread may
/// make it, another take it.
final class SpareSegment implements Closeable {
    record Prepared(Path path, DiskFile file) {}

    private final Disk disk;
    private final Path dir;
    private final long bytes;
    private @Nullable Prepared prepared;
    private int made;
    private boolean closed;

    SpareSegment(Disk disk, Path dir, long bytes) {
        this.disk = disk;
        this.dir = dir;
        this.bytes = bytes;
    }

    synchronized void prepare() throws IOException {
        if (prepared == null && !closed) {
            prepared = make();
        }
    }

    /// The prepared file, or one made now. From here on it is the caller's.
    synchronized Prepared take() throws IOException {
        var taken = prepared == null ? make() : prepared;
        prepared = null;
        return taken;
    }

    /// Removes what nobody took.
    @Override
    public synchronized void close() throws IOException {
        closed = true;
        var unused = prepared;
        prepared = null;
        if (unused != null) {
            try (var _ = unused.file()) {
                disk.delete(unused.path());
            }
        }
    }

    private Prepared make() throws IOException {
        var path = dir.resolve(made % 2 + ".tmp");
        // Left over from a crash, it may hold anything, and have any length.
        var file = Segment.openLocked(disk, path, OpenMode.CREATE);
        try {
            file.truncate(0);
            file.allocate(bytes);
        } catch (IOException | RuntimeException e) {
            try (file) {
                disk.delete(path);
                throw e;
            }
        }
        made++;
        return new Prepared(path, file);
    }
}
