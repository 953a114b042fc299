package dev.cetera.bolt;

import dev.cetera.bolt.Mapping.OpenFile;
import dev.cetera.disk.CorruptionException;
import dev.cetera.disk.Disk;
import dev.cetera.disk.LockKind;
import dev.cetera.disk.LockedException;
import dev.cetera.disk.OpenMode;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// An open bolt file. Guarded: one [WriteTx] at a time, any number of [ReadTx], from any thread. The writer's
/// place is a permit rather than a lock, so that a transaction may pass from thread to thread; readers take
/// the newest version by one volatile read.
public final class Bolt implements Closeable {
    private final Path path;
    private final FreelistForm form;
    private final OpenFile file;
    private final Length length;
    private final PageWriter out;
    private final Semaphore writersPlace = new Semaphore(1);

    private volatile Version newest;
    private volatile boolean closed;
    private volatile long freeBytes;

    // ---- whoever holds the writer's place ----
    private final Freelist freelist;

    private final Sweep sweep;

    /// Versions that were the newest and that readers may still hold, oldest first.
    private final Deque<Version> older = new ArrayDeque<>();

    /// Written by whoever holds the writer's place, read by all.
    private volatile @Nullable IOException failure;

    private Bolt(Path path, BoltOptions options, OpenFile file, Version newest, Freelist freelist) throws IOException {
        this.path = path;
        this.form = options.freelist();
        this.file = file;
        this.length = new Length(file.file(), options.shrinking());
        this.sweep = new Sweep(options.shrinking());
        this.out = new PageWriter(file.file());
        this.newest = newest;
        this.freelist = freelist;
        countFree();
    }

    /// Opens the file, made when absent, and takes its lock.
    ///
    /// @throws LockedException when another process or [Bolt] has it open
    /// @throws CorruptionException when it is not a sound bolt file
    public static Bolt open(Disk disk, Path path, BoltOptions options) throws IOException {
        var opened = new OpenFile(disk.open(path, OpenMode.CREATE));
        Mapping mapping = null;
        boolean done = false;
        try {
            if (!opened.file().tryLock(LockKind.FLOCK)) {
                throw new LockedException(path);
            }
            NewFile.createIfUnfinished(disk, opened.file(), options.pageSize());
            var meta = soundMeta(opened, path);
            mapping = Mapping.of(opened, opened.file().size());
            var newest = new Version(path, meta, mapping);
            var free = free(newest.pages(), meta);
            var bolt = new Bolt(path, options, opened, newest, new Freelist(free));
            // A process that was killed, or whose sync failed, leaves a meta page to be read that is perhaps not on the
            // disk. The pages which that commit gave up are free from now on, so it must not be lost any more.
            bolt.writeMeta(meta);
            opened.file().sync();
            done = true;
            return bolt;
        } finally {
            if (!done) {
                if (mapping != null) {
                    mapping.release();
                }
                opened.release();
            }
        }
    }

    /// The pages that nothing leads to. A list in the file is not asked which they are: one that named a page
    /// in use would cost what is in it.
    private static BitSet free(Pages pages, Meta meta) throws CorruptionException {
        var free = Reachable.free(pages, meta.root());
        if (meta.freelist() != Meta.NO_FREELIST) {
            // The list itself is in use until the next commit gives it up.
            int list = (int) FreelistPage.require(pages, meta.freelist());
            int end = list + Math.toIntExact(pages.runBytes(list) / pages.pageSize());
            int used = free.nextClearBit(list);
            if (used < end) {
                throw pages.corrupt(pages.offset(used), "page " + used + ": multiple references");
            }
            free.clear(list, end);
        }
        return free;
    }

    /// A view of a file that nobody has open for writing. Neither locks nor changes it.
    ///
    /// @throws CorruptionException when it is not a sound bolt file, as far as its head says
    public static ReadTx view(Disk disk, Path path) throws IOException {
        var opened = new OpenFile(disk.open(path, OpenMode.READ));
        try {
            var meta = soundMeta(opened, path);
            return new ReadTx(new Version(path, meta, Mapping.of(opened, meta.bytes())));
        } finally {
            // The mapping has a use of its own.
            opened.release();
        }
    }

    private static Meta soundMeta(OpenFile opened, Path path) throws IOException {
        var meta = MetaPages.read(opened.file());
        long size = opened.file().size();
        if (meta.highWater() < Pages.FIRST || meta.highWater() > Freelist.END || meta.bytes() > size) {
            throw new CorruptionException(
                    path, -1, "file of " + size + " bytes is shorter than its " + meta.highWater() + " pages");
        }
        return meta;
    }

    /// A view of the last commit, to be closed. Takes no lock.
    public ReadTx read() {
        while (true) {
            checkOpen();
            var version = newest;
            if (version.retain()) {
                return new ReadTx(version);
            }
        }
    }

    /// Whether a change may still begin: false after a commit that left the file's state unknown. One that
    /// failed before that, as for lack of space, changes nothing.
    public boolean isWritable() {
        return failure == null && !closed;
    }

    /// Begins a change; waits for the writer before it.
    ///
    /// @throws IOException when an earlier commit failed in a way that leaves the file's state unknown
    public WriteTx write() throws IOException {
        writersPlace.acquireUninterruptibly();
        boolean begun = false;
        try {
            checkOpen();
            if (failure != null) {
                throw new IOException("an earlier commit failed: " + path, failure);
            }
            releaseUnseen();
            newest.retain();
            begun = true;
            return new WriteTx(this, newest);
        } finally {
            if (!begun) {
                writersPlace.release();
            }
        }
    }

