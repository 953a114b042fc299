package dev.cetera.schema;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.cetera.bolt.Bolt;
import dev.cetera.bolt.Cursor;
import dev.cetera.bolt.ReadTx;
import dev.cetera.disk.CorruptionException;
import dev.cetera.disk.Disk;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// The bolt file as one commit left it. Shared: any thread may read; whoever closes it makes sure they are
/// done. Pages that it sees are not reused, so one that stays open for long makes the file grow.
public final class Snapshot implements Closeable {
    /// Of a file that is no backend's.
    static final long NO_GENERATION = -1;

    private final ReadTx tx;
    private final long generation;

    /// [Bucket#KEY], once somebody has asked for it: lists ask for each of their records. Threads that look
    /// for it at the same time find equal ones, which are immutable.
    private dev.cetera.bolt.@Nullable Bucket revisions;

    Snapshot(ReadTx tx, long generation) {
        this.tx = tx;
        this.generation = generation;
    }

    /// What a file holds that nobody has open for writing.
    public static Snapshot of(Disk disk, Path path) throws IOException {
        return new Snapshot(Bolt.view(disk, path), NO_GENERATION);
    }

    /// As [Backend#generation].
    public long generation() {
        return generation;
    }

    /// What is wrong with the file's structure, in the words of bbolt's check; empty when nothing is. Reads
    /// all of it.
    public List<String> check() throws IOException {
        return tx.check();
    }

    public boolean has(Bucket bucket) throws IOException {
        return tx.bucket(bucket.bytes()) != null;
    }

    /// Index of the last entry in it, 0 for none.
    ///
    /// @throws CorruptionException when it is none that can be
    public long consistentIndex() throws IOException {
        var bytes = get(Bucket.META, MetaKey.CONSISTENT_INDEX.bytes());
        if (bytes == null || bytes.length != Long.BYTES) {
            return 0;
        }
        long index = ByteBuffer.wrap(bytes).getLong();
        if (index < 0) {
            throw corrupt("consistent index " + Long.toUnsignedString(index) + " is out of range");
        }
        return index;
    }

    /// Main revision of a compaction, -1 when there was none.
    ///
    /// @throws CorruptionException when it is no revision
    public long compaction(MetaKey which) throws IOException {
        var revision = get(Bucket.META, which.bytes());
        if (revision == null) {
            return -1;
        }
        if (!Revision.isKey(revision)) {
            throw corrupt(which + " in bucket meta is not a revision");
        }
        return Revision.mainOf(revision);
    }

    private CorruptionException corrupt(String what) {
        return new CorruptionException(tx.path(), -1, what);
    }

    /// Value of a key, null when there is none.
    public byte @Nullable [] get(Bucket bucket, byte[] key) throws IOException {
        return (bucket == Bucket.KEY ? revisions() : in(bucket.bytes())).get(key);
    }

    private dev.cetera.bolt.Bucket revisions() throws IOException {
        var known = revisions;
        if (known == null) {
            known = in(Bucket.KEY.bytes());
            revisions = known;
        }
        return known;
    }

    /// A cursor before the first key of a bucket.
    public Cursor cursor(Bucket bucket) throws IOException {
        return cursor(bucket.bytes());
    }

    Cursor cursor(byte[] name) throws IOException {
        return in(name).cursor();
    }

    List<byte[]> bucketNames() throws IOException {
        return tx.buckets();
    }

    /// CRC-32C over the name, then every key and value, of every bucket in order; not the consistent index, in
    /// which members with the same data differ.
    public int hash() throws IOException {
        return hash(MetaKey.CONSISTENT_INDEX.bytes());
    }

    /// The same over everything without exception, as `snapshot status` shows it.
    public int statusHash() throws IOException {
        return hash(null);
    }

    private int hash(byte @Nullable [] skippedInMeta) throws IOException {
        var crc = new CRC32C();
        for (var name : tx.buckets()) {
            crc.update(name);
            var skipped = Arrays.equals(name, Bucket.META.bytes()) ? skippedInMeta : null;
            var cursor = cursor(name);
            for (var more = cursor.first(); more; more = cursor.next()) {
                var key = cursor.key();
                if (!Arrays.equals(key, skipped)) {
                    crc.update(key);
                    crc.update(cursor.value());
                }
            }
        }
        return (int) crc.getValue();
    }

    /// Bytes that [#copy] writes.
    public long size() {
        return tx.size();
    }

    /// Writes the whole file as of this snapshot: a bolt file of [#size] bytes.
    public void copy(OutputStream out) throws IOException {
        tx.copy(out);
    }

    /// Reads a piece of the same copy, for those who send at the pace of a receiver.
    ///
    /// @return bytes read, -1 at the end
    public int readCopy(long position, byte[] into, int offset, int length) {
        return tx.readCopy(position, into, offset, length);
    }

    @Override
    public void close() {
        tx.close();
    }

    private dev.cetera.bolt.Bucket in(byte[] name) throws IOException {
        var found = tx.bucket(name);
        if (found == null) {
            throw corrupt("the backend has no bucket " + new String(name, ISO_8859_1));
        }
        return found;
    }
}
