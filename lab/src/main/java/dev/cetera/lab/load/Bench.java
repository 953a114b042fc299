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
            "server, one after the other, with the same load. Keys are written into the server that is tried.",
            "Each row is told when it is measured (and written to --csv), the table in the end."
        },
        footerHeading = "%nWorkloads (if none is named: all, and put@1, put@100, put@16000):%n",
        modelTransformer = Bench.WorkloadList.class,
        mixinStandardHelpOptions = true,
        version = "Cetera lab 0.1.0")
public final class Bench implements Callable<Integer> {
    /// The part of a warm-up that a server which has worked needs for work of another kind.
    private static final int LATER = 3;

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
    private Contenders contenders;

    @Option(
            names = "--rounds",
            description = "Rounds, each on fresh data; the servers take turns in beginning (${DEFAULT-VALUE}).")
    private int rounds = 1;

    @Option(names = "--clients", description = "Clients, one request in flight each (${DEFAULT-VALUE}).")
    private int clients = 1000;

    @Option(
            names = {"--connections", "--conns"},
            description = "Connections that they share (${DEFAULT-VALUE}).")
    private int connections = 100;

    @Option(names = "--total", description = "Requests a workload, instead of a time; without warm-up.")
    private long total;

    @Option(names = "--duration", paramLabel = "SECONDS", description = "Measured time a workload (${DEFAULT-VALUE}).")
    private double duration = 4;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            description =
                    "Time under load before a server's first, in which a JVM compiles what it runs; a third of it before the"
                            + " others (${DEFAULT-VALUE}).")
    private double warmUp = 9;

    @Option(
            names = "--rate",
            description =
                    "Requests a second in all, latency counted from when each was due (0: as fast as answers come).")
    private long rate;

    @Option(
            names = "--members",
            description = "Of the cluster that is started, all on this machine (${DEFAULT-VALUE}).")
    private int members = 1;

    @Mixin
    private Data data = new Data(100_000);

    @Option(names = "--list-keys", description = "Keys in one answer of list-* (${DEFAULT-VALUE}).")
    private int listKeys = 1000;

    @Option(names = "--watchers", description = "Watchers of watch-* (${DEFAULT-VALUE}).")
    private int watchers = 10_000;

    @Option(
            names = "--history",
            description = "Revisions that the watchers of watch-catchup are behind (${DEFAULT-VALUE}).")
    private int history = 500_000;

    @Option(names = "--seed", description = "Of the order in which keys are drawn (${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(names = "--csv", paramLabel = "FILE", description = "Write the results there as CSV, too.")
    private @Nullable Path csv;

    @Option(names = "--plot", paramLabel = "FILE.svg", description = "Draw the results there, too.")
    private @Nullable Path plot;

    private final Progress progress = Progress.onStandardError();

    public Bench() {
        this(new Contenders());
    }

    Bench(Contenders contenders) {
        this.contenders = contenders;
    }

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
        List<Program> programs;
        try {
            settings = settings();
            Settings base = settings;
            chosen = workloads.isEmpty()
                    ? Row.all(base)
                    : workloads.stream().map(title -> Row.of(title, base)).toList();
            endpoints.forEach(Connections::parse);
            checkTogether();
            programs = contenders.programs();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(Objects.requireNonNull(spec).commandLine(), e.getMessage(), e);
        }
        String caption = caption(settings);
        progress.say(caption);
        progress.say(Report.head().stripTrailing());
        var trial = new Trial(settings, progress);
        Results results = new Results();
        if (endpoints.isEmpty()) {
            for (int round = 0; round < rounds; round++) {
                for (Program program : round % 2 == 0 ? programs : programs.reversed()) {
                    runStarted(program, trial, chosen, results);
                }
            }
        } else {
            var target = new Target("server", endpoints, pid == null ? List.of() : List.of(pid));
            runAll(target, trial, chosen, results);
        }
        var out = Objects.requireNonNull(spec).commandLine().getOut();
        out.print(Report.table(results.inOrder()));
        out.flush();
        if (plot != null) {
            Plot.write(plot, caption, results.inOrder());
        }
        return results.inOrder().stream().allMatch(result -> result.errorCount() == 0) ? 0 : 1;
    }

    private void checkTogether() {
        if (!endpoints.isEmpty() && contenders.several()) {
            throw new IllegalArgumentException("--against starts both servers itself; it does not go with --endpoints");
        }
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
                data.keySize(),
                data.valueSize(),
                data.keys(),
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
                total > 0
                        ? total + " requests"
                        : duration + " s after " + warmUp + " s of warm-up, a third of it later",
                where,
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name"),
                System.getProperty("os.version"));
    }

    private void runStarted(Program program, Trial trial, List<Row> chosen, Results results)
            throws IOException, InterruptedException {
        contenders.fresh(members, cluster -> {
            cluster.start(Collections.nCopies(members, program));
            var target = new Target(
                    program.name(),
                    cluster.members().stream().map(Member::endpoint).toList(),
                    cluster.members().stream().map(Member::pid).toList());
            runAll(target, trial, chosen, results);
        });
    }

    private void runAll(Target target, Trial trial, List<Row> chosen, Results results)
            throws IOException, InterruptedException {
        trial.fill(target);
        Duration warmUp = chosen.getFirst().settings().warmUp();
        for (Row row : chosen) {
            Result result = trial.run(target, row, warmUp);
            warmUp = row.settings().warmUp().dividedBy(LATER);
            results.add(result);
            // A long run that is broken off has told, and kept, what it had.
            progress.say(Report.row(result).stripTrailing());
            if (csv != null) {
                Report.writeCsv(csv, results.inOrder());
            }
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
