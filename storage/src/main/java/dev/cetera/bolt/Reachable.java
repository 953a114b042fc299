package dev.cetera.bolt;

import dev.cetera.disk.CorruptionException;
import java.util.BitSet;

/// Finds every page that a commit uses, by walking all its trees: what is left is free. Reads each branch and
/// leaf page's header and elements, no keys. No page may be reached twice and no two elements may share bytes,
/// so that whoever walks through a file after this reads at most what it holds. Confined.
final class Reachable {
    private final Pages pages;
    private final BitSet used = new BitSet();

    private Reachable(Pages pages) {
        this.pages = pages;
    }

    /// The pages below the high-water mark that nothing leads to.
    static BitSet free(Pages pages, long root) throws CorruptionException {
        var walk = new Reachable(pages);
        walk.visit(root, 0);
        var free = new BitSet();
        free.set((int) Pages.FIRST, (int) pages.highWater());
        free.andNot(walk.used);
        return free;
    }

    private void visit(long number, int depth) throws CorruptionException {
        pages.checkDepth(depth);
        var page = pages.page(number);
        int end = (int) number + page.run();
        int taken = used.nextSetBit((int) number);
        if (taken >= 0 && taken < end) {
            throw pages.corrupt(pages.offset(number), "page " + taken + ": multiple references");
        }
        used.set((int) number, end);
        visitElements(page, depth);
    }

    private void visitElements(Page page, int depth) throws CorruptionException {
        long end = page.contentBegin();
        for (int i = 0; i < page.count(); i++) {
            end = page.contentEnd(i, end);
            if (!page.isLeaf()) {
                visit(page.child(i), depth + 1);
            } else if (page.isBucket(i)) {
                var root = page.bucket(i);
                if (root.number() != 0) {
                    visit(root.number(), depth + 1);
                } else {
                    pages.checkDepth(depth);
                    visitElements(root, depth + 1);
                }
            }
        }
    }
}
