package dev.cetera.lease;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// One lease. Guarded by the lock of the [Leases] it belongs to.
final class Lease {
    /// Deadline of a lease that nobody counts down here.
    static final long FOREVER = Long.MAX_VALUE;

    static final int NOT_QUEUED = -1;

    final long id;
    final long ttlSeconds;

    /// On the primary's monotonic clock; [#FOREVER] everywhere else.
    long deadlineNanos = FOREVER;

    /// Position in [Deadlines], which alone writes it.
    int slot = NOT_QUEUED;

    /// Null instead of empty: most leases of a big cluster hold few keys, many none.
    private @Nullable TreeSet<Key> keys;

    Lease(long id, long ttlSeconds) {
        this.id = id;
        this.ttlSeconds = ttlSeconds;
    }

    boolean expired(long nowNanos) {
        return deadlineNanos != FOREVER && deadlineNanos <= nowNanos;
    }

    void attach(Key key) {
        if (keys == null) {
            keys = new TreeSet<>();
        }
        keys.add(key);
    }

    void detach(Key key) {
        if (keys != null && keys.remove(key) && keys.isEmpty()) {
            keys = null;
        }
    }

    /// Sorted; a copy.
    List<byte[]> keys() {
        if (keys == null) {
            return List.of();
        }
        var sorted = new ArrayList<byte[]>(keys.size());
        keys.forEach(key -> sorted.add(key.bytes()));
        return sorted;
    }
}
