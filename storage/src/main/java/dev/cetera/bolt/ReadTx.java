package dev.cetera.bolt;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.cetera.disk.CorruptionException;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// The file as one commit left it. Shared: any number of threads may read through it at once; whoever closes
/// it makes sure that they are done. It stays valid while the file grows and even after [Bolt#close], which is
/// complete only when the last one is closed. Pages it sees are not reused, so one that stays open for long
/// makes the file grow.
public final class ReadTx implements Tx, Closeable {
    private static final int COPY_BYTES = 1 << 16;

    private final Version version;
    private final AtomicBoolean closed = new AtomicBoolean();

    /// Takes over one use of the version.
    ReadTx(Version version) {
        this.version = version;
    }

    void checkOpen() {
        if (closed.get()) {
            throw new IllegalStateException("the transaction is closed");
        }
    }

    @Override
    public @Nullable Bucket bucket(byte[] name) throws CorruptionException {
        checkOpen();
        var root = bucketRoot(version, name);
        return root == null ? null : new ReadBucket(this, version.pages(), root);
    }

    /// Where the bucket of that name begins. At the top there are buckets alone.
    static @Nullable Page bucketRoot(Version version, byte[] name) throws CorruptionException {
        var pages = version.pages();
        var leaf = (Page) Elements.leaf(pages.page(version.meta().root()), pages, name);
        int i = leaf.find(name);
        if (i >= 0 && !leaf.isBucket(i)) {
            throw pages.corrupt(-1, "a value in the place of bucket " + shown(name));
        }
        return i < 0 ? null : leaf.bucket(i);
    }

    @Override
    public List<byte[]> buckets() throws CorruptionException {
        checkOpen();
        return bucketNames(version);
    }

    /// Of names that do not rise some could be listed but not found.
    static List<byte[]> bucketNames(Version version) throws CorruptionException {
        var names = new ArrayList<byte[]>();
        var pages = version.pages();
        var cursor = new Cursor(pages.page(version.meta().root()), pages);
        while (cursor.next()) {
            if (cursor.isBucket()) {
                byte[] name = cursor.key();
                if (!names.isEmpty() && Arrays.compareUnsigned(names.getLast(), name) >= 0) {
                    throw pages.corrupt(
                            -1, "bucket " + shown(name) + " stands behind bucket " + shown(names.getLast()));
                }
                names.add(name);
            }
        }
        return names;
    }

    static String shown(byte[] name) {
        return new String(name, ISO_8859_1);
    }

    @Override
    public long txid() {
        return version.meta().txid();
    }

    @Override
    public List<String> check() throws CorruptionException {
        checkOpen();
        var meta = version.meta();
        long[] free = meta.freelist() == Meta.NO_FREELIST ? null : FreelistPage.read(version.pages(), meta.freelist());
        return Checker.check(version.pages(), meta, free);
    }

    /// Of the file that it is a view of, as it was called when it was opened.
    public Path path() {
        return version.pages().file();
    }

    /// Bytes of the copy form: all pages ever used, page size times high-water mark.
    public long size() {
        return version.meta().bytes();
    }

    /// Writes the file as of this view, in the form of bbolt's copy: a whole bolt file of [#size] bytes.
    public void copy(OutputStream out) throws IOException {
        var buffer = new byte[COPY_BYTES];
        for (long at = 0; at < size(); ) {
            int length = readCopy(at, buffer, 0, buffer.length);
            out.write(buffer, 0, length);
            at += length;
        }
    }

    /// Reads a piece of the same copy, for callers that send at the pace of the receiver.
    ///
    /// @return bytes read, as many as asked for unless the copy ends; -1 at its end
    public int readCopy(long position, byte[] into, int offset, int length) {
        checkOpen();
        if (position >= size()) {
            return -1;
        }
        int wanted = (int) Math.min(length, size() - position);
        int done = 0;
        long metaBytes = Pages.FIRST * version.meta().pageSize();
        if (position < metaBytes) {
            done = (int) Math.min(wanted, metaBytes - position);
            metaPages().get((int) position, into, offset, done);
        }
        MemorySegment.copy(
                version.pages().map(), ValueLayout.JAVA_BYTE, position + done, into, offset + done, wanted - done);
        return wanted;
    }

    /// The newer meta always comes first in a copy, the older only has a smaller txid.
    private ByteBuffer metaPages() {
        var meta = version.meta();
        var both = ByteBuffer.allocate(2 * meta.pageSize());
        meta.encode(both, 0);
        meta.withTxid(meta.txid() - 1).encode(both.slice(meta.pageSize(), meta.pageSize()), 1);
        return both;
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            version.release();
        }
    }
}
