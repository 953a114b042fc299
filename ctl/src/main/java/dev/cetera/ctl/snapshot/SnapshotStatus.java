package dev.cetera.ctl.snapshot;

import dev.cetera.bolt.Bolt;
import dev.cetera.bolt.ReadTx;
import dev.cetera.disk.CorruptionException;
import dev.cetera.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;

/// What a snapshot file holds.
///
/// @param hash of all names, keys and values of all buckets
/// @param revision of the last change in it
/// @param totalKeys entries of all buckets
/// @param totalSize bytes of its pages
public record SnapshotStatus(long hash, long revision, long totalKeys, long totalSize) {
    private static final byte[] KEY = "key".getBytes(StandardCharsets.UTF_8);

    /// Reads it through, once every page was found to be sound.
    ///
    /// @throws CorruptionException if some page is not
    public static SnapshotStatus of(Disk disk, Path file) throws IOException {
        try (var tx = Bolt.view(disk, file)) {
            var wrong = tx.check();
            if (!wrong.isEmpty()) {
                throw new IOException("snapshot file integrity check failed. " + wrong.size() + " errors found.\n"
                        + String.join("\n", wrong));
            }
            return read(tx);
        }
    }

    private static SnapshotStatus read(ReadTx tx) throws CorruptionException {
        var crc = new CRC32C();
        long revision = 0;
        long keys = 0;
        for (var name : tx.buckets()) {
            crc.update(name);
            var bucket = tx.bucket(name);
            if (bucket == null) {
                continue;
            }
            var cursor = bucket.cursor();
            for (boolean more = cursor.first(); more; more = cursor.next()) {
                var key = cursor.key();
                crc.update(key);
                crc.update(cursor.value());
                keys++;
                if (Arrays.equals(name, KEY)) {
                    revision = ByteBuffer.wrap(key).getLong();
                }
            }
        }
        return new SnapshotStatus(crc.getValue(), revision, keys, tx.size());
    }
}
