package dev.cetera.lab.load;

import dev.cetera.lab.cluster.Cluster;
import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.cluster.Program;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `bin/lab footprint`: what one member takes of a machine, and how soon it serves.
@Command(
        name = "footprint",
        sortOptions = false,
        usageHelpWidth = 110,
        description =
                "Measures what one member takes: time to serving, memory, disk; empty, full, watched, overwritten.",
        mixinStandardHelpOptions = true)
public final class Footprint implements Callable<Integer> {
    /// Its place in the line of a block device's counts.
    private static final int SECTORS_WRITTEN = 6;

    /// In which the kernel counts, whatever the device's own are.
    private static final int SECTOR_BYTES = 512;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private Contenders contenders;

    @Mixin
    private Data data = new Data(1_000_000);

    @Option(names = "--overwrites", description = "Puts on top, ten times compacted in between (${DEFAULT-VALUE}).")
    private int overwrites = 1_000_000;

    @Option(names = "--watchers", description = "One key each (${DEFAULT-VALUE}).")
    private int watchers = 10_000;

    @Option(names = "--sockets", description = "Connections that say nothing (${DEFAULT-VALUE}).")
    private int sockets = 10_000;

    @Option(
            names = "--log-entries",
            description = "Puts just before it is killed: as many as come between two snapshots (${DEFAULT-VALUE}).")
    private int logEntries = 100_000;

    @Option(
            names = "--settle",
            paramLabel = "SECONDS",
            description =
                    "Before memory is looked at, for the collector and the write-back of pages (${DEFAULT-VALUE}).")
    private double settle = 5;

    private final Progress progress = Progress.onStandardError();

    public Footprint() {
        this(new Contenders());
    }

    Footprint(Contenders contenders) {
        this.contenders = contenders;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        var figures = new LinkedHashMap<String, List<Double>>();
        List<Program> programs = contenders.programs();
        for (Program program : programs) {
            contenders.fresh(1, cluster -> new Course(program, cluster, figures).run());
        }
        var out = Objects.requireNonNull(spec).commandLine().getOut();
        out.print(table(programs, figures));
        out.flush();
        return 0;
    }

    /// What one server goes through.
    private final class Course {
        private final Program program;
        private final Member member;
        private final Map<String, List<Double>> figures;
        private final Settings writing;

        Course(Program program, Cluster cluster, Map<String, List<Double>> figures) {
            this.program = program;
            this.member = cluster.member(0);
            this.figures = figures;
            this.writing = Settings.plain(data, Math.max(1, overwrites / 10));
        }

        void run() throws IOException, InterruptedException {
            empty();
            full();
            overwritten();
            watched();
            connectedTo();
            killed();
        }

        private void empty() throws IOException, InterruptedException {
            note("start with nothing, s", secondsToServing());
            Stopwatch.pass(settle);
            noteMemory("memory with nothing, MB");
        }

        private void full() throws IOException, InterruptedException {
            say("writes " + data.keys() + " keys");
            new Trial(writing, progress).fill(target());
            Stopwatch.pass(settle);
            noteMemory("memory with the keys, MB");
            note("file with the keys, MB", databaseBytes() / 1e6);
            note("  end, s", Stopwatch.seconds(member::terminate));
            note("  start with the keys, s", secondsToServing());
            Stopwatch.pass(settle);
            noteMemory("  memory after that start, MB");
        }

        private void overwritten() throws IOException, InterruptedException {
            say("overwrites them");
            long written = writtenBytes();
            long before = ProcessFigures.of(member.pid()).cpuNanos();
            try (var connections = new Connections(target().endpoints(), 100)) {
                for (int i = 0; i < 10; i++) {
                    CatchUpLoad.write(writing, connections);
                    Pauses.compact(connections.channel(0));
                }
            }
            note("written to disk per put, bytes", (writtenBytes() - written) / (double) overwrites);
            note("processor per put, us", (ProcessFigures.of(member.pid()).cpuNanos() - before) / 1e3 / overwrites);
            Stopwatch.pass(settle);
            noteMemory("memory after the overwrites, MB");
            note("file after the overwrites, MB", databaseBytes() / 1e6);
        }

