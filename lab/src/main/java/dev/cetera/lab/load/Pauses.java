package dev.cetera.lab.load;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.DefragmentRequest;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.MaintenanceGrpc;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.SnapshotRequest;
import dev.cetera.lab.cluster.Cluster;
import dev.cetera.lab.cluster.Program;
import dev.cetera.testkit.Await;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `bin/lab pauses`: how long clients with little to ask wait while a server has something big to do.
@Command(
        name = "pauses",
        sortOptions = false,
        usageHelpWidth = 110,
        description = {
            "Asks a little, at a steady rate, of a server that is busy with something big: a watcher far behind,",
            "full lists, a snapshot, a compaction, a defragmentation. Latency counts from when a request was due,",
            "so nothing that stalls is missed."
        },
        mixinStandardHelpOptions = true)
public final class Pauses implements Callable<Integer> {
    /// How often a put and a get each are due.
    private static final int RATE = 200;

    /// Clients of each kind: one alone would wait behind itself.
    private static final int PROBES = 50;

    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final ByteString EVERYTHING = ByteString.copyFrom(new byte[1]);

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private Contenders contenders;

    @Mixin
    private Data data = new Data(100_000);

    @Option(
            names = "--history",
            description = "Revisions that are read by a watcher, and then compacted (${DEFAULT-VALUE}).")
    private int history = 500_000;

    @Option(names = "--lists", description = "Full lists that are asked for at once (${DEFAULT-VALUE}).")
    private int lists = 20;

