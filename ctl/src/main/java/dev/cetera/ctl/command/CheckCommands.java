package dev.cetera.ctl.command;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.DefragmentRequest;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.MaintenanceGrpc;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.client.transport.Repeat;
import dev.cetera.ctl.check.Load;
import dev.cetera.ctl.check.Pace;
import dev.cetera.ctl.check.Samples;
import dev.cetera.ctl.check.Writers;
import dev.cetera.ctl.line.Command;
import dev.cetera.ctl.line.Flag;
import dev.cetera.ctl.print.GoText;
import dev.cetera.ctl.print.ProgressBar;
import dev.cetera.ctl.print.Ranges;
import dev.cetera.ctl.rpc.Rpc;
import dev.cetera.ctl.rpc.RpcException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/// Whether a cluster is fast enough, and what it needs for what it is to hold.
final class CheckCommands {
    private static final int SECONDS = 60;
    private static final Duration TIDY_LIMIT = Duration.ofSeconds(30);
    /// Connections that all clients of a check share; requests of one don't wait for each other.
    private static final int CONNECTIONS = 8;

    private static final Flag COMPACT =
            Flag.bool("auto-compact", false, "Compact storage with last revision after test is finished.");
    private static final Flag DEFRAGMENT =
            Flag.bool("auto-defrag", false, "Defragment storage after test is finished.");

    static final Command<Session> CHECK = Command.group(
            "check <subcommand>",
            "commands for checking properties of the etcd cluster",
            List.of(),
            List.of(
                    Command.of(
                            "perf [options]",
                            "Check the performance of the etcd cluster",
                            CheckCommands::performance,
                            load("performance check's"),
                            prefix("/etcdctl-check-perf/", "performance check's"),
                            COMPACT,
                            DEFRAGMENT),
                    Command.of(
                                    "datascale [options]",
                                    "Check the memory usage of holding data for different workloads on a given server"
                                            + " endpoint.",
                                    CheckCommands::dataScale,
                                    load("datascale check's"),
                                    prefix("/etcdctl-check-datascale/", "datascale check's"),
                                    COMPACT,
                                    DEFRAGMENT)
                            .telling("""
                                    If no endpoint is provided, localhost will be used. If multiple endpoints are provided, first endpoint will be used.
                                    """)));

    private CheckCommands() {}

    private static Flag load(String whose) {
        return Flag.text(
                "load",
                "s",
                "The " + whose + " workload model. Accepted workloads: s(small), m(medium), l(large), xl(xLarge)");
    }

    private static Flag prefix(String initial, String whose) {
        return Flag.text("prefix", initial, "The prefix for writing the " + whose + " keys.");
    }

    private static Load load(Session session) throws Failure {
        var name = session.flags().text("load");
        return Load.named(name).orElseThrow(() -> new Failure(Exit.BAD_FEATURE, "unknown load option " + name));
    }

