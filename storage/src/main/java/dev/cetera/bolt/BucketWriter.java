package dev.cetera.bolt;

import dev.cetera.disk.CorruptionException;
import org.jspecify.annotations.Nullable;

/// A bucket that its [WriteTx] changes. Confined to the transaction's thread.
public final class BucketWriter implements Bucket {
    private static final int MAX_KEY_BYTES = 32768;

    /// Far above anything that etcd accepts; four such values still make a page that one write can take.
    private static final int MAX_VALUE_BYTES = 1 << 28;

    private final WriteTx tx;
    private final Tree tree;
    private final long sequence;

    BucketWriter(WriteTx tx, Tree tree, long sequence) {
        this.tx = tx;
        this.tree = tree;
        this.sequence = sequence;
    }

    @Override
    public byte @Nullable [] get(byte[] key) throws CorruptionException {
        tx.checkOpen();
        return tree.get(key);
    }

    @Override
    public Cursor cursor() {
        tx.checkOpen();
        return tree.cursor();
    }

    /// Sets a key. Neither array may change afterwards; they are copied only by the commit.
    ///
    /// @param key 1 to 32768 bytes
    /// @param value at most 256 MiB
    public void put(byte[] key, byte[] value) throws CorruptionException {
        tx.checkOpen();
        if (key.length == 0) {
            throw new IllegalArgumentException("key required");
        }
        if (key.length > MAX_KEY_BYTES) {
            throw new IllegalArgumentException("key too large");
        }
        if (value.length > MAX_VALUE_BYTES) {
            throw new IllegalArgumentException("value too large");
        }
        tree.put(key, value, 0);
    }

    /// Removes a key if it is there.
    public void delete(byte[] key) throws CorruptionException {
        tx.checkOpen();
        tree.delete(key);
    }

    /// How full a split leaves the pages of this bucket, for this transaction: 0.1 to 1.0, 0.5 unless set.
    /// High for keys that only rise.
    public void setFillPercent(double fraction) {
        tree.setFill(fraction);
    }

    Tree tree() {
        return tree;
    }

    boolean changed() {
        return tree.changed();
    }

    byte[] spill(Spill spill) throws CorruptionException {
        return tree.spillAsBucket(spill, sequence);
    }
}
