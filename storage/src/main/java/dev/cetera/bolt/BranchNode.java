package dev.cetera.bolt;

import dev.cetera.disk.CorruptionException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A branch that changes: for each key a page in the file, or the node that will replace it.
/// Confined to its transaction.
final class BranchNode extends Node {
    private long[] children;
    private @Nullable Node[] loaded;

    BranchNode(Page page, long number) throws CorruptionException {
        super(number, number == 0 ? 0 : page.run(), page.count());
        children = new long[page.count()];
        loaded = new Node[page.count()];
        count = page.count();
        for (int i = 0; i < count; i++) {
            keys[i] = page.key(i);
            children[i] = page.child(i);
        }
    }

    /// A new branch over pages that are written already.
    BranchNode(List<Spill.Piece> pieces) {
        super(0, 0, pieces.size());
        children = new long[pieces.size()];
        loaded = new Node[pieces.size()];
        pieces.forEach(this::add);
    }

    @Override
    public boolean isLeaf() {
        return false;
    }

    @Override
    public byte[] value(int i) {
        throw new IllegalStateException("a branch has no values");
    }

    @Override
    public boolean isBucket(int i) {
        return false;
    }

    long child(int i) {
        return children[i];
    }

    /// The i-th child if it was read for change.
    @Nullable
    Node loaded(int i) {
        return loaded[i];
    }

    @Override
    public Elements child(int i, Pages pages) throws CorruptionException {
        var node = loaded[i];
        return node != null ? node : pages.page(children[i]);
    }

    /// The i-th child, for change.
    Node load(int i, Pages pages) throws CorruptionException {
        var node = loaded[i];
        if (node == null) {
            node = Node.load(pages.page(children[i]), PageOrigin.FILE);
            loaded[i] = node;
        }
        return node;
    }

    @Override
    long elementBytes(int i) {
        return (long) Page.ELEMENT + keys[i].length;
    }

    @Override
    int minimum() {
        return 2;
    }

    @Override
    void remove(int i) {
        count--;
        System.arraycopy(keys, i + 1, keys, i, count - i);
        System.arraycopy(children, i + 1, children, i, count - i);
        System.arraycopy(loaded, i + 1, loaded, i, count - i);
        loaded[count] = null;
        shrunk = true;
    }

    @Override
    void append(Node next, Pages pages) throws CorruptionException {
        if (!(next instanceof BranchNode branch)) {
            throw pages.corrupt(next.number * pages.pageSize(), "a leaf page beside a branch page");
        }
        reserve(count + branch.count);
        System.arraycopy(branch.keys, 0, keys, count, branch.count);
        System.arraycopy(branch.children, 0, children, count, branch.count);
        System.arraycopy(branch.loaded, 0, loaded, count, branch.count);
        count += branch.count;
    }

    /// Puts the pages that came of the loaded children in their place.
    void replaceLoaded(Spill spill) throws CorruptionException {
        var oldKeys = keys;
        var oldChildren = children;
        var oldLoaded = loaded;
        int oldCount = count;
        keys = new byte[oldCount][];
        children = new long[oldCount];
        loaded = new Node[oldCount];
        count = 0;
        for (int i = 0; i < oldCount; i++) {
            var node = oldLoaded[i];
            if (node == null) {
                add(new Spill.Piece(oldKeys[i], oldChildren[i]));
            } else {
                spill.pieces(node).forEach(this::add);
            }
        }
    }

    private void add(Spill.Piece piece) {
        reserve(count + 1);
        keys[count] = piece.firstKey();
        children[count] = piece.number();
        count++;
    }

    private void reserve(int needed) {
        if (needed > keys.length) {
            int capacity = grownCapacity(needed);
            keys = Arrays.copyOf(keys, capacity);
            children = Arrays.copyOf(children, capacity);
            loaded = Arrays.copyOf(loaded, capacity);
        }
    }
}
