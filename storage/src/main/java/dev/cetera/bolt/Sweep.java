package dev.cetera.bolt;

import dev.cetera.disk.CorruptionException;
import java.util.Arrays;

/// Empties the end of the file: one walk through all trees in the order of their keys, spread over many
/// commits, that has every page at or beyond a target rewritten. Being rewritten is all that it takes to move:
/// free pages are taken from the lowest on.
///
/// The target lies a little above the number of pages in use (those that wait for readers are in use), so
/// below it there are always more free pages than there are pages to move; it rises with them. When it has
/// risen so far that too little would be gained, the walk is given up.
///
/// Guarded by the writer's place in [Bolt].
final class Sweep {
    /// Commits from the end of a walk to the next, at least: what it moved is free only when its readers have
    /// gone. Doubled for each walk that gained little, as where no free stretch takes the large pages.
    private static final int SHORTEST_REST = 4;

    private static final int LONGEST_REST = 1 << 15;

    /// What the target leaves free: this part of what is in use.
    private static final int SPARE_PART = 16;

    private static final byte[] BEGIN = {};

    private final Shrinking how;
    private boolean walking;
    private long target;

    /// Where the walk goes on: in this bucket, with the page where this key is.
    private byte[] bucket = BEGIN;

    private byte[] key = BEGIN;

    private int rest;
    private int nextRest = SHORTEST_REST;
    private long expectedEnd = Long.MAX_VALUE;

    Sweep(Shrinking how) {
        this.how = how;
    }

    /// Whether the file may become shorter at all.
    boolean mayCut() {
        return how.bytesPerCut() > 0;
    }

    /// Pages at the end that are worth a lower high-water mark.
    long leastCut(int pageSize) {
        return Math.max(1, how.leastFreeBytes() / 16 / pageSize);
    }

    /// To be asked once for each commit, or chance for one: whether it is to move pages.
    ///
    /// @param free  pages, without those that wait for readers
    boolean isDue(Meta meta, long free) {
        if (how.bytesPerCommit() == 0) {
            return false;
        }
        long wanted = target(meta, free);
        if (walking) {
            target = Math.max(target, wanted);
            if (!pays(meta, target)) {
                walking = false;
                rest = SHORTEST_REST;
            }
            return walking;
        }
        if (rest > 0) {
            rest--;
            return false;
        }
        long bytes = free * meta.pageSize();
        if (bytes < how.leastFreeBytes() || bytes < how.leastFreeShare() * meta.bytes() || !pays(meta, wanted)) {
            return false;
        }
        nextRest = meta.highWater() > expectedEnd ? Math.min(2 * nextRest, LONGEST_REST) : SHORTEST_REST;
        expectedEnd = (meta.highWater() + wanted) / 2;
        walking = true;
        target = wanted;
        bucket = BEGIN;
        key = BEGIN;
        return true;
    }

    private long target(Meta meta, long free) {
        long used = meta.highWater() - free;
        return used + used / SPARE_PART + 2 * how.bytesPerCommit() / meta.pageSize() + Pages.FIRST;
    }

    private boolean pays(Meta meta, long end) {
        return (meta.highWater() - end) * meta.pageSize() >= how.leastFreeBytes() / 2;
    }

    /// Marks what this commit is to move.
    ///
    /// @return to be run when the commit is done; pages of one that failed are still where they were
    Runnable move(WriteTx tx, Freelist freelist) throws CorruptionException {
        long pages = how.bytesPerCommit() / tx.base().meta().pageSize();
        var budget = new MoveBudget(freelist, target, pages);
        tx.top().moveFrom(BEGIN, budget);
        for (var name : tx.names().tailSet(bucket)) {
            var from = Arrays.equals(name, bucket) ? key : BEGIN;
            var next = tx.tree(name).moveFrom(from, budget);
            if (next != null) {
                return () -> {
                    bucket = name;
                    key = next;
                };
            }
        }
        return () -> {
            walking = false;
            rest = nextRest;
        };
    }
}
