package dev.cetera.metrics;

import java.util.concurrent.atomic.LongAdder;

/// A number that only grows. Shared: any thread adds, without contention.
public final class Counter {
    private final LongAdder count = new LongAdder();

    public void increment() {
        count.increment();
    }

    public void add(long more) {
        count.add(more);
    }

    public long value() {
        return count.sum();
    }
}
