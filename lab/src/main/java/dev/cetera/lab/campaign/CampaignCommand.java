package dev.cetera.lab.campaign;

import dev.cetera.lab.cluster.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `bin/lab campaign`.
@Command(
        name = "campaign",
        description = "Clusters of real processes, used without pause while processes, network, disks and clocks fail;"
                + " then checks that every promise was kept. Exits with 1 when one was not.",
        mixinStandardHelpOptions = true)
public final class CampaignCommand implements Callable<Integer> {
    @Option(names = "--minutes", description = "How long (default: ${DEFAULT-VALUE}).")
    private double minutes = 5;

    @Option(
            names = "--seed",
            description = "Of the first round, which the following ones count up from (default: a random one).")
    private @Nullable Long seed;

    @Option(names = "--members", description = "Size of the clusters, 1 to 9 (default: ${DEFAULT-VALUE}).")
    private int members = 3;

    @Option(
            names = "--server",
            description = "cetera, etcd, or the path of a program that takes etcd's flags (default: ${DEFAULT-VALUE}).")
    private String server = "cetera";

    @Option(
            names = "--round",
            description = "For how many seconds each cluster is in trouble (default: ${DEFAULT-VALUE}).")
    private int round = 40;

    @Option(names = "--election-timeout", description = "Of the members, in ms (default: ${DEFAULT-VALUE}).")
    private long electionTimeout = 1000;

    @Option(
            names = "--without",
            split = ",",
            description = "Faults to leave out: ${COMPLETION-CANDIDATES} (default: none that can be done here).")
    private Set<Settings.Means> without = EnumSet.noneOf(Settings.Means.class);

    @Option(names = "--keep", description = "Keep the files of rounds in which all promises were kept, too.")
    private boolean keep;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        require(minutes >= 0, "--minutes", "0 or more");
        require(members >= 1 && members <= 9, "--members", "1 to 9");
        require(round >= 1, "--round", "1 or more");
        require(electionTimeout >= 50 && electionTimeout <= 50_000, "--election-timeout", "50 to 50000");
        Path directory = Files.createTempDirectory("cetera-campaign-");
        long chosen = seed != null ? seed : ThreadLocalRandom.current().nextLong(1L << 40);
        try (var progress = Progress.onStandardOutput()) {
            progress.say("seed " + chosen + ", members in " + directory);
            var settings = new Settings(
                    program(),
                    members,
                    Duration.ofMillis(Math.round(minutes * 60_000)),
                    Duration.ofSeconds(round),
                    Duration.ofMillis(electionTimeout),
                    chosen,
                    directory,
                    means(directory, progress),
                    keep ? Settings.Leavings.KEPT : Settings.Leavings.DELETED);
            try {
                progress.say(Campaign.run(settings, progress));
            } catch (AssertionError broken) {
                progress.say(String.valueOf(broken.getMessage()));
                return ExitCode.SOFTWARE;
            }
        }
        if (!keep) {
            Files.delete(directory);
        }
        return ExitCode.OK;
    }

    private void require(boolean holds, String option, String expected) {
        if (!holds && spec != null) {
            throw new ParameterException(spec.commandLine(), option + " must be " + expected);
        }
    }

    /// The members start what is built: `bin/lab` has seen to that, and a member that is started again must
    /// not wait for a compiler.
    private Program program() {
        return Program.named(server).with(Map.of("CETERA_BUILD", "never"));
    }

    private Set<Settings.Means> means(Path directory, Progress progress) throws IOException, InterruptedException {
        var means = EnumSet.noneOf(Settings.Means.class);
        if (SmallDisk.possible(directory)) {
            means.add(Settings.Means.DISKS);
        } else {
            progress.say("left out: full disks (this process must not mount file systems)");
        }
        if (!server.equals("cetera")) {
            progress.say("left out: clocks that are set (only a JVM can be lied to)");
        } else if (Clock.library() == null) {
            progress.say("left out: clocks that are set (libfaketime is not installed; Debian has it as faketime)");
        } else {
            means.add(Settings.Means.CLOCKS);
        }
        means.removeAll(without);
        return means;
    }
}
