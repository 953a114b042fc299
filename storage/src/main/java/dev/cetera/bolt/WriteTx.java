package dev.cetera.bolt;

import dev.cetera.disk.CorruptionException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The one transaction that changes the file. Confined to one thread at a time. It ends with [#commit] or
/// [#rollback]; until then no other can begin.
public final class WriteTx implements Tx, AutoCloseable {
    private final Bolt bolt;
    private final Version base;
    private final TreeMap<byte[], BucketWriter> writers = new TreeMap<>(Arrays::compareUnsigned);
    private @Nullable Tree top;
    private boolean open = true;

    /// Takes over one use of the version.
    WriteTx(Bolt bolt, Version base) {
        this.bolt = bolt;
        this.base = base;
    }

    void checkOpen() {
        if (!open) {
            throw new IllegalStateException("the transaction is over");
        }
    }

    Version base() {
        return base;
    }

    @Override
    public @Nullable BucketWriter bucket(byte[] name) throws CorruptionException {
        checkOpen();
        return writer(name);
    }

    private @Nullable BucketWriter writer(byte[] name) throws CorruptionException {
        var writer = writers.get(name);
        if (writer == null) {
            var root = ReadTx.bucketRoot(base, name);
            if (root == null) {
                return null;
            }
            writer = new BucketWriter(this, new Tree(base.pages(), root), sequence(name));
            writers.put(name.clone(), writer);
        }
        return writer;
    }

    private long sequence(byte[] name) throws CorruptionException {
        var leaf = (Page) Elements.leaf(base.pages().page(base.meta().root()), base.pages(), name);
        return leaf.bucketSequence(leaf.find(name));
    }

    /// The bucket of that name, made when missing.
    public BucketWriter createBucket(byte[] name) throws CorruptionException {
        if (name.length == 0) {
            throw new IllegalArgumentException("bucket name required");
        }
        var writer = bucket(name);
        if (writer == null) {
            writer = new BucketWriter(this, new Tree(base.pages()), 0);
            writers.put(name.clone(), writer);
        }
        return writer;
    }

    @Override
    public List<byte[]> buckets() throws CorruptionException {
        checkOpen();
        return List.copyOf(names());
    }

    /// The names of all buckets, those that this made included.
    NavigableSet<byte[]> names() throws CorruptionException {
        var names = new TreeSet<byte[]>(Arrays::compareUnsigned);
        names.addAll(ReadTx.bucketNames(base));
        names.addAll(writers.keySet());
        return names;
    }

    @Override
    public long txid() {
        return base.meta().txid() + 1;
    }

    /// Checks the commit this one is based on, against the list of free pages that the writer really uses.
    @Override
    public List<String> check() throws CorruptionException {
        checkOpen();
        return Checker.check(base.pages(), base.meta(), bolt.listedPages());
    }

    /// The tree that names the buckets.
    Tree top() throws CorruptionException {
        if (top == null) {
            top = new Tree(base.pages(), base.pages().page(base.meta().root()));
        }
        return top;
    }

    /// The tree of one of [#names].
    Tree tree(byte[] name) throws CorruptionException {
        var writer = writer(name);
        if (writer == null) {
            throw base.pages().corrupt(-1, "bucket " + ReadTx.shown(name) + " is listed but not to be found");
        }
        return writer.tree();
    }

    /// Makes every change durable in one step. After an error before the first sync (disk full, say) the file
    /// is as before and can go on being used; after any later one nobody knows which of the two states is on
    /// disk, and the [Bolt] refuses to write again.
    public void commit() throws IOException {
        checkOpen();
        open = false;
        try {
            bolt.commit(this);
        } finally {
            bolt.end(base);
        }
    }

    /// Writes what changed.
    ///
    /// @return the page at which the buckets then begin
    long spill(Spill spill) throws CorruptionException {
        var buckets = top();
        for (Map.Entry<byte[], BucketWriter> entry : writers.entrySet()) {
            if (entry.getValue().changed()) {
                buckets.put(entry.getKey(), entry.getValue().spill(spill), Page.BUCKET_FLAG);
            }
        }
        return buckets.changed() ? buckets.spill(spill) : base.meta().root();
    }

    /// Forgets every change. Nothing to do after [#commit].
    public void rollback() {
        if (open) {
            open = false;
            bolt.end(base);
        }
    }

    /// Rolls back unless committed.
    @Override
    public void close() {
        rollback();
    }
}
