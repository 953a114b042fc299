package dev.cetera.watch;

import java.util.concurrent.atomic.LongAdder;

/// What watching has to tell its metrics. Shared: the hub's thread counts, any thread reads.
public final class WatchCounters {
    final LongAdder streams = new LongAdder();
    final LongAdder watchers = new LongAdder();
    final LongAdder slowWatchers = new LongAdder();
    final LongAdder events = new LongAdder();

    /// Open streams.
    public long streams() {
        return streams.sum();
    }

    /// Watchers of all streams.
    public long watchers() {
        return watchers.sum();
    }

    /// Watchers that are behind.
    public long slowWatchers() {
        return slowWatchers.sum();
    }

    /// Events handed to streams since the start.
    public long events() {
        return events.sum();
    }
}