        private void watched() throws IOException {
            say("is watched by " + watchers);
            try (var later = Executors.newSingleThreadScheduledExecutor(
                            Thread.ofPlatform().name("later").daemon().factory());
                    var connections = new Connections(target().endpoints(), 100);
                    var _ = new WatchLoad(
                            writing, connections, new Meter(0, later), Math.min(watchers, data.keys()), 1, 1)) {
                noteMemory("memory with watchers, MB");
                later.shutdownNow();
            }
        }

        private void connectedTo() throws IOException {
            say("is connected to by " + sockets + " who say nothing");
            var open = new ArrayList<Socket>();
            try {
                int port = URI.create(member.endpoint()).getPort();
                for (int i = 0; i < sockets; i++) {
                    open.add(new Socket(InetAddress.getLoopbackAddress(), port));
                }
                noteMemory("memory with connections, MB");
            } finally {
                for (Socket socket : open) {
                    socket.close();
                }
            }
        }

        private void killed() throws IOException, InterruptedException {
            say("is killed");
            try (var connections = new Connections(target().endpoints(), 100)) {
                CatchUpLoad.write(Settings.plain(data, logEntries), connections);
            }
            member.kill();
            note("start after a kill, s", secondsToServing());
        }

        private Trial.Target target() {
            return new Trial.Target(program.name(), List.of(member.endpoint()), List.of(member.pid()));
        }

        private double secondsToServing() throws IOException, InterruptedException {
            return Stopwatch.seconds(() -> member.start(program));
        }

        private void noteMemory(String title) throws IOException {
            note(title, ProcessFigures.of(member.pid()).residentBytes() / 1e6);
        }

        private void note(String title, double value) {
            figures.computeIfAbsent(title, _ -> new ArrayList<>()).add(value);
            say(title + String.format(Locale.ROOT, ": %.2f", value));
        }

        private void say(String what) {
            progress.say("  " + program.name() + " " + what.strip());
        }

        private long databaseBytes() throws IOException {
            return Files.size(member.dataDir().resolve("member/snap/db"));
        }

        /// What the device under its directory has written, for whomever; 0 where the file system has none of
        /// its own. The kernel's count for one process is no measure of it: that counts pages as they become
        /// dirty, and the larger a page the cache made of several, the more for each small write.
        private long writtenBytes() throws IOException {
            long device = (Long) Files.getAttribute(member.dataDir(), "unix:dev");
            long major = (device >> 8 & 0xfff) | (device >> 32 & ~0xfff);
            long minor = (device & 0xff) | (device >> 12 & ~0xff);
            var counts = Path.of("/sys/dev/block", major + ":" + minor, "stat");
            if (!Files.exists(counts)) {
                return 0;
            }
            var fields = Files.readString(counts).strip().split("\\s+", -1);
            return Long.parseLong(fields[SECTORS_WRITTEN]) * SECTOR_BYTES;
        }
    }

    private static String table(List<Program> programs, Map<String, List<Double>> figures) {
        var out = new StringBuilder(String.format(Locale.ROOT, "%-32s", ""));
        programs.forEach(program -> out.append(String.format(Locale.ROOT, " %12s", program.name())));
        out.append(programs.size() == 2 ? "    ratio\n" : "\n");
        figures.forEach((title, values) -> {
            out.append(String.format(Locale.ROOT, "%-32s", title));
            values.forEach(value -> out.append(String.format(Locale.ROOT, " %,12.2f", value)));
            if (values.size() == 2 && values.get(1) > 0) {
                out.append(String.format(Locale.ROOT, "    x%.2f", values.get(0) / values.get(1)));
            }
            out.append('\n');
        });
        return out.toString();
    }
}
