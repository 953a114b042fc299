package dev.cetera.compactor;

import dev.cetera.config.GoDuration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/// Keeps the history of a span of time. The current revision is noted ten times a period, or ten times an hour
/// where the period is longer; a compaction goes to the oldest revision noted, which is about one period old.
/// The first one comes after a period, the others after each period or hour.
final class Periodic implements Compactor {
    private static final long HOUR_NANOS = TimeUnit.HOURS.toNanos(1);
    private static final int SAMPLES = 10;

    private final long periodNanos;
    private final long intervalNanos;
    private final long sampleNanos;
    private final int most;
    private final Deque<Long> noted = new ArrayDeque<>();

    private long nextSampleNanos;
    private boolean first = true;
    private volatile long askedNanos;
    private volatile long lastNanos;
    private volatile boolean underWay;

    Periodic(long periodNanos, long nowNanos) {
        this.periodNanos = periodNanos;
        this.intervalNanos = Math.min(periodNanos, HOUR_NANOS);
        this.sampleNanos = Math.max(1, intervalNanos / SAMPLES);
        this.most = (int) Math.min(Integer.MAX_VALUE, periodNanos / sampleNanos + 1);
        this.nextSampleNanos = nowNanos;
        this.lastNanos = nowNanos;
    }

    @Override
    public long due(long nowNanos, long revision, Role role) {
        if (underWay || nowNanos - nextSampleNanos < 0) {
            return 0;
        }
        // What was noted at the last samples is looked at before this one: the oldest is one period old now.
        long oldest = noted.isEmpty() ? 0 : noted.getFirst();
        boolean due = nowNanos - lastNanos >= (first ? periodNanos : intervalNanos);
        noted.addLast(revision);
        if (noted.size() > most) {
            noted.removeFirst();
        }
        nextSampleNanos += sampleNanos;
        if (nowNanos - nextSampleNanos >= 0) {
            nextSampleNanos = nowNanos + sampleNanos; // time that passed unnoticed is not made up for
        }
        if (role == Role.PASSIVE || !due || oldest == 0) {
            return 0;
        }
        first = false;
        askedNanos = nowNanos;
        underWay = true;
        return oldest;
    }

    @Override
    public void succeeded() {
        lastNanos = askedNanos;
        underWay = false;
    }

    @Override
    public void failed() {
        underWay = false;
    }

    @Override
    public String retention() {
        return GoDuration.text(periodNanos);
    }

    @Override
    public long retryNanos() {
        return sampleNanos;
    }
}
