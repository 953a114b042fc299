package dev.cetera.raftpb;

import dev.cetera.raft.ConfState;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.Message;
import dev.cetera.raft.Message.Ballot;
import dev.cetera.raft.Message.Campaign;
import dev.cetera.raft.Message.Payload;
import dev.cetera.raft.Snapshot;
import dev.cetera.raft.SnapshotMeta;
import dev.cetera.raftpb.MessageCodec.Decoded;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;

/// One message on its way from bytes to a record: first all fields, then what the type makes of them. What
/// another member could not have meant is refused here, so that raft never meets it. Confined.
final class MessageReading {
    /// More than fit into the 1 MiB that a leader puts into one message.
    private static final int MAX_ENTRIES = 1 << 18;

    /// A request's number has 8 bytes.
    private static final int MAX_CONTEXT = 1024;

    private long type;
    private long to;
    private long from;
    private long term;
    private long logTerm;
    private long index;
    private List<Raw> entries = List.of();
    private long commit;
    private Snapshot snapshot = new Snapshot(SnapshotMeta.NONE, Entry.NO_DATA);
    private boolean reject;
    private long hint;
    private byte[] context = Message.NO_CONTEXT;

    /// An entry as it stands in a message: one that is proposed has neither term nor index.
    private record Raw(EntryType type, long term, long index, byte[] data) {}

    MessageReading(ProtoReader in) throws MalformedException {
        while (in.next()) {
            switch (in.field()) {
                case 1 -> type = in.varint("Type");
                case 2 -> to = in.varint("To");
                case 3 -> from = in.varint("From");
                case 4 -> term = in.count("Term");
                case 5 -> logTerm = in.count("LogTerm");
                case 6 -> index = in.count("Index");
                case 7 -> add(readEntry(in.message("Entries")));
                case 8 -> commit = in.count("Commit");
                case 9 -> snapshot = readSnapshot(in.message("Snapshot"));
                case 10 -> reject = in.varint("Reject") != 0;
                case 11 -> hint = in.count("RejectHint");
                case 12 -> context = in.bytes("Context");
                default -> in.skip();
            }
        }
    }

    private void add(Raw entry) throws MalformedException {
        if (entries.isEmpty()) {
            entries = new ArrayList<>();
        }
        if (entries.size() == MAX_ENTRIES) {
            throw new MalformedException("Message: more than " + MAX_ENTRIES + " entries");
        }
        entries.add(entry);
    }

