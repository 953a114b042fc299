package dev.cetera.lab.campaign;

import dev.cetera.lab.cluster.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `bin/lab campaign`.
@Command(
        name = "campaign",
        description =
                "Kills and freezes the members of a cluster at random under load, and checks that every promise is kept.",
        mixinStandardHelpOptions = true)
public final class CampaignCommand implements Callable<Integer> {
    @Option(names = "--minutes", defaultValue = "5", description = "How long (default: ${DEFAULT-VALUE}).")
    private double minutes = 5;

    @Option(names = "--seed", description = "Of the order of faults (default: a random one).")
    private @Nullable Long seed;

    @Option(names = "--members", defaultValue = "3", description = "Size of the cluster (default: ${DEFAULT-VALUE}).")
    private int members = 3;

    @Option(
            names = "--server",
            defaultValue = "cetera",
            description = "cetera, etcd, or the path of a program that takes etcd's flags (default: ${DEFAULT-VALUE}).")
    private String server = "cetera";

    @Option(
            names = "--election-timeout",
            defaultValue = "1000",
            description = "Of the members, in ms (default: ${DEFAULT-VALUE}).")
    private long electionTimeout = 1000;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("cetera-campaign-");
        long chosen = seed != null ? seed : ThreadLocalRandom.current().nextLong(1L << 40);
        var settings = new Campaign.Settings(
                Program.named(server),
                members,
                Duration.ofMillis(Math.round(minutes * 60_000)),
                1,
                Duration.ofMillis(electionTimeout),
                chosen,
                directory);
        System.out.println("seed " + chosen + ", members in " + directory);
        try {
            long begin = System.nanoTime();
            System.out.print(Campaign.run(
                    settings, line -> System.out.printf("%7.1f s  %s%n", (System.nanoTime() - begin) / 1e9, line)));
        } catch (AssertionError broken) {
            broken.printStackTrace();
            System.err.println("seed " + chosen + "; what it left is in " + directory);
            return 1;
        }
        deleteTree(directory);
        return 0;
    }

    private static void deleteTree(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
