package dev.cetera.schema;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.cetera.bolt.Bolt;
import dev.cetera.bolt.BoltOptions;
import dev.cetera.bolt.Cursor;
import dev.cetera.disk.CorruptionException;
import dev.cetera.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/// A bolt file written anew beside the old one, then renamed over it. Confined.
///
/// The new file is whole and synced before the rename, and the rename is synced before anything is committed
/// to it; so a crash finds the old file (and perhaps a leftover, removed at the next start) or the new one.
final class Defragmentation {
    /// What etcd, too, removes at its start.
    private static final String PREFIX = ".tmp";

    /// Puts in one transaction.
    private static final int BATCH = 10_000;

    private static final double FILL = 0.9;

    private final Disk disk;
    private final Path path;
    private final Path temporary;
    private final BoltOptions options;

    Defragmentation(Disk disk, Path path, BoltOptions options) {
        this.disk = disk;
        this.path = path;
        this.options = options;
        temporary = path.resolveSibling(path.getFileName() + PREFIX + ".0");
    }

    static void removeLeftovers(Disk disk, Path path) throws IOException {
        var directory = path.resolveSibling("");
        for (var name : disk.list(directory)) {
            if (name.startsWith(path.getFileName() + PREFIX)) {
                disk.delete(directory.resolve(name));
            }
        }
    }

    /// Writes the temporary file; removes it again when that fails.
    Bolt copy(Snapshot from) throws IOException {
        removeLeftovers(disk, path);
        var fresh = Bolt.open(disk, temporary, options);
        try {
            for (var name : from.bucketNames()) {
                copyBucket(from.cursor(name), name, fresh);
            }
            return fresh;
        } catch (IOException | RuntimeException e) {
            fresh.close();
            disk.delete(temporary);
            throw e;
        }
    }

    private void copyBucket(Cursor from, byte[] name, Bolt fresh) throws IOException {
        var more = from.first();
        byte[] last = null;
        do {
            try (var tx = fresh.write()) {
                var bucket = tx.createBucket(name);
                bucket.setFillPercent(FILL);
                for (var i = 0; more && i < BATCH; i++) {
                    var key = from.key();
                    if (last != null && Arrays.compareUnsigned(last, key) >= 0) {
                        // Written in order it would no longer be seen that something is wrong, and one of two might go.
                        throw new CorruptionException(
                                path, -1, "keys out of order in bucket " + new String(name, ISO_8859_1));
                    }
                    last = key;
                    bucket.put(key, from.value());
                    more = from.next();
                }
                tx.commit();
            }
        } while (more);
    }

    void exchange() throws IOException {
        disk.rename(temporary, path);
        disk.syncDirectory(path.resolveSibling(""));
    }
}
