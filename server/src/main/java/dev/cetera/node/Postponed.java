package dev.cetera.node;

import java.util.ArrayDeque;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Proposals that came while nobody could take them: without a leader, or while leadership moves. They wait
/// for one, in order, as long as their clients do. What waits here is bounded where it came from: [Proposals]
/// for this member's own, [Arrivals] for those of others.
///
/// Confined to the "raft" loop.
///
/// @param <T> a proposal
final class Postponed<T> {
    private record Waiting<T>(T proposal, long deadlineNanos) {}

    private final ArrayDeque<Waiting<T>> waiting = new ArrayDeque<>();
    private final Consumer<T> expired;

    /// @param expired told of a proposal whose time is over, and which will never be proposed
    Postponed(Consumer<T> expired) {
        this.expired = expired;
    }

    void add(T proposal, long deadlineNanos) {
        waiting.add(new Waiting<>(proposal, deadlineNanos));
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /// Passes on what has waited, as long as it is taken.
    void passOn(long nowNanos, BooleanSupplier taken, Consumer<T> to) {
        while (!waiting.isEmpty() && taken.getAsBoolean()) {
            var first = waiting.remove();
            if (nowNanos - first.deadlineNanos() < 0) {
                to.accept(first.proposal());
            } else {
                expired.accept(first.proposal());
            }
        }
    }

    /// Drops those whose time is over.
    void expire(long nowNanos) {
        while (!waiting.isEmpty() && nowNanos - waiting.element().deadlineNanos() >= 0) {
            expired.accept(waiting.remove().proposal());
        }
    }
}
