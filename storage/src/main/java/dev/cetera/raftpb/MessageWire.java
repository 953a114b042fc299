package dev.cetera.raftpb;

import static dev.cetera.raft.Message.NO_CONTEXT;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.Message;
import dev.cetera.raft.Message.Ballot;
import dev.cetera.raft.Message.Campaign;
import dev.cetera.raft.Message.Payload;
import dev.cetera.raft.Snapshot;
import dev.cetera.raft.SnapshotMeta;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The fields of raftpb's one message type, filled as each kind of message fills them. Writing needs the size
/// first and copies every byte string once. Immutable.
///
/// ```
/// 1 type · 2 to · 3 from · 4 term · 5 logTerm · 6 index · 7 entries* · 8 commit
/// 9 snapshot{1 data?, 2 metadata} · 10 reject · 11 rejectHint · 12 context?
/// ```
///
/// Numbers and the snapshot are written even when they are zero, byte strings only when there is one.
record MessageWire(int type, Message message, Fields fields) {
    static final byte[] CAMPAIGN_TRANSFER = "CampaignTransfer".getBytes(US_ASCII);

    private static final byte[] EMPTY_SNAPSHOT = {0x12, 0x06, 0x0a, 0, 0x10, 0, 0x18, 0};

    /// What is beside type, ids and term.
    private record Fields(
            long logTerm,
            long index,
            List<Entry> entries,
            List<Payload> payloads,
            long commit,
            @Nullable Snapshot snapshot,
            boolean reject,
            long hint,
            byte[] context) {
        static final Fields NONE = at(0, 0);

        static Fields at(long logTerm, long index) {
            return new Fields(logTerm, index, List.of(), List.of(), 0, null, false, 0, NO_CONTEXT);
        }

        static Fields of(long index, List<Payload> payloads) {
            return new Fields(0, index, List.of(), payloads, 0, null, false, 0, NO_CONTEXT);
        }

        Fields withContext(byte[] given) {
            return new Fields(logTerm, index, entries, payloads, commit, snapshot, reject, hint, given);
        }

        Fields withCommit(long given) {
            return new Fields(logTerm, index, entries, payloads, given, snapshot, reject, hint, context);
        }

        Fields withEntries(List<Entry> given) {
            return new Fields(logTerm, index, given, payloads, commit, snapshot, reject, hint, context);
        }

        Fields withReject(boolean given, long newHint) {
            return new Fields(logTerm, index, entries, payloads, commit, snapshot, given, newHint, context);
        }

        Fields withSnapshot(Snapshot given) {
            return new Fields(logTerm, index, entries, payloads, commit, given, reject, hint, context);
        }
    }

    static MessageWire of(Message message) {
        return switch (message) {
            case Message.Propose propose -> wire(MessageType.PROP, propose, Fields.of(0, propose.payloads()));
            case Message.Append append ->
                wire(
                        MessageType.APP,
                        append,
                        Fields.at(append.prevTerm(), append.prevIndex())
                                .withEntries(append.entries())
                                .withCommit(append.commit()));
            case Message.AppendAccepted accepted ->
                wire(MessageType.APP_RESP, accepted, Fields.at(0, accepted.index()));
            case Message.AppendRejected rejected ->
                wire(
                        MessageType.APP_RESP,
                        rejected,
                        Fields.at(rejected.hintTerm(), rejected.index()).withReject(true, rejected.hint()));
            case Message.VoteRequest request -> wire(voteType(request), request, voteFields(request));
            case Message.VoteReply reply ->
                wire(
                        reply.ballot() == Ballot.PRE_VOTE ? MessageType.PRE_VOTE_RESP : MessageType.VOTE_RESP,
                        reply,
                        Fields.NONE.withReject(!reply.granted(), 0));
            case Message.InstallSnapshot install ->
                wire(MessageType.SNAP, install, Fields.NONE.withSnapshot(install.snapshot()));
            case Message.Heartbeat heartbeat ->
                wire(
                        MessageType.HEARTBEAT,
                        heartbeat,
                        Fields.NONE.withCommit(heartbeat.commit()).withContext(heartbeat.context()));
            case Message.HeartbeatReply reply ->
                wire(MessageType.HEARTBEAT_RESP, reply, Fields.NONE.withContext(reply.context()));
            case Message.TransferLeader transfer -> wire(MessageType.TRANSFER_LEADER, transfer, Fields.NONE);
            case Message.TimeoutNow now -> wire(MessageType.TIMEOUT_NOW, now, Fields.NONE);
            case Message.ReadIndex read ->
                wire(MessageType.READ_INDEX, read, Fields.of(0, List.of(payload(read.context()))));
            case Message.ReadIndexReply reply ->
                wire(MessageType.READ_INDEX_RESP, reply, Fields.of(reply.index(), List.of(payload(reply.context()))));
        };
    }

