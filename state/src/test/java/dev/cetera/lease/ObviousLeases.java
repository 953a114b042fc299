package dev.cetera.lease;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What [Leases] does, in the slowest and plainest way.
final class ObviousLeases {
    private static final long SECOND = 1_000_000_000L;

    private final long minTtl;
    private final Map<Long, Long> ttls = new TreeMap<>();
    private final Map<Long, Long> ends = new TreeMap<>();
    private final Map<Key, Long> leaseOf = new TreeMap<>();
    private boolean primary;

    ObviousLeases(long minTtl) {
        this.minTtl = minTtl;
    }

    private long ttl(long id) {
        return ttls.getOrDefault(id, 0L);
    }

    private long end(long id) {
        return ends.getOrDefault(id, Long.MAX_VALUE);
    }

    boolean grant(long id, long ttl, long now) {
        if (id == 0 || ttls.containsKey(id)) {
            return false;
        }
        ttls.put(id, Math.max(minTtl, ttl));
        if (primary) {
            ends.put(id, now + ttl(id) * SECOND);
        }
        return true;
    }

    void forget(long id) {
        ttls.remove(id);
        ends.remove(id);
        leaseOf.values().removeIf(lease -> lease == id);
    }

    boolean attach(long id, byte[] key) {
        if (!ttls.containsKey(id)) {
            return false;
        }
        leaseOf.put(new Key(key), id);
        return true;
    }

    void detach(byte[] key) {
        leaseOf.remove(new Key(key));
    }

    long leaseOf(byte[] key) {
        return leaseOf.getOrDefault(new Key(key), 0L);
    }

    Renewal renew(long id, long now) {
        if (!primary) {
            return new Renewal.NotPrimary();
        }
        if (!ttls.containsKey(id)) {
            return new Renewal.NotFound();
        }
        if (end(id) <= now) {
            return new Renewal.Expired();
        }
        ends.put(id, now + ttl(id) * SECOND);
        return new Renewal.Renewed(ttl(id));
    }

    void promote(long now, long extend) {
        primary = true;
        ttls.keySet().forEach(id -> ends.put(id, now + ttl(id) * SECOND + extend));
    }

    void demote() {
        primary = false;
        ends.clear();
    }

    List<Long> list() {
        var ids = new ArrayList<>(ttls.keySet());
        ids.sort(Comparator.<Long>comparingLong(this::end).thenComparingLong(id -> id));
        return ids;
    }

    List<Long> expiredAt(long now, int limit) {
        return list().stream().filter(id -> end(id) <= now).limit(limit).toList();
    }

    TimeToLive timeToLive(long id, long now) {
        if (!ttls.containsKey(id)) {
            return TimeToLive.missing(id);
        }
        var keys = leaseOf.entrySet().stream()
                .filter(entry -> entry.getValue() == id)
                .map(entry -> entry.getKey().bytes())
                .toList();
        var left = primary ? (end(id) - now) / SECOND : TimeToLive.FOREVER_SECONDS;
        return new TimeToLive(id, left, ttl(id), keys);
    }
}
