package dev.cetera.bolt;

import dev.cetera.disk.CorruptionException;
import java.util.Arrays;

/// A tree page that a [WriteTx] changes. It grows without limit until [Spill] cuts it into pages.
/// Confined to the transaction.
abstract sealed class Node implements Elements permits LeafNode, BranchNode {
    /// The page this was read from, zero for a new or inline one, and how many pages it filled.
    final long number;

    final int run;

    byte[][] keys;
    int count;

    /// Whether elements went away, so that it may have become too small.
    boolean shrunk;

    Node(long number, int run, int capacity) {
        this.number = number;
        this.run = run;
        this.keys = new byte[capacity][];
    }

    /// The page in a form that can change.
    static Node load(Elements from, PageOrigin origin) throws CorruptionException {
        return switch (from) {
            case Node node -> node;
            case Page page -> {
                long number = origin == PageOrigin.FILE ? page.number() : 0;
                yield page.isLeaf() ? new LeafNode(page, number) : new BranchNode(page, number);
            }
        };
    }

    /// Whether a page has a place of its own in the file, to be freed when it is replaced.
    enum PageOrigin {
        FILE,
        INLINE
    }

    @Override
    public abstract byte[] value(int i);

    @Override
    public abstract boolean isBucket(int i);

    /// Bytes the i-th element needs in a page.
    abstract long elementBytes(int i);

    /// With so few elements or fewer a page is too small.
    abstract int minimum();

    /// Takes over all elements of the next page of the same level.
    abstract void append(Node next, Pages pages) throws CorruptionException;

    abstract void remove(int i);

    final long bytes() {
        long bytes = Page.HEADER;
        for (int i = 0; i < count; i++) {
            bytes += elementBytes(i);
        }
        return bytes;
    }

    @Override
    public final int count() {
        return count;
    }

    @Override
    public final byte[] key(int i) {
        return keys[i];
    }

    @Override
    public final int find(byte[] key) {
        // Keys mostly rise, and then they belong behind the last.
        if (count == 0 || Arrays.compareUnsigned(keys[count - 1], key) < 0) {
            return -count - 1;
        }
        return Arrays.binarySearch(keys, 0, count, key, Arrays::compareUnsigned);
    }

    final int grownCapacity(int needed) {
        return Math.max(needed, keys.length + (keys.length >> 1) + 8);
    }
}
