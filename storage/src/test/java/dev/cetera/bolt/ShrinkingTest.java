package dev.cetera.bolt;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.disk.FakeDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A file of which most was deleted gives the space back, a little in every commit.
class ShrinkingTest {
    private static final Path FILE = Path.of("/d/db");
    private static final int PAGE = 1024;
    private static final byte[] BUCKET = BoltModel.name("key");
    private static final int KEYS = 20_000;

    private static final Shrinking SHRINKING = new Shrinking(64 * PAGE, 0.3, 32 * PAGE, 256 * PAGE);
    private static final BoltOptions OPTIONS =
            BoltOptions.DEFAULTS.withPageSize(PAGE).withShrinking(SHRINKING);

    private final FakeDisk disk = new FakeDisk(1);

    ShrinkingTest() {
        disk.put(FILE.resolveSibling("other"), new byte[0]);
    }

    private static byte[] key(int i) {
        return ByteBuffer.allocate(4).putInt(i).array();
    }

    private static byte[] value(int i, int bytes) {
        var value = new byte[bytes];
        new Random(i).nextBytes(value);
        return value;
    }

    /// Keys in rising order, of which every `kept`-th stays.
    private Bolt fragmented(BoltOptions options, int keys, int kept, int valueBytes) throws IOException {
        var bolt = Bolt.open(disk, FILE, options.withShrinking(Shrinking.NEVER));
        for (int i = 0; i < keys; ) {
            try (var tx = bolt.write()) {
                var bucket = tx.createBucket(BUCKET);
                for (int end = Math.min(keys, i + 1000); i < end; i++) {
                    bucket.put(key(i), value(i, valueBytes));
                }
                tx.commit();
            }
        }
        // From the front, so that what remains is at the end of the file.
        for (int i = 0; i < keys; ) {
            try (var tx = bolt.write()) {
                var bucket = tx.createBucket(BUCKET);
                for (int end = Math.min(keys, i + 1000); i < end; i++) {
                    if (i % keys < keys - keys / kept) {
                        bucket.delete(key(i));
                    }
                }
                tx.commit();
            }
        }
        bolt.close();
        return Bolt.open(disk, FILE, options);
    }

    private static @Nullable String wrong(Bolt bolt, int keys, int kept, int valueBytes) throws IOException {
        try (var tx = bolt.read()) {
            if (!tx.check().isEmpty()) {
                return tx.check().toString();
            }
            var cursor = requireNonNull(tx.bucket(BUCKET)).cursor();
            for (int i = keys - keys / kept; i < keys; i++) {
                if (!cursor.next()
                        || !Arrays.equals(cursor.key(), key(i))
                        || !Arrays.equals(cursor.value(), value(i, valueBytes))) {
                    return "key " + i;
                }
            }
            return cursor.next() ? "more keys" : null;
        }
    }

    @Test
    void anIdleFileShrinksToAboutWhatItHolds() throws IOException {
        for (var form : FreelistForm.values()) {
            try (var bolt = fragmented(OPTIONS.withFreelist(form), KEYS, 5, 60)) {
                long before = bolt.size();
                int commits = 0;
                for (int quiet = 0; quiet < 64; quiet++) {
                    while (bolt.shrink()) {
                        commits++;
                        assertThat(wrong(bolt, KEYS, 5, 60)).isNull();
                    }
                }
                assertThat(before).isGreaterThan(4 * bolt.sizeInUse());
                assertThat(bolt.size()).isLessThan(bolt.sizeInUse() * 5 / 4);
                assertThat(disk.size(FILE)).isBetween(bolt.size(), 2 * bolt.size());
                // One page in five has moved, 32 of them at a time.
                assertThat(commits).isLessThan((int) (before / PAGE / 5 / 32) + 40);
            }
            disk.delete(FILE);
        }
    }

