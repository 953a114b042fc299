package dev.cetera.mvcc;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// A [History] being gathered, change by change, within bounds. Confined.
final class Stretch {
    private final long revision;
    private final int maxRevisions;
    private final long maxBytes;
    private final List<Changes> changes = new ArrayList<>();
    private List<Event> events = new ArrayList<>();
    private long main;
    private long next;
    private long bytes;

    Stretch(long revision, int maxRevisions, long maxBytes) {
        this.revision = revision;
        this.maxRevisions = maxRevisions;
        this.maxBytes = maxBytes;
        next = revision + 1;
    }

    /// Takes the change that the log is at; false, and not taken, when it begins a revision beyond the bounds.
    boolean add(RevisionLog log) throws IOException {
        if (log.main() != main) {
            if (!events.isEmpty() && (changes.size() + 1 >= maxRevisions || bytes >= maxBytes)) {
                next = log.main();
                return false;
            }
            closeRevision();
            main = log.main();
        }
        var kv = log.told();
        bytes += kv.encoded().length;
        events.add(new Event(log.isTombstone() ? Event.Type.DELETE : Event.Type.PUT, kv));
        return true;
    }

    History history() {
        closeRevision();
        return new History(List.copyOf(changes), next, revision);
    }

    private void closeRevision() {
        if (!events.isEmpty()) {
            changes.add(new Changes(main, List.copyOf(events)));
            events = new ArrayList<>();
        }
    }
}
