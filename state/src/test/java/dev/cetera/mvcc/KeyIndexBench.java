package dev.cetera.mvcc;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// An index of a million keys of 8 bytes, put in random order, each with one revision.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class KeyIndexBench {
    static final int LISTED = 1000;

    private static final int KEYS = 1_000_000;

    private final KeyIndex index = new KeyIndex();
    private final SplittableRandom random = new SplittableRandom(1);
    private KeyIndex.Root root;
    private long revision = 1;

    public KeyIndexBench() {
        for (int i = 0; i < KEYS; i++) {
            index.put(key(i), version());
        }
        root = index.root();
    }

    @Benchmark
    public @Nullable Version get() {
        return root.get(randomKey());
    }

    /// A put of a key that is there, published for readers. Its history is as after a compaction, else it
    /// would grow.
    @Benchmark
    public KeyIndex.Root overwrite() {
        index.put(randomKey(), version());
        return index.root();
    }

    /// A key comes, and goes again: two changes, each published.
    @Benchmark
    public KeyIndex.Root insertAndRemove() {
        var key = key(KEYS + random.nextLong(KEYS));
        index.put(key, version());
        root = index.root();
        index.remove(key);
        return index.root();
    }

    /// An operation is one key of a list of a thousand.
    @Benchmark
    @OperationsPerInvocation(LISTED)
    public long walk() {
        var sum = new long[2];
        root.walk(randomKey(), null, (key, newest) -> {
            sum[0] += newest.main;
            return ++sum[1] < LISTED;
        });
        return sum[0];
    }

    /// Of all keys from a random one to another.
    @Benchmark
    public long count() {
        return root.countLive(randomKey(), randomKey());
    }

    private Version version() {
        revision++;
        return Version.put(revision, 0, revision, 1, false, null);
    }

    private byte[] randomKey() {
        return key(random.nextLong(KEYS));
    }

    /// The n-th key in order of insertion: multiplied by an odd number, they stand in no order, and none comes
    /// twice.
    private static byte[] key(long n) {
        return ByteBuffer.allocate(8).putLong(n * 0x9e3779b97f4a7c15L).array();
    }
}
