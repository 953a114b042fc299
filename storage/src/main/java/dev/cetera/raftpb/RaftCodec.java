package dev.cetera.raftpb;

import dev.cetera.raft.ConfChange;
import dev.cetera.raft.ConfChangeV2;
import dev.cetera.raft.ConfState;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.HardState;
import dev.cetera.raft.Snapshot;
import dev.cetera.raft.SnapshotMeta;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Raft's records as the bytes of etcd 3.3's raftpb, and back.
///
/// Encoding gives exactly what etcd 3.3 writes. Decoding takes what any release writes: fields may be missing
/// (then they are 0) or unknown (then they are skipped), but a known field of another wire type, an unknown
/// enum value or a negative position is refused. No decoder allocates more than its input is long.
///
/// Where a byte string is empty in a record it is absent in the bytes: etcd writes it so for the entries and
/// changes that have none.
public final class RaftCodec {
    private static final List<EntryType> ENTRY_TYPES = List.of(EntryType.values());

    private RaftCodec() {}

    public static byte[] encode(Entry entry) {
        var out = new ProtoWriter(48 + entry.data().length);
        writeHead(out, entry);
        return appendData(out, entry.data());
    }

    public static byte[] encode(HardState state) {
        var out = new ProtoWriter(40);
        write(out, state);
        return out.toBytes();
    }

    public static byte[] encode(ConfState conf) {
        var out = new ProtoWriter(64);
        write(out, conf);
        return out.toBytes();
    }

    public static byte[] encode(ConfChange change) {
        var out = new ProtoWriter(48 + change.context().length)
                .varint(1, change.id())
                .varint(2, number(change.type()))
                .varint(3, change.nodeId());
        if (change.context().length > 0) {
            out.bytes(4, change.context());
        }
        return out.toBytes();
    }

    /// As etcd 3.4 writes it. What leaves a joint configuration and has no context is empty.
    public static byte[] encode(ConfChangeV2 change) {
        if (change.leavesJoint() && change.context().length == 0) {
            return Entry.NO_DATA;
        }
        var out = new ProtoWriter(48 + change.context().length).varint(1, number(change.transition()));
        for (var single : change.changes()) {
            var inner = new ProtoWriter(16).varint(1, number(single.type())).varint(2, single.nodeId());
            out.message(2, inner);
        }
        if (change.context().length > 0) {
            out.bytes(3, change.context());
        }
        return out.toBytes();
    }

    public static byte[] encode(SnapshotMeta meta) {
        var out = new ProtoWriter(96);
        write(out, meta);
        return out.toBytes();
    }

    public static byte[] encode(Snapshot snapshot) {
        var out = new ProtoWriter(128 + snapshot.data().length);
        if (snapshot.data().length > 0) {
            out.bytes(1, snapshot.data());
        }
        var meta = new ProtoWriter(96);
        write(meta, snapshot.meta());
        return out.message(2, meta).toBytes();
    }

    public static Entry decodeEntry(byte[] bytes) throws MalformedException {
        return readEntry(reader("Entry", bytes));
    }

    public static HardState decodeHardState(byte[] bytes) throws MalformedException {
        return readHardState(reader("HardState", bytes));
    }

    public static ConfState decodeConfState(byte[] bytes) throws MalformedException {
        return readConfState(reader("ConfState", bytes));
    }

