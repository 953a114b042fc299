package dev.cetera.bolt;

import dev.cetera.disk.CorruptionException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Walks everything one commit can reach and compares it with the list of free pages, as bbolt's `Tx.Check`
/// does and in its words. Confined.
final class Checker {
    /// What is wrong all over need not be told to the end.
    private static final int MOST_FINDINGS = 10_000;

    /// Of a key, in a finding.
    private static final int SHOWN_KEY_BYTES = 256;

    private final Pages pages;
    private final List<String> findings = new ArrayList<>();
    private final BitSet freed = new BitSet();
    private final BitSet reachable = new BitSet();

    private Checker(Pages pages) {
        this.pages = pages;
    }

    /// @param free page numbers in the order of the list; null when no list says which they are
    static List<String> check(Pages pages, Meta meta, long @Nullable [] free) {
        var checker = new Checker(pages);
        if (free != null) {
            checker.takeFree(free);
        }
        if (meta.freelist() != Meta.NO_FREELIST) {
            checker.take(meta.freelist(), checker.runOrOne(meta.freelist()));
        }
        checker.visit(meta.root(), null, null, 0);
        if (free != null) {
            for (int page = (int) Pages.FIRST; page < meta.highWater(); page++) {
                if (!checker.reachable.get(page) && !checker.freed.get(page)) {
                    checker.findings.add("page " + page + ": unreachable unfreed");
                }
            }
        }
        return checker.findings;
    }

    private void takeFree(long[] free) {
        for (long page : free) {
            if (page < Pages.FIRST || page >= pages.highWater()) {
                findings.add("page " + Long.toUnsignedString(page) + ": out of bounds: " + pages.highWater());
            } else if (freed.get((int) page)) {
                findings.add("page " + page + ": already freed");
            } else {
                freed.set((int) page);
            }
        }
    }

    private long runOrOne(long number) {
        try {
            return pages.runBytes(number) / pages.pageSize();
        } catch (CorruptionException e) {
            findings.add(e.getMessage());
            return 1;
        }
    }

    /// Notes that something leads to these pages; false when they cannot be looked at.
    private boolean take(long number, long run) {
        if (number < Pages.FIRST || number >= pages.highWater() || run > pages.highWater() - number) {
            findings.add("page " + Long.toUnsignedString(number) + ": out of bounds: " + pages.highWater());
            return false;
        }
        boolean first = true;
        for (int page = (int) number; page < number + run && findings.size() < MOST_FINDINGS; page++) {
            if (reachable.get(page)) {
                findings.add("page " + page + ": multiple references");
                first = false;
            }
            reachable.set(page);
            if (freed.get(page)) {
                findings.add("page " + page + ": reachable freed");
            }
        }
        return first;
    }

    /// @param from no key below is smaller, null when nothing is known
    /// @param to every key below is smaller, null when nothing is known
    private void visit(long number, byte @Nullable [] from, byte @Nullable [] to, int depth) {
        if (number < Pages.FIRST || number >= pages.highWater()) {
            take(number, 1);
            return;
        }
        try {
            pages.checkDepth(depth);
            if (take(number, pages.runBytes(number) / pages.pageSize())) {
                visitElements(pages.page(number), number, from, to, depth);
            }
        } catch (CorruptionException e) {
            findings.add(e.getMessage());
        }
    }

    private void visitElements(Page page, long number, byte @Nullable [] from, byte @Nullable [] to, int depth)
            throws CorruptionException {
        byte[] previous = from;
        long end = page.contentBegin();
        for (int i = 0; i < page.count() && findings.size() < MOST_FINDINGS; i++) {
            end = page.contentEnd(i, end);
            var key = page.key(i);
            checkOrder(page, number, i, key, previous, to);
            previous = key;
            if (!page.isLeaf()) {
                visit(page.child(i), key, i + 1 < page.count() ? page.key(i + 1) : to, depth + 1);
            } else if (page.isBucket(i)) {
                var root = page.bucket(i);
                if (root.number() == 0) {
                    pages.checkDepth(depth);
                    visitElements(root, number, null, null, depth + 1);
                } else {
                    visit(root.number(), null, null, depth + 1);
                }
            }
        }
    }

    private void checkOrder(
            Page page, long number, int i, byte[] key, byte @Nullable [] previous, byte @Nullable [] to) {
        var where = "key[" + i + "]=(hex)" + hex(key) + " on " + (page.isLeaf() ? "leaf" : "branch") + " page(" + number
                + ") needs to be ";
        if (previous != null) {
            int order = Arrays.compareUnsigned(previous, key);
            if (i == 0 && order > 0) {
                findings.add("the first " + where + ">= the key in the ancestor (" + hex(previous) + ")");
            } else if (i > 0 && order >= 0) {
                findings.add(where + "> (found " + (order > 0 ? "<" : "=") + ") than previous element (hex)"
                        + hex(previous));
            }
        }
        if (to != null && Arrays.compareUnsigned(key, to) >= 0) {
            findings.add(where + "< than key of the next element in ancestor (hex)" + hex(to));
        }
    }

    private static String hex(byte[] key) {
        return HexFormat.of().formatHex(key, 0, Math.min(key.length, SHOWN_KEY_BYTES));
    }
}