    private static MessageWire wire(int type, Message message, Fields fields) {
        return new MessageWire(type, message, fields);
    }

    private static int voteType(Message.VoteRequest request) {
        return request.campaign() == Campaign.PRE_VOTE ? MessageType.PRE_VOTE : MessageType.VOTE;
    }

    private static Fields voteFields(Message.VoteRequest request) {
        return Fields.at(request.lastTerm(), request.lastIndex())
                .withContext(request.campaign() == Campaign.TRANSFER ? CAMPAIGN_TRANSFER : NO_CONTEXT);
    }

    private static Payload payload(byte[] context) {
        return new Payload(EntryType.NORMAL, context);
    }

    int size() {
        long size = varints(type, message.to(), message.from(), message.term(), fields.logTerm, fields.index)
                + varints(fields.commit, fields.reject ? 1 : 0, fields.hint)
                + optional(fields.context)
                + nested(snapshotSize());
        for (var entry : fields.entries) {
            size += nested(size(entry));
        }
        for (var payload : fields.payloads) {
            size += nested(size(payload));
        }
        return Math.toIntExact(size);
    }

    void write(ByteBuffer into) {
        put(into, 1, type);
        put(into, 2, message.to());
        put(into, 3, message.from());
        put(into, 4, message.term());
        put(into, 5, fields.logTerm);
        put(into, 6, fields.index);
        for (var entry : fields.entries) {
            head(into, 7, size(entry));
            write(entry, into);
        }
        for (var payload : fields.payloads) {
            head(into, 7, Math.toIntExact(size(payload)));
            write(payload.type(), 0, 0, payload.data(), into);
        }
        put(into, 8, fields.commit);
        head(into, 9, Math.toIntExact(snapshotSize()));
        writeSnapshot(into);
        put(into, 10, fields.reject ? 1 : 0);
        put(into, 11, fields.hint);
        putOptional(into, 12, fields.context);
    }

    // ---- entries ----

    static int size(Entry entry) {
        return Math.toIntExact(
                varints(RaftCodec.number(entry.type()), entry.term(), entry.index()) + optional(entry.data()));
    }

    static void write(Entry entry, ByteBuffer into) {
        write(entry.type(), entry.term(), entry.index(), entry.data(), into);
    }

    private static long size(Payload payload) {
        return varints(RaftCodec.number(payload.type()), 0, 0) + optional(payload.data());
    }

    private static void write(EntryType type, long term, long index, byte[] data, ByteBuffer into) {
        put(into, 1, RaftCodec.number(type));
        put(into, 2, term);
        put(into, 3, index);
        putOptional(into, 4, data);
    }

    // ---- the snapshot ----

    private long snapshotSize() {
        var snapshot = fields.snapshot;
        return snapshot == null
                ? EMPTY_SNAPSHOT.length
                : optional(snapshot.data()) + nested(meta(snapshot.meta()).length);
    }

    private void writeSnapshot(ByteBuffer into) {
        var snapshot = fields.snapshot;
        if (snapshot == null) {
            into.put(EMPTY_SNAPSHOT);
            return;
        }
        putOptional(into, 1, snapshot.data());
        byte[] meta = meta(snapshot.meta());
        head(into, 2, meta.length);
        into.put(meta);
    }

    private static byte[] meta(SnapshotMeta meta) {
        return RaftCodec.encode(meta);
    }

    // ---- fields; all field numbers here fit into one byte with their wire type ----

    private static long varints(long... values) {
        long size = 0;
        for (long value : values) {
            size += 1 + varintSize(value);
        }
        return size;
    }

    private static long nested(long length) {
        return 1 + varintSize(length) + length;
    }

    private static long optional(byte[] bytes) {
        return bytes.length == 0 ? 0 : nested(bytes.length);
    }

    private static int varintSize(long value) {
        return (70 - Long.numberOfLeadingZeros(value | 1)) / 7;
    }

    private static void put(ByteBuffer into, int field, long value) {
        into.put((byte) (field << 3));
        putVarint(into, value);
    }

    private static void head(ByteBuffer into, int field, int length) {
        into.put((byte) (field << 3 | ProtoReader.BYTES));
        putVarint(into, length);
    }

    private static void putOptional(ByteBuffer into, int field, byte[] bytes) {
        if (bytes.length > 0) {
            head(into, field, bytes.length);
            into.put(bytes);
        }
    }

    private static void putVarint(ByteBuffer into, long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            into.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        into.put((byte) rest);
    }
}
