package dev.cetera.lab.sim;

import dev.cetera.lab.history.History;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongToIntFunction;
import org.jspecify.annotations.Nullable;

/// Runs many seeds on all processors. Seeds begin in their order and none is left out, so the failure that is
/// reported is that of the lowest seed that fails.
final class Seeds {
    /// What came of all of them.
    ///
    /// @param done how many seeds were run to their end, the failed one with them
    record Result(long done, Report sum, @Nullable SimulationFailure failure) {}

    private final LongToIntFunction members;
    private final SimProgress progress;
    private final AtomicLong next = new AtomicLong();
    private final TreeMap<Long, Report> reports = new TreeMap<>();
    private @Nullable SimulationFailure failure;
    private @Nullable Throwable bug;
    private long added;
    private Report sum = Report.NOTHING;

    /// @param members of the cluster of each seed
    Seeds(LongToIntFunction members, SimProgress progress) {
        this.members = members;
        this.progress = progress;
    }

    /// Blocks until all are done, or one has failed.
    Result run(long first, long count) throws InterruptedException {
        next.set(first);
        added = first;
        var workers = new ArrayList<Thread>();
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            workers.add(Thread.ofPlatform().name("sim-", i).daemon(true).start(() -> work(first + count)));
        }
        for (var worker : workers) {
            worker.join();
        }
        synchronized (this) {
            if (bug != null) {
                throw new IllegalStateException(bug);
            }
            return new Result(added - first + (failure == null ? 0 : 1), sum, failure);
        }
    }

    private void work(long end) {
        try {
            while (mayGoOn()) {
                long seed = next.getAndIncrement();
                if (seed >= end) {
                    return;
                }
                run(seed);
            }
        } catch (Throwable unexpected) {
            synchronized (this) {
                bug = unexpected;
            }
        }
    }

    private synchronized boolean mayGoOn() {
        return failure == null && bug == null;
    }

    private void run(long seed) {
        int size = members.applyAsInt(seed);
        try {
            if (size == 1) {
                alone(seed);
            }
            done(seed, ClusterSimulation.run(seed, size));
        } catch (SimulationFailure failed) {
            failed(failed);
        }
    }

    /// A member without a network is tried on its disk alone, too, which takes no time.
    private static void alone(long seed) {
        try {
            Simulation.run(seed);
        } catch (AssertionError failed) {
            var nothing =
                    new SimulationFailure.Remains("", new History(List.of(), List.of(), false, 1), new TreeMap<>(), 0);
            throw new SimulationFailure(seed, 1, Sabotage.NONE, failed, nothing);
        }
    }

    /// Sums up in the order of the seeds, so that equal runs have equal sums.
    private synchronized void done(long seed, Report report) {
        reports.put(seed, report);
        while (!reports.isEmpty() && reports.firstKey() == added) {
            sum = sum.plus(reports.pollFirstEntry().getValue());
            added++;
        }
        progress.done(sum);
    }

    private synchronized void failed(SimulationFailure failed) {
        if (failure == null || failed.seed() < failure.seed()) {
            failure = failed;
        }
    }
}
