package dev.cetera.mvcc;

import dev.cetera.disk.HastyDisk;
import dev.cetera.schema.Backend;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// What readers get out of a store of 100,000 keys in the file, 8-byte keys with 256-byte values, and some
/// thousand in memory.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class StoreBench {
    static final int LISTED = 1000;

    private static final int IN_FILE = 100_000;
    private static final int IN_MEMORY = 5_000;

    private HastyDisk disk;
    private Backend backend;
    private Store store;
    private final SplittableRandom random = new SplittableRandom(1);

    @Setup
    public void open() throws IOException {
        disk = new HastyDisk();
        backend = Backend.open(disk, disk.directory().resolve("db"));
        store = Store.restore(backend).store();
        var value = new byte[256];
        for (int i = 0; i < IN_FILE + IN_MEMORY; i++) {
            if (i == IN_FILE) {
                backend.consistentIndex(i);
                backend.commit();
            }
            var txn = store.begin();
            if (txn.put(key(i), value, 0) != 0 || txn.end().revision() != i + 2) {
                throw new IllegalStateException("the store is not as it should be");
            }
        }
    }

    @TearDown
    public void close() throws IOException {
        backend.close();
        disk.close();
    }

    @Benchmark
    public Answer<RangeResult> getFromFile() throws IOException {
        return store.range(RangeQuery.one(key(random.nextInt(IN_FILE))));
    }

    @Benchmark
    public Answer<RangeResult> getFromMemory() throws IOException {
        return store.range(RangeQuery.one(key(IN_FILE + random.nextInt(IN_MEMORY))));
    }

    /// An operation is one key of a list of a thousand.
    @Benchmark
    @OperationsPerInvocation(LISTED)
    public Answer<RangeResult> list() throws IOException {
        int first = random.nextInt(IN_FILE - LISTED);
        return store.range(RangeQuery.between(key(first), key(first + LISTED)));
    }

    private static byte[] key(int n) {
        return ByteBuffer.allocate(8).putLong(n).array();
    }
}
