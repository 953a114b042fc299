package dev.cetera.lab.load;

import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.cluster.Program;
import dev.cetera.lab.load.Trial.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `bin/lab bench`: puts load on servers and says what they made of it.
@Command(
        name = "bench",
        sortOptions = false,
        usageHelpWidth = 110,
        description = {
            "Puts load on a server: throughput, latency, processor time for each operation, memory.",
            "Without --endpoints it starts bin/cetera on a fresh data directory; with --against also the other",
            "server, one after the other, with the same load. Keys are written into the server that is tried."
        },
        footerHeading = "%nWorkloads (if none is named: all, and put@1, put@100, put@16000):%n",
        modelTransformer = Bench.WorkloadList.class,
        mixinStandardHelpOptions = true,
        version = "Cetera lab 0.1.0")
public final class Bench implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(
            paramLabel = "WORKLOAD",
            description = "What to measure; see below. put@16000 is a put with that many clients.")
    private List<String> workloads = new ArrayList<>();

    @Option(names = "--endpoints", split = ",", paramLabel = "URL", description = "Servers that run already.")
    private List<String> endpoints = new ArrayList<>();

    @Option(names = "--pid", description = "Process of the server behind --endpoints, for its CPU and memory.")
    private @Nullable Long pid;

    @Mixin
    private Contenders contenders = new Contenders();

    @Option(
            names = "--rounds",
            defaultValue = "1",
            description = "Rounds, each on fresh data; the servers take turns in beginning (${DEFAULT-VALUE}).")
    private int rounds = 1;

    @Option(
            names = "--clients",
            defaultValue = "1000",
            description = "Clients, one request in flight each (${DEFAULT-VALUE}).")
    private int clients = 1000;

    @Option(names = "--conns", defaultValue = "100", description = "Connections that they share (${DEFAULT-VALUE}).")
    private int connections = 100;

    @Option(
            names = "--total",
            defaultValue = "0",
            description = "Requests a workload, instead of a time; without warm-up.")
    private long total;

    @Option(
            names = "--duration",
            defaultValue = "8",
            paramLabel = "SECONDS",
            description = "Measured time a workload (${DEFAULT-VALUE}).")
    private double duration = 8;

    @Option(
            names = "--warm-up",
            defaultValue = "10",
            paramLabel = "SECONDS",
            description =
                    "Time under load before that, long enough for a JVM to have compiled what it runs (${DEFAULT-VALUE}).")
    private double warmUp = 10;

    @Option(
            names = "--rate",
            defaultValue = "0",
            description =
                    "Requests a second in all, latency counted from when each was due (0: as fast as answers come).")
    private long rate;

    @Option(names = "--key-size", defaultValue = "8", description = "Bytes (${DEFAULT-VALUE}).")
    private int keySize = 8;

    @Option(names = "--val-size", defaultValue = "256", description = "Bytes (${DEFAULT-VALUE}).")
    private int valueSize = 256;

    @Option(
            names = "--members",
            defaultValue = "1",
            description = "Of the cluster that is started, all on this machine (${DEFAULT-VALUE}).")
    private int members = 1;

    @Option(names = "--keys", defaultValue = "100000", description = "Size of the key space (${DEFAULT-VALUE}).")
    private int keys = 100_000;

    @Option(
            names = "--list-keys",
            defaultValue = "1000",
            description = "Keys in one answer of list-* (${DEFAULT-VALUE}).")
    private int listKeys = 1000;

    @Option(names = "--watchers", defaultValue = "1000", description = "Watchers of watch-* (${DEFAULT-VALUE}).")
    private int watchers = 1000;

    @Option(
            names = "--history",
            defaultValue = "500000",
            description = "Revisions that the watchers of watch-catchup are behind (${DEFAULT-VALUE}).")
    private int history = 500_000;

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "Of the order in which keys are drawn (${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(names = "--csv", paramLabel = "FILE", description = "Write the results there as CSV, too.")
    private @Nullable Path csv;

    @Option(names = "--plot", paramLabel = "FILE.svg", description = "Draw the results there, too.")
    private @Nullable Path plot;

    private final Progress progress = Progress.onStandardError();

    /// Lists the workloads at the end of the help.
    static final class WorkloadList implements IModelTransformer {
        @Override
        public CommandSpec transform(CommandSpec spec) {
            spec.usageMessage()
                    .footer(Stream.of(Workload.values())
                            .map(workload -> String.format(
                                            Locale.ROOT, "  %-20s %s", workload.title(), workload.description())
                                    .replace("%", "%%"))
                            .toArray(String[]::new));
            return spec;
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Settings settings;
        List<Row> chosen;
        try {
            settings = settings();
            Settings base = settings;
            chosen = workloads.isEmpty()
                    ? Row.all(base)
                    : workloads.stream().map(title -> Row.of(title, base)).toList();
            endpoints.forEach(Connections::parse);
            checkTogether();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(Objects.requireNonNull(spec).commandLine(), e.getMessage(), e);
        }
        String caption = caption(settings);
        progress.say(caption);
        var trial = new Trial(settings, progress);
        Results results = new Results();
        if (endpoints.isEmpty()) {
            List<Program> programs = contenders.programs();
            for (int round = 0; round < rounds; round++) {
                for (Program program : round % 2 == 0 ? programs : programs.reversed()) {
                    runStarted(program, trial, chosen, results);
                }
            }
        } else {
            var target = new Target("server", endpoints, pid == null ? List.of() : List.of(pid));
            runAll(target, trial, chosen, results);
        }
        System.out.print(Report.table(results.inOrder()));
        if (csv != null) {
            Report.writeCsv(csv, results.inOrder());
        }
        if (plot != null) {
            Plot.write(plot, caption, results.inOrder());
        }
        return results.inOrder().stream().allMatch(result -> result.errorCount() == 0) ? 0 : 1;
    }

    private void checkTogether() {
        if (!endpoints.isEmpty() && contenders.several()) {
            throw new IllegalArgumentException("--against starts both servers itself; it does not go with --endpoints");
        }
        contenders.check();
        if (members < 1) {
            throw new IllegalArgumentException("--members " + members + ": expected at least 1");
        }
        if (rounds < 1) {
            throw new IllegalArgumentException("--rounds " + rounds + ": expected at least 1");
        }
        if (pid != null && ProcessHandle.of(pid).isEmpty()) {
            throw new IllegalArgumentException("--pid " + pid + ": there is no such process");
        }
    }

    private Settings settings() {
        return new Settings(
                clients,
                Math.min(connections, clients),
                total,
                Duration.ofMillis(Math.round(duration * 1000)),
                Duration.ofMillis(Math.round(warmUp * 1000)),
                rate,
                keySize,
                valueSize,
                keys,
                listKeys,
                watchers,
                history,
                seed);
    }

    /// What the numbers depend on, for whoever reads them later.
    private String caption(Settings settings) throws IOException {
        String where = endpoints.isEmpty()
                ? "data on " + Files.getFileStore(contenders.dir()).type()
                : "servers " + String.join(",", endpoints);
        return String.format(
                Locale.ROOT,
                "%d clients on %d connections, %d-byte keys, %d-byte values, %d keys, %s; %s; %d processors, %s %s",
                settings.clients(),
                settings.connections(),
                settings.keySize(),
                settings.valueSize(),
                settings.keys(),
                total > 0 ? total + " requests" : duration + " s after " + warmUp + " s of warm-up",
                where,
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name"),
                System.getProperty("os.version"));
    }

    private void runStarted(Program program, Trial trial, List<Row> chosen, Results results)
            throws IOException, InterruptedException {
        // A long run of puts must not end at the default quota.
        contenders.fresh(
                members,
                cluster -> {
                    cluster.start(Collections.nCopies(members, program));
                    var target = new Target(
                            program.name(),
                            cluster.members().stream().map(Member::endpoint).toList(),
                            cluster.members().stream().map(Member::pid).toList());
                    runAll(target, trial, chosen, results);
                },
                "--quota-backend-bytes=8589934592");
    }

    private void runAll(Target target, Trial trial, List<Row> chosen, Results results)
            throws IOException, InterruptedException {
        trial.fill(target);
        for (Row row : chosen) {
            results.add(trial.run(target, row));
        }
    }

    /// Rounds of the same server and workload are one result.
    private record Key(String server, String workload) {}

    private static final class Results {
        private final Map<Key, Result> byKey = new LinkedHashMap<>();

        void add(Result result) {
            byKey.merge(new Key(result.server(), result.workload()), result, Result::and);
        }

        List<Result> inOrder() {
            return List.copyOf(byKey.values());
        }
    }
}
