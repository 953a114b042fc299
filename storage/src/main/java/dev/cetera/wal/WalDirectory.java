package dev.cetera.wal;

import dev.cetera.disk.CorruptionException;
import dev.cetera.disk.Disk;
import dev.cetera.disk.DiskFile;
import dev.cetera.disk.LockKind;
import dev.cetera.disk.OpenMode;
import dev.cetera.raft.HardState;
import dev.cetera.raftpb.MalformedException;
import dev.cetera.raftpb.RaftCodec;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// How a log comes into being, is found again and is read: all that happens before there is a [Wal] to write.
final class WalDirectory {
    private static final int REWRITE_BYTES = 1 << 20;

    private static final RepairLog QUIET = (_, _) -> {};

    private WalDirectory() {}

    static boolean exists(Disk disk, Path dir) {
        try {
            return disk.isDirectory(dir) && !disk.list(dir).isEmpty();
        } catch (IOException e) {
            // Not readable counts as not there; making the log will then fail, with the reason.
            return false;
        }
    }

    /// The log is made under another name, complete and durable, before it gets its own.
    static Wal create(Disk disk, Path dir, Wal.Metadata metadata, WalOptions options) throws IOException {
        if (exists(disk, dir)) {
            throw new IOException("file already exists (" + dir + ")");
        }
        var temporary = dir.resolveSibling(dir.getFileName() + ".tmp");
        deleteAll(disk, temporary);
        disk.createDirectories(temporary);
        var first = new SegmentName(0, 0);
        var file = Segment.openLocked(disk, temporary.resolve(first.toString()), OpenMode.CREATE_NEW);
        try {
            file.allocate(options.segmentBytes());
            var head = new FrameBuffer(0);
            byte[] encoded = WalCodec.encode(metadata);
            head.segmentHead(encoded, HardState.NONE);
            head.mark(Wal.SnapshotMark.NONE);
            int crc = head.crc();
            int size = head.drainTo(file, 0);
            file.sync();
            disk.syncDirectory(temporary);
            deleteAll(disk, dir);
            disk.rename(temporary, dir);
            disk.syncDirectory(parent(dir));
            var resume = new Wal.Resume(encoded, HardState.NONE, 0, crc, size);
            return new Wal(disk, dir, options, List.of(new Segment(first, file)), resume);
        } catch (IOException | RuntimeException e) {
            try (file) {
                throw e;
            }
        }
    }

    static Wal.Opened open(Disk disk, Path dir, Wal.SnapshotMark start, RepairLog log, WalOptions options)
            throws IOException {
        var opened = openOnce(disk, dir, start, log, options);
        if (opened == null) {
            var torn = new BadLogException(dir, -1, RecordReader.TORN_TEXT);
            if (!TailRepair.repair(disk, dir, log)) {
                throw torn.corruption("WAL error (%s) cannot be repaired");
            }
            log.line(Level.INFO, "repaired WAL error (" + RecordReader.TORN_TEXT + ")");
            opened = openOnce(disk, dir, start, QUIET, options);
            if (opened == null) {
                // It was not the last segment that is torn.
                throw torn.corruption("read wal error (%s) and cannot be repaired");
            }
        }
        return opened;
    }

    static Wal.Replay read(Disk disk, Path dir, Wal.SnapshotMark start) throws IOException {
        var names = SegmentName.from(start.index(), SegmentName.all(disk, dir, QUIET));
        var files = new ArrayList<DiskFile>();
        try {
            openForReading(disk, dir, names, files);
            var log = new LogReader(new RecordReader(files), start);
            log.readAll();
            if (!log.startFound()) {
                throw new CorruptionException(dir, -1, "wal: snapshot not found");
            }
            return log.replay();
        } catch (BadLogException e) {
            throw e.corruption("%s");
        } finally {
            closeAll(files);
        }
    }

    static List<Wal.SnapshotMark> validSnapshots(Disk disk, Path dir) throws IOException {
        var files = new ArrayList<DiskFile>();
        var marks = new ArrayList<Wal.SnapshotMark>();
        var state = HardState.NONE;
        try {
            openForReading(disk, dir, SegmentName.all(disk, dir, QUIET), files);
            var records = new RecordReader(files);
            while (records.next() == RecordReader.Step.RECORD) {
                try {
                    if (records.type() == RecordType.SNAPSHOT) {
                        marks.add(WalCodec.readSnapshotMark(records.data("Snapshot")));
                    } else if (records.type() == RecordType.STATE) {
                        state = RaftCodec.readHardState(records.data("HardState"));
                    }
                } catch (MalformedException e) {
                    throw records.bad(e.getMessage());
                }
            }
        } catch (BadLogException e) {
            throw e.corruption("%s");
        } finally {
            closeAll(files);
        }
        long committed = state.commit();
        marks.removeIf(mark -> mark.index() > committed);
        return List.copyOf(marks);
    }

