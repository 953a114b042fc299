package dev.cetera.lab.sim;

import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `bin/lab sim`.
@Command(
        name = "sim",
        description = "Runs one member or a cluster on disks, clocks and a network that fail, seed by seed, and checks"
                + " that it keeps its promises.",
        mixinStandardHelpOptions = true)
public final class SimCommand implements Callable<Integer> {
    private static final long PROGRESS_NANOS = 5_000_000_000L;

    @Option(
            names = "--seeds",
            description = "How many seeds to run (default: ${DEFAULT-VALUE}).",
            defaultValue = "1000")
    private long seeds;

    @Option(names = "--seed", description = "The first one (default: a random one).")
    private @Nullable Long seed;

    @Option(
            names = "--members",
            description = "How many members found the cluster (default: ${DEFAULT-VALUE}).",
            defaultValue = "1")
    private int members;

    /// What the seeds came to so far.
    private interface Tally {
        void run(long seed);

        String text();
    }

    /// Thousands of members would log thousands of starts.
    static void silence() {
        Logger.getLogger("").setLevel(Level.OFF);
    }

    @Override
    public Integer call() {
        silence();
        long first = seed != null ? seed : ThreadLocalRandom.current().nextLong(1L << 40);
        System.out.println("seeds " + first + " to " + (first + seeds - 1));
        var tally = members == 1 ? new Alone() : new Together(members);
        long started = System.nanoTime();
        long nextProgress = started + PROGRESS_NANOS;
        for (long current = first; current < first + seeds; current++) {
            try {
                tally.run(current);
            } catch (AssertionError broken) {
                broken.printStackTrace();
                return 1;
            }
            if (System.nanoTime() - nextProgress >= 0) {
                nextProgress += PROGRESS_NANOS;
                System.out.println(line(current - first + 1, tally, started));
            }
        }
        System.out.println(line(seeds, tally, started) + ": all promises kept");
        return 0;
    }

    private static String line(long done, Tally tally, long started) {
        return "%d seeds, %s, %d s".formatted(done, tally.text(), (System.nanoTime() - started) / 1_000_000_000);
    }

    private static final class Alone implements Tally {
        private long requests;
        private long crashes;

        @Override
        public void run(long seed) {
            var report = Simulation.run(seed);
            requests += report.requests();
            crashes += report.crashes();
        }

        @Override
        public String text() {
            return requests + " requests acknowledged, " + crashes + " crashes survived";
        }
    }

    private static final class Together implements Tally {
        private final int members;
        private ClusterSimulation.Report sum = ClusterSimulation.Report.NOTHING;

        Together(int members) {
            this.members = members;
        }

        @Override
        public void run(long seed) {
            sum = sum.plus(ClusterSimulation.run(seed, members));
        }

        @Override
        public String text() {
            return sum.requests() + " requests acknowledged, " + sum.reads() + " reads, " + sum.crashes()
                    + " crashes survived, " + sum.elections() + " elections, " + sum.snapshots()
                    + " snapshots installed, " + sum.configurations() + " changes of members, " + sum.leasesEnded()
                    + " leases ended";
        }
    }
}
