package dev.cetera.bolt;

import dev.cetera.disk.CorruptionException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Searches one tree for pages that lie too far back in the file. Reads branch pages, and of the leaves only
/// those that it finds: all leaves of a tree are equally deep, so that where one is seen the others are known.
/// (In a tree of another shape some would be passed over, and stay where they are.) Confined.
final class DistantPages {
    /// A page that the tree leads to: so many steps down towards the key.
    record Place(byte[] key, int depth) {}

    private final Pages pages;
    private final MoveBudget budget;
    private final List<Place> found = new ArrayList<>();
    private byte @Nullable [] next;
    private int leafDepth;

    DistantPages(Pages pages, MoveBudget budget) {
        this.pages = pages;
        this.budget = budget;
    }

    List<Place> found() {
        return found;
    }

    /// Where the budget ended; null when it did not.
    byte @Nullable [] next() {
        return next;
    }

    /// From the page on where the key is or would be. What the transaction has changed is going to be
    /// rewritten anyway, and is passed over.
    void search(Elements root, byte[] from) throws CorruptionException {
        leafDepth = 0;
        for (var at = root; !at.isLeaf(); at = at.child(0, pages)) {
            pages.checkDepth(leafDepth++);
        }
        boolean more = true;
        if (root instanceof Page page && budget.isBeyond(page.number())) {
            more = take(from, 0, page.number());
        }
        if (more && leafDepth > 0) {
            visit(root, 0, from);
        }
    }

    /// False when the budget is used up.
    private boolean visit(Elements branch, int depth, byte[] from) throws CorruptionException {
        for (int i = branch.towards(from); i < branch.count(); i++) {
            if (!budget.look()) {
                next = branch.key(i);
                return false;
            }
            long number = unchanged(branch, i);
            if (budget.isBeyond(number) && !take(branch.key(i), depth + 1, number)) {
                return false;
            }
            if (depth + 1 < leafDepth) {
                var child = branch.child(i, pages);
                if (!child.isLeaf() && !visit(child, depth + 1, from)) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean take(byte[] key, int depth, long number) throws CorruptionException {
        int run = pages.page(number).run();
        if (budget.isLeft(run)) {
            next = key;
            return false;
        }
        if (budget.take(run)) {
            found.add(new Place(key, depth));
        }
        return true;
    }

    /// The page below an element, 0 when it has been changed.
    private static long unchanged(Elements branch, int i) {
        return switch (branch) {
            case Page page -> page.child(i);
            case BranchNode node -> node.loaded(i) == null ? node.child(i) : 0;
            case LeafNode _ -> throw new IllegalStateException("a leaf has no children");
        };
    }
}
