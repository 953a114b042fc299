package dev.cetera.lab.sim;

import java.util.Comparator;
import java.util.PriorityQueue;

/// True time, and what is to happen in it. Events of one moment happen in the order in which they were asked
/// for, so a run is the same each time. Confined.
final class Timeline {
    static final long MICROSECOND = 1_000;
    static final long MILLISECOND = 1_000_000;
    static final long SECOND = 1_000_000_000;

    /// Something that happens, and may fail the simulation.
    @FunctionalInterface
    interface Happening {
        void happen() throws Exception;
    }

    private record Event(long nanos, long order, Happening what) {}

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::nanos).thenComparingLong(Event::order));
    private long now;
    private long count;

    /// Nanoseconds since the simulation began.
    long now() {
        return now;
    }

    void in(long delayNanos, Happening what) {
        at(now + delayNanos, what);
    }

    /// A moment that has passed already means at once.
    void at(long nanos, Happening what) {
        events.add(new Event(Math.max(now, nanos), count++, what));
    }

    /// Lets time pass up to `nanos`.
    void runUntil(long nanos) throws Exception {
        for (var next = events.peek(); next != null && next.nanos() <= nanos; next = events.peek()) {
            step();
        }
        now = nanos;
    }

    /// Lets the next event happen. There always is one while any member lives.
    void step() throws Exception {
        var next = events.remove();
        now = next.nanos();
        next.what().happen();
    }
}
