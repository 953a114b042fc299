package dev.cetera.wal;

import dev.cetera.disk.Disk;
import dev.cetera.raft.Entry;
import dev.cetera.raft.HardState;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The write-ahead log of one member, open for writing.
///
/// Confined to the thread that writes it, except [#prepareNext] and [#purge], which one other thread may call.
/// After a failed write or sync nobody knows what is on the disk: every later call but [#close] is refused.
public final class Wal implements Closeable {
    /// Who wrote the log; the same in every segment.
    public record Metadata(long nodeId, long clusterId) {}

    /// A place in the log that a snapshot was made at.
    public record SnapshotMark(long index, long term) {
        /// Where a log that no snapshot precedes begins.
        public static final SnapshotMark NONE = new SnapshotMark(0, 0);
    }

    /// What a log held after its start mark.
    ///
    /// @param entries of consecutive indexes, the first one after the start
    public record Replay(Metadata metadata, HardState hardState, List<Entry> entries) {
        public Replay {
            entries = List.copyOf(entries);
        }
    }

    /// A log and what it held.
    public record Opened(Wal wal, Replay replay) {}

    /// More than this is handed to the system before the batch is complete, so that memory stays bounded.
    private static final int FLUSH_BYTES = 1 << 20;

    private final Disk disk;
    private final Path dir;
    private final WalOptions options;
    private final byte[] metadata;
    private final SpareSegment spare;
    private final FrameBuffer frames;

    /// The segments that are open and locked, oldest first; the last one is written.
    private final ArrayDeque<Segment> held;

    /// Number of the oldest held segment: purging stays below it.
    private volatile long firstHeld;

    /// Where the next byte goes in the last segment.
    private long position;

    /// Index of the last entry, or of a later snapshot.
    private long lastIndex;

    private HardState hardState;
    private boolean unsynced;
    private long bytesWritten;
    private @Nullable Throwable failure;

    /// What a log goes on from.
    record Resume(byte[] metadata, HardState hardState, long lastIndex, int crc, long position) {}

    Wal(Disk disk, Path dir, WalOptions options, List<Segment> held, Resume from) {
        this.disk = disk;
        this.dir = dir;
        this.options = options;
        this.held = new ArrayDeque<>(held);
        this.firstHeld = held.getFirst().name().sequence();
        this.metadata = from.metadata;
        this.hardState = from.hardState;
        this.lastIndex = from.lastIndex;
        this.position = from.position;
        this.frames = new FrameBuffer(from.crc);
        this.spare = new SpareSegment(disk, dir, options.segmentBytes());
    }

    /// Whether this member has a log already, as etcd 3.3 decides it: the directory is readable and holds
    /// anything.
    public static boolean exists(Disk disk, Path dir) {
        return WalDirectory.exists(disk, dir);
    }

    /// Makes a new log with [WalOptions#DEFAULTS].
    ///
    /// @throws IOException "file already exists" when there is one
    public static Wal create(Disk disk, Path dir, Metadata metadata) throws IOException {
        return create(disk, dir, metadata, WalOptions.DEFAULTS);
    }

    /// Makes a new log, in one step as seen by a power loss: it is complete, or [#exists] is false. The
    /// directory above must be durable.
    ///
    /// @throws IOException "file already exists" when there is one
    public static Wal create(Disk disk, Path dir, Metadata metadata, WalOptions options) throws IOException {
        return WalDirectory.create(disk, dir, metadata, options);
    }

    /// Opens a log with [WalOptions#DEFAULTS]; see the other form.
    public static Opened open(Disk disk, Path dir, SnapshotMark start, RepairLog log) throws IOException {
        return open(disk, dir, start, log, WalOptions.DEFAULTS);
    }

