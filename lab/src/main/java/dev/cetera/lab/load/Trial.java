package dev.cetera.lab.load;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/// One workload on one server: warm up, measure, let what is in flight come back.
final class Trial {
    /// A server to try.
    ///
    /// @param pids its processes, where they are on this machine and known
    record Target(String name, List<String> endpoints, List<Long> pids) {
        Target {
            endpoints = List.copyOf(endpoints);
            pids = List.copyOf(pids);
        }
    }

    /// As many puts as etcd takes in one transaction by default, less some.
    private static final int PUTS_PER_TXN = 100;

    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Settings settings;
    private final Progress progress;

    Trial(Settings settings, Progress progress) {
        this.settings = settings;
        this.progress = progress;
    }

    /// Writes every key of the key space, so that reads find something.
    void fill(Target target) {
        try (var connections = new Connections(target.endpoints(), 1)) {
            var kv = KVGrpc.newBlockingStub(connections.channel(0));
            ByteString value = Workload.value(settings);
            for (int key = 0; key < settings.keys(); ) {
                var txn = TxnRequest.newBuilder();
                for (int i = 0; i < PUTS_PER_TXN && key < settings.keys(); i++, key++) {
                    txn.addSuccess(RequestOp.newBuilder()
                            .setRequestPut(PutRequest.newBuilder()
                                    .setKey(ByteString.copyFrom(Template.key(key, settings.keySize())))
                                    .setValue(value)));
                }
                if (!kv.txn(txn.build()).getSucceeded()) {
                    throw new IllegalStateException(target.name() + ": a transaction without conditions failed");
                }
            }
        }
    }

    /// @param warmUp under load, before it counts
    Result run(Target target, Row row, Duration warmUp) throws IOException, InterruptedException {
        try (var later = Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().name("later").daemon().factory());
                var connections =
                        new Connections(target.endpoints(), row.settings().connections())) {
            var meter = new Meter(settings.total() == 0 ? Long.MAX_VALUE : settings.total(), later);
            try (Load load = row.workload().open(row.settings(), connections, meter)) {
                return measure(target, row, warmUp, meter, load);
            } finally {
                meter.stop();
                later.shutdownNow();
            }
        }
    }

    private Result measure(Target target, Row row, Duration warmUp, Meter meter, Load load)
            throws IOException, InterruptedException {
        boolean byTime = settings.total() == 0;
        progress.begin(target.name() + " " + row.title());
        long length = byTime ? settings.duration().toNanos() : Long.MAX_VALUE;
        if (byTime) {
            load.start();
            watch(meter, load, warmUp.toNanos(), new Histogram(3));
            meter.forget();
        }
        for (long pid : target.pids()) {
            ProcessFigures.forgetPeak(pid);
        }
        long serverCpu = cpuNanos(target);
        long clientCpu = ProcessFigures.of(ProcessHandle.current().pid()).cpuNanos();
        if (!byTime) {
            load.start();
        }
        var latency = new Histogram(3);
        long nanos = watch(meter, load, length, latency);
        clientCpu = ProcessFigures.of(ProcessHandle.current().pid()).cpuNanos() - clientCpu;
        serverCpu = cpuNanos(target) - serverCpu;
        meter.stop();
        awaitIdle(load, meter, Load.DRAIN);
        progress.end();
        ProcessFigures server =
                target.pids().isEmpty() ? new ProcessFigures(-1, -1, -1) : ProcessFigures.ofAll(target.pids());
        return new Result(
                target.name(),
                row.title(),
                nanos,
                latency,
                meter.errors(),
                target.pids().isEmpty() ? -1 : serverCpu,
                clientCpu,
                server.residentBytes(),
                server.peakBytes());
    }

    /// Gathers latencies into `sum` for `nanos`, or until the load is used up; returns how long that was.
    private long watch(Meter meter, Load load, long nanos, Histogram sum) throws InterruptedException {
        long start = System.nanoTime();
        long now = start;
        boolean idle = false;
        while (!idle && now - start < nanos) {
            TimeUnit.NANOSECONDS.sleep(Math.min(TICK_NANOS, nanos - (now - start)));
            idle = load.idle();
            now = System.nanoTime();
            Histogram interval = meter.interval();
            sum.add(interval);
            progress.tick(interval, meter.errors().size());
        }
        return now - start;
    }

    /// Events or answers that never come are errors of the server.
    private static void awaitIdle(Load load, Meter meter, Duration deadline) throws InterruptedException {
        long end = System.nanoTime() + deadline.toNanos();
        while (!load.idle()) {
            if (System.nanoTime() - end > 0) {
                meter.lost("clients still without an answer " + deadline.toSeconds() + " s after the end");
                return;
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    private static long cpuNanos(Target target) throws IOException {
        return ProcessFigures.ofAll(target.pids()).cpuNanos();
    }
}
