package dev.cetera.snap;

import dev.cetera.disk.CorruptionException;
import dev.cetera.disk.Disk;
import dev.cetera.disk.OpenMode;
import dev.cetera.raft.Snapshot;
import dev.cetera.raft.SnapshotMeta;
import dev.cetera.raftpb.MalformedException;
import dev.cetera.raftpb.ProtoReader;
import dev.cetera.raftpb.ProtoWriter;
import dev.cetera.raftpb.RaftCodec;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// The snapshot files of one directory. Immutable; may be used from any thread, but one snapshot is saved at a
/// time.
///
/// ```
/// file   1: crc of data (CRC-32C), 2: data
/// data   raftpb.Snapshot; its own data is the v2 store as JSON
/// name   term, then index, so that names in order are snapshots in order
/// ```
public final class Snapshots {
    private static final String SNAPSHOT = ".snap";
    private static final String BROKEN = ".broken";
    private static final String DATABASE = ".snap.db";
    /// Of a database that is arriving; a number follows, as in etcd.
    static final String TEMPORARY = "tmp";

    private static final String DEFRAGMENTING = "db.tmp";
    private static final String EMPTY = "snap: empty snapshot";

    private final Disk disk;
    private final Path dir;
    private final BiConsumer<Level, String> log;

    /// @param log receives etcd's lines about files that are broken, unknown or deleted
    public Snapshots(Disk disk, Path dir, BiConsumer<Level, String> log) {
        this.disk = disk;
        this.dir = dir;
        this.log = log;
    }

    /// Writes a snapshot. Durable on return, its name included. A file that could not be completed is removed.
    public void save(Snapshot snapshot) throws IOException {
        save(snapshot.meta(), encode(snapshot));
    }

    /// What [#save(SnapshotMeta, byte\[\])] writes.
    public static byte[] encode(Snapshot snapshot) {
        return RaftCodec.encode(snapshot);
    }