    /// Opens a log for writing and reads all that follows `start`. A tail that a power loss left half-written
    /// is cut off, once, after a copy of the file was made beside it (`.broken`). As in etcd, the log need not
    /// hold the record of `start`.
    ///
    /// @throws dev.cetera.disk.CorruptionException when it does not hold what it must
    /// @throws IOException "open wal error: ..." when another process has it open, or no segment covers
    ///     `start`
    public static Opened open(Disk disk, Path dir, SnapshotMark start, RepairLog log, WalOptions options)
            throws IOException {
        return WalDirectory.open(disk, dir, start, log, options);
    }

    /// Reads what follows `start` without writing or locking anything; a half-written tail is ignored. Not for
    /// a directory that this process has open for writing: closing a file could drop its lock.
    public static Replay read(Disk disk, Path dir, SnapshotMark start) throws IOException {
        return WalDirectory.read(disk, dir, start);
    }

    /// The marks in all segments that the last recorded commit covers, in the order they were written, the
    /// initial 0/0 among them. A snapshot file that matches none of them does not count. Not for a directory
    /// that this process has open for writing.
    public static List<SnapshotMark> validSnapshots(Disk disk, Path dir) throws IOException {
        return WalDirectory.validSnapshots(disk, dir);
    }

    /// Appends entries, then the hard state if it says something new. Goes on in a new segment, and then
    /// syncs, when the current one is full. Otherwise nothing is durable before [#sync], which may be left out
    /// when only the commit index moved.
    ///
    /// @throws IllegalStateException when an entry leaves a gap after those before it
    public void append(HardState newState, List<Entry> entries) throws IOException {
        requireUsable();
        requireNoGap(entries);
        boolean stateMoved = !newState.equals(HardState.NONE) && !newState.equals(hardState);
        if (entries.isEmpty() && !stateMoved) {
            return;
        }
        try {
            unsynced = true;
            for (var entry : entries) {
                frames.entry(entry);
                lastIndex = entry.index();
                flushIfOver(FLUSH_BYTES);
            }
            if (stateMoved) {
                frames.state(newState);
                hardState = newState;
            }
            if (position >= options.segmentBytes()) {
                cut();
            }
        } catch (IOException e) {
            failure = e;
            throw named(e);
        } catch (RuntimeException e) {
            failure = e;
            throw e;
        }
    }

    /// A segment is made under another name than it has later; a person needs the one to be found on the disk.
    private IOException named(IOException e) {
        var segment = held.getLast();
        if (!(e instanceof FileSystemException io)
                || io.getReason() == null
                || !segment.file().path().toString().equals(io.getFile())) {
            return e;
        }
        var named =
                new FileSystemException(dir.resolve(segment.name().toString()).toString(), null, io.getReason());
        named.initCause(e);
        return named;
    }

    /// Makes all that was appended durable: one write and one fdatasync, or nothing when there is nothing to
    /// do.
    public void sync() throws IOException {
        requireUsable();
        if (!unsynced) {
            return;
        }
        try {
            flushIfOver(0);
            held.getLast().file().sync();
            unsynced = false;
        } catch (IOException e) {
            failure = e;
            throw named(e);
        } catch (RuntimeException e) {
            failure = e;
            throw e;
        }
    }

    /// Records that the snapshot of this mark is on disk. Durable on return.
    public void saveSnapshot(SnapshotMark mark) throws IOException {
        requireUsable();
        frames.mark(mark);
        lastIndex = Math.max(lastIndex, mark.index());
        unsynced = true;
        sync();
    }

    /// Goes on from a snapshot that came from another member and is on disk: records it, then that everything
    /// up to it is committed. In this order, for a reader believes a snapshot's record only when a later state
    /// covers it; and before any entry that follows, for without the snapshot there would be a gap. Entries
    /// that were appended beyond the snapshot are void: they begin in a segment that a reader who starts from
    /// the snapshot passes over. Durable on return.
    ///
    /// @param state its commit index is that of the snapshot
    public void goOnFrom(SnapshotMark mark, HardState state) throws IOException {
        requireUsable();
        if (state.commit() != mark.index()) {
            throw new IllegalArgumentException(state + " does not go with " + mark);
        }
        try {
            if (lastIndex > mark.index()) {
                lastIndex = mark.index() - 1;
                cut();
            }
            unsynced = true;
            frames.mark(mark);
            frames.state(state);
            lastIndex = mark.index();
            hardState = state;
        } catch (IOException e) {
            failure = e;
            throw named(e);
        } catch (RuntimeException e) {
            failure = e;
            throw e;
        }
        sync();
    }

