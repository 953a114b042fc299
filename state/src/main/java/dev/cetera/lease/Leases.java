package dev.cetera.lease;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.cetera.api.Refusal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// All leases of a member, and which key hangs on which.
///
/// Guarded by its own lock, so any thread may call any method; but what is replicated ([#grant], [#forget],
/// [#attach], [#detach], [#restore]) is changed by the applier thread alone, in log order. Keep-alives,
/// listings and the expiry check come from other threads. No method holds the lock longer than O(log n),
/// except [#promote], [#demote], [#restore] and the copying part of [#list].
///
/// Time is an argument: `nowNanos` is any monotonic clock, always the same one.
///
/// Invariants: a key has at most one lease, and that lease lists it; while primary every lease has a deadline
/// and is queued, else none is.
public final class Leases {
    /// "No lease", in a put and as a key's attachment.
    public static final long NONE = 0;

    /// etcd's limit; more would overflow a countdown in nanoseconds.
    public static final long MAX_TTL_SECONDS = 9_000_000_000L;

    /// Most leases that one expiry check hands out: half of what a second may revoke, for a check every half
    /// second.
    public static final int EXPIRED_PER_CHECK = 500;

    /// Leases that a new leader lets end within one second: three quarters of what it revokes, so that those
    /// which end anyhow are not held up behind a pile.
    static final int ENDING_PER_SECOND = 750;

    /// With fewer leases than are revoked in a second there is no pile to avoid.
    static final int SPREAD_FROM = 1000;

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final long minTtlSeconds;

    @GuardedBy("this")
    private final HashMap<Long, Lease> leases = new HashMap<>();

    @GuardedBy("this")
    private final HashMap<Key, Lease> attachments = new HashMap<>();

    @GuardedBy("this")
    private final Deadlines deadlines = new Deadlines();

    @GuardedBy("this")
    private boolean primary;

    /// No leases yet, and not primary.
    ///
    /// @param minTtlSeconds shorter leases are granted as this long; see [#minTtlSeconds]
    public Leases(long minTtlSeconds) {
        this.minTtlSeconds = minTtlSeconds;
    }

    /// The shortest lease that survives a change of leader: one and a half election timeouts, in whole ticks
    /// rounded down, then in whole seconds rounded up.
    public static long minTtlSeconds(int electionTicks, long tickMillis) {
        return Math.ceilDiv(3L * electionTicks / 2 * tickMillis, 1_000L);
    }

    // ---- replicated ----

    /// Makes a lease, or says why not.
    ///
    /// @param id chosen by the client or, before proposing, by the proposer; any value but 0
    /// @param ttlSeconds asked for; anything below the minimum, negative too, becomes the minimum
    public synchronized Grant grant(long id, long ttlSeconds, long nowNanos) {
        if (id == NONE) {
            return new Grant.Refused(Refusal.LEASE_NOT_FOUND);
        }
        if (ttlSeconds > MAX_TTL_SECONDS) {
            return new Grant.Refused(Refusal.LEASE_TTL_TOO_LARGE);
        }
        if (leases.containsKey(id)) {
            return new Grant.Refused(Refusal.LEASE_EXISTS);
        }
        var lease = new Lease(id, Math.max(ttlSeconds, minTtlSeconds));
        leases.put(id, lease);
        if (primary) {
            deadlines.schedule(lease, deadline(lease, nowNanos, 0));
        }
        return new Grant.Granted(id, lease.ttlSeconds, LeaseRow.of(id, lease.ttlSeconds));
    }

    /// First half of a revocation: the keys to delete, sorted, so that every member deletes them in the same
    /// order; null if there is no such lease. Changes nothing: once the keys and the row are deleted,
    /// [#forget] it.
    public synchronized @Nullable List<byte[]> revoke(long id) {
        var lease = leases.get(id);
        return lease == null ? null : lease.keys();
    }

    /// What hangs on a lease, sorted; nothing for a lease that there is not.
    public List<byte[]> keys(long id) {
        var keys = revoke(id);
        return keys == null ? List.of() : keys;
    }

    /// Second half of a revocation: the lease is gone, with whatever is still attached. Returns the key of its
    /// row, to be deleted from bucket `lease`.
    public synchronized byte[] forget(long id) {
        var lease = leases.remove(id);
        if (lease != null) {
            deadlines.remove(lease);
            lease.keys().forEach(key -> attachments.remove(new Key(key)));
        }
        return LeaseRow.key(id);
    }

    public synchronized boolean exists(long id) {
        return leases.containsKey(id);
    }

    public synchronized int size() {
        return leases.size();
    }

    /// Hangs a key on a lease, taking it off another. False, and nothing changed, if there is no such lease.
    public synchronized boolean attach(long id, byte[] key) {
        var lease = leases.get(id);
        if (lease == null) {
            return false;
        }
        var wrapped = new Key(key);
        var before = attachments.put(wrapped, lease);
        if (before != null && before != lease) {
            before.detach(wrapped);
        }
        lease.attach(wrapped);
        return true;
    }

    /// Takes a key off its lease, if it has one.
    public synchronized void detach(byte[] key) {
        var wrapped = new Key(key);
        var lease = attachments.remove(wrapped);
        if (lease != null) {
            lease.detach(wrapped);
        }
    }

    /// The lease of a key, [#NONE] if it has none.
    public synchronized long leaseOf(byte[] key) {
        var lease = attachments.get(new Key(key));
        return lease == null ? NONE : lease.id;
    }

