package dev.cetera.embed;

import dev.cetera.mvcc.Answer.Found;
import dev.cetera.mvcc.Changes;
import dev.cetera.mvcc.Event;
import dev.cetera.mvcc.RangeQuery;
import dev.cetera.mvcc.RangeResult;
import dev.cetera.mvcc.Store;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;

/// How many keys a store has, without counting them again each time: they are counted once, when somebody asks
/// for the first time, and from then on changes are added. Guarded by itself.
final class KeyCount {
    /// The smallest key; and all from it on.
    private static final byte[] ALL = {0};

    private static final long UNKNOWN = -1;
    /// Changes that come while the keys are counted; when there are more, they are counted again later.
    private static final int MAX_MEANWHILE = 10_000;

    private record Change(long revision, long difference) {}

    private final Deque<Change> meanwhile = new ArrayDeque<>();
    private long count = UNKNOWN;
    private boolean counting;

    /// On the thread that applies.
    synchronized void changed(Changes changes) {
        if (count == UNKNOWN && !counting) {
            return;
        }
        long difference = 0;
        for (var event : changes.events()) {
            if (event.type() == Event.Type.DELETE) {
                difference--;
            } else if (event.kv().version() == 1) {
                difference++;
            }
        }
        if (counting) {
            meanwhile.add(new Change(changes.revision(), difference));
            counting = meanwhile.size() < MAX_MEANWHILE;
        } else {
            count += difference;
        }
    }

    /// The store's content was replaced.
    synchronized void replaced() {
        count = UNKNOWN;
        counting = false;
    }

    /// The number of keys now, on any thread.
    double now(Store store) {
        synchronized (this) {
            if (count != UNKNOWN) {
                return count;
            }
            counting = true;
            meanwhile.clear();
        }
        try {
            var all = RangeQuery.between(ALL, ALL).countOnly();
            if (!(store.range(all) instanceof Found<RangeResult>(var found))) {
                return Double.NaN;
            }
            counted(found);
            return found.count();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private synchronized void counted(RangeResult found) {
        if (!counting) {
            return;
        }
        counting = false;
        count = found.count();
        for (var change : meanwhile) {
            if (change.revision() > found.revision()) {
                count += change.difference();
            }
        }
        meanwhile.clear();
    }
}
