package dev.cetera.lab.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cetera.cluster.ClusterVersion;
import dev.cetera.cluster.Member;
import dev.cetera.cluster.Members;
import dev.cetera.disk.FakeDisk;
import dev.cetera.lab.fuzz.FuzzTarget.Budget;
import dev.cetera.raft.ConfState;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.HardState;
import dev.cetera.raft.Snapshot;
import dev.cetera.raft.SnapshotMeta;
import dev.cetera.snap.Snapshots;
import dev.cetera.v2.V2Store;
import dev.cetera.wal.Wal;
import dev.cetera.wal.WalOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;

/// The files of the log and of snapshots.
final class DiskTargets {
    private static final Path LOG = Path.of("/member/wal");
    private static final Path SNAPSHOTS = Path.of("/member/snap");
    private static final WalOptions SMALL = new WalOptions(2048);
    private static final Wal.Metadata METADATA = new Wal.Metadata(0x1234, 0xabcd);

    private DiskTargets() {}

    // ---- the log ----

    /// A directory of segments: looked through for snapshots, read, repaired and opened, appended to, read
    /// again.
    static FuzzTarget log() throws IOException {
        return FuzzTarget.of(
                        "wal", List.of(writtenLog(3), writtenLog(40)), Set.of(IOException.class), DiskTargets::readLog)
                .with(Bundle.within(WalFrames.MUTATION, Havoc.ONCE), Bundle.within(WalFrames.MUTATION))
                .repairedBy(Bundle.each(WalFrames::repair))
                .within(new Budget(16L << 20, 100, 2_000));
    }

    private static byte[] writtenLog(int entries) throws IOException {
        var disk = new FakeDisk(1);
        try (var wal = Wal.create(disk, LOG, METADATA, SMALL)) {
            for (int i = 1; i <= entries; i++) {
                var type = i % 7 == 0 ? EntryType.CONF_CHANGE : EntryType.NORMAL;
                wal.append(
                        new HardState(1 + i / 10, i % 3, i),
                        List.of(new Entry(1 + i / 10, i, type, new byte[i * 5 % 300])));
                wal.sync();
                if (i == 20) {
                    wal.saveSnapshot(new Wal.SnapshotMark(i, 1 + i / 10));
                }
            }
        }
        var bundle = new Bundle(List.of());
        for (var name : disk.list(LOG)) {
            bundle = bundle.and(name, withoutTail(disk.bytes(LOG.resolve(name))));
        }
        return bundle.pack();
    }

    /// Little of the reserved space is enough.
    private static byte[] withoutTail(byte[] segment) {
        int end = segment.length;
        while (end > 0 && segment[end - 1] == 0) {
            end--;
        }
        return java.util.Arrays.copyOf(segment, Math.min(segment.length, (end + 7) / 8 * 8 + 64));
    }

    static FakeDisk disk(byte[] input, Path dir) throws IOException {
        var disk = new FakeDisk(1);
        disk.createDirectories(dir);
        for (var part : Bundle.unpack(input).parts()) {
            // A name that no directory could hold says nothing of the reader.
            var name = part.name();
            if (!name.isEmpty() && name.indexOf('/') < 0 && name.indexOf('\0') < 0 && !name.matches("\\.\\.?")) {
                disk.put(dir.resolve(name), part.bytes());
            }
        }
        return disk;
    }

    private static String readLog(byte[] input) throws IOException {
        var disk = disk(input, LOG);
        var marks = Wal.validSnapshots(disk, LOG);
        var start = marks.isEmpty() ? Wal.SnapshotMark.NONE : marks.get(Math.floorMod(input.length, marks.size()));
        IOException unreadable = null;
        Wal.Replay read = null;
        try {
            read = Wal.read(disk, LOG, start);
            requireConsecutive(read, start);
        } catch (IOException refused) {
            unreadable = refused;
        }
        Wal.Replay opened;
        Entry more;
        try (var log = openLog(disk, start)) {
            opened = log.replay;
            requireConsecutive(opened, start);
            long last = opened.entries().isEmpty()
                    ? start.index()
                    : opened.entries().getLast().index();
            if (last == Long.MAX_VALUE) {
                return "full";
            }
            more = new Entry(Long.MAX_VALUE, last + 1, EntryType.NORMAL, new byte[100]);
            log.wal.append(new HardState(Long.MAX_VALUE, 1, 0), List.of(more));
            log.wal.sync();
        }
        if (read != null && !read.equals(opened)) {
            throw new AssertionError("read " + read + " but opened " + opened);
        }
        var expected = new ArrayList<>(opened.entries());
        expected.add(more);
        try (var again = openLog(disk, start)) {
            if (!again.replay.entries().equals(expected)) {
                throw new AssertionError("wrote " + expected + " but read " + again.replay.entries());
            }
        }
        return (unreadable == null ? "read " : "opened only ")
                + Math.min(2, opened.entries().size()) + " " + Math.min(3, marks.size());
    }

