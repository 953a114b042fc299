package dev.cetera.wal;

import dev.cetera.disk.Disk;
import dev.cetera.disk.DiskFile;
import dev.cetera.disk.OpenMode;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/// Cuts a record that was only half-written off the end of a log.
final class TailRepair {
    private static final int COPY_BYTES = 1 << 20;

    private TailRepair() {}

    /// Looks at the last segment alone. If its end is torn, the file is copied to `NAME.broken` and cut after
    /// its last good record; both are durable on return.
    ///
    /// @return false when what is wrong there is not a torn end
    static boolean repair(Disk disk, Path dir, RepairLog log) throws IOException {
        var path =
                dir.resolve(SegmentName.all(disk, dir, (_, _) -> {}).getLast().toString());
        try (var file = Segment.openLocked(disk, path, OpenMode.WRITE)) {
            var records = new RecordReader(List.of(file));
            RecordReader.Step step;
            do {
                step = records.next();
            } while (step == RecordReader.Step.RECORD);
            if (step == RecordReader.Step.TORN) {
                log.line(Level.INFO, "repairing " + path);
                copy(disk, file, path.resolveSibling(path.getFileName() + ".broken"));
                disk.syncDirectory(dir);
                file.truncate(records.offset());
                file.sync();
            }
            return true;
        } catch (BadLogException e) {
            log.line(Level.ERROR, "could not repair error (" + e.getMessage() + ")");
            return false;
        }
    }

    private static void copy(Disk disk, DiskFile from, Path to) throws IOException {
        try (var copy = disk.open(to, OpenMode.CREATE)) {
            copy.truncate(0);
            long size = from.size();
            var buffer = ByteBuffer.allocateDirect((int) Math.min(size, COPY_BYTES));
            for (long at = 0; at < size; ) {
                int read = from.read(buffer.clear(), at);
                if (read <= 0) {
                    throw new IOException("file became shorter while it was copied: " + from.path());
                }
                copy.write(buffer.flip(), at);
                at += read;
            }
            copy.sync();
        }
    }
}
