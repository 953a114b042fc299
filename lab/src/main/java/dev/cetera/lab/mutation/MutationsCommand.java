package dev.cetera.lab.mutation;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `bin/lab mutations`.
@Command(
        name = "mutations",
        description = "Breaks the product on purpose, in one way after the other, and sees whether the simulation"
                + " notices.",
        mixinStandardHelpOptions = true)
public final class MutationsCommand implements Callable<Integer> {
    private static final int SEEDS_OF_THE_SOUND_ONE = 20;
    private static final int LONGEST_COMPLAINT = 200;
    private static final String NAME = "%-62s";
    private static final String REST = " %5s %6s  %s%n";
    private static final String ROW = NAME + REST;

    @Option(
            names = "--only",
            description = "Those of this area (historic, raft, log, bolt, store, lease, watch, node), or whose name"
                    + " contains this.",
            paramLabel = "NAME")
    private @Nullable String only;

    @Option(names = "--seeds", description = "How many to run at most (default: as many as each one may take).")
    private @Nullable Integer seeds;

    @Option(names = "--list", description = "Tells what they are, and runs nothing.")
    private boolean list;

    @Override
    public Integer call() throws InterruptedException {
        var chosen = Mutations.all().stream().filter(this::isChosen).toList();
        if (chosen.isEmpty()) {
            System.err.println(
                    "--only: there is no area and no mutation with '" + only + "' in its name; --list shows all");
            return CommandLine.ExitCode.USAGE;
        }
        if (seeds != null && seeds < 1) {
            System.err.println("--seeds: " + seeds + " is not a number of seeds, which is at least 1");
            return CommandLine.ExitCode.USAGE;
        }
        if (list) {
            chosen.forEach(mutation -> System.out.println(mutation + "\n    " + mutation.story()));
            return CommandLine.ExitCode.OK;
        }
        Logger.getLogger("").setLevel(Level.OFF);
        return tryAll(chosen);
    }

    private boolean isChosen(Mutation mutation) {
        return only == null || mutation.area().equals(only) || mutation.name().contains(only);
    }

    private int tryAll(List<Mutation> chosen) throws InterruptedException {
        System.out.printf(ROW, "mutation", "seeds", "time", "noticed by");
        var wrong = new ArrayList<String>();
        // Only with the whole list: it takes a while, and says nothing of one mutation.
        for (int members : only == null ? new int[] {1, 3} : new int[0]) {
            var name = "none, with " + members + (members == 1 ? " member" : " members");
            if (show(name, () -> Trial.unchanged(members, SEEDS_OF_THE_SOUND_ONE))) {
                wrong.add(name);
            }
        }
        for (var mutation : chosen) {
            int most = seeds != null ? seeds : mutation.seeds();
            if (!show(mutation.name(), () -> Trial.of(mutation, most))) {
                wrong.add(mutation.name());
            }
        }
        System.out.println(chosen.size() + " mutations"
                + (wrong.isEmpty() ? ", all noticed" : "; not as it should be: " + String.join(", ", wrong)));
        return wrong.isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    private interface Work {
        Trial.Result run() throws InterruptedException;
    }

    /// Prints one row: the name before the work, the rest after it.
    ///
    /// @return whether it was noticed
    private static boolean show(String name, Work work) throws InterruptedException {
        System.out.printf(NAME, name);
        System.out.flush();
        try {
            var result = work.run();
            var others = result.others() > 0 ? " (%d other complaints)".formatted(result.others()) : "";
            System.out.printf(
                    REST,
                    result.isNoticed() ? result.seed() + 1 : "-",
                    result.nanos() / 1_000_000_000 + " s",
                    complaint(result) + others);
            return result.isNoticed();
        } catch (MutationException unfit) {
            System.out.printf(REST, "-", "-", unfit.getMessage());
            return false;
        }
    }

    private static String complaint(Trial.Result result) {
        var complaint = result.complaint();
        if (complaint == null) {
            return "nobody";
        }
        var line = complaint.lines().findFirst().orElse("").replaceFirst("^(\\w+\\.)*(AssertionError|Violation): ", "");
        return line.length() > LONGEST_COMPLAINT ? line.substring(0, LONGEST_COMPLAINT) + "..." : line;
    }
}
