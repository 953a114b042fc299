package dev.cetera.lab.sim;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
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
        description = "Runs clusters on disks, clocks and a network that fail, seed by seed, and checks that every"
                + " promise is kept.",
        mixinStandardHelpOptions = true)
public final class SimCommand implements Callable<Integer> {
    private static final List<Integer> MIX = List.of(1, 3, 5);

    @Option(names = "--seeds", description = "How many seeds to run (default: ${DEFAULT-VALUE}).")
    private long seeds = 1000;

    @Option(names = "--seed", description = "The first one (default: a random one).")
    private @Nullable Long seed;

    @Option(names = "--members", description = "How many members found the cluster (default: 1, 3 and 5 in turn).")
    private @Nullable Integer members;

    @Option(names = "--evidence", description = "Where what a failure leaves is put (default: ${DEFAULT-VALUE}).")
    private Path evidence = Path.of("sim-evidence");

    /// Thousands of members would log thousands of starts.
    static void silence() {
        Logger.getLogger("").setLevel(Level.OFF);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        silence();
        if (members != null && members < 1) {
            System.err.println("--members " + members + ": a cluster has at least 1");
            return 2;
        }
        long first = seed != null ? seed : ThreadLocalRandom.current().nextLong(1L << 40);
        System.out.println("seeds " + first + " to " + (first + seeds - 1));
        var progress = SimProgress.start(seeds, isTerminal());
        var result = new Seeds(this::membersOf, progress).run(first, seeds);
        progress.stop();
        System.out.print(result.sum().table());
        System.out.printf(
                "%d seeds in %.0f s, trace %016x%n",
                result.done(), progress.seconds(), result.sum().traceHash());
        var failure = result.failure();
        if (failure == null) {
            System.out.println("all promises kept");
            return 0;
        }
        System.err.println(failure.getMessage());
        var cause = failure.getCause();
        if (cause != null && !(cause instanceof AssertionError)) {
            cause.printStackTrace();
        }
        var where = SimEvidence.write(failure, evidence);
        System.err.println("what it left is in " + where);
        System.err.println("replay it with '" + SimulationFailure.replay(failure.seed(), failure.members()) + "'");
        return 1;
    }

    private static boolean isTerminal() {
        return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    }

    private int membersOf(long one) {
        return members != null ? members : MIX.get((int) Math.floorMod(one, (long) MIX.size()));
    }
}
