package dev.cetera.bolt;

import dev.cetera.disk.CorruptionException;
import org.jspecify.annotations.Nullable;

/// A bucket of a [ReadTx]. Shared: immutable.
final class ReadBucket implements Bucket {
    private final ReadTx tx;
    private final Pages pages;
    private final Page root;

    ReadBucket(ReadTx tx, Pages pages, Page root) {
        this.tx = tx;
        this.pages = pages;
        this.root = root;
    }

    @Override
    public byte @Nullable [] get(byte[] key) throws CorruptionException {
        tx.checkOpen();
        return Elements.get(root, pages, key);
    }

    @Override
    public Cursor cursor() {
        tx.checkOpen();
        return new Cursor(root, pages);
    }
}
