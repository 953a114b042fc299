package dev.cetera.lab.cluster;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// When which write was acknowledged, what failed, and every promise that was seen broken.
///
/// Guarded by itself: writers report from their own threads.
public final class Timeline {
    private static final int MAX_BROKEN = 20;

    /// Pairs in the order of the acknowledgements: sent at, acknowledged at, in the nanoseconds of
    /// [System#nanoTime].
    private long[] writes = new long[1 << 12];

    private int used;
    private long newestRevision;
    private final Map<String, Integer> failures = new HashMap<>();
    private final StringBuilder broken = new StringBuilder();
    private int brokenCount;

    synchronized void acknowledged(long sentNanos, long nowNanos, long revision) {
        if (used == writes.length) {
            writes = Arrays.copyOf(writes, used * 2);
        }
        writes[used++] = sentNanos;
        writes[used++] = nowNanos;
        newestRevision = Math.max(newestRevision, revision);
    }

    synchronized void failed(String how) {
        failures.merge(how, 1, Integer::sum);
    }

    synchronized void broken(String promise) {
        if (++brokenCount <= MAX_BROKEN) {
            broken.append(promise).append('\n');
        }
    }

    /// Number of acknowledged writes.
    public synchronized int count() {
        return used / 2;
    }

    /// Highest revision that a write was acknowledged with. A linearizable read that starts now shows it.
    public synchronized long newestRevision() {
        return newestRevision;
    }

    /// Longest time without an acknowledgement, of those that began at `fromNanos` or later.
    public synchronized long longestGapNanos(long fromNanos) {
        long longest = 0;
        for (int i = 2; i < used; i += 2) {
            if (writes[i - 1] - fromNanos >= 0) {
                longest = Math.max(longest, writes[i + 1] - writes[i - 1]);
            }
        }
        return longest;
    }

    /// Fails when a promise was broken.
    public synchronized void check() {
        if (brokenCount > 0) {
            throw new AssertionError(brokenCount + " promises broken:\n" + broken);
        }
    }

    /// One line: how many writes, and which failures how often.
    @Override
    public synchronized String toString() {
        return count() + " writes acknowledged, failures " + failures;
    }
}
