package dev.cetera.node;

import java.util.concurrent.atomic.AtomicLong;

/// Keeps an attempt from being repeated while it may still succeed.
///
/// Shared: one atomic.
final class Attempt {
    private static final long NONE = Long.MIN_VALUE;

    private final AtomicLong until = new AtomicLong(NONE);

    /// True for one caller at a time: until [#end], or until the time of the one before is over.
    boolean begin(long nowNanos, long lastsNanos) {
        long current = until.get();
        boolean free = current == NONE || nowNanos - current >= 0;
        return free && until.compareAndSet(current, nowNanos + lastsNanos);
    }

    void end() {
        until.set(NONE);
    }
}