    /// Lets go of the segments that only a snapshot before `index` would need, so that [#purge] may delete
    /// them.
    public void release(long index) throws IOException {
        int before = 0;
        for (var segment : held) {
            if (segment.name().index() >= index) {
                break;
            }
            before++;
        }
        // The last one that begins before the index covers it, so it stays; as does the one being written.
        for (int i = 0; i < before - 1; i++) {
            held.removeFirst().file().close();
        }
        firstHeld = held.getFirst().name().sequence();
    }

    /// Deletes the oldest released segments until at most `max` segments are left; 0 keeps all. Stops at one
    /// that another process has locked.
    ///
    /// @return the names of the deleted files
    public List<String> purge(int max) throws IOException {
        var purged = new ArrayList<String>();
        if (max <= 0) {
            return purged;
        }
        var segments = SegmentName.all(disk, dir, (_, _) -> {});
        for (var segment : segments.subList(0, Math.max(0, segments.size() - max))) {
            // Never open what this process holds: closing it again could drop the lock.
            if (segment.sequence() >= firstHeld || !WalDirectory.deleteUnlocked(disk, dir, segment)) {
                break;
            }
            purged.add(segment.toString());
        }
        return purged;
    }

    /// Makes the file for the next segment, so that the next change of segments costs no allocation. Does
    /// nothing when there is one. A failure here leaves the log as it was.
    public void prepareNext() throws IOException {
        spare.prepare();
    }

    /// Bytes handed to the disk since the log was opened.
    public long bytesWritten() {
        return bytesWritten;
    }

    /// Makes everything durable and closes. After an earlier failure it only closes.
    @Override
    public void close() throws IOException {
        try (spare;
                var _ = (Closeable) this::closeSegments) {
            if (failure == null) {
                sync();
                failure = new IOException("closed");
            }
        }
    }

    private void closeSegments() throws IOException {
        var files = held.stream().map(Segment::file).toList();
        held.clear();
        WalDirectory.closeAll(files);
    }

    /// Ends the current segment at its last record and begins the next one. At every moment the files on disk
    /// read as the log up to here: the old segment is complete and durable before the new one has a name, and
    /// the new one has its head before it has a name.
    private void cut() throws IOException {
        var full = held.getLast();
        flushIfOver(0);
        full.file().truncate(position);
        full.file().sync();

        var next = spare.take();
        var name = new SegmentName(full.name().sequence() + 1, lastIndex + 1);
        held.addLast(new Segment(name, next.file()));
        position = 0;
        frames.segmentHead(metadata, hardState);
        flushIfOver(0);
        next.file().sync();
        disk.rename(next.path(), dir.resolve(name.toString()));
        disk.syncDirectory(dir);
        unsynced = false;
    }

    private void flushIfOver(int bytes) throws IOException {
        if (frames.size() > bytes) {
            int written = frames.drainTo(held.getLast().file(), position);
            position += written;
            bytesWritten += written;
        }
    }

    private void requireUsable() throws IOException {
        if (failure != null) {
            throw new IOException("wal: unusable after " + failure.getMessage(), failure);
        }
    }

    /// A gap could be written, but never be read again.
    private void requireNoGap(List<Entry> entries) {
        long last = lastIndex;
        for (var entry : entries) {
            if (entry.index() > last + 1) {
                throw new IllegalStateException("entry " + entry.index() + " after " + last);
            }
            last = entry.index();
        }
    }
}