    /// As [#save(Snapshot)], of one that is encoded already.
    public void save(SnapshotMeta meta, byte[] data) throws IOException {
        int crc = crc(data);
        if (crc == 0) {
            // One of four billion is unreadable to every etcd; the next one, at another index, will not be.
            throw new IOException(
                    "snap: checksum of the snapshot at index " + meta.index() + " is 0, which readers take for none");
        }
        var head = new ProtoWriter(32).varint(1, Integer.toUnsignedLong(crc)).bytesHead(2, data.length);
        var path = file(meta);
        try (var file = disk.open(path, OpenMode.CREATE)) {
            file.truncate(0);
            file.write(ByteBuffer.wrap(head.buffer(), 0, head.size()), 0);
            file.write(ByteBuffer.wrap(data), head.size());
            file.sync();
        } catch (IOException e) {
            try {
                disk.delete(path);
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
        disk.syncDirectory(dir);
    }

    /// The newest snapshot that can be read and that `valid` accepts, null when there is none. Files that
    /// cannot be read are set aside as `.broken`.
    public @Nullable Snapshot newest(Predicate<SnapshotMeta> valid) throws IOException {
        var names = new ArrayList<String>();
        for (var name : disk.list(dir)) {
            if (name.endsWith(SNAPSHOT)) {
                names.add(name);
            } else if (!name.equals("db") && !name.startsWith(DEFRAGMENTING)) {
                log.accept(Level.WARNING, "skipped unexpected non snapshot file " + name);
            }
        }
        for (var name : names.reversed()) {
            var snapshot = loadOrSetAside(name);
            if (snapshot != null && valid.test(snapshot.meta())) {
                return snapshot;
            }
        }
        return null;
    }

    /// Files that [#newest], now or in an earlier run, could not read and has set aside.
    public List<Path> setAside() throws IOException {
        return disk.list(dir).stream()
                .filter(name -> name.endsWith(BROKEN))
                .map(dir::resolve)
                .toList();
    }

    /// The snapshot in one file.
    ///
    /// @throws CorruptionException `snap: empty snapshot`, `snap: crc mismatch` or what its bytes lack
    public static Snapshot load(Disk disk, Path file) throws IOException {
        byte[] bytes = readAll(disk, file);
        try {
            return decode(bytes);
        } catch (MalformedException e) {
            throw new CorruptionException(file, -1, e.getMessage());
        }
    }

    /// Deletes what an earlier run was busy with when it ended: databases half defragmented or half received,
    /// and received ones that no snapshot needs any more. Only for whoever holds the locks of this member's
    /// files: else it might be the work of a member that is running.
    ///
    /// @param index of the snapshot that the member starts from; the backend has what it covers
    public void removeLeftovers(long index) throws IOException {
        var names = disk.list(dir);
        for (var name : names) {
            if (name.startsWith(DEFRAGMENTING)) {
                log.accept(Level.INFO, "found orphaned defragmentation file; deleting: " + name);
            } else if (name.matches(TEMPORARY + "[0-9]+")) {
                log.accept(Level.INFO, "found orphaned database snapshot; deleting: " + name);
            } else if (!isDatabase(name) || (isBeyond(index, name) && hasSnapshot(name, names))) {
                continue;
            }
            disk.delete(dir.resolve(name));
        }
    }

    /// A log may come to count a snapshot late: when the commit index passes it that a crash kept from being
    /// written with it. Then the database must still be there.
    private static boolean hasSnapshot(String database, List<String> names) {
        var ending = "-" + database.substring(0, 16) + SNAPSHOT;
        return names.stream().anyMatch(name -> name.endsWith(ending));
    }

    private static boolean isBeyond(long index, String database) {
        return Long.compareUnsigned(indexOf(database), index) > 0;
    }

    private static long indexOf(String database) {
        return Long.parseUnsignedLong(database, 0, 16, 16);
    }

    private static boolean isDatabase(String name) {
        return name.matches("[0-9a-f]{16}\\.snap\\.db");
    }

    /// A database that belongs to the snapshot of this index begins to arrive. It ends up at [#database].
    ///
    /// @throws IOException when there is no room or the disk fails; nothing is left behind
    public IncomingDatabase receive(long index) throws IOException {
        return IncomingDatabase.begin(disk, dir, database(index));
    }

    /// Deletes the oldest `.snap` files until at most `max` are left; 0 keeps all. Received databases go by
    /// [#deleteDatabases].
    ///
    /// @param counted the snapshot that the log goes on from, null for none. It is never deleted: newer files
    ///     may be there that the log does not know, because a crash came between the two
    /// @return the names of the deleted files
    public List<String> purge(int max, @Nullable Path counted) throws IOException {
        var purged = new ArrayList<String>();
        if (max > 0) {
            purgeOldest(SNAPSHOT, max, counted, purged);
        }
        return purged;
    }

    /// Deletes the received databases of these indexes.
    public void deleteDatabases(LongPredicate indexes) throws IOException {
        for (var name : disk.list(dir)) {
            if (isDatabase(name) && indexes.test(indexOf(name))) {
                disk.delete(dir.resolve(name));
            }
        }
    }

    /// Where the snapshot of this index and term lies.
    public Path file(SnapshotMeta meta) {
        return dir.resolve("%016x-%016x".formatted(meta.term(), meta.index()) + SNAPSHOT);
    }

    /// Where the database that was received with the snapshot of this index lies until it is taken into use.
    public Path database(long index) {
        return dir.resolve("%016x".formatted(index) + DATABASE);
    }

    private @Nullable Snapshot loadOrSetAside(String name) throws IOException {
        var path = dir.resolve(name);
        byte[] bytes = readAll(disk, path);
        try {
            return decode(bytes);
        } catch (MalformedException e) {
            if (EMPTY.equals(e.getMessage())) {
                log.accept(Level.ERROR, "unexpected empty snapshot");
            } else {
                var reason = e.getMessage().replaceFirst("^snap: ", "");
                log.accept(Level.ERROR, "corrupted snapshot file " + path + ": " + reason);
            }
        }
        disk.rename(path, dir.resolve(name + BROKEN));
        return null;
    }

    private void purgeOldest(String suffix, int max, @Nullable Path counted, List<String> purged) throws IOException {
        var names =
                disk.list(dir).stream().filter(name -> name.endsWith(suffix)).toList();
        for (var name : names.subList(0, Math.max(0, names.size() - max))) {
            if (!dir.resolve(name).equals(counted)) {
                disk.delete(dir.resolve(name));
                purged.add(name);
            }
        }
    }

    private static Snapshot decode(byte[] bytes) throws MalformedException {
        var in = new ProtoReader("snapshot", bytes, 0, bytes.length);
        int crc = 0;
        byte[] data = new byte[0];
        while (in.next()) {
            switch (in.field()) {
                case 1 -> crc = (int) in.varint("Crc");
                case 2 -> data = in.bytes("Data");
                default -> in.skip();
            }
        }
        if (data.length == 0 || crc == 0) {
            throw new MalformedException(EMPTY);
        }
        if (crc(data) != crc) {
            throw new MalformedException("snap: crc mismatch");
        }
        return RaftCodec.decodeSnapshot(data);
    }

    private static byte[] readAll(Disk disk, Path path) throws IOException {
        try (var file = disk.open(path, OpenMode.READ)) {
            long size = file.size();
            if (size > Integer.MAX_VALUE - 8) {
                throw new CorruptionException(path, -1, "snap: file of " + size + " bytes");
            }
            var bytes = ByteBuffer.allocate((int) size);
            if (size > 0 && file.read(bytes, 0) != size) {
                throw new IOException("file became shorter while it was read: " + path);
            }
            return bytes.array();
        }
    }

    private static int crc(byte[] data) {
        var crc = new CRC32C();
        crc.update(data, 0, data.length);
        return (int) crc.getValue();
    }
}
