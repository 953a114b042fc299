package dev.cetera.watch;

import dev.cetera.mvcc.Changes;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// The most recent revisions' changes, bounded in number and in bytes. The newest batch is always kept,
/// whatever its size.
///
/// Shared: one thread appends (the applier), any thread reads; neither ever waits. Revisions are consecutive,
/// so revision r lives in slot r mod size, and a reader tells by the batch it finds there whether r is still
/// held.
public final class EventRing {
    /// Some seconds of a busy member's changes, and a bound on the heap for when they are large.
    private static final int DEFAULT_REVISIONS = 8192;

    private static final long DEFAULT_BYTES = 64 << 20;

    private final AtomicReferenceArray<@Nullable Batch> slots;
    private final int mask;
    private final long maxBytes;

    // ---- the appending thread only ----
    private long bytes;
    /// Lowest revision held; newest + 1 when empty.
    private long oldest;

    /// Highest revision appended. Written after its slot, so whoever sees it finds the batch (or a later one
    /// in its place).
    private volatile long newest;

    /// A ring of the size that suits a member.
    ///
    /// @param revision the store's current revision; the first batch is the next one
    public EventRing(long revision) {
        this(DEFAULT_REVISIONS, DEFAULT_BYTES, revision);
    }

    /// A ring of a size of one's own.
    ///
    /// @param size     revisions held at most, a power of two
    /// @param maxBytes bound on what they hold in memory
    /// @param revision the store's current revision; the first batch is the next one
    public EventRing(int size, long maxBytes, long revision) {
        if (size <= 0 || Integer.bitCount(size) != 1) {
            throw new IllegalArgumentException("ring size " + size + " is not a power of two");
        }
        this.slots = new AtomicReferenceArray<>(size);
        this.mask = size - 1;
        this.maxBytes = maxBytes;
        this.newest = revision;
        this.oldest = revision + 1;
    }

    /// Takes the changes of the next revision. The store must already show that revision to readers, and
    /// nobody may have been told of it.
    ///
    /// @throws IllegalStateException when the revision is not the next one
    public void append(Changes changes) {
        var batch = new Batch(changes);
        long revision = batch.revision();
        if (revision != newest + 1) {
            throw new IllegalStateException("revision " + revision + " cannot follow " + newest + " in the event ring");
        }
        if (revision - oldest > mask) {
            dropOldest();
        }
        bytes += batch.weight();
        slots.setRelease(slot(revision), batch);
        while (bytes > maxBytes && oldest < revision) {
            dropOldest();
        }
        newest = revision;
    }

    /// Starts afresh behind `revision`, when the store's content has been replaced as a whole.
    public void restart(long revision) {
        while (oldest <= newest) {
            dropOldest();
        }
        oldest = revision + 1;
        newest = revision;
    }

    public long newest() {
        return newest;
    }

    /// The batch of a revision, or null when it is no longer held or not yet there.
    @Nullable
    Batch get(long revision) {
        var batch = slots.getAcquire(slot(revision));
        return batch != null && batch.revision() == revision ? batch : null;
    }

    private void dropOldest() {
        var dropped = slots.getPlain(slot(oldest));
        if (dropped == null) {
            throw new IllegalStateException("the event ring has lost revision " + oldest);
        }
        bytes -= dropped.weight();
        slots.setRelease(slot(oldest), null);
        oldest++;
    }

    private int slot(long revision) {
        return (int) (revision & mask);
    }
}