    /// Deletes a segment unless another process has it open for writing; false then.
    static boolean deleteUnlocked(Disk disk, Path dir, SegmentName segment) throws IOException {
        var path = dir.resolve(segment.toString());
        try (var file = disk.open(path, OpenMode.WRITE)) {
            if (!file.tryLock(LockKind.RECORD)) {
                return false;
            }
            disk.delete(path);
            // Before the next one goes: a gap in the numbers must not appear.
            disk.syncDirectory(dir);
            return true;
        }
    }

    /// One attempt to open for writing; null when the log has a torn end.
    private static Wal.@Nullable Opened openOnce(
            Disk disk, Path dir, Wal.SnapshotMark start, RepairLog log, WalOptions options) throws IOException {
        var held = new ArrayList<Segment>();
        boolean usable = false;
        try {
            lock(disk, dir, start, log, held);
            var files = held.stream().map(Segment::file).toList();
            var records = new RecordReader(files);
            var contents = new LogReader(records, start);
            if (contents.readAll() == RecordReader.Step.TORN) {
                return null;
            }
            var replay = contents.replay();
            clearTail(files.getLast(), records.offset());
            // A process that was killed leaves what it wrote, but not synced. What was read is taken for durable from
            // now on, so it must be. Where it was a failed sync that ended the process, the system may hold the bytes
            // for written though they never reached the disk: only writing them again makes the next sync count.
            rewrite(files.getLast(), records.offset());
            files.getLast().sync();
            disk.syncDirectory(dir);
            if (replay.hardState().equals(HardState.NONE) && replay.entries().isEmpty()) {
                // The kill may have come before the log's own name was durable; nothing was appended before that.
                disk.syncDirectory(parent(dir));
            }
            var resume = new Wal.Resume(
                    contents.metadata(), replay.hardState(), contents.lastIndex(), records.crc(), records.offset());
            usable = true;
            return new Wal.Opened(new Wal(disk, dir, options, held, resume), replay);
        } catch (BadLogException e) {
            throw e.corruption("read wal error (%s) and cannot be repaired");
        } finally {
            if (!usable) {
                closeAll(held.stream().map(Segment::file).toList());
            }
        }
    }

    private static void lock(Disk disk, Path dir, Wal.SnapshotMark start, RepairLog log, List<Segment> held)
            throws IOException {
        try {
            for (var name : SegmentName.from(start.index(), SegmentName.all(disk, dir, log))) {
                held.add(new Segment(name, Segment.openLocked(disk, dir.resolve(name.toString()), OpenMode.WRITE)));
            }
        } catch (IOException e) {
            throw new IOException("open wal error: " + e.getMessage(), e);
        }
    }

    /// Behind the last good record there may be pieces of records that were never synced. New records would be
    /// written over some of them and not over others, so they are removed, durably, before anything is
    /// appended.
    private static void clearTail(DiskFile file, long end) throws IOException {
        long size = file.size();
        if (size > end) {
            file.truncate(end);
            file.allocate(size);
        }
    }

    private static void rewrite(DiskFile file, long end) throws IOException {
        var piece = ByteBuffer.allocateDirect(REWRITE_BYTES);
        for (long at = 0; at < end; at += piece.capacity()) {
            piece.clear().limit((int) Math.min(piece.capacity(), end - at));
            file.read(piece, at);
            file.write(piece.flip(), at);
        }
    }

    private static void openForReading(Disk disk, Path dir, List<SegmentName> names, List<DiskFile> files)
            throws IOException {
        for (var name : names) {
            files.add(disk.open(dir.resolve(name.toString()), OpenMode.READ));
        }
    }

    static void closeAll(List<DiskFile> files) throws IOException {
        IOException failure = null;
        for (var file : files) {
            try {
                file.close();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static void deleteAll(Disk disk, Path path) throws IOException {
        if (disk.isDirectory(path)) {
            for (var name : disk.list(path)) {
                deleteAll(disk, path.resolve(name));
            }
            disk.delete(path);
        } else if (disk.exists(path)) {
            disk.delete(path);
        }
    }

    private static Path parent(Path dir) {
        var parent = dir.getParent();
        return parent == null ? Objects.requireNonNull(dir.toAbsolutePath().getParent()) : parent;
    }
}
