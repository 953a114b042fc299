package dev.cetera.rpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cetera.mvcc.Changes;
import dev.cetera.mvcc.Feed;
import dev.cetera.mvcc.Store;
import dev.cetera.watch.EventRing;
import dev.cetera.watch.Past;
import dev.cetera.watch.WatchLimits;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// Where the applier puts every revision's changes. It exists before the store does, because the applier
/// begins with the store; watching joins it later, when there is a store to read.
///
/// Guarded by itself: by the applier for every revision, and once by [#join]; nobody else ever holds the lock.
///
/// Why no revision is lost or told twice at the joint: the applier lets the store show a revision before it
/// comes here. So whatever came before the joint is in the store by then, and its revision is not above the
/// ring's first; whatever is shown by then but comes later is known by its revision and passed over.
public final class WatchFeed implements Feed {
    @GuardedBy("this")
    private @Nullable WatchTurns watching;

    @GuardedBy("this")
    private long joinedAt;

    /// Applier only, in order; the store already shows the revision, and no client has been told of it.
    @Override
    public synchronized void accept(Changes changes) {
        if (watching != null && changes.revision() > joinedAt) {
            watching.publish(changes);
        }
    }

    /// Applier only. Watching that joins later begins with the new content anyhow.
    @Override
    public synchronized void restart(long revision) {
        if (watching != null) {
            watching.restart(revision);
        }
    }

    /// Makes the watching that is fed from here on; the caller turns it.
    ///
    /// @param ring                 makes an empty one that begins after a revision
    /// @param electionTimeoutNanos between two looks for a leader
    public synchronized WatchTurns join(
            Store store,
            LongFunction<EventRing> ring,
            WatchMember member,
            WatchLimits limits,
            long electionTimeoutNanos,
            WatchTurns.Surroundings around) {
        joinedAt = store.view().revision();
        var made = new WatchTurns(ring.apply(joinedAt), Past.of(store), member, limits, electionTimeoutNanos, around);
        watching = made;
        return made;
    }
}
