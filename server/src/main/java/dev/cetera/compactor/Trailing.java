package dev.cetera.compactor;

import java.util.concurrent.TimeUnit;

/// Keeps a number of revisions: every five minutes all before them are forgotten.
final class Trailing implements Compactor {
    private static final long INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(5);

    private final long kept;
    private long nextNanos;
    private volatile long asked;
    private volatile long done;
    private volatile boolean underWay;

    Trailing(long kept, long nowNanos) {
        this.kept = kept;
        this.nextNanos = nowNanos + INTERVAL_NANOS;
    }

    @Override
    public long due(long nowNanos, long revision, Role role) {
        if (underWay || nowNanos - nextNanos < 0) {
            return 0;
        }
        nextNanos = nowNanos + INTERVAL_NANOS;
        long target = revision - kept;
        if (role == Role.PASSIVE || target <= 0 || target == done) {
            return 0;
        }
        asked = target;
        underWay = true;
        return target;
    }

    @Override
    public void succeeded() {
        done = asked;
        underWay = false;
    }

    @Override
    public void failed() {
        underWay = false;
    }

    @Override
    public String retention() {
        return kept + " revisions";
    }

    @Override
    public long retryNanos() {
        return INTERVAL_NANOS;
    }
}
