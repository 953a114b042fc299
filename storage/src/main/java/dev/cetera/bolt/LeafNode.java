package dev.cetera.bolt;

import dev.cetera.disk.CorruptionException;
import java.util.Arrays;

/// A leaf that changes: keys, values, and which values are buckets. Confined to its transaction.
final class LeafNode extends Node {
    private byte[][] values;
    private byte[] flags;

    /// A new, empty leaf.
    LeafNode() {
        super(0, 0, 8);
        values = new byte[8][];
        flags = new byte[8];
    }

    LeafNode(Page page, long number) throws CorruptionException {
        super(number, number == 0 ? 0 : page.run(), page.count() + 8);
        values = new byte[keys.length][];
        flags = new byte[keys.length];
        count = page.count();
        for (int i = 0; i < count; i++) {
            keys[i] = page.key(i);
            values[i] = page.value(i);
            flags[i] = (byte) (page.isBucket(i) ? Page.BUCKET_FLAG : 0);
        }
    }

    @Override
    public boolean isLeaf() {
        return true;
    }

    @Override
    public byte[] value(int i) {
        return values[i];
    }

    @Override
    public boolean isBucket(int i) {
        return flags[i] == Page.BUCKET_FLAG;
    }

    @Override
    public Elements child(int i, Pages pages) {
        throw new IllegalStateException("a leaf has no children");
    }

    @Override
    long elementBytes(int i) {
        return (long) Page.ELEMENT + keys[i].length + values[i].length;
    }

    @Override
    int minimum() {
        return 1;
    }

    boolean hasBuckets() {
        for (int i = 0; i < count; i++) {
            if (isBucket(i)) {
                return true;
            }
        }
        return false;
    }

    /// Sets a key to a value, or with the flag to a bucket header. The two kinds never replace each other.
    void put(byte[] key, byte[] value, int flag) {
        int at = find(key);
        if (at >= 0) {
            if (flags[at] != flag) {
                throw new IllegalArgumentException("incompatible value");
            }
            values[at] = value;
            return;
        }
        at = -at - 1;
        reserve(count + 1);
        System.arraycopy(keys, at, keys, at + 1, count - at);
        System.arraycopy(values, at, values, at + 1, count - at);
        System.arraycopy(flags, at, flags, at + 1, count - at);
        keys[at] = key;
        values[at] = value;
        flags[at] = (byte) flag;
        count++;
    }

    @Override
    void remove(int i) {
        count--;
        System.arraycopy(keys, i + 1, keys, i, count - i);
        System.arraycopy(values, i + 1, values, i, count - i);
        System.arraycopy(flags, i + 1, flags, i, count - i);
        shrunk = true;
    }

    @Override
    void append(Node next, Pages pages) throws CorruptionException {
        if (!(next instanceof LeafNode leaf)) {
            throw pages.corrupt(next.number * pages.pageSize(), "a branch page beside a leaf page");
        }
        reserve(count + leaf.count);
        System.arraycopy(leaf.keys, 0, keys, count, leaf.count);
        System.arraycopy(leaf.values, 0, values, count, leaf.count);
        System.arraycopy(leaf.flags, 0, flags, count, leaf.count);
        count += leaf.count;
    }

    private void reserve(int needed) {
        if (needed > keys.length) {
            int capacity = grownCapacity(needed);
            keys = Arrays.copyOf(keys, capacity);
            values = Arrays.copyOf(values, capacity);
            flags = Arrays.copyOf(flags, capacity);
        }
    }
}
