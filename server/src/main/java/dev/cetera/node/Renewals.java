package dev.cetera.node;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Keep-alives that came too late: the lease has ended and its revocation is on its way. They are answered
/// when that is through, so that nobody hears "gone" while the keys can still be seen.
///
/// Guarded by its own lock; continuations run outside of it.
final class Renewals {
    private record Waiting(Runnable again, long deadlineNanos) {}

    private final Map<Long, List<Waiting>> byLease = new HashMap<>();

    /// @param again asks for the renewal once more; also run when the time is over
    synchronized void await(long lease, Runnable again, long deadlineNanos) {
        byLease.computeIfAbsent(lease, _ -> new ArrayList<>()).add(new Waiting(again, deadlineNanos));
    }

    void revoked(long lease) {
        List<Waiting> free;
        synchronized (this) {
            free = byLease.remove(lease);
        }
        if (free != null) {
            free.forEach(one -> one.again().run());
        }
    }

    void expire(long nowNanos) {
        var late = new ArrayList<Waiting>();
        synchronized (this) {
            for (var waiting : byLease.values()) {
                waiting.removeIf(one -> nowNanos - one.deadlineNanos() >= 0 && late.add(one));
            }
            byLease.values().removeIf(List::isEmpty);
        }
        late.forEach(one -> one.again().run());
    }

    /// Lets all go on: this member no longer counts down, or stops.
    void releaseAll() {
        List<Long> leases;
        synchronized (this) {
            leases = List.copyOf(byLease.keySet());
        }
        leases.forEach(this::revoked);
    }
}
