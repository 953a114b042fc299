package dev.cetera.mvcc;

import java.util.ArrayList;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The walk over the index that forgets revisions nobody may ask for after a compaction. It only frees memory:
/// reads refuse those revisions by themselves. Confined to the applier, which takes a few keys at a time.
final class Tidying {
    private final KeyIndex index;
    private long revision;
    /// First key that was not looked at, null when all were.
    private byte @Nullable [] next;

    Tidying(KeyIndex index) {
        this.index = index;
    }

    /// Begins anew; what the walk before has not reached is reached by this one.
    void begin(long compactRevision) {
        revision = compactRevision;
        next = new byte[0];
    }

    boolean isDone() {
        return next == null;
    }

    /// Looks at up to `keys` keys, and says whether that changed the index.
    boolean step(int keys) {
        if (next == null) {
            return false;
        }
        record Change(byte[] key, @Nullable Version rest) {}
        var changes = new ArrayList<Change>();
        var last = new byte[1][];
        var seen = new int[1];
        index.peek().walk(next, null, (key, newest) -> {
            var rest = newest.compacted(revision);
            if (rest != newest) {
                changes.add(new Change(key, rest));
            }
            last[0] = key;
            return ++seen[0] < keys;
        });
        next = seen[0] < keys ? null : Arrays.copyOf(last[0], last[0].length + 1);
        for (var change : changes) {
            if (change.rest == null) {
                index.remove(change.key);
            } else {
                index.put(change.key, change.rest);
            }
        }
        return !changes.isEmpty();
    }
}
