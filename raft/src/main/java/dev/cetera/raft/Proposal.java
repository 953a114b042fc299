package dev.cetera.raft;

/// What became of a proposal. None of them promises that it will be committed.
public sealed interface Proposal {
    /// It stands in this leader's log. If another entry is ever committed at `index`, this one is lost.
    record Accepted(long term, long index) implements Proposal {}

    /// It is on its way to the leader; nothing more will be heard but the entry itself.
    record Forwarded(long leader) implements Proposal {}

    /// It went nowhere.
    record Refused(Reason reason) implements Proposal {}

    enum Reason {
        /// No leader is known, or an election is going on.
        NO_LEADER,
        /// The limit [RaftConfig#maxUncommittedBytes] is reached.
        TOO_MUCH_UNCOMMITTED,
        /// Leadership is about to move to another member.
        TRANSFERRING,
        /// An earlier configuration change is not applied yet.
        CONFIGURATION_PENDING,
        /// The change would leave nobody who votes.
        LAST_VOTER
    }
}
