package dev.cetera.raft;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The entries since the last snapshot and how far they are committed, handed out and applied. Confined to its
/// machine.
///
/// Indexes, left to right; `base` is the last index that is no longer here, though its term is still known:
///
///       base | first ...  applied ... handed ... committed ... last
///
/// Invariants: indexes rise by one and terms never fall; applied <= handed <= committed <= last; base <=
/// handed; what is committed is never overwritten. `applied` is below `base` only while a snapshot that came
/// from the leader is being installed.
final class Log {
    /// What an entry takes in a message beyond its data, at most: tags, term, index, type and length.
    private static final int ENTRY_OVERHEAD = 32;

    private static final int LEAST_CAPACITY = 64;

    /// Entries handed out at once at most, so that who applies them soon looks at something else: a few
    /// milliseconds' work.
    private static final int MOST_HANDED_OUT = 4_096;

    private long base;
    private long baseTerm;

    /// A window of this array: the entry at `index` is `slots[head + index - base - 1]`.
    private @Nullable Entry[] slots = new @Nullable Entry[LEAST_CAPACITY];

    private int head;
    private int size;
    private long bytes;

    private long committed;
    private long handed;
    private long applied;

    /// No change of the configuration stands beyond this index.
    private long lastConfChange;

    /// The slice that was asked for last; several peers get the same one.
    private List<Entry> lastSlice = List.of();

    Log(SnapshotMeta snapshot, List<Entry> entries, long committed, long applied) {
        base = snapshot.index();
        baseTerm = snapshot.term();
        long proven = 0;
        for (var entry : entries) {
            if (entry.type() != EntryType.NORMAL) {
                // Its leader had applied the change before it. That this is committed may have been torn off by
                // a crash; but who is two changes behind could win an election beside another leader.
                proven = lastConfChange;
            }
            append(entry);
        }
        if (committed > lastIndex() || applied > lastIndex()) {
            throw new IllegalStateException("committed " + committed + " and applied " + applied + " are out of range ["
                    + base + ", " + lastIndex() + "]");
        }
        this.applied = Math.max(applied, base);
        this.handed = this.applied;
        this.committed = Math.max(Math.max(committed, proven), this.applied);
    }

    long base() {
        return base;
    }

    long firstIndex() {
        return base + 1;
    }

    long lastIndex() {
        return base + size;
    }

    long lastTerm() {
        return size == 0 ? baseTerm : at(lastIndex()).term();
    }

    /// Bytes of data of all entries.
    long bytes() {
        return bytes;
    }

    long committed() {
        return committed;
    }

    long handed() {
        return handed;
    }

    long applied() {
        return applied;
    }

    Entry at(long index) {
        if (index <= base || index > lastIndex()) {
            throw new IllegalStateException(
                    "no entry at " + index + ", the log has [" + firstIndex() + ", " + lastIndex() + "]");
        }
        return Objects.requireNonNull(slots[head + (int) (index - base) - 1]);
    }

    long termAt(long index) {
        return index == base ? baseTerm : at(index).term();
    }

    /// Whether the entry at `index`, or the one that the snapshot ended with, has this term.
    boolean matches(long index, long term) {
        return index >= base && index <= lastIndex() && termAt(index) == term;
    }

    /// Whether a log that ends like this holds all that this one may have committed (§5.4.1).
    boolean isNoNewerThan(long otherLastTerm, long otherLastIndex) {
        return otherLastTerm > lastTerm() || (otherLastTerm == lastTerm() && otherLastIndex >= lastIndex());
    }

