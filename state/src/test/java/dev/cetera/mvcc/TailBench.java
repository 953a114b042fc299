package dev.cetera.mvcc;

import dev.cetera.schema.KeyValue;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// The tail between two commits of a busy member: some ten thousand changes, let go of all at once.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TailBench {
    private static final int CHANGES = 10_000;

    private final Tail tail = new Tail();
    private final KeyValue kv = KeyValue.put(new byte[8], 1, 1, 1, new byte[256], 0);
    private final SplittableRandom random = new SplittableRandom(1);
    private final Tail.Slice full;
    private long added;

    public TailBench() {
        var filled = new Tail();
        for (int i = 1; i <= CHANGES; i++) {
            filled.add(i, 0, false, kv);
        }
        full = filled.slice();
    }

    /// A change that is published; and its share in letting go of those before it.
    @Benchmark
    public Tail.Slice add() {
        tail.add(++added, 0, false, kv);
        if (added % CHANGES == 0) {
            tail.trim(added - CHANGES / 2);
        }
        return tail.slice();
    }

    @Benchmark
    public @Nullable KeyValue find() {
        return full.find(1 + random.nextInt(CHANGES), 0);
    }
}
