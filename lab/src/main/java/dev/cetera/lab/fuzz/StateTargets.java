package dev.cetera.lab.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.AlarmType;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.Compare;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.Request;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.apply.Applied;
import dev.cetera.apply.Outcome;
import dev.cetera.apply.ReceivedState;
import dev.cetera.bolt.Bolt;
import dev.cetera.bolt.BoltOptions;
import dev.cetera.bolt.Cursor;
import dev.cetera.bolt.FreelistForm;
import dev.cetera.bolt.Shrinking;
import dev.cetera.bolt.Tx;
import dev.cetera.cluster.Member;
import dev.cetera.cluster.Members;
import dev.cetera.disk.FakeDisk;
import dev.cetera.lab.fuzz.FuzzTarget.Budget;
import dev.cetera.raft.ConfChange;
import dev.cetera.raft.ConfChangeV2;
import dev.cetera.raft.ConfState;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.Snapshot;
import dev.cetera.raft.SnapshotMeta;
import dev.cetera.raftpb.RaftCodec;
import dev.cetera.schema.Replacement;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// Databases, and the entries that change them.
final class StateTargets {
    private static final Path FILE = Path.of("/db");
    private static final int MOST_STEPS = 20_000;

    /// In a file that was not found sound, in which pages may be met again and again.
    private static final int FEW_STEPS = 1_000;

    private StateTargets() {}

    // ---- the bolt file by itself ----

    /// Looked at, checked, walked in all ways, written to.
    static FuzzTarget bolt() throws IOException {
        var seeds = List.of(
                boltFile(1024, FreelistForm.STORED, 400),
                boltFile(1024, FreelistForm.NOT_STORED, 400),
                boltFile(4096, FreelistForm.STORED, 3));
        return FuzzTarget.of("bolt", seeds, Set.of(IOException.class), StateTargets::readBolt)
                .with(BoltPages.MUTATION, BoltPages.MUTATION, Havoc.ONCE)
                .repairedBy(BoltPages::repair)
                .within(new Budget(32L << 20, 400, 4_000));
    }

    private static byte[] boltFile(int pageSize, FreelistForm form, int keys) throws IOException {
        var disk = new FakeDisk(1);
        var options = BoltOptions.DEFAULTS.withPageSize(pageSize).withFreelist(form);
        try (var bolt = Bolt.open(disk, FILE, options)) {
            for (int round = 0; round < 3; round++) {
                try (var tx = bolt.write()) {
                    for (var name : List.of("few", "many", "long")) {
                        var bucket = tx.createBucket(name.getBytes(UTF_8));
                        int count = name.equals("few") ? 2 : name.equals("many") ? keys : 3;
                        for (int i = round; i < count; i++) {
                            byte[] value = new byte[name.equals("long") ? 3000 : i % 40];
                            Arrays.fill(value, (byte) i);
                            bucket.put("key%05d".formatted(i * 7 % count).getBytes(UTF_8), value);
                        }
                        bucket.delete("key00001".getBytes(UTF_8));
                    }
                    tx.commit();
                }
            }
        }
        return disk.bytes(FILE);
    }

    private static String readBolt(byte[] input) throws IOException {
        var disk = new FakeDisk(1);
        disk.put(FILE, input);
        boolean sound;
        try (var view = Bolt.view(disk, FILE)) {
            sound = view.check().isEmpty();
            try {
                walk(view, sound ? MOST_STEPS : FEW_STEPS);
            } catch (IOException refused) {
                if (sound) {
                    throw new AssertionError("a file that the check finds sound can't be read", refused);
                }
            }
        }
        try (var bolt = Bolt.open(disk, FILE, BoltOptions.DEFAULTS)) {
            List<byte[]> names;
            try (var tx = bolt.read()) {
                names = tx.buckets();
                walk(tx, MOST_STEPS);
            }
            try (var tx = bolt.write()) {
                for (var name : names.subList(0, Math.min(4, names.size()))) {
                    change(tx.bucket(name), name);
                }
                var made = tx.createBucket("made".getBytes(UTF_8));
                made.put("key".getBytes(UTF_8), new byte[2000]);
                tx.commit();
            }
            try (var tx = bolt.read()) {
                if (sound && !tx.check().isEmpty()) {
                    throw new AssertionError("a commit to a sound file leaves " + tx.check());
                }
                walk(tx, MOST_STEPS);
            }
            return (sound ? "sound " : "open ") + Math.min(3, names.size());
        }
    }

