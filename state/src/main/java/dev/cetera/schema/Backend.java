package dev.cetera.schema;

import dev.cetera.bolt.Bolt;
import dev.cetera.bolt.BoltOptions;
import dev.cetera.bolt.Shrinking;
import dev.cetera.bolt.WriteTx;
import dev.cetera.disk.Disk;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// The bolt file and everything applied but not yet committed to it.
///
/// The applier changes memory only: [Pending] gathers what the next commit writes, and `overlay` shows what
/// the file does not have yet. A change leaves the overlay when it is committed, and readers look there before
/// they open a snapshot; so they never miss it. ([Bucket#KEY] has no overlay: its reader is `mvcc`, with a
/// tail of its own.)
///
/// Guarded: writing to the file by `writing`, held for as long as a commit takes; the exchange of the file by
/// `exchange`, held for moments.
public final class Backend implements Closeable {
    /// Revisions only rise, so pages of that bucket may be filled (as etcd does).
    private static final double ASCENDING_FILL = 0.9;

    private final Disk disk;
    private final Path path;
    private final BoltOptions options;
    private final Pending pending;
    private final Map<Bucket, NavigableMap<byte[], Change>> overlay = new EnumMap<>(Bucket.class);
    private final ReentrantLock writing = new ReentrantLock();
    private final ReentrantReadWriteLock exchange = new ReentrantReadWriteLock();
    private Bolt bolt;
    /// Why nothing can be written any more.
    private volatile @Nullable IOException broken;

    /// Rises when the file gives way to another member's, never by a defragmentation. Invariant: what was read
    /// under one generation and put into memory is never mixed with a file of another.
    private volatile long generation;

    private volatile long committedIndex;
    private volatile long committedRevision;

    private Backend(Disk disk, Path path, BoltOptions options, Bolt bolt) throws IOException {
        this.disk = disk;
        this.path = path;
        this.options = options;
        this.bolt = bolt;
        for (var bucket : Bucket.values()) {
            overlay.put(bucket, new ConcurrentSkipListMap<>(Arrays::compareUnsigned));
        }
        var position = Position.of(bolt);
        committedIndex = position.index();
        committedRevision = position.revision();
        pending = new Pending(committedIndex);
    }

    /// As [#open(Disk,Path,Shrinking)], with a file that never gets shorter by itself.
    public static Backend open(Disk disk, Path path) throws IOException {
        return open(disk, path, Shrinking.NEVER);
    }

    /// Opens the file, made when absent, and makes the buckets that are missing.
    public static Backend open(Disk disk, Path path, Shrinking shrinking) throws IOException {
        var options = BoltOptions.DEFAULTS.withShrinking(shrinking);
        var bolt = Bolt.open(disk, path, options);
        try {
            makeBuckets(bolt);
            return new Backend(disk, path, options, bolt);
        } catch (IOException | RuntimeException e) {
            bolt.close();
            throw e;
        }
    }

    static void makeBuckets(Bolt bolt) throws IOException {
        var there = new TreeSet<byte[]>(Arrays::compareUnsigned);
        try (var tx = bolt.read()) {
            there.addAll(tx.buckets());
        }
        if (!Arrays.stream(Bucket.values()).allMatch(bucket -> there.contains(bucket.bytes()))) {
            try (var tx = bolt.write()) {
                for (var bucket : Bucket.values()) {
                    tx.createBucket(bucket.bytes());
                }
                tx.commit();
            }
        }
    }

    public Path path() {
        return path;
    }

    /// When the file gives back what it does not use. One that is to replace it should do it likewise.
    public Shrinking shrinking() {
        return options.shrinking();
    }

    // ---- applier only: memory work ----

    /// Sets a key. Neither array may change afterwards.
    public void put(Bucket bucket, byte[] key, byte[] value) {
        add(new Change(bucket, key, value));
    }

    public void delete(Bucket bucket, byte[] key) {
        add(new Change(bucket, key, null));
    }

    private void add(Change change) {
        pending.add(change);
        if (change.bucket != Bucket.KEY) {
            uncommitted(change.bucket).put(change.key, change);
        }
    }

    /// Ends an entry: every change so far is contained in the entries up to `index`, and every such entry is
    /// in full. The next commit takes all of them, with this index. Must be called for every entry, also for
    /// one that changes nothing, and after changes outside any entry (then with the index as it was).
    public void consistentIndex(long index) {
        pending.end(index);
    }

    // ---- any thread ----

    /// Index of the last entry that was ended, committed or not; 0 in a new file.
    public long consistentIndex() {
        return pending.index();
    }

