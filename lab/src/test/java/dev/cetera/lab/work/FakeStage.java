package dev.cetera.lab.work;

import java.util.Comparator;
import java.util.PriorityQueue;

/// Time that passes when a test says so.
final class FakeStage implements Stage {
    static final long MILLISECOND = 1_000_000;
    static final long SECOND = 1_000_000_000;

    private record Event(long nanos, long order, Runnable what) {}

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::nanos).thenComparingLong(Event::order));
    private long now;
    private long count;

    @Override
    public long now() {
        return now;
    }

    @Override
    public void in(long delayNanos, Runnable what) {
        events.add(new Event(now + delayNanos, count++, what));
    }

    void pass(long nanos) {
        long until = now + nanos;
        for (var next = events.peek(); next != null && next.nanos() <= until; next = events.peek()) {
            events.remove();
            now = next.nanos();
            next.what().run();
        }
        now = until;
    }
}