    private static void performance(Session session) throws Failure, IOException, InterruptedException {
        var load = load(session);
        var prefix = emptyPrefix(session, "first.");
        var samples = new Samples();
        var writers = writers(session, load, prefix, 256, 1024, samples);
        long begun = System.nanoTime();
        var pace = new Pace(
                load.writesPerSecond(),
                load.clients(),
                begun,
                Duration.ofSeconds(SECONDS).toNanos());
        try (var bar = session.progress(ProgressBar.Appears.AT_ONCE, SECONDS, String::valueOf)) {
            var clock = Thread.ofVirtual().name("clock").start(() -> {
                try {
                    for (int i = 0; i < SECONDS; i++) {
                        Thread.sleep(Duration.ofSeconds(1));
                        bar.add(1);
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            writers.atPace(pace);
            clock.join();
        }
        var summary = samples.summary(System.nanoTime() - begun);
        tidy(session, prefix);
        judge(session, load, summary);
    }

    private static void judge(Session session, Load load, Samples.Summary summary) throws Failure {
        boolean good = summary.errors().isEmpty();
        tellErrors(session, summary);
        int rate = (int) summary.perSecond() + 1;
        boolean fast = summary.perSecond() / load.writesPerSecond() > 0.9;
        session.say(
                fast ? "PASS: Throughput is " + rate + " writes/s" : "FAIL: Throughput too low: " + rate + " writes/s");
        boolean prompt = summary.slowest() <= 0.5;
        session.say((prompt ? "PASS: Slowest request took " : "Slowest request took too long: ")
                + seconds(summary.slowest()));
        boolean even = summary.deviation() <= 0.1;
        session.say((even ? "PASS: Stddev is " : "Stddev too high: ") + seconds(summary.deviation()));
        if (!(good && fast && prompt && even)) {
            session.say("FAIL");
            throw Failure.told(Exit.ERROR);
        }
        session.say("PASS");
    }

    private static String seconds(double value) {
        return String.format(Locale.ROOT, "%fs", value);
    }

    private static void tellErrors(Session session, Samples.Summary summary) {
        if (!summary.errors().isEmpty()) {
            session.say("FAIL: too many errors");
            summary.errors().forEach((error, count) -> session.say("FAIL: ERROR(" + error + ") -> " + count));
        }
    }

    private static void dataScale(Session session) throws Failure, IOException, InterruptedException {
        var load = load(session);
        var prefix = emptyPrefix(session, "first");
        var samples = new Samples();
        var memory = new MemberMemory(session.target());
        double before = memory(session, memory, "before");
        session.say("Start data scale check for work load [" + load.pairs()
                + " key-value pairs, 1024 bytes per key-value, " + load.clients() + " concurrent clients].");
        session.terminal().out().flush();
        var writers = writers(session, load, prefix, 512, 512, samples);
        try (var bar = session.progress(ProgressBar.Appears.AT_ONCE, load.pairs(), String::valueOf)) {
            writers.all(load.pairs(), () -> bar.add(1));
        }
        double after = memory(session, memory, "after");
        tidy(session, prefix);
        var summary = samples.summary(1);
        if (!summary.errors().isEmpty()) {
            tellErrors(session, summary);
            throw Failure.told(Exit.ERROR);
        }
        var megabytes = String.format(Locale.ROOT, "%.2f", (after - before) / (1024 * 1024));
        session.say("PASS: Approximate system memory used : " + megabytes + " MB.");
    }

    private static double memory(Session session, MemberMemory memory, String when)
            throws Failure, InterruptedException {
        try {
            return memory.residentBytes();
        } catch (IOException e) {
            session.say(String.valueOf(e.getMessage()));
            session.say("FAIL: Could not read process_resident_memory_bytes " + when + " the put operations.");
            throw Failure.told(Exit.ERROR);
        }
    }

    /// Keys that are there already are somebody's, and not to be deleted in the end.
    private static ByteString emptyPrefix(Session session, String lastWord) throws Failure, IOException {
        var prefix = session.flags().text("prefix");
        var bytes = Session.bytes(prefix);
        var request = RangeRequest.newBuilder()
                .setKey(first(bytes))
                .setRangeEnd(Ranges.prefixEnd(bytes))
                .setLimit(1)
                .build();
        var answer =
                session.call(KVGrpc.getRangeMethod(), request, Repeat.ALWAYS, Duration.ofSeconds(SECONDS), Exit.ERROR);
        if (answer.getKvsCount() > 0) {
            throw new Failure(
                    Exit.INVALID_INPUT,
                    "prefix " + GoText.quoted(prefix) + " has keys. Delete with etcdctl del --prefix " + prefix + " "
                            + lastWord);
        }
        return bytes;
    }

    private static ByteString first(ByteString prefix) {
        return prefix.isEmpty() ? Ranges.NO_END : prefix;
    }

    private static Writers writers(
            Session session, Load load, ByteString prefix, int keyBytes, int valueBytes, Samples samples)
            throws Failure, IOException {
        var connections = new ArrayList<Rpc>();
        for (int i = 0; i < Math.min(CONNECTIONS, load.clients()); i++) {
            connections.add(session.connect(session.target()));
        }
        var value = ByteString.copyFrom(new byte[valueBytes]);
        var turn = new AtomicInteger();
        return new Writers(load.clients(), prefix, keyBytes, samples, key -> {
            var put = PutRequest.newBuilder().setKey(key).setValue(value).build();
            var _ = connections
                    .get(Math.floorMod(turn.getAndIncrement(), connections.size()))
                    .call(KVGrpc.getPutMethod(), put, Repeat.IF_NOT_SENT, null);
        });
    }

    /// Deletes what was written, and what it left behind if that was asked for.
    private static void tidy(Session session, ByteString prefix) throws Failure, IOException {
        var delete = DeleteRangeRequest.newBuilder()
                .setKey(first(prefix))
                .setRangeEnd(Ranges.prefixEnd(prefix))
                .build();
        var deleted = session.call(KVGrpc.getDeleteRangeMethod(), delete, Repeat.IF_NOT_SENT, TIDY_LIMIT, Exit.ERROR);
        if (session.flags().is("auto-compact")) {
            compact(session, deleted.getHeader().getRevision());
        }
        if (session.flags().is("auto-defrag")) {
            for (var endpoint : session.target().endpoints()) {
                defragment(session, endpoint);
            }
        }
    }

    private static void compact(Session session, long revision) throws Failure, IOException {
        session.say("Compacting with revision " + revision);
        var request = CompactionRequest.newBuilder()
                .setRevision(revision)
                .setPhysical(true)
                .build();
        var _ = session.call(KVGrpc.getCompactMethod(), request, Repeat.IF_NOT_SENT, TIDY_LIMIT, Exit.ERROR);
        session.say("Compacted with revision " + revision);
    }

    private static void defragment(Session session, String endpoint) throws Failure, IOException {
        session.say("Defragmenting " + GoText.quoted(endpoint));
        try {
            var _ = session.rpc()
                    .callAt(
                            endpoint,
                            MaintenanceGrpc.getDefragmentMethod(),
                            DefragmentRequest.getDefaultInstance(),
                            TIDY_LIMIT);
        } catch (RpcException e) {
            throw new Failure(Exit.ERROR, e.getMessage());
        }
        session.say("Defragmented " + GoText.quoted(endpoint));
    }
}
