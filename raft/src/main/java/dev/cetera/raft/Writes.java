package dev.cetera.raft;

import java.util.ArrayDeque;

/// What has been handed to the disk and what of it is known to be durable. Confined to its machine.
///
/// Several writes may be outstanding, and the log may be truncated and grow again under them. Each outstanding
/// write therefore remembers up to which index the log will be durable once it and all before it are done.
/// Invariant: no later change of the log has touched an entry up to there. A change at index i lowers every
/// outstanding promise to i - 1, so a receipt for an overwritten entry proves nothing about the entry that
/// took its place, even when the replaced one comes back with the same term:
///
///     write 1: (5, term 2)   write 2: (5, term 3)   write 3: (5, term 2)
///     promises up to 4       promises up to 4       promises up to 5
///
/// After receipt 1 the entry is on the disk, but write 2 is about to take it away.
final class Writes {
    private static final class Outstanding {
        final long sequence;
        final long commit;
        long promises;

        Outstanding(long sequence, long commit, long promises) {
            this.sequence = sequence;
            this.commit = commit;
            this.promises = promises;
        }
    }

    private final ArrayDeque<Outstanding> outstanding = new ArrayDeque<>();
    private long issued;

    /// Highest index whose entry is in some write.
    private long written;

    /// Highest index up to which the log as it is now is known to be durable. Invariant: durable <= written.
    private long durable;

    /// Highest commit index that is known to be durable.
    private long durableCommit;

    private HardState hardState;

    Writes(HardState hardState, long lastIndex) {
        this.hardState = hardState;
        durableCommit = hardState.commit();
        written = lastIndex;
        durable = lastIndex;
    }

    long written() {
        return written;
    }

    long durable() {
        return durable;
    }

    long durableCommit() {
        return durableCommit;
    }

    /// How far entries may be applied here and announced to others as committed. Of two voters, the one that
    /// goes must not learn that it goes before the one that stays is sure to remember it: alone, that one
    /// could not find out again. With more voters, those that stay are a quorum of the old configuration.
    long sureCommit(Membership members, Log log) {
        boolean waits = members.isPair() && log.changesConfiguration(durableCommit + 1, log.committed());
        return waits ? Math.min(durableCommit, log.committed()) : log.committed();
    }

    /// As last handed to the disk.
    HardState hardState() {
        return hardState;
    }

    /// The sequence of the write that will take what changes now.
    long next() {
        return issued + 1;
    }

    /// The sequence of the oldest write that is not durable; [#next] when all are.
    long oldestOutstanding() {
        var oldest = outstanding.peekFirst();
        return oldest == null ? next() : oldest.sequence;
    }

    boolean isIdle() {
        return outstanding.isEmpty();
    }

    /// The entries from `index` on are others now, or none.
    void overwrittenFrom(long index) {
        for (var write : outstanding) {
            write.promises = Math.min(write.promises, index - 1);
        }
        written = Math.min(written, index - 1);
        durable = Math.min(durable, index - 1);
    }

    /// A snapshot has replaced the log; of what was durable, only what was committed is still part of it.
    void replacedBy(SnapshotMeta snapshot, long committedBefore) {
        overwrittenFrom(committedBefore + 1);
        written = snapshot.index();
    }

    /// One more write; it covers the log up to `lastIndex`.
    Persisted issue(HardState state, long lastIndex) {
        issued++;
        outstanding.addLast(new Outstanding(issued, state.commit(), lastIndex));
        written = lastIndex;
        hardState = state;
        return new Persisted(state.term(), lastIndex, issued);
    }

    void persisted(Persisted done) {
        if (done.sequence() > issued) {
            throw new IllegalStateException(done + " was never handed out, the last write was " + issued);
        }
        while (!outstanding.isEmpty() && outstanding.getFirst().sequence <= done.sequence()) {
            var write = outstanding.removeFirst();
            durable = Math.max(durable, write.promises);
            durableCommit = Math.max(durableCommit, write.commit);
        }
    }
}
