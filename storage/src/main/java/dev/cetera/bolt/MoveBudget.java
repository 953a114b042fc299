package dev.cetera.bolt;

import org.jspecify.annotations.Nullable;

/// Which pages one commit of a [Sweep] moves, and how many. Confined.
final class MoveBudget {
    /// In root and branch pages: some 300 of these, which perhaps come from the disk.
    private static final int MOST_LOOKS = 1 << 15;

    /// Pages with overflow: for each all that is free may have to be searched.
    private static final int MOST_RUNS = 32;

    private final Freelist freelist;
    private final long target;
    private final long mostPages;
    private int pages;
    private int runs;
    private int looks;
    private @Nullable Freelist trial;

    MoveBudget(Freelist freelist, long target, long mostPages) {
        this.freelist = freelist;
        this.target = target;
        this.mostPages = mostPages;
    }

    /// Whether a page should lie elsewhere.
    boolean isBeyond(long number) {
        return number >= target;
    }

    /// Counts an element that is looked at; false when there were enough.
    boolean look() {
        return looks++ < MOST_LOOKS;
    }

    /// Whether a page and its overflow are left to a later commit. The first never is, whatever its size.
    boolean isLeft(int run) {
        return (pages > 0 && pages + run > mostPages) || (run > 1 && runs == MOST_RUNS);
    }

    /// Takes a page and its overflow; false when nothing below the target is long enough for it. A single page
    /// always finds a place there.
    boolean take(int run) {
        if (run > 1) {
            if (trial == null) {
                trial = freelist.trial();
                for (int i = 0; i < pages; i++) {
                    trial.allocate(1);
                }
            }
            runs++;
            long first = trial.allocate(run);
            if (first < 0 || first + run > target) {
                return false;
            }
        } else if (trial != null) {
            trial.allocate(1);
        }
        pages += run;
        return true;
    }
}
