package dev.cetera.bolt;

import dev.cetera.disk.CorruptionException;
import org.jspecify.annotations.Nullable;

/// One bucket's tree while a [WriteTx] changes it: pages of the file as long as they are only read, nodes from
/// the root down to every leaf that changed. Confined to the transaction.
final class Tree {
    static final double DEFAULT_FILL = 0.5;

    private final Pages pages;
    private Elements root;
    private final Node.PageOrigin origin;
    private double fill = DEFAULT_FILL;
    private boolean changed;

    /// A tree that is in the file.
    Tree(Pages pages, Page root) {
        this.pages = pages;
        this.root = root;
        this.origin = root.number() == 0 ? Node.PageOrigin.INLINE : Node.PageOrigin.FILE;
    }

    /// A new, empty one.
    Tree(Pages pages) {
        this.pages = pages;
        this.root = new LeafNode();
        this.origin = Node.PageOrigin.INLINE;
        this.changed = true;
    }

    boolean changed() {
        return changed;
    }

    void setFill(double fraction) {
        fill = Math.clamp(fraction, 0.1, 1.0);
    }

    byte @Nullable [] get(byte[] key) throws CorruptionException {
        return Elements.get(root, pages, key);
    }

    Cursor cursor() {
        return new Cursor(root, pages);
    }

    void put(byte[] key, byte[] value, int flag) throws CorruptionException {
        leafToChange(key).put(key, value, flag);
    }

    void delete(byte[] key) throws CorruptionException {
        var leaf = Elements.leaf(root, pages, key);
        int found = leaf.find(key);
        if (found < 0) {
            return;
        }
        if (leaf.isBucket(found)) {
            throw new IllegalArgumentException("incompatible value");
        }
        leafToChange(key).remove(found);
    }

    private LeafNode leafToChange(byte[] key) throws CorruptionException {
        changed = true;
        var at = Node.load(root, origin);
        root = at;
        for (int depth = 0; at instanceof BranchNode branch; depth++) {
            pages.checkDepth(depth);
            at = branch.load(branch.towards(key), pages);
        }
        return (LeafNode) at;
    }

    /// Has pages rewritten that the budget calls for, in the order of their keys.
    ///
    /// @param from the key at whose page to begin
    /// @return the key to go on at with another budget, null when the end of the tree was reached
    byte @Nullable [] moveFrom(byte[] from, MoveBudget budget) throws CorruptionException {
        var distant = new DistantPages(pages, budget);
        distant.search(root, from);
        for (var place : distant.found()) {
            load(place);
        }
        return distant.next();
    }

    /// Makes nodes of the pages on the way to that place.
    private void load(DistantPages.Place place) throws CorruptionException {
        changed = true;
        var at = Node.load(root, origin);
        root = at;
        for (int depth = 0; depth < place.depth() && at instanceof BranchNode branch; depth++) {
            at = branch.load(branch.towards(place.key()), pages);
        }
    }

    /// Writes the changed tree as the value of a bucket: inline when it is small enough, else a reference to
    /// its root.
    byte[] spillAsBucket(Spill spill, long sequence) throws CorruptionException {
        var node = tidied(spill);
        if (node instanceof LeafNode leaf && !leaf.hasBuckets() && leaf.bytes() <= pages.pageSize() / 4) {
            spill.free(leaf);
            return spill.inlineBucket(leaf, sequence);
        }
        return Spill.bucketHeader(spill.write(node, fill), sequence);
    }

    /// Writes the changed tree.
    ///
    /// @return the page of its root
    long spill(Spill spill) throws CorruptionException {
        return spill.write(tidied(spill), fill);
    }

    /// The root after pages that have become too small were joined to their neighbours.
    private Node tidied(Spill spill) throws CorruptionException {
        var node = Node.load(root, origin);
        if (node instanceof BranchNode branch) {
            tidy(branch, spill);
        }
        while (node instanceof BranchNode branch && branch.count == 1) {
            spill.free(branch);
            node = branch.load(0, pages);
        }
        if (node instanceof BranchNode branch && branch.count == 0) {
            spill.free(branch);
            node = new LeafNode();
        }
        root = node;
        return node;
    }

    private void tidy(BranchNode branch, Spill spill) throws CorruptionException {
        for (int i = 0; i < branch.count; i++) {
            if (branch.loaded(i) instanceof BranchNode below) {
                tidy(below, spill);
            }
        }
        for (int i = 0; i < branch.count; ) {
            var node = branch.loaded(i);
            if (node == null || !node.shrunk || !isTooSmall(node)) {
                i++;
            } else if (node.count == 0) {
                spill.free(node);
                branch.remove(i);
            } else if (branch.count == 1) {
                i++;
            } else {
                i = Math.max(0, i - 1);
                join(branch, i, spill);
            }
        }
    }

    private boolean isTooSmall(Node node) {
        return node.count <= node.minimum() || node.bytes() <= pages.pageSize() / 4;
    }

    /// Makes the elements `i` and `i + 1` one. It may still be too small, or now too big: the first is looked
    /// at again, the second is what the split is for.
    private void join(BranchNode branch, int i, Spill spill) throws CorruptionException {
        var left = branch.load(i, pages);
        var right = branch.load(i + 1, pages);
        left.append(right, pages);
        left.shrunk = true;
        spill.free(right);
        branch.remove(i + 1);
    }
}