    private record OpenLog(Wal wal, Wal.Replay replay) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            wal.close();
        }
    }

    private static OpenLog openLog(FakeDisk disk, Wal.SnapshotMark start) throws IOException {
        var opened = Wal.open(disk, LOG, start, (_, _) -> {}, SMALL);
        return new OpenLog(opened.wal(), opened.replay());
    }

    private static void requireConsecutive(Wal.Replay replay, Wal.SnapshotMark start) {
        long expected = start.index();
        for (var entry : replay.entries()) {
            expected++;
            if (entry.index() != expected) {
                throw new AssertionError("entry " + entry.index() + " in the place of " + expected);
            }
        }
    }

    // ---- snapshot files ----

    /// A directory of snapshot files: the newest that can be read, and that one saved again.
    static FuzzTarget snapshots() throws IOException {
        var seed = Bundle.of("0000000000000002-0000000000000027.snap", savedSnapshot(0x27))
                .and("0000000000000001-0000000000000003.snap", savedSnapshot(3))
                .and("0000000000000027.snap.db", new byte[5])
                .and("tmp0", new byte[3])
                .and("db.tmp.0", new byte[3])
                .and("db", new byte[9]);
        return FuzzTarget.of("snap", List.of(seed.pack()), Set.of(IOException.class), DiskTargets::readSnapshots)
                .with(Bundle.within(ProtoMutation.ONCE), Bundle.within(DiskTargets::insideSnapshot))
                .repairedBy(Bundle.each(DiskTargets::repairSnapshot));
    }

    private static Snapshot snapshot(long index) {
        var store = new V2Store();
        store.set("/0/version", "3.3.0");
        var conf = new ConfState(List.of(1L, 2L, -3L), List.of(4L), List.of(1L), List.of(5L), true);
        return new Snapshot(new SnapshotMeta(index, 2, conf), store.save());
    }

    private static byte[] savedSnapshot(long index) throws IOException {
        var disk = new FakeDisk(1);
        disk.createDirectories(SNAPSHOTS);
        var snapshots = new Snapshots(disk, SNAPSHOTS, (_, _) -> {});
        var snapshot = snapshot(index);
        snapshots.save(snapshot);
        return disk.bytes(snapshots.file(snapshot.meta()));
    }

    private static byte[] insideSnapshot(byte[] file, java.util.Random random) {
        return repairSnapshot(ProtoMutation.ONCE.apply(file, random));
    }

    /// The checksum, where it stands first in the file with the data right behind it.
    private static byte[] repairSnapshot(byte[] file) {
        try {
            var in = new dev.cetera.raftpb.ProtoReader("snapshot", file, 0, file.length);
            byte[] data = {};
            while (in.next()) {
                if (in.field() == 2) {
                    data = in.bytes("Data");
                } else {
                    in.skip();
                }
            }
            var crc = new CRC32C();
            crc.update(data);
            return new dev.cetera.raftpb.ProtoWriter(16 + data.length)
                    .varint(1, crc.getValue())
                    .bytes(2, data)
                    .toBytes();
        } catch (dev.cetera.raftpb.MalformedException unreadable) {
            return file;
        }
    }

    private static String readSnapshots(byte[] input) throws IOException {
        var disk = disk(input, SNAPSHOTS);
        var snapshots = new Snapshots(disk, SNAPSHOTS, (_, _) -> {});
        var newest = snapshots.newest(meta -> meta.index() != 1);
        snapshots.removeLeftovers(newest == null ? 0 : newest.meta().index());
        snapshots.purge(1, null);
        snapshots.deleteDatabases(index -> index > 9);
        try (var incoming = snapshots.receive(77)) {
            incoming.write(ByteBuffer.wrap("database".getBytes(UTF_8)));
            incoming.complete(_ -> {});
            incoming.publish();
        }
        if (newest == null) {
            return "none";
        }
        snapshots.save(newest);
        var again = Snapshots.load(disk, snapshots.file(newest.meta()));
        if (!again.equals(newest)) {
            throw new AssertionError("saved " + newest.meta() + " but loaded " + again.meta());
        }
        return newest.data().length == 0 ? "empty" : "found";
    }

    // ---- the legacy tree ----

    /// The JSON in a snapshot: the tree is saved again, and members are taken out of it.
    static FuzzTarget tree() throws IOException {
        return FuzzTarget.of(
                        "v2-tree",
                        List.of(savedTree()),
                        Set.of(dev.cetera.v2.V2FormatException.class),
                        DiskTargets::readTree)
                .with(JsonMutation.ONCE);
    }

    static byte[] savedTree() throws IOException {
        try (var machine = Machine.fresh()) {
            var members = machine.machine().members();
            members.apply(Members.publish(7, 1, new Member.Attributes("m1", List.of("http://h:2379"))));
            members.apply(Members.setVersion(8, new ClusterVersion(3, 3, 0)));
            members.apply(Members.add(9, Member.of(2, List.of("http://h2:2380"), "")));
            members.apply(Members.remove(10, 2));
            for (var request : StateTargets.legacyRequests()) {
                machine.apply(EntryType.NORMAL, request.toByteArray());
            }
            return machine.machine().saveLegacy();
        }
    }

    private static String readTree(byte[] input) throws IOException {
        var store = new V2Store();
        store.recover(input);
        byte[] saved = store.save();
        var again = new V2Store();
        again.recover(saved);
        if (!java.util.Arrays.equals(again.save(), saved)) {
            throw new AssertionError(
                    "saved " + new String(saved, UTF_8) + " but came back as " + new String(again.save(), UTF_8));
        }
        var members = new Members(store);
        members.load();
        return "members " + Math.min(3, members.now().members().size());
    }
}