    private static void change(dev.cetera.bolt.@org.jspecify.annotations.Nullable BucketWriter bucket, byte[] name)
            throws IOException {
        if (bucket == null) {
            throw new IOException("no bucket " + Arrays.toString(name) + ", yet it is listed");
        }
        var cursor = bucket.cursor();
        var keys = new ArrayList<byte[]>();
        for (boolean more = cursor.first(); more && keys.size() < 50; more = cursor.next()) {
            keys.add(cursor.key());
        }
        try {
            for (int i = 0; i < keys.size(); i++) {
                if (i % 3 == 0) {
                    bucket.delete(keys.get(i));
                } else if (i % 3 == 1) {
                    bucket.put(keys.get(i), new byte[i]);
                }
            }
        } catch (IllegalArgumentException unusual) {
            // A bucket within the bucket, or a key that is empty or too long, can be read and not be written.
            if (!String.valueOf(unusual.getMessage()).matches("incompatible value|key (required|too large)")) {
                throw unusual;
            }
        }
        bucket.put("zz".getBytes(UTF_8), name);
    }

    private static void walk(Tx tx, int most) throws IOException {
        for (var name : tx.buckets()) {
            var bucket = tx.bucket(name);
            if (bucket == null) {
                // The keys are out of order.
                throw new IOException("no bucket " + Arrays.toString(name) + ", yet it is listed");
            }
            var cursor = bucket.cursor();
            int steps = 0;
            for (boolean more = cursor.first(); more && steps < most; more = cursor.next()) {
                look(cursor);
                steps++;
                if (steps % 64 == 0) {
                    bucket.get(cursor.key());
                    bucket.cursor().seek(cursor.key());
                }
            }
            for (boolean more = cursor.last(); more && steps > 0; more = cursor.prev()) {
                look(cursor);
                steps--;
            }
        }
    }

    private static void look(Cursor cursor) throws IOException {
        if (cursor.key().length + cursor.value().length < 0) {
            throw new AssertionError("impossible");
        }
    }

    // ---- the database of a member ----

    /// Opened as a member's own at a start, read into memory, hashed, defragmented, written to.
    static FuzzTarget database() throws IOException {
        return FuzzTarget.of("database", List.of(database(60)), Set.of(IOException.class), StateTargets::readDatabase)
                .with(BoltPages.MUTATION, BoltPages.MUTATION, StateTargets::rewritten)
                .repairedBy(BoltPages::repair)
                .within(new Budget(64L << 20, 800, 5_000));
    }

    /// What a file holds, one record of it changed, written into a new file: sound pages with unsound records.
    private static byte[] rewritten(byte[] input, java.util.Random random) {
        var from = new FakeDisk(1);
        from.put(FILE, input);
        var to = new FakeDisk(1);
        try (var old = Bolt.view(from, FILE);
                var fresh = Bolt.open(to, FILE, BoltOptions.DEFAULTS)) {
            var names = old.buckets();
            int odd = random.nextInt(names.size() + 1);
            for (int i = 0; i < names.size(); i++) {
                var bucket = old.bucket(names.get(i));
                if (bucket == null || (i == odd && random.nextInt(8) == 0)) {
                    continue;
                }
                boolean meta = new String(names.get(i), UTF_8).equals("meta");
                try (var tx = fresh.write()) {
                    var target = tx.createBucket(names.get(i));
                    var cursor = bucket.cursor();
                    for (boolean more = cursor.first(); more; more = cursor.next()) {
                        boolean change = random.nextInt(meta ? 4 : 30) == 0;
                        byte[] key =
                                change && random.nextBoolean() ? Havoc.ONCE.apply(cursor.key(), random) : cursor.key();
                        byte[] value = !change
                                ? cursor.value()
                                : meta || random.nextInt(3) == 0
                                        ? Havoc.ONCE.apply(cursor.value(), random)
                                        : ProtoMutation.ONCE.apply(cursor.value(), random);
                        if (key.length > 0) {
                            target.put(key, value);
                        }
                    }
                    tx.commit();
                }
            }
        } catch (IOException unreadable) {
            return BoltPages.MUTATION.apply(input, random);
        }
        try {
            return to.bytes(FILE);
        } catch (IOException gone) {
            throw new IllegalStateException(gone);
        }
    }

