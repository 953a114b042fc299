package dev.cetera.wal;

import dev.cetera.disk.Disk;
import dev.cetera.disk.DiskFile;
import dev.cetera.disk.LockKind;
import dev.cetera.disk.OpenMode;
import java.io.IOException;
import java.nio.file.Path;

/// A segment that is open and, when it is open for writing, locked.
record Segment(SegmentName name, DiskFile file) {
    /// Opens a file that no other process has open for writing.
    static DiskFile openLocked(Disk disk, Path path, OpenMode mode) throws IOException {
        var file = disk.open(path, mode);
        try {
            if (!file.tryLock(LockKind.RECORD)) {
                throw new IOException("fileutil: file already locked (" + path + ")");
            }
            return file;
        } catch (IOException | RuntimeException e) {
            try (file) {
                throw e;
            }
        }
    }
}