    /// The largest index <= `index` whose term is <= `term`; `base` when there is none, as its predecessors
    /// are unknown.
    long lastWithTermAtMost(long index, long term) {
        long low = base;
        long high = Math.min(index, lastIndex());
        while (low < high) {
            long middle = low + (high - low + 1) / 2;
            if (termAt(middle) <= term) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    void append(Entry entry) {
        if (entry.index() != lastIndex() + 1 || entry.term() < lastTerm()) {
            throw new IllegalStateException(entry + " cannot follow " + lastTerm() + "/" + lastIndex());
        }
        if (head + size == slots.length) {
            makeRoom();
        }
        slots[head + size] = entry;
        size++;
        bytes += entry.data().length;
        if (entry.type() != EntryType.NORMAL) {
            lastConfChange = entry.index();
        }
    }

    /// Slides when at least half of the array is free, else doubles: either way an append costs O(1) in the
    /// long run.
    private void makeRoom() {
        if (head >= slots.length / 2) {
            System.arraycopy(slots, head, slots, 0, size);
            Arrays.fill(slots, size, head + size, null);
        } else {
            var wider = new @Nullable Entry[slots.length * 2];
            System.arraycopy(slots, head, wider, 0, size);
            slots = wider;
        }
        head = 0;
    }

    /// Takes back the entries from `index` on.
    void truncateFrom(long index) {
        if (index <= committed) {
            throw new IllegalStateException(
                    "entry " + index + " conflicts with the committed entry, committed is " + committed);
        }
        while (lastIndex() >= index) {
            bytes -= at(lastIndex()).data().length;
            size--;
            slots[head + size] = null;
        }
        lastConfChange = Math.min(lastConfChange, index - 1);
        lastSlice = List.of();
    }

    /// How far the log may be forgotten so that at most so many entries and bytes of data are left up to
    /// `index`; no further than that, and no less far than it is.
    long dispensableBehind(long index, long keepEntries, long keepBytes) {
        long to = index;
        long bytes = 0;
        while (to > base && index - to < keepEntries) {
            bytes += at(to).data().length;
            if (bytes > keepBytes) {
                break;
            }
            to--;
        }
        return to;
    }

    /// Forgets the entries up to and including `index`.
    void compact(long index) {
        if (index > applied) {
            throw new IllegalStateException("compaction at " + index + " before it is applied, applied is " + applied);
        }
        if (index <= base) {
            return;
        }
        long term = termAt(index);
        for (int drop = (int) (index - base); drop > 0; drop--) {
            bytes -= Objects.requireNonNull(slots[head]).data().length;
            slots[head] = null;
            head++;
            size--;
        }
        base = index;
        baseTerm = term;
        lastSlice = List.of();
        shrink();
    }

    private void shrink() {
        if (slots.length > LEAST_CAPACITY && size < slots.length / 8) {
            slots = Arrays.copyOfRange(slots, head, head + Math.max(LEAST_CAPACITY, slots.length / 4));
            head = 0;
        }
    }

    /// Everything goes; a snapshot takes its place and counts as handed out.
    void replaceBy(SnapshotMeta snapshot) {
        slots = new @Nullable Entry[LEAST_CAPACITY];
        head = 0;
        size = 0;
        bytes = 0;
        base = snapshot.index();
        baseTerm = snapshot.term();
        committed = base;
        handed = base;
        lastSlice = List.of();
    }

    /// Entries of [from, to], a list that never changes.
    List<Entry> slice(long from, long to) {
        if (from > to) {
            return List.of();
        }
        if (lastSlice.size() == to - from + 1 && lastSlice.getFirst().index() == from) {
            return lastSlice;
        }
        if (from <= base || to > lastIndex()) {
            throw new IllegalStateException(
                    "no entries [" + from + ", " + to + "] in [" + firstIndex() + ", " + lastIndex() + "]");
        }
        int start = head + (int) (from - base) - 1;
        lastSlice = Collections.unmodifiableList(
                Arrays.asList(Arrays.copyOfRange(slots, start, start + (int) (to - from) + 1, Entry[].class)));
        return lastSlice;
    }

    /// Entries from `from` on, as many as fit a message of `limit` bytes, at least one if there is any.
    List<Entry> sliceWithin(long from, long limit) {
        return slice(from, lastWithin(from, lastIndex(), limit));
    }

    /// The last index, not beyond `end`, such that the entries from `from` on fit `limit` bytes; at least
    /// `from`, if that is not beyond it.
    private long lastWithin(long from, long end, long limit) {
        long left = limit;
        long to = from - 1;
        while (to < end) {
            left -= at(to + 1).data().length + ENTRY_OVERHEAD;
            if (left < 0 && to >= from) {
                break;
            }
            to++;
        }
        return to;
    }

    /// Bytes of data in [from, to].
    long bytesIn(long from, long to) {
        long sum = 0;
        for (long index = from; index <= to; index++) {
            sum += at(index).data().length;
        }
        return sum;
    }

    /// Commits up to `index`; what is committed already stays so.
    void commitTo(long index) {
        if (index > lastIndex()) {
            throw new IllegalStateException("tocommit(" + index + ") is out of range [lastIndex(" + lastIndex()
                    + ")]. Was the raft log corrupted, truncated, or lost?");
        }
        committed = Math.max(committed, index);
    }

    /// Hands out the entries that are to be applied: committed, at most up to `limit`, not handed out before,
    /// and as many as fit `bytes`, at least one if there is any.
    List<Entry> handOut(long limit, long bytes) {
        long end = Math.min(Math.min(committed, limit), handed + MOST_HANDED_OUT);
        if (end <= handed) {
            return List.of();
        }
        long from = handed + 1;
        handed = lastWithin(from, end, bytes);
        return slice(from, handed);
    }

    void appliedTo(long index) {
        if (index > handed) {
            throw new IllegalStateException("applied " + index + " before it was handed out, handed is " + handed);
        }
        applied = Math.max(applied, index);
    }

    /// Whether a change of the configuration is committed that this member has not applied.
    boolean configurationLags() {
        return changesConfiguration(applied + 1, committed);
    }

    /// Whether one of the entries of [from, to], as far as they are still here, changes the configuration.
    boolean changesConfiguration(long from, long to) {
        for (long index = Math.max(from, base + 1); index <= Math.min(to, lastConfChange); index++) {
            if (at(index).type() != EntryType.NORMAL) {
                return true;
            }
        }
        return false;
    }
}
