package dev.cetera.node;

import java.util.concurrent.atomic.AtomicLong;

/// Numbers for proposals, reads and leases, unique among those in flight in the whole cluster: the low 16 bits
/// of the member id, then 40 bits of unix milliseconds at the start and 8 bits of a counter, which carries
/// into the time. As etcd makes them, because two members with different schemes could meet.
///
/// Shared: one atomic counter.
final class RequestIds {
    private static final int SUFFIX_BITS = 48;
    private static final int COUNTER_BITS = 8;

    private final long prefix;
    private final AtomicLong suffix;

    RequestIds(long memberId, long startUnixMillis) {
        prefix = memberId << SUFFIX_BITS;
        suffix = new AtomicLong(startUnixMillis << COUNTER_BITS);
    }

    long next() {
        return prefix | (suffix.incrementAndGet() & ((1L << SUFFIX_BITS) - 1));
    }

    /// A lease id: positive, never 0.
    long nextLease() {
        long id;
        do {
            id = next() & Long.MAX_VALUE;
        } while (id == 0);
        return id;
    }
}
