package dev.cetera.watch;

/// One watcher of one stream. Confined to the hub's thread.
final class Watcher {
    /// Where a watcher's next events come from.
    enum Place {
        /// From the next dispatched revision; `next` is implied: the hub's dispatched revision + 1.
        IN_STEP,
        /// From a revision that is still to be dispatched.
        WAITING,
        /// From a page of the past.
        BEHIND,
        /// From nowhere: cancelled.
        GONE
    }

    final WatchStream stream;
    final long id;
    final Interest interest;
    final WatchSpec spec;

    Place place = Place.GONE;
    /// The next revision not yet given to the stream; meaningful while WAITING or BEHIND.
    long next;
    /// Position in its interest's list while IN_STEP.
    int position;
    /// No events since the last progress notification was due.
    boolean quiet = true;

    Watcher(WatchStream stream, long id, Interest interest, WatchSpec spec) {
        this.stream = stream;
        this.id = id;
        this.interest = interest;
        this.spec = spec;
    }
}
