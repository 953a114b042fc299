package dev.cetera.bolt;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.disk.CorruptionException;
import dev.cetera.disk.FakeDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// Files that no writer leaves: what they would cost, in time, memory or data, they must not cost.
final class HostileFileTest {
    private static final Path FILE = Path.of("/d/db");
    private static final int PAGE = 1024;

    /// Bucket `b` with keys enough for a branch, in a file that lists its free pages.
    private static byte[] file() throws IOException {
        var disk = new FakeDisk(1);
        disk.createDirectories(Path.of("/d"));
        var options = BoltOptions.DEFAULTS.withPageSize(PAGE).withFreelist(FreelistForm.STORED);
        try (var bolt = Bolt.open(disk, FILE, options)) {
            try (var tx = bolt.write()) {
                var bucket = tx.createBucket(new byte[] {'b'});
                for (int i = 0; i < 100; i++) {
                    bucket.put(new byte[] {'k', (byte) i}, new byte[30]);
                }
                tx.commit();
            }
        }
        return disk.bytes(FILE);
    }

    private static ByteBuffer buffer(byte[] file) {
        return ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int page(byte[] file, int flags) {
        for (int at = 2 * PAGE; at < file.length; at += PAGE) {
            if (buffer(file).getShort(at + 8) == flags && buffer(file).getShort(at + 10) > 1) {
                return at;
            }
        }
        throw new AssertionError("no such page");
    }

    private static Bolt open(byte[] file) throws IOException {
        var disk = new FakeDisk(1);
        disk.put(FILE, file);
        return Bolt.open(disk, FILE, BoltOptions.DEFAULTS);
    }

    private static List<String> findings(byte[] file) throws IOException {
        var disk = new FakeDisk(1);
        disk.put(FILE, file);
        try (var tx = Bolt.view(disk, FILE)) {
            return tx.check();
        }
    }

    @Test
    void pagesThatAreReachedTwiceAreRefusedAtOpening() throws IOException {
        byte[] file = file();
        assertThat(findings(file)).isEmpty();
        int branch = page(file, Page.BRANCH);
        var bytes = buffer(file);
        bytes.putLong(branch + 40, bytes.getLong(branch + 24));
        assertThatThrownBy(() -> open(file))
                .isInstanceOf(CorruptionException.class)
                .hasMessageContaining("multiple references");
    }

    @Test
    void theCheckNamesAChildBeyondAllNumbers() throws IOException {
        byte[] file = file();
        buffer(file).putLong(page(file, Page.BRANCH) + 24, Long.MAX_VALUE);
        assertThat(findings(file)).anyMatch(finding -> finding.contains("page 9223372036854775807: out of bounds"));
    }

    @Test
    void elementsThatShareBytesAreRefused() throws IOException {
        byte[] file = file();
        int leaf = page(file, Page.LEAF);
        var bytes = buffer(file);
        bytes.putInt(leaf + 16 + 16 + 4, bytes.getInt(leaf + 16 + 4) - 16);
        assertThat(findings(file)).anyMatch(finding -> finding.contains("lies over the one before"));
    }

    @Test
    void aListOfFreePagesThatNamesOneInUseCostsNothing() throws IOException {
        byte[] file = file();
        int list = page(file, Page.FREELIST);
        int used = page(file, Page.BRANCH) / PAGE;
        buffer(file).putLong(list + 16, used);
        assertThat(findings(file)).contains("page " + used + ": reachable freed");
        try (var bolt = open(file)) {
            for (int round = 0; round < 3; round++) {
                try (var tx = bolt.write()) {
                    tx.createBucket(new byte[] {'c'}).put(new byte[] {1}, new byte[5000]);
                    tx.commit();
                }
            }
            try (var tx = bolt.read()) {
                assertThat(tx.check()).isEmpty();
                var cursor = Objects.requireNonNull(tx.bucket(new byte[] {'b'})).cursor();
                int keys = 0;
                while (cursor.next()) {
                    keys++;
                }
                assertThat(keys).isEqualTo(100);
            }
        }
    }

    @Test
    void aValueInThePlaceOfABucketIsRefused() throws IOException {
        byte[] file = file();
        // The one leaf of a single element is the root: its flag says that there is a bucket.
        for (int at = 2 * PAGE; at < file.length; at += PAGE) {
            if (buffer(file).getShort(at + 8) == Page.LEAF && buffer(file).getShort(at + 10) == 1) {
                buffer(file).putInt(at + 16, 0);
            }
        }
        try (var bolt = open(file);
                var tx = bolt.read()) {
            assertThatThrownBy(() -> tx.bucket(new byte[] {'b'}))
                    .isInstanceOf(CorruptionException.class)
                    .hasMessageContaining("a value in the place of bucket b");
        }
    }

    /// Two buckets whose names, of which one has another first byte than was written, stand in the wrong order.
    @Test
    void bucketsThatDoNotStandInOrderAreRefused() throws IOException {
        var disk = new FakeDisk(1);
        disk.createDirectories(Path.of("/d"));
        try (var bolt = Bolt.open(disk, FILE, BoltOptions.DEFAULTS.withPageSize(PAGE));
                var tx = bolt.write()) {
            tx.createBucket("auth".getBytes(US_ASCII)).put(new byte[] {1}, new byte[30]);
            tx.createBucket("lease".getBytes(US_ASCII)).put(new byte[] {1}, new byte[30]);
            tx.commit();
        }
        byte[] file = disk.bytes(FILE);
        int name = new String(file, ISO_8859_1).lastIndexOf("auth");
        file[name] = 'q';
        try (var bolt = open(file);
                var reader = bolt.read()) {
            assertThatThrownBy(reader::buckets)
                    .isInstanceOf(CorruptionException.class)
                    .hasMessageContaining(FILE.toString())
                    .hasMessageContaining("bucket lease stands behind bucket quth");
        }
    }

    /// A branch that sends who looks for a name to where it is not.
    @Test
    void aBucketThatIsListedButNotFoundIsRefusedByWhoMovesIt() throws IOException {
        var disk = new FakeDisk(1);
        disk.createDirectories(Path.of("/d"));
        try (var bolt = Bolt.open(disk, FILE, BoltOptions.DEFAULTS.withPageSize(PAGE));
                var tx = bolt.write()) {
            for (int i = 0; i < 50; i++) {
                tx.createBucket(("bucket" + (char) ('A' + i)).getBytes(US_ASCII))
                        .put(new byte[] {1}, new byte[30]);
            }
            tx.commit();
        }
        byte[] file = disk.bytes(FILE);
        int branch = page(file, Page.BRANCH);
        int second = branch + 16 + 16;
        int secondKey = second + buffer(file).getInt(second);
        byte missed = file[secondKey + 6];
        file[secondKey + 6]++;
        try (var bolt = open(file);
                var writer = bolt.write()) {
            byte[] name = ("bucket" + (char) missed).getBytes(US_ASCII);
            assertThat(writer.names()).contains(name);
            assertThatThrownBy(() -> writer.tree(name))
                    .isInstanceOf(CorruptionException.class)
                    .hasMessageContaining("is listed but not to be found");
        }
    }
}
