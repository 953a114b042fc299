package dev.cetera.node;

/// A periodic task whose runs don't pile up: an executor makes up for those that a pause of the process kept
/// it from, all at once, and this lets only the first of them through. Confined to the clock.
final class Beat implements Runnable {
    private final Runnable task;
    private final Time time;
    private final long leastNanos;
    private long lastNanos;

    /// @param periodMillis between two runs; those that come within half of it are dropped
    Beat(Runnable task, Time time, long periodMillis) {
        this.task = task;
        this.time = time;
        this.leastNanos = periodMillis * 1_000_000 / 2;
        this.lastNanos = time.nanos() - leastNanos;
    }

    @Override
    public void run() {
        long now = time.nanos();
        if (now - lastNanos >= leastNanos) {
            lastNanos = now;
            task.run();
        }
    }
}
