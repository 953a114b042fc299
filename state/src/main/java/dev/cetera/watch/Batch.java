package dev.cetera.watch;

import dev.cetera.mvcc.Changes;
import java.util.List;

/// All changes of one revision, in the order in which they were made. Immutable but for the wire forms of its
/// changes.
final class Batch {
    private final long revision;
    private final List<Change> changes;
    private final long weight;

    Batch(Changes changes) {
        this.revision = changes.revision();
        var events = changes.events();
        var made = new Change[events.size()];
        long sum = 64;
        for (int i = 0; i < made.length; i++) {
            made[i] = new Change(events.get(i));
            sum += made[i].weight();
        }
        this.changes = List.of(made);
        this.weight = sum;
    }

    long revision() {
        return revision;
    }

    List<Change> changes() {
        return changes;
    }

    /// Bytes that this batch holds on to, roughly.
    long weight() {
        return weight;
    }
}
