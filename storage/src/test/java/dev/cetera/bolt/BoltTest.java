package dev.cetera.bolt;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.disk.CorruptionException;
import dev.cetera.disk.Disk;
import dev.cetera.disk.FakeDisk;
import dev.cetera.disk.LockedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BoltTest {
    private static final Path FILE = Path.of("/d/db");
    private static final byte[] NAME = BoltModel.name("key");

    @TempDir
    Path temp;

    private final FakeDisk disk = new FakeDisk(1);

    private Bolt open() throws IOException {
        disk.put(FILE.resolveSibling("other"), new byte[0]);
        return Bolt.open(disk, FILE, BoltOptions.DEFAULTS);
    }

    private static byte[] key(long number) {
        return ByteBuffer.allocate(17)
                .putLong(number)
                .put((byte) '_')
                .putLong(0)
                .array();
    }

    private static void putMany(Bolt bolt, long from, long to, int valueBytes) throws IOException {
        try (var tx = bolt.write()) {
            var bucket = tx.createBucket(NAME);
            bucket.setFillPercent(0.9);
            for (long i = from; i < to; i++) {
                bucket.put(key(i), new byte[valueBytes]);
            }
            tx.commit();
        }
    }

    @Test
    void aNewFileIsTheOneThatBboltMakes() throws IOException {
        open().close();
        try (var golden = requireNonNull(BoltTest.class.getResourceAsStream("/golden/bolt/init.db"))) {
            assertThat(disk.bytes(FILE)).isEqualTo(golden.readAllBytes());
        }
    }

    @Test
    void splitsLeaveThePagesAsFullAsAsked() throws IOException {
        // golden/bolt/branch.db: 100 keys of 123 bytes at 0.9 fill four leaves
        try (var bolt = open()) {
            putMany(bolt, 0, 100, 90);
            assertThat(bolt.size()).isEqualTo((4 + 4 + 1 + 1) * 4096);
        }
    }

    @Test
    void aBucketIsInlineUpToAQuarterOfAPage() throws IOException {
        try (var bolt = open()) {
            for (int valueBytes : new int[] {991, 992, 991}) {
                try (var tx = bolt.write()) {
                    tx.createBucket(NAME).put(new byte[] {1}, new byte[valueBytes]);
                    tx.commit();
                }
                long used = bolt.sizeInUse();
                try (var tx = bolt.write()) {
                    // Pages given up by the commit before are free now: metas and root, and the leaf if there is one.
                    assertThat(bolt.sizeInUse()).isLessThan(used);
                    assertThat(bolt.sizeInUse() / 4096).isEqualTo(valueBytes == 991 ? 3 : 4);
                    assertThat(tx.check()).isEmpty();
                }
            }
        }
    }

    @Test
    void keysAndNamesAreHeldToTheirLimits() throws IOException {
        try (var bolt = open();
                var tx = bolt.write()) {
            assertThatThrownBy(() -> tx.createBucket(new byte[0])).hasMessage("bucket name required");
            var bucket = tx.createBucket(NAME);
            assertThatThrownBy(() -> bucket.put(new byte[0], new byte[1])).hasMessage("key required");
            assertThatThrownBy(() -> bucket.put(new byte[32769], new byte[1])).hasMessage("key too large");
            bucket.put(new byte[32768], new byte[0]);
            tx.commit();
            assertThatThrownBy(() -> bucket.put(new byte[1], new byte[1])).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(tx::commit).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aRollbackLeavesNoTrace() throws IOException {
        try (var bolt = open()) {
            putMany(bolt, 0, 10, 10);
            var before = disk.bytes(FILE);
            try (var tx = bolt.write()) {
                requireNonNull(tx.bucket(NAME)).put(key(99), new byte[1]);
                tx.createBucket(BoltModel.name("other"));
                tx.rollback();
            }
            assertThat(disk.bytes(FILE)).isEqualTo(before);
            try (var tx = bolt.read()) {
                assertThat(requireNonNull(tx.bucket(NAME)).get(key(99))).isNull();
                assertThat(tx.bucket(BoltModel.name("other"))).isNull();
            }
        }
    }

    @Test
    void pagesAreReusedOnceNoReaderSeesThem() throws IOException {
        try (var bolt = open()) {
            putMany(bolt, 0, 5000, 100);
            long size = bolt.size();
            for (int i = 0; i < 20; i++) {
                putMany(bolt, 0, 5000, 100);
            }
            assertThat(bolt.size()).isLessThan(3 * size);
            var reader = bolt.read();
            long held = bolt.size();
            for (int i = 0; i < 5; i++) {
                putMany(bolt, 0, 5000, 100);
            }
            assertThat(bolt.size()).isGreaterThan(held + size);
            reader.close();
        }
    }

    @Test
    void aFileIsLockedUntilItsLastReaderCloses() throws IOException {
        var bolt = open();
        putMany(bolt, 0, 10, 10);
        assertThatThrownBy(this::open).isInstanceOf(LockedException.class);
        var reader = bolt.read();
        bolt.close();
        bolt.close();
        assertThatThrownBy(bolt::read).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(bolt::write).isInstanceOf(IllegalStateException.class);
        assertThat(requireNonNull(reader.bucket(NAME)).get(key(3))).hasSize(10);
        assertThatThrownBy(this::open).isInstanceOf(LockedException.class);
        reader.close();
        reader.close();
        assertThatThrownBy(() -> reader.bucket(NAME)).isInstanceOf(IllegalStateException.class);
        open().close();
    }

    @Test
    void aFileShorterThanItsPagesIsRefused() throws IOException {
        try (var bolt = open()) {
            putMany(bolt, 0, 1000, 100);
        }
        var bytes = disk.bytes(FILE);
        for (int length : new int[] {30_000, 9000, 4096, 2048, 100}) {
            var cut = Arrays.copyOf(bytes, length);
            disk.put(FILE, cut);
            assertThatThrownBy(this::open).as("length " + length).isInstanceOf(CorruptionException.class);
        }
    }

    @Test
    void aBrokenBitAnywhereIsAnErrorOrHarmless() throws IOException {
        try (var bolt = open()) {
            putMany(bolt, 0, 600, 20);
            putMany(bolt, 50, 60, 9000);
            try (var tx = bolt.write()) {
                tx.createBucket(BoltModel.name("small")).put(new byte[] {1}, new byte[20]);
                tx.commit();
            }
        }
        var sound = disk.bytes(FILE);
        var random = new Random(1);
        for (int i = 0; i < 1000; i++) {
            var broken = sound.clone();
            // Headers and elements are where a wrong number leads astray.
            int page = random.nextInt(sound.length / 4096);
            int at = page * 4096 + random.nextInt(random.nextBoolean() ? 32 : 4096);
            broken[at] ^= (byte) (1 << random.nextInt(8));
            disk.put(FILE, broken);
            try (var bolt = open()) {
                readAll(bolt);
                putMany(bolt, 0, 700, 30);
            } catch (CorruptionException expected) {
                assertThat(expected).hasMessageContaining("/d/db");
            }
        }
    }

    private static void readAll(Bolt bolt) throws IOException {
        try (var tx = bolt.read()) {
            tx.check();
            for (var name : tx.buckets()) {
                var bucket = requireNonNull(tx.bucket(name));
                var cursor = bucket.cursor();
                while (cursor.next()) {
                    cursor.key();
                    cursor.value();
                }
                bucket.get(key(55));
            }
        }
    }

    @Test
    void readersOnOtherThreadsSeeOneCommitEach() throws Exception {
        var options = BoltOptions.DEFAULTS;
        var done = new AtomicBoolean();
        try (var bolt = Bolt.open(Disk.real(), temp.resolve("db"), options);
                var threads = Executors.newFixedThreadPool(3)) {
            fill(bolt, 0);
            var reads = new AtomicLong();
            Callable<Long> reader = () -> {
                while (!done.get()) {
                    assertUniform(bolt);
                    reads.incrementAndGet();
                }
                return reads.get();
            };
            Future<Long> first = threads.submit(reader);
            Future<Long> second = threads.submit(reader);
            try {
                for (int i = 1; i < 150; i++) {
                    fill(bolt, i);
                }
            } finally {
                done.set(true);
            }
            assertThat(first.get() + second.get()).isPositive();
            try (var tx = bolt.write()) {
                assertThat(tx.check()).isEmpty();
            }
        }
    }

    /// Sets all keys to the same value, more keys each time, so that the file grows.
    private static void fill(Bolt bolt, int value) throws IOException {
        try (var tx = bolt.write()) {
            var bucket = tx.createBucket(NAME);
            for (int i = 0; i <= value * 3; i++) {
                bucket.put(key(i), ByteBuffer.allocate(400).putInt(value).array());
            }
            tx.commit();
        }
    }

    private static void assertUniform(Bolt bolt) throws IOException {
        try (var tx = bolt.read()) {
            var cursor = requireNonNull(tx.bucket(NAME)).cursor();
            assertThat(cursor.last()).isTrue();
            int value = ByteBuffer.wrap(cursor.value()).getInt();
            int count = 1;
            while (cursor.prev()) {
                count++;
                if (ByteBuffer.wrap(cursor.value()).getInt() != value) {
                    assertThat(ByteBuffer.wrap(cursor.value()).getInt()).isEqualTo(value);
                }
            }
            assertThat(count).isEqualTo(value * 3 + 1);
        }
    }

    @Test
    void anInterruptedWriterLosesNothing() throws IOException {
        try (var bolt = Bolt.open(Disk.real(), temp.resolve("db"), BoltOptions.DEFAULTS)) {
            Thread.currentThread().interrupt();
            putMany(bolt, 0, 1000, 100);
            assertThat(Thread.interrupted()).isTrue();
            try (var tx = bolt.read()) {
                assertThat(requireNonNull(tx.bucket(NAME)).get(key(999))).hasSize(100);
            }
        }
    }
}
