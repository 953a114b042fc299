package dev.cetera.lab.fuzz;

import dev.cetera.lab.fuzz.Oracle.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Feeds one target with mutations and keeps those by which it did something new: in the code that was
/// reached, if that is watched, and in what came out. Each bug is told of once. Confined.
final class Hunt {
    /// The pool forgets at random beyond this.
    private static final int MAX_POOL = 2_000;

    private static final long MINIMIZE_MILLIS = 20_000;

    private final FuzzTarget target;
    private final Random random;
    private final Mutator mutator;
    private final Oracle oracle = new Oracle();
    private final Runnable beforeEach;
    private final BooleanSupplier reachedMore;
    private final Consumer<byte[]> told;
    private final List<byte[]> pool = new ArrayList<>();
    private final Set<String> shapes = new HashSet<>();
    private final Map<String, byte[]> found = new HashMap<>();
    private long inputs;
    private long accepted;

    /// What one input came to that shows a bug not met before.
    record Found(Finding finding, byte[] input) {}

    /// @param beforeEach  begins to watch the code
    /// @param reachedMore whether that reached something new
    /// @param told        of each input before it is read, the corpus of the hunt itself and minimizing
    ///     included
    Hunt(FuzzTarget target, Random random, Runnable beforeEach, BooleanSupplier reachedMore, Consumer<byte[]> told) {
        this.told = told;
        this.target = target;
        this.random = random;
        this.mutator = new Mutator(target, random);
        this.beforeEach = beforeEach;
        this.reachedMore = reachedMore;
        oracle.warmUp(target);
        pool.addAll(target.seeds());
    }

    /// One that watches only what comes out.
    static Hunt unguided(FuzzTarget target, Random random) {
        return new Hunt(target, random, () -> {}, () -> false, _ -> {});
    }

    /// Makes one input and has it read.
    ///
    /// @return null unless it shows a bug that was not met before
    @Nullable
    Found step() {
        return take(mutator.next(pool));
    }

    /// Has an input read that comes from elsewhere.
    @Nullable
    Found take(byte[] input) {
        inputs++;
        beforeEach.run();
        told.accept(input);
        var verdict = oracle.judge(target, input);
        boolean more = reachedMore.getAsBoolean();
        switch (verdict) {
            case Verdict.Accepted(var shape) -> {
                accepted++;
                keepIf(shapes.add("+" + shape) || more, input);
            }
            case Verdict.Refused(var shape) -> keepIf(shapes.add("-" + shape) || more, input);
            case Verdict.Broken(var finding) -> {
                if (found.put(finding.kind(), input) == null) {
                    return new Found(finding, input);
                }
            }
        }
        return null;
    }

    private void keepIf(boolean interesting, byte[] input) {
        if (!interesting) {
            return;
        }
        if (pool.size() < MAX_POOL) {
            pool.add(input);
        } else {
            pool.set(random.nextInt(pool.size()), input);
        }
    }

    /// The smallest input that shows the same.
    byte[] minimized(Found bug) {
        return new Minimizer(
                        smaller -> {
                            told.accept(smaller);
                            return oracle.judge(target, smaller) instanceof Verdict.Broken(var finding)
                                    && finding.kind().equals(bug.finding.kind());
                        },
                        MINIMIZE_MILLIS)
                .minimize(bug.input);
    }

    long inputs() {
        return inputs;
    }

    /// Of these, how many were taken for good.
    long accepted() {
        return accepted;
    }

    int poolSize() {
        return pool.size();
    }

    int bugs() {
        return found.size();
    }
}
