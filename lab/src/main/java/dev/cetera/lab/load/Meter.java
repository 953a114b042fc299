package dev.cetera.lab.load;

import io.grpc.Status;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/// What the clients of one load share: leave to ask, and where answers are counted.
///
/// Shared: clients call from the transport's threads, the trial from its own.
final class Meter {
    /// Latencies are kept to three digits, up to ten minutes.
    static final long MAX_NANOS = TimeUnit.MINUTES.toNanos(10);

    /// A client whose request failed waits this long, so that a dead server is not answered by a busy loop.
    private static final long AFTER_ERROR_MILLIS = 20;

    private final Recorder recorder = new Recorder(MAX_NANOS, 3);
    private final ConcurrentHashMap<String, LongAdder> errors = new ConcurrentHashMap<>();
    private final AtomicLong left;
    private final ScheduledExecutorService later;
    private volatile boolean stopped;

    /// @param total how many requests may be made, [Long#MAX_VALUE] for no limit
    Meter(long total, ScheduledExecutorService later) {
        this.left = new AtomicLong(total);
        this.later = later;
    }

    /// True when the caller may make one more request.
    boolean admit() {
        return !stopped && left.getAndDecrement() > 0;
    }

    boolean stopped() {
        return stopped;
    }

    void stop() {
        stopped = true;
    }

    void answered(long latencyNanos) {
        recorder.recordValue(Math.clamp(latencyNanos, 0, MAX_NANOS));
    }

    /// Counted only while the load runs: what fails because the run ends is no failure.
    void failed(String what) {
        if (!stopped) {
            lost(what);
        }
    }

    /// Counted at any time.
    void lost(String what) {
        errors.computeIfAbsent(what, _ -> new LongAdder()).increment();
    }

    void failed(Status status) {
        failed(status.getCode() + (status.getDescription() == null ? "" : ": " + status.getDescription()));
    }

    void afterError(Runnable next) {
        var _ = later.schedule(next, AFTER_ERROR_MILLIS, TimeUnit.MILLISECONDS);
    }

    /// Runs `next` when [System#nanoTime] has reached `nanos`.
    void at(long nanos, Runnable next) {
        var _ = later.schedule(next, nanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    /// What was recorded since the last call.
    Histogram interval() {
        return recorder.getIntervalHistogram();
    }

    Map<String, Long> errors() {
        var sum = new TreeMap<String, Long>();
        errors.forEach((what, count) -> sum.put(what, count.sum()));
        return sum;
    }

    void forget() {
        recorder.reset();
        errors.clear();
    }
}