    static byte[] database(int changes) throws IOException {
        try (var machine = Machine.fresh()) {
            for (var request : requests()) {
                machine.apply(EntryType.NORMAL, request.toByteArray());
            }
            for (int i = 0; i < changes; i++) {
                var put = PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("k" + i % 20))
                        .setValue(ByteString.copyFrom(new byte[i]));
                machine.apply(
                        EntryType.NORMAL,
                        InternalRaftRequest.newBuilder().setPut(put).build().toByteArray());
            }
            machine.backend().commit();
            return machine.disk().bytes(Machine.DATABASE);
        }
    }

    private static String readDatabase(byte[] input) throws IOException {
        var disk = new FakeDisk(1);
        disk.put(Machine.DATABASE, input);
        try (var machine = Machine.on(disk)) {
            var backend = machine.backend();
            for (var request : requests()) {
                if (machine.index() < Long.MAX_VALUE - 10) {
                    machine.apply(EntryType.NORMAL, request.toByteArray());
                }
            }
            backend.commit();
            int hash = backend.hash();
            backend.defragment();
            if (backend.hash() != hash) {
                throw new AssertionError("defragmentation changed what the database holds");
            }
            return "alarms " + Math.min(2, machine.machine().alarms().list().size()) + ", leases "
                    + Math.min(2, machine.machine().leases().size());
        }
    }

    // ---- a database from another member, or from a backup ----

    /// Checked as it arrives; what passes must be fit to go on from.
    static FuzzTarget received() throws IOException {
        return FuzzTarget.of("received-database", List.of(database(60)), Set.of(IOException.class), input -> {
                    var disk = new FakeDisk(1);
                    var path = Path.of("/received");
                    disk.put(path, input);
                    var snapshot =
                            new Snapshot(new SnapshotMeta(9, 1, ConfState.of(List.of(1L))), DiskTargets.savedTree());
                    ReceivedState.check(disk, path, snapshot);
                    return install(disk, path, snapshot);
                })
                .with(BoltPages.MUTATION, StateTargets::rewritten, StateTargets::rewritten)
                .repairedBy(BoltPages::repair)
                .within(new Budget(64L << 20, 800, 5_000));
    }

    private static String install(FakeDisk from, Path path, Snapshot snapshot) throws IOException {
        try (var machine = Machine.fresh()) {
            machine.disk().put(Machine.DIRECTORY.resolve("received"), from.bytes(path));
            try (var replacement =
                    Replacement.open(machine.disk(), Machine.DIRECTORY.resolve("received"), Shrinking.NEVER)) {
                machine.machine().install(replacement, snapshot);
            } catch (IOException late) {
                throw new AssertionError("accepted, but a member can't go on from it", late);
            }
            for (var request : requests()) {
                machine.applyAfter(machine.backend().consistentIndex(), request.toByteArray());
            }
            machine.backend().commit();
            return "revision " + (machine.machine().store().view().revision() > 60 ? "high" : "low");
        }
    }

    // ---- entries ----

    /// A log's entries of all types, applied; what they leave must come back after a restart.
    static FuzzTarget entries() {
        var bundle = new Bundle(List.of());
        for (var request : requests()) {
            bundle = bundle.and("n", request.toByteArray());
        }
        for (var request : legacyRequests()) {
            bundle = bundle.and("n", request.toByteArray());
        }
        for (var change : changes()) {
            bundle = bundle.and("c", RaftCodec.encode(change));
        }
        var joint = new ConfChangeV2(
                ConfChangeV2.Transition.AUTO,
                List.of(new ConfChangeV2.Single(ConfChange.Type.REMOVE_NODE, 3)),
                "context".getBytes(UTF_8));
        bundle = bundle.and("d", RaftCodec.encode(joint)).and("n", new byte[0]);
        return FuzzTarget.of("entries", List.of(bundle.pack()), Set.of(IOException.class), StateTargets::applyEntries)
                .with(Bundle.within(ProtoMutation.ONCE), Bundle.within(StateTargets::inContext))
                .within(new Budget(64L << 20, 400, 4_000));
    }

    /// The JSON in a change of members, and in a v2 request that publishes one.
    private static byte[] inContext(byte[] entry, java.util.Random random) {
        int begin = 0;
        while (begin < entry.length && entry[begin] != '{') {
            begin++;
        }
        if (begin == entry.length || begin == 0) {
            return ProtoMutation.ONCE.apply(entry, random);
        }
        try {
            var change = RaftCodec.decodeConfChange(entry);
            return RaftCodec.encode(new ConfChange(
                    change.id(), change.type(), change.nodeId(), JsonMutation.ONCE.apply(change.context(), random)));
        } catch (dev.cetera.raftpb.MalformedException noChange) {
            return ProtoMutation.ONCE.apply(entry, random);
        }
    }

    static List<InternalRaftRequest> requests() {
        var key = ByteString.copyFromUtf8("k1");
        var end = ByteString.copyFromUtf8("k9");
        var put = PutRequest.newBuilder()
                .setKey(key)
                .setValue(ByteString.copyFromUtf8("v"))
                .setLease(7)
                .setPrevKv(true);
        var delete = DeleteRangeRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("x"))
                .setRangeEnd(end);
        var range = RangeRequest.newBuilder()
                .setKey(key)
                .setRangeEnd(end)
                .setLimit(5)
                .setSortOrder(RangeRequest.SortOrder.DESCEND)
                .setSortTarget(RangeRequest.SortTarget.VALUE)
                .setMinModRevision(1);
        var compare = Compare.newBuilder()
                .setKey(key)
                .setRangeEnd(end)
                .setTarget(Compare.CompareTarget.VERSION)
                .setResult(Compare.CompareResult.GREATER)
                .setVersion(0);
        var inner = TxnRequest.newBuilder()
                .addSuccess(RequestOp.newBuilder().setRequestPut(put.clone().setKey(end)))
                .addFailure(RequestOp.newBuilder().setRequestRange(range));
        var txn = TxnRequest.newBuilder()
                .addCompare(compare)
                .addSuccess(RequestOp.newBuilder().setRequestPut(put))
                .addSuccess(RequestOp.newBuilder().setRequestRange(range))
                .addSuccess(RequestOp.newBuilder().setRequestTxn(inner))
                .addFailure(RequestOp.newBuilder().setRequestDeleteRange(delete));
        var grant = LeaseGrantRequest.newBuilder().setID(7).setTTL(60);
        var alarm = AlarmRequest.newBuilder()
                .setAction(AlarmRequest.AlarmAction.ACTIVATE)
                .setMemberID(1)
                .setAlarm(AlarmType.NONE);
        var request = InternalRaftRequest.newBuilder().setID(77);
        return List.of(
                request.clone().setLeaseGrant(grant).build(),
                request.clone().setLeaseGrant(grant.clone().setID(8)).build(),
                request.clone().setPut(put).build(),
                request.clone()
                        .setPut(put.clone().setKey(ByteString.copyFromUtf8("k2")))
                        .build(),
                request.clone().setTxn(txn).build(),
                request.clone().setDeleteRange(delete.setPrevKv(true)).build(),
                request.clone().setAlarm(alarm).build(),
                request.clone()
                        .setCompaction(
                                CompactionRequest.newBuilder().setRevision(3).setPhysical(true))
                        .build(),
                request.clone()
                        .setLeaseRevoke(LeaseRevokeRequest.newBuilder().setID(8))
                        .build());
    }

    static List<Request> legacyRequests() {
        var put = Request.newBuilder()
                .setID(5)
                .setMethod("PUT")
                .setPath("/1/a/b")
                .setVal("value")
                .setExpiration(1_600_000_000_000_000_000L)
                .setDir(false)
                .setPrevValue("")
                .setPrevIndex(0);
        return List.of(
                put.build(),
                put.clone().setPath("/1/dir").setDir(true).setVal("").build(),
                put.clone()
                        .setPath("/1/a/b")
                        .setPrevExist(true)
                        .setRefresh(true)
                        .build(),
                put.clone()
                        .setMethod("POST")
                        .setPath("/1/queue")
                        .setExpiration(0)
                        .build(),
                put.clone()
                        .setMethod("PUT")
                        .setPrevIndex(3)
                        .setPrevValue("value")
                        .build(),
                put.clone()
                        .setMethod("DELETE")
                        .setPath("/1/dir")
                        .setRecursive(true)
                        .build(),
                put.clone()
                        .setMethod("QGET")
                        .setPath("/1")
                        .setRecursive(true)
                        .setSorted(true)
                        .build(),
                put.clone()
                        .setMethod("SYNC")
                        .setTime(1_500_000_000_000_000_000L)
                        .build(),
                Members.publish(6, 1, new Member.Attributes("m<1>", List.of("http://h1:2379"))));
    }

    private static List<ConfChange> changes() {
        return List.of(
                Members.add(1, Member.of(2, List.of("http://h2:2380"), "")),
                Members.add(2, Member.of(3, List.of("http://h3:2380"), "")),
                Members.update(3, 2, List.of("http://h2:2390", "http://h2:2391")),
                Members.remove(4, 2));
    }

    private static String applyEntries(byte[] input) throws IOException {
        try (var machine = Machine.fresh()) {
            var last = "nothing";
            for (var part : Bundle.unpack(input).parts()) {
                var type = switch (part.name()) {
                    case "c" -> EntryType.CONF_CHANGE;
                    case "d" -> EntryType.CONF_CHANGE_V2;
                    default -> EntryType.NORMAL;
                };
                last = shape(machine.apply(type, part.bytes()));
            }
            machine.requireRestorable();
            return last;
        }
    }

    private static String shape(Applied applied) {
        var name = applied.getClass().getSimpleName();
        return applied instanceof Applied.Request request && request.outcome() instanceof Outcome.Refused<?>(var why)
                ? name + " " + why
                : name;
    }
}
