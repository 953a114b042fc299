package dev.cetera.raft;

/// What one member's machine is set to. Every member of a cluster should have the same values, except `id` and
/// `seed`.
///
/// @param id                   the member, not 0; compared as unsigned
/// @param electionTicks        base of the election timeout; a draw is uniform in
///                             [electionTicks, 2 * electionTicks - 1]
/// @param heartbeatTicks       ticks between heartbeats, at least 1 and less than `electionTicks`
/// @param preVote              ask whether an election could be won before disturbing anybody with a new term
/// @param checkQuorum          a leader that doesn't hear from a quorum steps down, and a member that
///                             hears from a leader ignores candidates
/// @param maxMessageBytes      limit of the entries in one append, counted with their overhead; one entry
///     always goes
/// @param maxInflightMessages  appends with entries that may be unanswered for one follower
/// @param maxUncommittedBytes  limit of the data that a leader has appended and not committed; beyond it, it
///     refuses
/// @param seed                 of the election timeouts
public record RaftConfig(
        long id,
        int electionTicks,
        int heartbeatTicks,
        boolean preVote,
        boolean checkQuorum,
        long maxMessageBytes,
        int maxInflightMessages,
        long maxUncommittedBytes,
        long seed) {

    public RaftConfig {
        if (id == 0) {
            throw new IllegalArgumentException("a member's id can't be 0");
        }
        if (heartbeatTicks < 1 || electionTicks <= heartbeatTicks) {
            throw new IllegalArgumentException(
                    "election after " + electionTicks + " ticks, heartbeat after " + heartbeatTicks);
        }
        if (maxMessageBytes < 1 || maxInflightMessages < 1 || maxUncommittedBytes < 1) {
            throw new IllegalArgumentException("limits must be at least 1");
        }
    }

    /// As etcd 3.3 runs it with its default flags: 10 ticks and 1 tick, no pre-vote, quorum checked, 1 MiB
    /// messages, 512 in flight, no limit on what is uncommitted.
    public static RaftConfig defaults(long id, long seed) {
        return new RaftConfig(id, 10, 1, false, true, 1 << 20, 512, Long.MAX_VALUE, seed);
    }

    public RaftConfig withTicks(int election, int heartbeat) {
        return new RaftConfig(
                id,
                election,
                heartbeat,
                preVote,
                checkQuorum,
                maxMessageBytes,
                maxInflightMessages,
                maxUncommittedBytes,
                seed);
    }

    public RaftConfig withPreVote(boolean on) {
        return new RaftConfig(
                id,
                electionTicks,
                heartbeatTicks,
                on,
                checkQuorum,
                maxMessageBytes,
                maxInflightMessages,
                maxUncommittedBytes,
                seed);
    }

    public RaftConfig withCheckQuorum(boolean on) {
        return new RaftConfig(
                id,
                electionTicks,
                heartbeatTicks,
                preVote,
                on,
                maxMessageBytes,
                maxInflightMessages,
                maxUncommittedBytes,
                seed);
    }

    public RaftConfig withLimits(long messageBytes, int inflightMessages, long uncommittedBytes) {
        return new RaftConfig(
                id,
                electionTicks,
                heartbeatTicks,
                preVote,
                checkQuorum,
                messageBytes,
                inflightMessages,
                uncommittedBytes,
                seed);
    }
}