    private static Raw readEntry(ProtoReader in) throws MalformedException {
        long type = 0;
        long term = 0;
        long index = 0;
        byte[] data = Entry.NO_DATA;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> type = in.varint("Type");
                case 2 -> term = in.count("Term");
                case 3 -> index = in.count("Index");
                case 4 -> data = in.bytes("Data");
                default -> in.skip();
            }
        }
        return new Raw(RaftCodec.entryType(type), term, index, data);
    }

    private static Snapshot readSnapshot(ProtoReader in) throws MalformedException {
        byte[] data = Entry.NO_DATA;
        var meta = SnapshotMeta.NONE;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> data = in.bytes("Data");
                case 2 -> meta = RaftCodec.decodeSnapshotMeta(in.bytes("Metadata"));
                default -> in.skip();
            }
        }
        return new Snapshot(meta, data);
    }

    Decoded result() throws MalformedException {
        if (type == MessageType.HEARTBEAT && to == 0 && from == 0) {
            return new Decoded.LinkHeartbeat();
        }
        if (!isSent(type)) {
            return new Decoded.Ignored(type, to, from);
        }
        require(to != 0 && from != 0 && to != from, "from " + hex(from) + " to " + hex(to));
        require(context.length <= MAX_CONTEXT, "a context of " + context.length + " bytes");
        return new Decoded.Said(message());
    }

    private static boolean isSent(long type) {
        return (type >= MessageType.PROP && type <= MessageType.HEARTBEAT_RESP)
                || (type >= MessageType.TRANSFER_LEADER && type <= MessageType.PRE_VOTE_RESP);
    }

    private Message message() throws MalformedException {
        switch ((int) type) {
            case MessageType.PROP -> {
                return propose();
            }
            case MessageType.READ_INDEX -> {
                return new Message.ReadIndex(to, from, question());
            }
            default -> require(term >= 1, "without a term");
        }
        return switch ((int) type) {
            case MessageType.APP -> append();
            case MessageType.APP_RESP -> appendReply();
            case MessageType.VOTE -> vote(transferred() ? Campaign.TRANSFER : Campaign.ELECTION);
            case MessageType.PRE_VOTE -> vote(Campaign.PRE_VOTE);
            case MessageType.VOTE_RESP -> new Message.VoteReply(to, from, term, Ballot.VOTE, !reject);
            case MessageType.PRE_VOTE_RESP -> new Message.VoteReply(to, from, term, Ballot.PRE_VOTE, !reject);
            case MessageType.SNAP -> install();
            case MessageType.HEARTBEAT -> new Message.Heartbeat(to, from, term, commit, context);
            case MessageType.HEARTBEAT_RESP -> new Message.HeartbeatReply(to, from, term, context);
            case MessageType.TRANSFER_LEADER -> new Message.TransferLeader(to, from, term);
            case MessageType.TIMEOUT_NOW -> new Message.TimeoutNow(to, from, term);
            case MessageType.READ_INDEX_RESP -> new Message.ReadIndexReply(to, from, term, index, question());
            default -> throw new IllegalStateException("type " + type);
        };
    }

    private Message.Propose propose() throws MalformedException {
        require(!entries.isEmpty(), "that proposes nothing");
        List<Payload> payloads = new ArrayList<>(entries.size());
        for (var entry : entries) {
            checkChange(entry.type(), entry.data());
            payloads.add(new Payload(entry.type(), entry.data()));
        }
        return new Message.Propose(to, from, payloads);
    }

    private Message.Append append() throws MalformedException {
        List<Entry> all = new ArrayList<>(entries.size());
        for (var entry : entries) {
            require(entry.term() >= 1 && entry.index() >= 1, "with an entry that has no position");
            all.add(new Entry(entry.term(), entry.index(), entry.type(), entry.data()));
        }
        checkSequence(term, logTerm, index, all);
        return new Message.Append(to, from, term, logTerm, index, List.copyOf(all), commit);
    }

    static void checkSequence(long term, long prevTerm, long prevIndex, List<Entry> entries) throws MalformedException {
        boolean beginning = prevIndex == 0 && prevTerm == 0;
        boolean position = prevIndex >= 1 && prevTerm >= 1;
        if (!(beginning || position) || prevTerm > term || prevIndex > Long.MAX_VALUE - entries.size()) {
            throw malformed(MessageType.APP, "of term " + term + " behind " + prevTerm + "/" + prevIndex);
        }
        long lastTerm = prevTerm;
        long nextIndex = prevIndex + 1;
        for (var entry : entries) {
            if (entry.index() != nextIndex || entry.term() < lastTerm || entry.term() > term) {
                throw malformed(
                        MessageType.APP,
                        "of term " + term + " with " + entry.term() + "/" + entry.index() + " behind " + lastTerm + "/"
                                + (nextIndex - 1));
            }
            checkChange(entry.type(), entry.data());
            lastTerm = entry.term();
            nextIndex++;
        }
    }

    /// Every member has to be able to apply it.
    private static void checkChange(EntryType type, byte[] data) throws MalformedException {
        if (type == EntryType.CONF_CHANGE) {
            var _ = RaftCodec.decodeConfChange(data);
        }
    }

    private Message appendReply() throws MalformedException {
        if (!reject) {
            return new Message.AppendAccepted(to, from, term, index);
        }
        require(logTerm <= term, "of term " + term + " that knows an entry of term " + logTerm);
        return new Message.AppendRejected(to, from, term, index, hint, logTerm);
    }

    private Message.VoteRequest vote(Campaign campaign) throws MalformedException {
        require(logTerm <= term, "for term " + term + " behind an entry of term " + logTerm);
        return new Message.VoteRequest(to, from, term, campaign, logTerm, index);
    }

    private boolean transferred() {
        return Arrays.equals(context, MessageWire.CAMPAIGN_TRANSFER);
    }

    private Message.InstallSnapshot install() throws MalformedException {
        var meta = snapshot.meta();
        boolean position = meta.index() >= 1 && meta.term() >= 1 && meta.term() <= term;
        require(position, "of term " + term + " with a snapshot at " + meta.term() + "/" + meta.index());
        checkMembers(meta.conf());
        return new Message.InstallSnapshot(to, from, term, snapshot);
    }

    private void checkMembers(ConfState conf) throws MalformedException {
        var members = new HashSet<Long>();
        boolean good = !conf.voters().isEmpty();
        for (long id : conf.voters()) {
            good &= id != 0 && members.add(id);
        }
        for (long id : conf.learners()) {
            good &= id != 0 && members.add(id);
        }
        require(good, "with a snapshot of no possible cluster");
    }

    /// The number of a read request is the data of the one entry.
    private byte[] question() throws MalformedException {
        require(entries.size() == 1, "with " + entries.size() + " entries");
        byte[] number = entries.getFirst().data();
        require(number.length <= MAX_CONTEXT, "with a request number of " + number.length + " bytes");
        return number;
    }

    private void require(boolean holds, String otherwise) throws MalformedException {
        if (!holds) {
            throw malformed(type, otherwise);
        }
    }

    private static MalformedException malformed(long type, String what) {
        return new MalformedException("Message: type " + type + " " + what);
    }

    private static String hex(long id) {
        return Long.toHexString(id);
    }
}
