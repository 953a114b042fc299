package dev.cetera.snap;

import dev.cetera.disk.Disk;
import dev.cetera.disk.DiskFile;
import dev.cetera.disk.OpenMode;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;

/// A database on its way in, under a name that nobody looks for until it is whole:
///
///     tmpN  --write...--  sync  --checked--  rename to INDEX.snap.db  --  directory synced
///
/// So a name `INDEX.snap.db` always means a file that was complete, checked and durable, whatever came after.
/// Whatever fails on the way leaves nothing behind, unless the disk refuses even that; the next start removes
/// the rest. Confined to one thread at a time.
public final class IncomingDatabase implements Closeable {
    /// Looks into a complete file.
    @FunctionalInterface
    public interface Check {
        /// Returns when the file may be used.
        ///
        /// @throws IOException when it must not, with the reason
        void of(Path file) throws IOException;
    }

    private final Disk disk;
    private final Path dir;
    private final Path temporary;
    private final Path destination;
    private final DiskFile file;
    private long bytes;
    private boolean fileOpen = true;
    private boolean temporaryThere = true;

    private IncomingDatabase(Disk disk, Path dir, Path temporary, Path destination, DiskFile file) {
        this.disk = disk;
        this.dir = dir;
        this.temporary = temporary;
        this.destination = destination;
        this.file = file;
    }

    static IncomingDatabase begin(Disk disk, Path dir, Path destination) throws IOException {
        for (long number = 0; ; number++) {
            var temporary = dir.resolve(Snapshots.TEMPORARY + number);
            if (disk.exists(temporary)) {
                continue;
            }
            try {
                var file = disk.open(temporary, OpenMode.CREATE_NEW);
                return new IncomingDatabase(disk, dir, temporary, destination, file);
            } catch (FileAlreadyExistsException _) {
                // Another one that arrives at the same time was faster.
            }
        }
    }

    /// Appends a piece.
    public void write(ByteBuffer piece) throws IOException {
        int length = piece.remaining();
        file.write(piece, bytes);
        bytes += length;
    }

    /// So far.
    public long bytes() {
        return bytes;
    }

    /// All bytes were written: makes them durable and has them looked into. May take seconds.
    public void complete(Check check) throws IOException {
        file.sync();
        fileOpen = false;
        file.close();
        check.of(temporary);
    }

    /// Gives the complete file its own name. Where there is one of that name already it is as good, and stays.
    /// On return there is one, durable, and so is the name.
    public void publish() throws IOException {
        if (disk.exists(destination)) {
            disk.syncDirectory(dir);
            return;
        }
        disk.rename(temporary, destination);
        temporaryThere = false;
        try {
            disk.syncDirectory(dir);
        } catch (IOException failed) {
            // It may be gone after a power loss, so nobody may count on it.
            try {
                disk.delete(destination);
            } catch (IOException again) {
                failed.addSuppressed(again);
            }
            throw failed;
        }
    }

    /// Removes what was not finished. Idempotent.
    @Override
    public void close() throws IOException {
        try {
            if (fileOpen) {
                fileOpen = false;
                file.close();
            }
        } finally {
            if (temporaryThere) {
                temporaryThere = false;
                disk.delete(temporary);
            }
        }
    }
}
