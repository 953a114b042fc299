package dev.cetera.client.concurrency;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cetera.client.Client;
import dev.cetera.client.ClientException;
import dev.cetera.client.EtcdException;
import dev.cetera.client.KeepAlive;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The leases of one session's places, each of which has one to itself.
///
/// They are what makes a request void that nobody waits for any more: a member that stood still may carry it
/// out at any time, however long ago its place was left, unless the lease that it names is gone. So a lease
/// that may still be named by a request under way is revoked; all others serve again, which costs nothing.
/// Guarded by its lock.
final class PlaceLeases {
    /// More are not kept for later.
    private static final int MAX_IDLE = 8;

    private static final Duration REQUEST = Duration.ofSeconds(10);
    private static final long PAUSE_MILLIS = 500;

    private final Client client;
    private final Duration ttl;
    private final Consumer<EtcdException> onLost;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final ArrayDeque<KeepAlive> idle = new ArrayDeque<>();

    @GuardedBy("lock")
    private final Set<KeepAlive> taken = new HashSet<>();

    @GuardedBy("lock")
    private boolean closed;

    /// @param onLost hears of a lease that is lost while a place has it
    PlaceLeases(Client client, Duration ttl, Consumer<EtcdException> onLost) {
        this.client = client;
        this.ttl = ttl;
        this.onLost = onLost;
    }

    /// One that served before, if there is one, or a new one.
    ///
    /// @param limit for the request for a new one
    KeepAlive take(Duration limit) {
        var known = idleOne();
        return known != null ? known : fresh(limit);
    }

    private @Nullable KeepAlive idleOne() {
        lock.lock();
        try {
            while (!closed && !idle.isEmpty()) {
                var lease = idle.pop();
                if (lease.isAlive()) {
                    taken.add(lease);
                    return lease;
                }
                lease.close();
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /// A new one.
    KeepAlive fresh(Duration limit) {
        var lease = client.lease().within(limit).hold(ttl, why -> {});
        boolean late;
        lock.lock();
        try {
            late = closed;
            if (!late) {
                taken.add(lease);
            }
        } finally {
            lock.unlock();
        }
        if (late) {
            var unused = end(lease);
            throw new ClientException(ClientException.Reason.LOCK_LOST);
        }
        var unused = lease.lost().thenAccept(why -> {
            if (isTaken(lease)) {
                onLost.accept(why);
            }
        });
        return lease;
    }

    private boolean isTaken(KeepAlive lease) {
        lock.lock();
        try {
            return taken.contains(lease);
        } finally {
            lock.unlock();
        }
    }

    /// Whether all that places have may be relied upon.
    boolean areAlive() {
        lock.lock();
        try {
            return taken.stream().allMatch(KeepAlive::isAlive);
        } finally {
            lock.unlock();
        }
    }

    /// For the next place: no key is on it, and no request that names it is under way.
    void giveBack(KeepAlive lease) {
        boolean kept;
        lock.lock();
        try {
            kept = taken.remove(lease) && !closed && idle.size() < MAX_IDLE;
            if (kept) {
                idle.push(lease);
            }
        } finally {
            lock.unlock();
        }
        if (!kept) {
            var unused = end(lease);
        }
    }

    /// Revokes it, and with it the key on it and whatever may still come to be on it. Goes on in the
    /// background until that is done or refused, the lease's time is over, or the client is closed; done in
    /// any of these cases.
    CompletableFuture<?> end(KeepAlive lease) {
        lock.lock();
        try {
            taken.remove(lease);
            idle.remove(lease);
        } finally {
            lock.unlock();
        }
        lease.close();
        var done = new CompletableFuture<@Nullable Void>();
        revoke(lease.leaseId(), System.nanoTime() + ttl.toNanos(), done);
        return done;
    }

    private void revoke(long id, long untilNanos, CompletableFuture<@Nullable Void> done) {
        var unused = client.lease().within(REQUEST).async().revoke(id).whenComplete((answer, failure) -> {
            boolean again =
                    failure instanceof EtcdException why && Patience.mayPass(why) && System.nanoTime() - untilNanos < 0;
            if (again) {
                CompletableFuture.delayedExecutor(PAUSE_MILLIS, TimeUnit.MILLISECONDS)
                        .execute(() -> revoke(id, untilNanos, done));
            } else {
                done.complete(null);
            }
        });
    }

    /// No more renewals of any, and none to be had any more.
    void release() {
        for (var lease : closeAll()) {
            lease.close();
        }
    }

    /// Revokes all.
    CompletableFuture<?> close() {
        return CompletableFuture.allOf(closeAll().stream().map(this::end).toArray(CompletableFuture<?>[]::new));
    }

    private List<KeepAlive> closeAll() {
        lock.lock();
        try {
            closed = true;
            var all = new ArrayList<>(idle);
            all.addAll(taken);
            return all;
        } finally {
            lock.unlock();
        }
    }
}