    /// Which file this is: the number that a [Snapshot] of it carries. Another one from the moment on when
    /// [#replaceBy] exchanges it.
    public long generation() {
        return generation;
    }

    /// The index that the file itself holds.
    public long committedIndex() {
        return committedIndex;
    }

    /// Main revision such that it and all before it are in the file.
    public long committedRevision() {
        return committedRevision;
    }

    /// Changes that the next [#commit] would write, of ended entries.
    public int pendingChanges() {
        return pending.count();
    }

    /// Bytes of keys and values among them.
    public long pendingBytes() {
        return pending.bytes();
    }

    /// Writes the changes of all ended entries in one bolt transaction, together with the index of the last of
    /// them, and returns when that is durable. Callers on several threads go one after the other. After an
    /// error the changes still wait here and [Bolt] knows whether it can write again.
    public void commit() throws IOException {
        writing.lock();
        try {
            var batch = pending.take();
            if (batch.changes().isEmpty() && batch.index() == committedIndex) {
                return;
            }
            var written = false;
            try (var tx = write()) {
                write(tx, batch);
                tx.commit();
                written = true;
            } finally {
                if (!written) {
                    pending.putBack(batch);
                }
            }
            committed(batch);
        } finally {
            writing.unlock();
        }
    }

    /// Takes one step towards a shorter file, where it is longer than it should be. [#commit] does that too,
    /// so this is for a member that has nothing to commit. Changes that wait here go on waiting.
    ///
    /// @return false when there was nothing to do
    public boolean shrink() throws IOException {
        writing.lock();
        try {
            requireSound();
            return bolt.shrink();
        } finally {
            writing.unlock();
        }
    }

    private WriteTx write() throws IOException {
        requireSound();
        return bolt.write();
    }

    private void requireSound() throws IOException {
        if (broken != null) {
            throw new IOException("the backend cannot be written any more", broken);
        }
    }

    private static void write(WriteTx tx, Pending.Batch batch) throws IOException {
        for (var bucket : Bucket.values()) {
            var writer = tx.createBucket(bucket.bytes());
            if (bucket == Bucket.KEY) {
                writer.setFillPercent(ASCENDING_FILL);
            }
            for (var change : batch.changes()) {
                if (change.bucket != bucket) {
                    continue;
                }
                if (change.value == null) {
                    writer.delete(change.key);
                } else {
                    writer.put(change.key, change.value);
                }
            }
            if (bucket == Bucket.META) {
                var index = ByteBuffer.allocate(Long.BYTES).putLong(batch.index());
                writer.put(MetaKey.CONSISTENT_INDEX.bytes(), index.array());
            }
        }
    }

    private void committed(Pending.Batch batch) {
        var revision = committedRevision;
        for (var change : batch.changes()) {
            if (change.bucket == Bucket.KEY) {
                revision = Math.max(revision, Revision.mainOf(change.key));
            } else {
                uncommitted(change.bucket).remove(change.key, change);
            }
        }
        committedRevision = revision;
        committedIndex = batch.index();
    }

    /// Removes revisions that a compaction has found to be superseded, in a bolt transaction of its own. They
    /// must be in the file already. With the last of them goes the note that the compaction is done.
    ///
    /// @param readIn the generation of the file that they were found in
    /// @return false, and nothing is changed, when that file was replaced
    public boolean purge(long readIn, List<byte[]> revisionKeys, @Nullable Revision finished) throws IOException {
        if (revisionKeys.isEmpty() && finished == null) {
            return readIn == generation;
        }
        writing.lock();
        try {
            if (readIn != generation) {
                return false;
            }
            purge(revisionKeys, finished);
            return true;
        } finally {
            writing.unlock();
        }
    }

    private void purge(List<byte[]> revisionKeys, @Nullable Revision finished) throws IOException {
        try (var tx = write()) {
            var revisions = tx.createBucket(Bucket.KEY.bytes());
            revisions.setFillPercent(ASCENDING_FILL);
            for (var key : revisionKeys) {
                revisions.delete(key);
            }
            if (finished != null) {
                tx.createBucket(Bucket.META.bytes()).put(MetaKey.FINISHED_COMPACTION.bytes(), finished.key());
            }
            tx.commit();
        }
    }

    /// Whether a failed change may be tried again; false when nobody knows any more what is in the file.
    public boolean isWritable() {
        exchange.readLock().lock();
        try {
            return broken == null && bolt.isWritable();
        } finally {
            exchange.readLock().unlock();
        }
    }

