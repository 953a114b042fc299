package dev.cetera.bolt;

import dev.cetera.disk.CorruptionException;
import java.util.Arrays;

/// Walks the keys of one bucket in order. Confined to one thread at a time. Valid as long as its transaction
/// is open and, in a [WriteTx], its bucket unchanged.
public final class Cursor {
    private enum Place {
        BEFORE_FIRST,
        ON_KEY,
        AFTER_LAST
    }

    private enum Direction {
        UP,
        DOWN
    }

    private final Elements root;
    private final Pages pages;

    /// The way from the root to the leaf and the element taken in each.
    private Elements[] path = new Elements[4];

    private int[] index = new int[4];
    private int depth;
    private Place place = Place.BEFORE_FIRST;

    Cursor(Elements root, Pages pages) {
        this.root = root;
        this.pages = pages;
    }

    /// Moves to the smallest key; false when the bucket is empty.
    public boolean first() throws CorruptionException {
        depth = 0;
        push(root, 0);
        descend(Direction.UP);
        return settle(Direction.UP);
    }

    /// Moves to the largest key; false when the bucket is empty.
    public boolean last() throws CorruptionException {
        depth = 0;
        push(root, root.count() - 1);
        descend(Direction.DOWN);
        return settle(Direction.DOWN);
    }

    /// Moves to the smallest key that is not below `key`; false when there is none.
    public boolean seek(byte[] key) throws CorruptionException {
        depth = 0;
        var at = root;
        while (!at.isLeaf()) {
            int i = at.towards(key);
            push(at, i);
            at = at.child(i, pages);
        }
        int found = at.find(key);
        push(at, found >= 0 ? found : -found - 1);
        return settle(Direction.UP);
    }

    /// Moves on; false at the end, where the cursor has no key. From before the first key this is [#first].
    public boolean next() throws CorruptionException {
        return switch (place) {
            case BEFORE_FIRST -> first();
            case AFTER_LAST -> false;
            case ON_KEY -> {
                index[depth - 1]++;
                yield settle(Direction.UP);
            }
        };
    }

    /// Moves back; false at the beginning, where the cursor has no key. From behind the last key this is
    /// [#last].
    public boolean prev() throws CorruptionException {
        return switch (place) {
            case BEFORE_FIRST -> false;
            case AFTER_LAST -> last();
            case ON_KEY -> {
                index[depth - 1]--;
                yield settle(Direction.DOWN);
            }
        };
    }

    /// A copy of the key. Only where the last move returned true.
    public byte[] key() throws CorruptionException {
        return leaf().key(index[depth - 1]);
    }

    /// A copy of the value; empty for a bucket within the bucket.
    public byte[] value() throws CorruptionException {
        return isBucket() ? new byte[0] : leaf().value(index[depth - 1]);
    }

    /// Whether there is a bucket at the key.
    boolean isBucket() throws CorruptionException {
        return leaf().isBucket(index[depth - 1]);
    }

    private Elements leaf() {
        if (place != Place.ON_KEY) {
            throw new IllegalStateException("the cursor is on no key");
        }
        return path[depth - 1];
    }

    private void push(Elements elements, int i) throws CorruptionException {
        pages.checkDepth(depth);
        if (depth == path.length) {
            path = Arrays.copyOf(path, depth * 2);
            index = Arrays.copyOf(index, depth * 2);
        }
        path[depth] = elements;
        index[depth] = i;
        depth++;
    }

    /// From the element at the end of the path down to a leaf, along its first or last elements.
    private void descend(Direction direction) throws CorruptionException {
        while (!path[depth - 1].isLeaf()) {
            var child = path[depth - 1].child(index[depth - 1], pages);
            push(child, direction == Direction.UP ? 0 : child.count() - 1);
        }
    }

    /// Leaves the page when the index has run out of it, for the next one that has elements.
    private boolean settle(Direction direction) throws CorruptionException {
        while (outside()) {
            depth--;
            if (depth == 0) {
                place = direction == Direction.UP ? Place.AFTER_LAST : Place.BEFORE_FIRST;
                return false;
            }
            index[depth - 1] += direction == Direction.UP ? 1 : -1;
            if (!outside()) {
                descend(direction);
            }
        }
        place = Place.ON_KEY;
        return true;
    }

    private boolean outside() {
        int i = index[depth - 1];
        return i < 0 || i >= path[depth - 1].count();
    }
}