    /// Takes one step towards a shorter file, in a commit of its own; for the times when there are no others.
    /// Waits for the writer.
    ///
    /// @return false when there is nothing to do, and nothing was written
    public boolean shrink() throws IOException {
        try (var tx = write()) {
            if (!isTooLong()) {
                return false;
            }
            tx.commit();
            return true;
        }
    }

    /// Whether a commit without changes would bring the file closer to what it should be.
    private boolean isTooLong() throws IOException {
        var meta = newest.meta();
        long highWater = meta.highWater();
        return sweep.mayCut()
                && (highWater - freelist.freeTail(highWater) >= sweep.leastCut(meta.pageSize())
                        || length.isBeyond(bytesSeen())
                        || sweep.isDue(meta, freelist.freePages()));
    }

    /// Bytes that somebody may read: all of what a version can see, a copy of it also reads what is free.
    private long bytesSeen() {
        long seen = newest.meta().bytes();
        for (var version : older) {
            if (version.isAlive()) {
                seen = Math.max(seen, version.meta().bytes());
            }
        }
        return seen;
    }

    /// Frees what no reader can see any more.
    private void releaseUnseen() {
        older.removeIf(version -> !version.isAlive());
        freelist.release(
                older.isEmpty() ? newest.meta().txid() : older.getFirst().meta().txid());
        countFree();
    }

    private void countFree() {
        freeBytes = freelist.freePages() * newest.meta().pageSize();
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("closed: " + path);
        }
    }

    /// For the open [WriteTx]: the pages its freelist names.
    long[] listedPages() {
        return freelist.listed(List.of()).stream().mapToLong(page -> page).toArray();
    }

    /// For the open [WriteTx], whose place is let go of by [#end].
    void commit(WriteTx tx) throws IOException {
        var base = tx.base();
        var spill = new Spill(freelist, base.meta().pageSize(), base.meta().highWater());
        Mapping mapping = null;
        var progress = Progress.NOTHING_SYNCED;
        try {
            length.cut(bytesSeen());
            Runnable moved = () -> {};
            if (sweep.isDue(base.meta(), freelist.freePages())) {
                moved = sweep.move(tx, freelist);
            }
            var meta = layOut(tx, spill);
            mapping = mappingFor(meta);
            spill.writeTo(out);
            progress = Progress.UNKNOWN;
            file.file().sync();
            writeMeta(meta);
            file.file().sync();
            spill.settle(meta.txid());
            moved.run();
            length.committed(base.meta());
            publish(new Version(path, meta, mapping));
            progress = Progress.DONE;
        } catch (IOException e) {
            if (progress == Progress.UNKNOWN) {
                failure = e;
            }
            throw e;
        } finally {
            abandon(progress, spill, mapping);
        }
    }

    /// How far a commit has come.
    private enum Progress {
        NOTHING_SYNCED,
        UNKNOWN,
        DONE
    }

    private void abandon(Progress progress, Spill spill, @Nullable Mapping mapping) {
        if (progress == Progress.DONE) {
            return;
        }
        out.reset();
        spill.undo();
        if (mapping != null) {
            mapping.release();
        }
        if (progress == Progress.UNKNOWN && failure == null) {
            failure = new IOException("a commit broke off");
        }
    }

    private Meta layOut(WriteTx tx, Spill spill) throws CorruptionException {
        var old = tx.base().meta();
        long root = tx.spill(spill);
        if (old.freelist() != Meta.NO_FREELIST) {
            var pages = tx.base().pages();
            spill.free(new Freelist.Run(
                    old.freelist(), Math.toIntExact(pages.runBytes(old.freelist()) / pages.pageSize())));
        }
        long list = switch (form) {
            case STORED -> spill.writeFreelist();
            case NOT_STORED -> Meta.NO_FREELIST;
        };
        if (sweep.mayCut()) {
            spill.lowerHighWater(sweep.leastCut(old.pageSize()));
        }
        return new Meta(old.pageSize(), root, old.sequence(), list, spill.highWater(), tx.txid());
    }

    /// A use of a mapping that reaches to the end of this commit, in a file that is long enough for it.
    private Mapping mappingFor(Meta meta) throws IOException {
        long size = length.reach(meta.bytes());
        // A mapping may be longer than the file, as long as nobody reads there; what is added to the file shows in it.
        return meta.bytes() <= newest.pages().map().byteSize()
                ? newest.mapping().retain()
                : Mapping.of(file, size);
    }

    private void writeMeta(Meta meta) throws IOException {
        var page = ByteBuffer.allocateDirect(meta.pageSize());
        meta.encode(page, meta.txid() % 2);
        file.file().write(page, meta.txid() % 2 * meta.pageSize());
    }

    private void publish(Version version) {
        var replaced = newest;
        newest = version;
        older.addLast(replaced);
        replaced.release();
        countFree();
    }

    /// For a [WriteTx] that is over.
    void end(Version base) {
        base.release();
        writersPlace.release();
    }

    public Path path() {
        return path;
    }

    /// Bytes up to the high-water mark as of the last commit.
    public long size() {
        return newest.meta().bytes();
    }

    /// [#size] without the pages that are free for use.
    public long sizeInUse() {
        return size() - freeBytes;
    }

    /// Waits for the writer and refuses new transactions. The file and its lock are let go when the last open
    /// [ReadTx] closes, at once when there is none.
    @Override
    public void close() throws IOException {
        writersPlace.acquireUninterruptibly();
        try {
            if (!closed) {
                closed = true;
                newest.release();
                file.release();
            }
        } finally {
            writersPlace.release();
        }
    }
}