    /// Value of a key as last applied, null when there is none. Not for [Bucket#KEY], which `mvcc` reads.
    public byte @Nullable [] get(Bucket bucket, byte[] key) throws IOException {
        var change = uncommitted(bucket).get(key);
        if (change != null) {
            return change.value;
        }
        try (var file = snapshot()) {
            return file.get(bucket, key);
        }
    }

    /// Every key of a bucket as last applied, in order. One moment only while the applier is between two
    /// entries. Not for [Bucket#KEY].
    public void forEach(Bucket bucket, BiConsumer<byte[], byte[]> visitor) throws IOException {
        var later = new TreeMap<byte[], Change>(uncommitted(bucket));
        var merged = new TreeMap<byte[], byte[]>(Arrays::compareUnsigned);
        try (var file = snapshot()) {
            var cursor = file.cursor(bucket);
            for (var more = cursor.first(); more; more = cursor.next()) {
                merged.put(cursor.key(), cursor.value());
            }
        }
        for (var change : later.values()) {
            if (change.value == null) {
                merged.remove(change.key);
            } else {
                merged.put(change.key, change.value);
            }
        }
        merged.forEach(visitor);
    }

    private NavigableMap<byte[], Change> uncommitted(Bucket bucket) {
        var changes = overlay.get(bucket);
        if (changes == null) {
            throw new IllegalStateException("no bucket " + bucket);
        }
        return changes;
    }

    /// The file as of its last commit. To be closed soon.
    public Snapshot snapshot() {
        exchange.readLock().lock();
        try {
            return new Snapshot(bolt.read(), generation);
        } finally {
            exchange.readLock().unlock();
        }
    }

    /// CRC-32C over all buckets, without the consistent index, after a commit: etcd's `Hash`.
    public int hash() throws IOException {
        commit();
        try (var file = snapshot()) {
            return file.hash();
        }
    }

    /// Bytes of the file up to its high-water mark, as of the last commit.
    public long size() {
        exchange.readLock().lock();
        try {
            return bolt.size();
        } finally {
            exchange.readLock().unlock();
        }
    }

    /// [#size] without free pages.
    public long sizeInUse() {
        exchange.readLock().lock();
        try {
            return bolt.sizeInUse();
        } finally {
            exchange.readLock().unlock();
        }
    }

    /// Writes the file anew without free pages and puts it in place of the old one. Commits wait, readers and
    /// the applier do not. A crash at any point leaves one of the two.
    public void defragment() throws IOException {
        writing.lock();
        try {
            commit();
            var work = new Defragmentation(disk, path, options);
            Bolt fresh;
            try (var file = snapshot()) {
                fresh = work.copy(file);
            }
            try {
                work.exchange();
            } catch (IOException e) {
                // Nobody knows which of the two files a restart would find, so neither may get further commits.
                broken = e;
                fresh.close();
                throw e;
            }
            Bolt old;
            exchange.writeLock().lock();
            try {
                old = bolt;
                bolt = fresh;
            } finally {
                exchange.writeLock().unlock();
            }
            // Snapshots of the old file stay good until they are closed.
            old.close();
        } finally {
            writing.unlock();
        }
    }

    /// Puts the file of another member in the place of this one. What was applied but not committed is
    /// dropped: the other file has it. Applier only, between two entries; commits and a defragmentation are
    /// waited for, readers are not. A crash at any point leaves one of the two files.
    ///
    /// @param shown run at the moment of the exchange: a snapshot opened before it is of the old file, one
    ///     opened after it of the new one
    public void replaceBy(Replacement other, Runnable shown) throws IOException {
        writing.lock();
        try {
            requireSound();
            try {
                disk.rename(other.path(), path);
                disk.syncDirectory(path.resolveSibling(""));
            } catch (IOException e) {
                // As when a defragmentation fails there.
                broken = e;
                throw e;
            }
            Bolt old;
            exchange.writeLock().lock();
            try {
                old = bolt;
                bolt = other.take();
                long following = generation + 1;
                generation = following;
                pending.restart(other.position().index());
                overlay.values().forEach(NavigableMap::clear);
                committedIndex = other.position().index();
                committedRevision = other.position().revision();
                shown.run();
            } finally {
                exchange.writeLock().unlock();
            }
            old.close();
        } finally {
            writing.unlock();
        }
    }

    /// Closes without a commit.
    @Override
    public void close() throws IOException {
        writing.lock();
        try {
            bolt.close();
        } finally {
            writing.unlock();
        }
    }
}