    @Test
    void nothingIsWrittenWhereNothingIsToBeGained() throws IOException {
        try (var bolt = fragmented(OPTIONS, KEYS, 1, 60)) {
            long operations = disk.operations();
            for (int i = 0; i < 100; i++) {
                assertThat(bolt.shrink()).isFalse();
            }
            assertThat(disk.operations()).isEqualTo(operations);
        }
    }

    @Test
    void valuesThatFillManyPagesMoveToo() throws IOException {
        try (var bolt = fragmented(OPTIONS, 400, 4, 5_000)) {
            for (int quiet = 0; quiet < 5000; quiet++) {
                while (bolt.shrink()) {
                    assertThat(wrong(bolt, 400, 4, 5_000)).isNull();
                }
            }
            assertThat(bolt.size()).isLessThan(bolt.sizeInUse() * 4 / 3);
        }
    }

    @Test
    void aReaderKeepsTheFileAsLongAsWhatItSees() throws IOException {
        try (var bolt = fragmented(OPTIONS, KEYS, 5, 60)) {
            var reader = bolt.read();
            var whole = new byte[(int) reader.size()];
            reader.readCopy(0, whole, 0, whole.length);
            shrink(bolt);
            assertThat(disk.size(FILE)).isGreaterThanOrEqualTo(reader.size());
            assertThat(reader.check()).isEmpty();
            var again = new byte[whole.length];
            reader.readCopy(0, again, 0, again.length);
            reader.close();
            shrink(bolt);
            assertThat(disk.size(FILE)).isLessThan(whole.length / 3);
            assertThat(bolt.size()).isLessThan(bolt.sizeInUse() * 5 / 4);
        }
    }

    @Test
    void aFileGrowsAgainWhereItWasCut() throws IOException {
        try (var bolt = fragmented(OPTIONS, KEYS, 5, 60)) {
            var other = BoltModel.name("other");
            for (int round = 0; round < 3; round++) {
                shrink(bolt);
                long small = disk.size(FILE);
                try (var tx = bolt.write()) {
                    for (int i = 0; i < KEYS; i++) {
                        tx.createBucket(other).put(key(i), value(i, 100));
                    }
                    tx.commit();
                }
                assertThat(disk.size(FILE)).isGreaterThan(2 * small);
                try (var reader = bolt.read()) {
                    try (var tx = bolt.write()) {
                        for (int i = 0; i < KEYS; i++) {
                            tx.createBucket(other).delete(key(i));
                        }
                        tx.commit();
                    }
                    shrink(bolt);
                    assertThat(reader.check()).isEmpty();
                    assertThat(requireNonNull(reader.bucket(other)).get(key(KEYS - 1)))
                            .isEqualTo(value(KEYS - 1, 100));
                }
            }
            shrink(bolt);
            assertThat(wrong(bolt, KEYS, 5, 60)).isNull();
            assertThat(bolt.size()).isLessThan(bolt.sizeInUse() * 5 / 4);
        }
    }

    private static void shrink(Bolt bolt) throws IOException {
        for (int i = 0; i < 500; i++) {
            bolt.shrink();
        }
    }

    /// The newest meta page may turn out to be damaged; then the other one is the file.
    @Test
    void afterEveryCommitTheFileIsWholeByTheOlderMetaToo() throws IOException {
        try (var bolt = fragmented(OPTIONS, KEYS, 5, 60)) {
            // Which meta a file that was just opened has besides, nobody knows.
            bolt.write().commit();
            for (int i = 0; i < 200; i++) {
                if (!bolt.shrink()) {
                    continue;
                }
                long newest;
                try (var tx = bolt.read()) {
                    newest = tx.txid();
                }
                var copy = new FakeDisk(i);
                var bytes = disk.bytes(FILE);
                bytes[(int) (newest % 2 * PAGE) + 64] ^= 1;
                copy.put(FILE, bytes);
                try (var other = Bolt.open(copy, FILE, OPTIONS)) {
                    assertThat(wrong(other, KEYS, 5, 60)).as("commit " + newest).isNull();
                }
            }
        }
    }
}
