package dev.cetera.lab.load;

import dev.cetera.lab.cluster.Cluster;
import dev.cetera.lab.cluster.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options that say which servers are compared, and where their data lies.
final class Contenders {
    @Option(
            names = "--server",
            defaultValue = "cetera",
            paramLabel = "PROGRAM",
            description =
                    "Server to start: cetera, etcd, or the path of one that takes etcd's flags (${DEFAULT-VALUE}).")
    private String server = "cetera";

    @Option(
            names = "--against",
            paramLabel = "PROGRAM",
            description = "A second server, for comparison: --against etcd.")
    private @Nullable String against;

    @Option(
            names = "--dir",
            description =
                    "Where data directories are made (the system's temporary folder). Its disk is part of what is measured.")
    private Path dir = Path.of(System.getProperty("java.io.tmpdir"));

    /// What is done with a cluster that is not started yet.
    interface Use {
        void of(Cluster cluster) throws IOException, InterruptedException;
    }

    /// Refuses to compare a program with itself.
    void check() {
        if (server.equals(against)) {
            throw new IllegalArgumentException("--against " + against + ": expected another program than --server");
        }
    }

    boolean several() {
        return against != null;
    }

    List<Program> programs() {
        var programs = new ArrayList<>(List.of(Program.named(server)));
        if (against != null) {
            programs.add(Program.named(against));
        }
        return programs;
    }

    Path dir() {
        return dir;
    }

    /// Gives `use` the members of a new cluster with fresh directories, which are gone afterwards.
    void fresh(int members, Use use, String... flags) throws IOException, InterruptedException {
        fresh(dir, members, use, flags);
    }

    static void fresh(Path dir, int members, Use use, String... flags) throws IOException, InterruptedException {
        Path root = Files.createTempDirectory(dir, "cetera-lab-");
        try (Cluster cluster = Cluster.of(root, members, flags)) {
            use.of(cluster);
        } finally {
            deleteTree(root);
        }
    }

    private static void deleteTree(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
