package dev.cetera.lab.load;

import dev.cetera.lab.cluster.Cluster;
import dev.cetera.lab.cluster.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The options that say which servers are compared, and where their data lies.
final class Contenders {
    /// A long run of puts must not end at the default quota.
    private static final String ROOM = "--quota-backend-bytes=8589934592";

    @Option(
            names = "--server",
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

    private final Function<String, Program> named;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    Contenders() {
        this(Program::named);
    }

    /// @param named what a name on the command line stands for
    Contenders(Function<String, Program> named) {
        this.named = named;
    }

    /// What is done with a cluster that is not started yet.
    interface Use {
        void of(Cluster cluster) throws IOException, InterruptedException;
    }

    boolean several() {
        return against != null;
    }

    /// One or two.
    ///
    /// @throws ParameterException when a program is to be compared with itself
    List<Program> programs() {
        if (server.equals(against)) {
            throw new ParameterException(
                    Objects.requireNonNull(command).commandLine(),
                    "--against " + against + ": expected another program than --server");
        }
        var programs = new ArrayList<>(List.of(named.apply(server)));
        if (against != null) {
            programs.add(named.apply(against));
        }
        return programs;
    }

    Path dir() {
        return dir;
    }

    /// Gives `use` the members of a new cluster with fresh directories, which are gone afterwards.
    void fresh(int members, Use use) throws IOException, InterruptedException {
        Path root = Files.createTempDirectory(dir, "cetera-lab-");
        try (Cluster cluster = Cluster.of(root, members, ROOM)) {
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
