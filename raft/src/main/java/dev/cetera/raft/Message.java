package dev.cetera.raft;

import java.util.List;

/// What members say to each other. One record per meaning; together they cover the message types of raftpb one
/// to one, where a type with a flag (a reply that accepts or rejects) is a record for each value of the flag.
///
/// | record | raftpb type | fields beyond `to`, `from`, `term` |
/// |---|---|---|
/// | [Propose] | 2 MsgProp | entries (type and data only) |
/// | [Append] | 3 MsgApp | logTerm, index, entries, commit |
/// | [AppendAccepted] | 4 MsgAppResp | index |
/// | [AppendRejected] | 4 MsgAppResp, reject | index, rejectHint, logTerm |
/// | [VoteRequest] | 5 MsgVote, 17 MsgPreVote | logTerm, index, context |
/// | [VoteReply] | 6 MsgVoteResp, 18 MsgPreVoteResp | reject |
/// | [InstallSnapshot] | 7 MsgSnap | snapshot |
/// | [Heartbeat] | 8 MsgHeartbeat | commit, context |
/// | [HeartbeatReply] | 9 MsgHeartbeatResp | context |
/// | [TransferLeader] | 13 MsgTransferLeader | |
/// | [TimeoutNow] | 14 MsgTimeoutNow | |
/// | [ReadIndex] | 15 MsgReadIndex | entries[0].data |
/// | [ReadIndexReply] | 16 MsgReadIndexResp | index, entries[0].data |
public sealed interface Message {
    /// No context: an absent or empty field on the wire.
    byte[] NO_CONTEXT = new byte[0];

    /// The member it is for.
    long to();

    /// The member that it comes from.
    long from();

    /// The sender's term; 0 for the two that carry none ([Propose], [ReadIndex]).
    long term();

    /// Whether members of newer releases pass it on in the name of its sender, so that it may come by way of
    /// another member, even back to its sender when that has become the leader.
    default boolean isPassedOn() {
        return this instanceof Propose || this instanceof ReadIndex || this instanceof TransferLeader;
    }

    /// Something to be appended by the leader, before it has a place in the log.
    record Payload(EntryType type, byte[] data) {}

    /// A follower passes on proposals. There is no reply: the proposer sees its entry come by, or not.
    record Propose(long to, long from, List<Payload> payloads) implements Message {
        public Propose {
            payloads = List.copyOf(payloads);
        }

        @Override
        public long term() {
            return 0;
        }
    }

    /// Entries that follow the one at `prevIndex`, which has term `prevTerm`; possibly none (§5.3).
    record Append(long to, long from, long term, long prevTerm, long prevIndex, List<Entry> entries, long commit)
            implements Message {
        /// The index of its last entry, `prevIndex` when it has none.
        public long lastIndex() {
            return prevIndex + entries.size();
        }
    }

    /// The sender's durable log equals the leader's up to `index`. With index 0 and a newer term it tells a
    /// leader of the past that it is one.
    record AppendAccepted(long to, long from, long term, long index) implements Message {}

    /// The sender has no entry at `index` with the term that the leader named. The logs can't agree after
    /// `hint`; `hintTerm` is the term that the sender has there, 0 when it can't tell (members up to 3.4 never
    /// do).
    record AppendRejected(long to, long from, long term, long index, long hint, long hintTerm) implements Message {}

    /// Why votes are asked for.
    enum Campaign {
        /// Would I win at `term`? Nobody changes its state for it.
        PRE_VOTE,
        ELECTION,
        /// An election that the leader itself asked for, so its lease is no reason to ignore it.
        TRANSFER
    }

    /// Asks for a vote in `term` on the strength of a log that ends at `lastIndex` with `lastTerm` (§5.2,
    /// §5.4.1).
    record VoteRequest(long to, long from, long term, Campaign campaign, long lastTerm, long lastIndex)
            implements Message {}

    /// What a reply is about.
    enum Ballot {
        PRE_VOTE,
        VOTE
    }

    /// `term` is the request's when granted, else the sender's own.
    record VoteReply(long to, long from, long term, Ballot ballot, boolean granted) implements Message {}

    /// Replaces the receiver's log and state. As it leaves [Ready#send] the data is empty and the metadata
    /// says which index is enough; whoever transports it fills in a snapshot at that index or later.
    record InstallSnapshot(long to, long from, long term, Snapshot snapshot) implements Message {}

    /// The leader lives; `commit` never exceeds what it knows the receiver to have. `context` is to be echoed.
    record Heartbeat(long to, long from, long term, long commit, byte[] context) implements Message {}

    record HeartbeatReply(long to, long from, long term, byte[] context) implements Message {}

    /// Leadership is to go to `from`, the member that wants it or was chosen.
    record TransferLeader(long to, long from, long term) implements Message {}

    /// The leader tells the receiver to start an election at once.
    record TimeoutNow(long to, long from, long term) implements Message {}

    /// A follower asks for an index that is safe to read at (§6.4 of the thesis).
    record ReadIndex(long to, long from, byte[] context) implements Message {
        @Override
        public long term() {
            return 0;
        }
    }

    /// Reads after `index` is applied see all that was acknowledged before the question. `context` is the
    /// question's.
    record ReadIndexReply(long to, long from, long term, long index, byte[] context) implements Message {}
}