    public static ConfChange decodeConfChange(byte[] bytes) throws MalformedException {
        var in = reader("ConfChange", bytes);
        long id = 0;
        long type = 0;
        long node = 0;
        byte[] context = Entry.NO_DATA;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> id = in.varint("ID");
                case 2 -> type = in.varint("Type");
                case 3 -> node = in.varint("NodeID");
                case 4 -> context = in.bytes("Context");
                default -> in.skip();
            }
        }
        return new ConfChange(id, changeType(type), node, context);
    }

    /// Nothing at all leaves a joint configuration.
    public static ConfChangeV2 decodeConfChangeV2(byte[] bytes) throws MalformedException {
        var in = reader("ConfChangeV2", bytes);
        long transition = 0;
        List<ConfChangeV2.Single> changes = new ArrayList<>();
        byte[] context = Entry.NO_DATA;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> transition = in.varint("Transition");
                case 2 -> changes.add(readSingle(in.message("ConfChangeSingle")));
                case 3 -> context = in.bytes("Context");
                default -> in.skip();
            }
        }
        return new ConfChangeV2(transition(transition), changes, context);
    }

    private static ConfChangeV2.Single readSingle(ProtoReader in) throws MalformedException {
        long type = 0;
        long node = 0;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> type = in.varint("Type");
                case 2 -> node = in.varint("NodeID");
                default -> in.skip();
            }
        }
        return new ConfChangeV2.Single(changeType(type), node);
    }

    public static SnapshotMeta decodeSnapshotMeta(byte[] bytes) throws MalformedException {
        return readSnapshotMeta(reader("SnapshotMetadata", bytes));
    }

    public static Snapshot decodeSnapshot(byte[] bytes) throws MalformedException {
        var in = reader("Snapshot", bytes);
        byte[] data = Entry.NO_DATA;
        var meta = SnapshotMeta.NONE;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> data = in.bytes("Data");
                case 2 -> meta = readSnapshotMeta(in.message("SnapshotMetadata"));
                default -> in.skip();
            }
        }
        return new Snapshot(meta, data);
    }

    // ---- pieces that write into, or read out of, a larger buffer ----

    /// Everything of an entry but its data bytes, which follow directly when there are any.
    public static void writeHead(ProtoWriter out, Entry entry) {
        out.varint(1, number(entry.type())).varint(2, entry.term()).varint(3, entry.index());
        if (entry.data().length > 0) {
            out.bytesHead(4, entry.data().length);
        }
    }

    public static void write(ProtoWriter out, HardState state) {
        out.varint(1, state.term()).varint(2, state.vote()).varint(3, state.commit());
    }

    public static Entry readEntry(ProtoReader in) throws MalformedException {
        long type = 0;
        long term = 0;
        long index = 0;
        byte[] data = Entry.NO_DATA;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> type = in.varint("Type");
                case 2 -> term = in.varint("Term");
                case 3 -> index = in.varint("Index");
                case 4 -> data = in.bytes("Data");
                default -> in.skip();
            }
        }
        if (term < 1 || index < 1) {
            throw new MalformedException("Entry: term " + Long.toUnsignedString(term) + ", index "
                    + Long.toUnsignedString(index) + " is out of range");
        }
        return new Entry(term, index, entryType(type), data);
    }

    public static HardState readHardState(ProtoReader in) throws MalformedException {
        long term = 0;
        long vote = 0;
        long commit = 0;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> term = in.count("Term");
                case 2 -> vote = in.varint("Vote");
                case 3 -> commit = in.count("Commit");
                default -> in.skip();
            }
        }
        return new HardState(term, vote, commit);
    }

    private static SnapshotMeta readSnapshotMeta(ProtoReader in) throws MalformedException {
        var conf = ConfState.NONE;
        long index = 0;
        long term = 0;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> conf = readConfState(in.message("ConfState"));
                case 2 -> index = in.count("Index");
                case 3 -> term = in.count("Term");
                default -> in.skip();
            }
        }
        return new SnapshotMeta(index, term, conf);
    }

    private static ConfState readConfState(ProtoReader in) throws MalformedException {
        List<Long> voters = new ArrayList<>();
        List<Long> learners = new ArrayList<>();
        List<Long> outgoing = new ArrayList<>();
        List<Long> learnersNext = new ArrayList<>();
        boolean autoLeave = false;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> in.varints("Nodes", voters::add);
                case 2 -> in.varints("Learners", learners::add);
                case 3 -> in.varints("VotersOutgoing", outgoing::add);
                case 4 -> in.varints("LearnersNext", learnersNext::add);
                case 5 -> autoLeave = in.varint("AutoLeave") != 0;
                default -> in.skip();
            }
        }
        return new ConfState(voters, learners, outgoing, learnersNext, autoLeave);
    }

    private static void write(ProtoWriter out, SnapshotMeta meta) {
        var conf = new ProtoWriter(64);
        write(conf, meta.conf());
        out.message(1, conf).varint(2, meta.index()).varint(3, meta.term());
    }

    /// The fields of a joint configuration are written only in one: etcd 3.3 knows none, and wrote none.
    private static void write(ProtoWriter out, ConfState conf) {
        writeIds(out, 1, conf.voters());
        writeIds(out, 2, conf.learners());
        writeIds(out, 3, conf.votersOutgoing());
        writeIds(out, 4, conf.learnersNext());
        if (conf.autoLeave()) {
            out.varint(5, 1);
        }
    }

    private static void writeIds(ProtoWriter out, int field, List<Long> ids) {
        for (long id : ids) {
            out.varint(field, id);
        }
    }

    static int number(EntryType type) {
        return switch (type) {
            case NORMAL -> 0;
            case CONF_CHANGE -> 1;
            case CONF_CHANGE_V2 -> 2;
        };
    }

    static EntryType entryType(long number) throws MalformedException {
        for (var type : ENTRY_TYPES) {
            if (number(type) == number) {
                return type;
            }
        }
        throw new MalformedException("Entry: unknown type " + number);
    }

    private static int number(ConfChange.Type type) {
        return switch (type) {
            case ADD_NODE -> 0;
            case REMOVE_NODE -> 1;
            case UPDATE_NODE -> 2;
            case ADD_LEARNER -> 3;
        };
    }

    private static ConfChange.Type changeType(long number) throws MalformedException {
        for (var type : ConfChange.Type.values()) {
            if (number(type) == number) {
                return type;
            }
        }
        throw new MalformedException("ConfChange: unknown type " + number);
    }

    private static int number(ConfChangeV2.Transition transition) {
        return switch (transition) {
            case AUTO -> 0;
            case JOINT_IMPLICIT -> 1;
            case JOINT_EXPLICIT -> 2;
        };
    }

    private static ConfChangeV2.Transition transition(long number) throws MalformedException {
        for (var transition : ConfChangeV2.Transition.values()) {
            if (number(transition) == number) {
                return transition;
            }
        }
        throw new MalformedException("ConfChangeV2: unknown transition " + number);
    }

    private static byte[] appendData(ProtoWriter out, byte[] data) {
        byte[] bytes = Arrays.copyOf(out.buffer(), out.size() + data.length);
        System.arraycopy(data, 0, bytes, out.size(), data.length);
        return bytes;
    }

    private static ProtoReader reader(String message, byte[] bytes) {
        return new ProtoReader(message, bytes, 0, bytes.length);
    }
}