    @Option(
            names = "--least",
            paramLabel = "SECONDS",
            description = "Each is measured at least that long (${DEFAULT-VALUE}).")
    private double least = 5;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            description = "Under the small load before the first (${DEFAULT-VALUE}).")
    private double warmUp = 15;

    private final Progress progress = Progress.onStandardError();

    public Pauses() {
        this(new Contenders());
    }

    Pauses(Contenders contenders) {
        this.contenders = contenders;
    }

    /// One thing that keeps the server busy, from beginning to end.
    private interface Work {
        void run() throws IOException, InterruptedException, ExecutionException;
    }

    /// What probes met meanwhile.
    private record Line(String work, String server, double seconds, Histogram puts, Histogram gets, long peakBytes) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        var lines = new ArrayList<Line>();
        for (Program program : contenders.programs()) {
            contenders.fresh(1, cluster -> lines.addAll(measure(program, cluster)));
        }
        var out = Objects.requireNonNull(spec).commandLine().getOut();
        out.print(table(lines));
        out.flush();
        return 0;
    }

    private List<Line> measure(Program program, Cluster cluster) throws IOException, InterruptedException {
        cluster.start(List.of(program));
        var target = new Trial.Target(
                program.name(),
                List.of(cluster.member(0).endpoint()),
                List.of(cluster.member(0).pid()));
        Settings writing = Settings.plain(data, history);
        var trial = new Trial(writing, progress);
        progress.say(program.name() + ": writes " + data.keys() + " keys and " + history + " revisions of them");
        trial.fill(target);
        long first;
        try (var connections = new Connections(target.endpoints(), writing.connections())) {
            first = CatchUpLoad.write(writing, connections);
        }
        try (var later = Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().name("later").daemon().factory());
                var busy = new Connections(target.endpoints(), 4);
                var probing = new Connections(target.endpoints(), 10)) {
            var putting = new Meter(Long.MAX_VALUE, later);
            var getting = new Meter(Long.MAX_VALUE, later);
            Settings probes = writing.withClients(PROBES).withRate(RATE);
            try (Load puts = Workload.PUT.open(probes, probing, putting);
                    Load gets = Workload.RANGE_LINEARIZABLE.open(probes, probing, getting)) {
                puts.start();
                gets.start();
                return new Occasions(target, busy, putting, getting, later).all(first);
            } finally {
                putting.stop();
                getting.stop();
                later.shutdownNow();
            }
        }
    }

    /// The works of one server, one after the other, while the probes go on.
    private final class Occasions {
        private final Trial.Target target;
        private final Connections busy;
        private final Meter putting;
        private final Meter getting;
        private final ScheduledExecutorService later;
        private final ManagedChannel channel;
        private final List<Line> lines = new ArrayList<>();

        Occasions(Trial.Target target, Connections busy, Meter putting, Meter getting, ScheduledExecutorService later) {
            this.later = later;
            this.target = target;
            this.busy = busy;
            this.putting = putting;
            this.getting = getting;
            this.channel = busy.channel(0);
        }

        List<Line> all(long first) throws IOException, InterruptedException {
            during("warm-up", () -> Stopwatch.pass(warmUp));
            lines.clear();
            during("nothing", () -> {});
            during("watcher catches up", () -> catchUp(first));
            during(lists + " full lists", this::list);
            during(
                    "snapshot",
                    () -> MaintenanceGrpc.newBlockingStub(channel)
                            .snapshot(SnapshotRequest.getDefaultInstance())
                            .forEachRemaining(_ -> {}));
            during("compaction", () -> compact(channel));
            during("defragment", () -> {
                var _ = MaintenanceGrpc.newBlockingStub(channel).defragment(DefragmentRequest.getDefaultInstance());
            });
            return lines;
        }

        private void during(String title, Work work) throws IOException, InterruptedException {
            progress.say(target.name() + ": " + title);
            for (long pid : target.pids()) {
                ProcessFigures.forgetPeak(pid);
            }
            putting.interval();
            getting.interval();
            long begin = System.nanoTime();
            try {
                work.run();
            } catch (ExecutionException e) {
                throw new IOException(target.name() + ", " + title + ": " + e.getCause(), e);
            }
            long nanos = System.nanoTime() - begin;
            // What was due in the last moments is to be answered, too.
            Stopwatch.pass(Math.max(1, least - nanos / 1e9));
            lines.add(new Line(
                    title,
                    target.name(),
                    nanos / 1e9,
                    putting.interval(),
                    getting.interval(),
                    ProcessFigures.ofAll(target.pids()).peakBytes()));
            var errors = new ArrayList<>(putting.errors().entrySet());
            errors.addAll(getting.errors().entrySet());
            if (!errors.isEmpty()) {
                progress.say(target.name() + ": " + title + ": probes failed: " + errors);
                putting.forget();
                getting.forget();
            }
        }

        private void catchUp(long first) {
            var once = new Meter(1, later);
            try (Load watcher = new CatchUpLoad(busy, once, 1, first, history)) {
                watcher.start();
                Await.await("the watcher has caught up", PATIENCE, watcher::idle);
            }
            if (!once.errors().isEmpty()) {
                throw new IllegalStateException("the watcher failed: " + once.errors());
            }
        }

        private void list() throws InterruptedException, ExecutionException {
            var request = RangeRequest.newBuilder()
                    .setKey(EVERYTHING)
                    .setRangeEnd(EVERYTHING)
                    .build()
                    .toByteArray();
            try (var threads =
                    Executors.newThreadPerTaskExecutor(Thread.ofVirtual().factory())) {
                var answers = new ArrayList<Future<Integer>>();
                for (int i = 0; i < lists; i++) {
                    var connection = busy.channel(i);
                    answers.add(threads.submit(
                            () -> ClientCalls.blockingUnaryCall(connection, Wire.RANGE, CallOptions.DEFAULT, request)));
                }
                for (Future<Integer> answer : answers) {
                    if (answer.get() < data.keys() * data.valueSize()) {
                        throw new IllegalStateException("a list of " + answer.get() + " bytes is too short");
                    }
                }
            }
        }
    }

    /// Everything but the present, and waits until that has left the file, too.
    static void compact(Channel channel) {
        var kv = KVGrpc.newBlockingStub(channel);
        long revision = kv.range(RangeRequest.newBuilder().setKey(EVERYTHING).build())
                .getHeader()
                .getRevision();
        var _ = kv.compact(CompactionRequest.newBuilder()
                .setRevision(revision)
                .setPhysical(true)
                .build());
    }

    private static String table(List<Line> lines) {
        var out = new StringBuilder();
        row(out, "", "", "took", "put p50", "p99", "p99.9", "max", "get p50", "p99", "p99.9", "max", "peak MB");
        row(out, "busy with", "server", "s", "ms", "ms", "ms", "ms", "ms", "ms", "ms", "ms", "");
        for (String work : lines.stream().map(Line::work).distinct().toList()) {
            for (Line line : lines) {
                if (line.work().equals(work)) {
                    row(
                            out,
                            line.work(),
                            line.server(),
                            String.format(Locale.ROOT, "%.1f", line.seconds()),
                            millis(line.puts().getValueAtPercentile(50)),
                            millis(line.puts().getValueAtPercentile(99)),
                            millis(line.puts().getValueAtPercentile(99.9)),
                            millis(line.puts().getMaxValue()),
                            millis(line.gets().getValueAtPercentile(50)),
                            millis(line.gets().getValueAtPercentile(99)),
                            millis(line.gets().getValueAtPercentile(99.9)),
                            millis(line.gets().getMaxValue()),
                            String.format(Locale.ROOT, "%.0f", line.peakBytes() / 1e6));
                }
            }
        }
        return out.toString();
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.2f", nanos / 1e6);
    }

    private static void row(StringBuilder out, Object... cells) {
        out.append(String.format(Locale.ROOT, "%-20s %-10s %7s %8s %8s %8s %8s %8s %8s %8s %8s %8s%n", cells)
                .replaceAll(" +(\\R)", "$1"));
    }
}
