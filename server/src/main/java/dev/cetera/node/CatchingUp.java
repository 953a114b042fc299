package dev.cetera.node;

import dev.cetera.api.Refusal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/// Waits until this member has applied what was committed when somebody asked.
///
/// Guarded by its own lock; answers are given outside of it.
final class CatchingUp {
    /// As long as etcd lets another member wait.
    private static final long TIMEOUT_NANOS = 1_000_000_000;

    private static final int MAX_WAITING = 65_536;

    private record Waiting(long index, long deadlineNanos, Answer<Long> answer) {}

    // ---- guarded by this ----
    private final PriorityQueue<Waiting> waiting = new PriorityQueue<>(Comparator.comparingLong(Waiting::index));
    private long applied;
    private boolean stopping;

    /// @param answer the applied index; refused with `TIMED_OUT` after a second
    void await(long index, long nowNanos, Answer<Long> answer) {
        long reached;
        Refusal refusal;
        synchronized (this) {
            reached = applied;
            refusal = stopping ? Refusal.STOPPED : waiting.size() >= MAX_WAITING ? Refusal.TOO_MANY_REQUESTS : null;
            if (reached < index && refusal == null) {
                waiting.add(new Waiting(index, nowNanos + TIMEOUT_NANOS, answer));
                return;
            }
        }
        if (refusal != null) {
            answer.refused(refusal);
        } else {
            answer.done(reached);
        }
    }

    void applied(long index) {
        List<Waiting> free = List.of();
        synchronized (this) {
            applied = index;
            var first = waiting.peek();
            if (first != null && first.index() <= index) {
                free = new ArrayList<>();
                for (var next = first; next != null && next.index() <= index; next = waiting.peek()) {
                    free.add(waiting.remove());
                }
            }
        }
        free.forEach(one -> one.answer().done(index));
    }

    void expire(long nowNanos) {
        var late = new ArrayList<Waiting>();
        synchronized (this) {
            waiting.removeIf(one -> nowNanos - one.deadlineNanos() >= 0 && late.add(one));
        }
        late.forEach(one -> one.answer().refused(Refusal.TIMED_OUT));
    }

    /// Refuses all, and all that come later.
    void close() {
        List<Waiting> rest;
        synchronized (this) {
            stopping = true;
            rest = List.copyOf(waiting);
            waiting.clear();
        }
        rest.forEach(one -> one.answer().refused(Refusal.STOPPED));
    }
}
