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
        description = "Runs a member on a disk that fails, seed by seed, and checks that it keeps its promises.",
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

    /// Thousands of members would log thousands of starts.
    static void silence() {
        Logger.getLogger("").setLevel(Level.OFF);
    }

    @Override
    public Integer call() {
        silence();
        long first = seed != null ? seed : ThreadLocalRandom.current().nextLong(1L << 40);
        System.out.println("seeds " + first + " to " + (first + seeds - 1));
        long started = System.nanoTime();
        long nextProgress = started + PROGRESS_NANOS;
        long requests = 0;
        long crashes = 0;
        for (long current = first; current < first + seeds; current++) {
            Simulation.Report report;
            try {
                report = Simulation.run(current);
            } catch (AssertionError broken) {
                broken.printStackTrace();
                return 1;
            }
            requests += report.requests();
            crashes += report.crashes();
            if (System.nanoTime() - nextProgress >= 0) {
                nextProgress += PROGRESS_NANOS;
                System.out.println(line(current - first + 1, requests, crashes, started));
            }
        }
        System.out.println(line(seeds, requests, crashes, started) + ": all promises kept");
        return 0;
    }

    private static String line(long done, long requests, long crashes, long started) {
        return "%d seeds, %d requests acknowledged, %d crashes survived, %d s"
                .formatted(done, requests, crashes, (System.nanoTime() - started) / 1_000_000_000);
    }
}
