package dev.cetera.bolt;

import dev.cetera.disk.HastyDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// A member's work on a file of 200,000 revisions: a commit brings new ones in order, and takes away as many
/// of the oldest, so the file stays as it is. An operation is one record. Nothing is synced.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BoltBench {
    /// What comes together within 100 ms under load, or is taken at once.
    static final int BATCH = 5_000;

    private static final long RECORDS = 200_000;
    /// A key-value of an 8-byte key and a 256-byte value.
    private static final int VALUE_BYTES = 280;

    private static final byte[] BUCKET = {'k', 'e', 'y'};
    private static final int REVISION_BYTES = 17;

    private HastyDisk disk;
    private Bolt bolt;
    private final byte[] value = new byte[VALUE_BYTES];
    private final Random random = new Random(1);

    /// The revisions in the file are those of [oldest, next).
    private long oldest = 1;

    private long next = 1;

    @Setup
    public void open() throws IOException {
        disk = new HastyDisk();
        bolt = Bolt.open(disk, disk.directory().resolve("db"), BoltOptions.DEFAULTS);
        random.nextBytes(value);
        try (var tx = bolt.write()) {
            tx.createBucket(BUCKET);
            tx.commit();
        }
        while (next <= RECORDS) {
            commit(BATCH, 0);
        }
    }

    @TearDown
    public void close() throws IOException {
        bolt.close();
        disk.close();
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void commit() throws IOException {
        commit(BATCH, BATCH);
    }

    @Benchmark
    public void commitOfOne() throws IOException {
        commit(1, 1);
    }

    /// In a transaction of its own.
    @Benchmark
    public byte @Nullable [] get() throws IOException {
        try (var tx = bolt.read()) {
            return Objects.requireNonNull(tx.bucket(BUCKET)).get(key(random.nextLong(1, RECORDS)));
        }
    }

    private void commit(int put, int deleted) throws IOException {
        try (var tx = bolt.write()) {
            var bucket = Objects.requireNonNull(tx.bucket(BUCKET));
            bucket.setFillPercent(0.9);
            for (int i = 0; i < put; i++) {
                bucket.put(key(next++), value);
            }
            for (int i = 0; i < deleted; i++) {
                bucket.delete(key(oldest++));
            }
            tx.commit();
        }
    }

    private static byte[] key(long revision) {
        return ByteBuffer.allocate(REVISION_BYTES)
                .putLong(revision)
                .put((byte) '_')
                .putLong(0)
                .array();
    }
}
