package dev.cetera.rpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cetera.mvcc.Changes;
import dev.cetera.mvcc.Feed;
import dev.cetera.mvcc.Store;
import dev.cetera.watch.EventRing;
import dev.cetera.watch.Past;
import dev.cetera.watch.WatchLimits;
import java.util.function.Consumer;
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
    private @Nullable WatchLoop loop;

    @GuardedBy("this")
    private long joinedAt;

    /// Applier only, in order; the store already shows the revision, and no client has been told of it.
    @Override
    public synchronized void accept(Changes changes) {
        if (loop != null && changes.revision() > joinedAt) {
            loop.publish(changes);
        }
    }

    /// Applier only. A loop that joins later begins with the new content anyhow.
    @Override
    public synchronized void restart(long revision) {
        if (loop != null) {
            loop.restart(revision);
        }
    }

    /// Makes the loop that is fed from here on; the caller starts and stops it.
    ///
    /// @param electionTimeoutNanos between two looks for a leader
    /// @param fatal                told, once, what broke watching; the member must stop then
    public synchronized WatchLoop join(
            Store store, WatchMember member, WatchLimits limits, long electionTimeoutNanos, Consumer<Throwable> fatal) {
        joinedAt = store.view().revision();
        var made = new WatchLoop(new EventRing(joinedAt), Past.of(store), member, limits, electionTimeoutNanos, fatal);
        loop = made;
        return made;
    }
}
