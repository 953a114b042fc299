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
        this.changes = changes.events().stream().map(Change::new).toList();
        long sum = 64;
        for (var change : this.changes) {
            sum += change.weight();
        }
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
