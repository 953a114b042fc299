package dev.cetera.schema;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;

/// The changes on their way to the file, in order. The applier adds to the open entry, which only it sees;
/// ending the entry moves them, with its index, to where the committer takes all there are. So what is taken
/// is always whole entries, and nobody waits for more than a list to be handed over.
final class Pending {
    /// Whole entries: their changes and the index of the last one.
    record Batch(List<Change> changes, long bytes, long index) {}

    // ---- applier only ----
    private final List<Change> open = new ArrayList<>();
    private long openBytes;

    private final Object lock = new Object();

    @GuardedBy("lock")
    private List<Change> ended = new ArrayList<>();

    @GuardedBy("lock")
    private long endedBytes;

    @GuardedBy("lock")
    private long index;

    Pending(long index) {
        this.index = index;
    }

    void add(Change change) {
        open.add(change);
        openBytes += change.bytes();
    }

    void end(long newIndex) {
        synchronized (lock) {
            if (newIndex < index) {
                throw new IllegalStateException("consistent index falls from " + index + " to " + newIndex);
            }
            ended.addAll(open);
            endedBytes += openBytes;
            index = newIndex;
        }
        open.clear();
        openBytes = 0;
    }

    Batch take() {
        synchronized (lock) {
            var batch = new Batch(ended, endedBytes, index);
            ended = new ArrayList<>();
            endedBytes = 0;
            return batch;
        }
    }

    /// Forgets everything; the file is another one now, which contains the entries up to `newIndex`.
    void restart(long newIndex) {
        synchronized (lock) {
            ended = new ArrayList<>();
            endedBytes = 0;
            index = newIndex;
        }
        open.clear();
        openBytes = 0;
    }

    /// Undoes a [#take] whose batch could not be written.
    void putBack(Batch batch) {
        synchronized (lock) {
            batch.changes.addAll(ended);
            ended = batch.changes;
            endedBytes += batch.bytes;
        }
    }

    long index() {
        synchronized (lock) {
            return index;
        }
    }

    int count() {
        synchronized (lock) {
            return ended.size();
        }
    }

    long bytes() {
        synchronized (lock) {
            return endedBytes;
        }
    }
}
