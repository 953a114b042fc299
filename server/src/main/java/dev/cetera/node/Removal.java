package dev.cetera.node;

import dev.cetera.logs.Log;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Ends a member that was removed from its cluster: it learns so from its own log, and then stays for a
/// second, so that what it has to say gets out, and longer while it still leads, for those who stay must learn
/// that the removal is committed; or from another member, because it was not there when it
/// happened.
///
/// Shared: atomics.
final class Removal {
    private static final long LINGER_NANOS = 1_000_000_000;

    /// Of a leader that nobody takes over from.
    private static final long LINGER_LEADING_NANOS = 5_000_000_000L;

    private static final Log LOG = Log.of("etcdserver");

    private record Applied(long nanos) {}

    private final Runnable removed;
    private final AtomicBoolean told = new AtomicBoolean();
    private volatile @Nullable Applied applied;

    /// @param removed told once
    Removal(Runnable removed) {
        this.removed = removed;
    }

    /// The removal is applied here.
    void applied(long nowNanos) {
        if (applied == null) {
            applied = new Applied(nowNanos);
        }
    }

    /// Somebody else says so.
    void learned() {
        if (told.compareAndSet(false, true)) {
            LOG.error("the member has been permanently removed from the cluster");
            LOG.info("the data-dir used by this member must be removed.");
            removed.run();
        }
    }

    void check(long nowNanos, boolean leads) {
        var when = applied;
        if (when == null) {
            return;
        }
        long linger = leads ? LINGER_LEADING_NANOS : LINGER_NANOS;
        if (nowNanos - when.nanos() >= linger) {
            learned();
        }
    }
}