    /// Replaces everything by what bucket `lease` holds, as [#restore(Collection, Map)], without keys.
    public void restore(Collection<LeaseRow> rows) throws InvalidProtocolBufferException {
        restore(rows, Map.of());
    }

    /// Replaces everything, in one step for whoever asks, by what bucket `lease` holds. Leaves the member
    /// demoted: only the leader counts down, and it has just lost or not yet gained that rank.
    ///
    /// @param attached keys by lease; those of a lease that is gone stay without one, as in etcd
    /// @throws InvalidProtocolBufferException if a row is damaged; nothing is changed then
    public void restore(Collection<LeaseRow> rows, Map<Long, List<byte[]>> attached)
            throws InvalidProtocolBufferException {
        var restored = new ArrayList<Lease>(rows.size());
        for (var row : rows) {
            var stored = row.decode();
            restored.add(new Lease(stored.getID(), Math.max(stored.getTTL(), minTtlSeconds)));
        }
        synchronized (this) {
            primary = false;
            deadlines.clear();
            attachments.clear();
            leases.clear();
            restored.forEach(lease -> leases.put(lease.id, lease));
            attached.forEach((lease, keys) -> {
                for (var key : keys) {
                    boolean _ = attach(lease, key);
                }
            });
        }
    }

    // ---- the countdown: the primary's alone ----

    /// Starts every lease afresh: its full time, plus the extension that makes up for keep-alives lost between
    /// two leaders. Many leases at once are spread out, none of them earlier than that.
    public synchronized void promote(long nowNanos, long extendNanos) {
        primary = true;
        var all = new ArrayList<>(leases.values());
        for (var lease : all) {
            lease.deadlineNanos = deadline(lease, nowNanos, extendNanos);
        }
        all.sort(Deadlines.EARLIEST_FIRST);
        if (all.size() >= SPREAD_FROM) {
            spread(all);
        }
        deadlines.replaceAll(all);
    }

    /// Each lease ends at least a second after the one that is [#ENDING_PER_SECOND] places before it; hence no
    /// second, wherever it begins, has more ends than that. Order is kept.
    private static void spread(List<Lease> sorted) {
        for (int i = ENDING_PER_SECOND; i < sorted.size(); i++) {
            var lease = sorted.get(i);
            var earliest = plus(sorted.get(i - ENDING_PER_SECOND).deadlineNanos, NANOS_PER_SECOND);
            lease.deadlineNanos = Math.max(lease.deadlineNanos, earliest);
        }
    }

    /// No lease ends by this member's doing any more.
    public synchronized void demote() {
        primary = false;
        deadlines.clear();
        leases.values().forEach(lease -> lease.deadlineNanos = Lease.FOREVER);
    }

    public synchronized boolean isPrimary() {
        return primary;
    }

    public synchronized Renewal renew(long id, long nowNanos) {
        if (!primary) {
            return new Renewal.NotPrimary();
        }
        var lease = leases.get(id);
        if (lease == null) {
            return new Renewal.NotFound();
        }
        if (lease.expired(nowNanos)) {
            return new Renewal.Expired();
        }
        deadlines.schedule(lease, deadline(lease, nowNanos, 0));
        return new Renewal.Renewed(lease.ttlSeconds);
    }

    /// Leases whose revocation is to be proposed, earliest end first; they are named again until they are
    /// revoked. Empty when not primary.
    ///
    /// @param limit at most this many; [#EXPIRED_PER_CHECK] as etcd does it
    public synchronized List<Long> expiredAt(long nowNanos, int limit) {
        return deadlines.expired(nowNanos, limit).stream()
                .map(lease -> lease.id)
                .toList();
    }

    // ---- questions ----

    public synchronized TimeToLive timeToLive(long id, long nowNanos) {
        var lease = leases.get(id);
        return lease == null ? TimeToLive.missing(id) : timeToLive(lease, nowNanos, List.of());
    }

    public synchronized TimeToLive timeToLiveWithKeys(long id, long nowNanos) {
        var lease = leases.get(id);
        return lease == null ? TimeToLive.missing(id) : timeToLive(lease, nowNanos, lease.keys());
    }

    private static TimeToLive timeToLive(Lease lease, long nowNanos, List<byte[]> keys) {
        var remaining = lease.deadlineNanos == Lease.FOREVER
                ? TimeToLive.FOREVER_SECONDS
                : (lease.deadlineNanos - nowNanos) / NANOS_PER_SECOND;
        return new TimeToLive(lease.id, remaining, lease.ttlSeconds, keys);
    }

    /// All ids: the next to end first, and by id among equals (so by id alone when not primary).
    public List<Long> list() {
        record Listed(long deadlineNanos, long id) {}
        var listed = new ArrayList<Listed>();
        synchronized (this) {
            listed.ensureCapacity(leases.size());
            leases.values().forEach(lease -> listed.add(new Listed(lease.deadlineNanos, lease.id)));
        }
        listed.sort(Comparator.comparingLong(Listed::deadlineNanos).thenComparingLong(Listed::id));
        return listed.stream().map(Listed::id).toList();
    }

    private static long deadline(Lease lease, long nowNanos, long extendNanos) {
        return plus(plus(nowNanos, lease.ttlSeconds * NANOS_PER_SECOND), extendNanos);
    }

    /// Later by a non-negative span, at most the last moment before for ever.
    private static long plus(long nanos, long span) {
        var sum = nanos + span;
        return sum < nanos || sum == Lease.FOREVER ? Lease.FOREVER - 1 : sum;
    }
}
