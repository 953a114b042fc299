package dev.cetera.bolt;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.TreeMap;

/// Which pages nobody needs. A page that a commit gave up waits until no reader is left that could see it.
/// Guarded by the writer's place in [Bolt].
///
/// Page numbers are bits of a [BitSet], so they end at 2^31: eight tebibytes of the usual page.
final class Freelist {
    /// The first page number that can not be counted.
    static final long END = Integer.MAX_VALUE;

    /// A stretch of pages.
    record Run(long first, int pages) {}

    private final BitSet free;

    /// By the transaction that gave them up.
    private final TreeMap<Long, List<Run>> pending = new TreeMap<>();

    private long freePages;
    private long pendingPages;

    /// No page below this is free.
    private int lowest;

    /// No stretch as long as this is free; found out by a search, and true until pages come back.
    private int tooLong = Integer.MAX_VALUE;

    Freelist(BitSet free) {
        this.free = free;
        freePages = free.cardinality();
    }

    /// The free pages alone, to try out what fits where.
    Freelist trial() {
        var trial = new Freelist((BitSet) free.clone());
        trial.lowest = lowest;
        return trial;
    }

    long freePages() {
        return freePages;
    }

    /// Pages that a stored list names: free ones and those that wait.
    long listedPages() {
        return freePages + pendingPages;
    }

    /// Takes the first stretch of so many free pages.
    ///
    /// @return its first page, or -1 when there is none
    long allocate(int pages) {
        if (pages >= tooLong) {
            return -1;
        }
        for (int from = free.nextSetBit(lowest); from >= 0; ) {
            int end = pages == 1 ? from + 1 : free.nextClearBit(from);
            if (end - from >= pages) {
                free.clear(from, from + pages);
                freePages -= pages;
                if (pages == 1) {
                    lowest = from + 1;
                }
                return from;
            }
            from = free.nextSetBit(end);
        }
        tooLong = pages;
        return -1;
    }

    /// Takes back what was allocated or has waited long enough.
    void putBack(Run run) {
        free.set((int) run.first, (int) run.first + run.pages);
        freePages += run.pages;
        lowest = (int) Math.min(lowest, run.first);
        tooLong = Integer.MAX_VALUE;
    }

    /// Where the free pages begin that reach up to `end`; `end` itself when the page before it is not free. A
    /// page that waits is not: somebody may still read it.
    long freeTail(long end) {
        return free.previousClearBit((int) end - 1) + 1L;
    }

    /// Forgets a stretch of free pages that is no longer part of the file. [#putBack] takes it back.
    void forget(Run tail) {
        free.clear((int) tail.first, (int) tail.first + tail.pages);
        freePages -= tail.pages;
    }

    /// These were given up by the commit of that number.
    void giveUp(long txid, List<Run> runs) {
        if (!runs.isEmpty()) {
            pending.computeIfAbsent(txid, _ -> new ArrayList<>()).addAll(runs);
            pendingPages += runs.stream().mapToLong(Run::pages).sum();
        }
    }

    /// The oldest commit that anybody still sees is this one: what it and those before it gave up is free.
    void release(long oldestSeen) {
        while (!pending.isEmpty() && pending.firstKey() <= oldestSeen) {
            for (var run : pending.pollFirstEntry().getValue()) {
                pendingPages -= run.pages;
                putBack(run);
            }
        }
    }

    /// All listed pages, and `more` besides.
    BitSet listed(List<Run> more) {
        var all = (BitSet) free.clone();
        for (var runs : pending.values()) {
            runs.forEach(run -> all.set((int) run.first, (int) run.first + run.pages));
        }
        more.forEach(run -> all.set((int) run.first, (int) run.first + run.pages));
        return all;
    }
}
