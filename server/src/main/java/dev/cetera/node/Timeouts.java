package dev.cetera.node;

import dev.cetera.api.Refusal;
import dev.cetera.cluster.Membership;
import dev.cetera.raft.Status;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Tells a client why its proposal may have got no answer in time, as etcd guesses it: a leader had failed, or
/// the connection to the leader (for a leader: to a quorum) was lost.
///
/// Shared: the moment of the election is one volatile record.
final class Timeouts {
    private record Elected(long nanos) {}

    private final long memberId;
    private final Link link;
    private final Supplier<Membership> members;
    private final Supplier<Status> status;
    private final long electionNanos;

    /// When this member last became the leader.
    private volatile @Nullable Elected elected;

    Timeouts(long memberId, Link link, Supplier<Membership> members, Supplier<Status> status, long electionMillis) {
        this.memberId = memberId;
        this.link = link;
        this.members = members;
        this.status = status;
        this.electionNanos = electionMillis * 1_000_000;
    }

    void becameLeader(long nowNanos) {
        elected = new Elected(nowNanos);
    }

    /// @param startedNanos when the request came
    Refusal why(long startedNanos) {
        var own = elected;
        if (own != null && startedNanos - own.nanos() < 0 && startedNanos - (own.nanos() - 2 * electionNanos) > 0) {
            return Refusal.TIMED_OUT_LEADER_FAILED;
        }
        long leader = status.get().leader();
        if (leader == 0) {
            return Refusal.TIMED_OUT;
        }
        boolean connected =
                leader == memberId ? connectedToQuorumSince(startedNanos) : connectedSince(leader, startedNanos);
        return connected ? Refusal.TIMED_OUT : Refusal.TIMED_OUT_CONNECTION_LOST;
    }

    private boolean connectedToQuorumSince(long nanos) {
        var all = members.get().members();
        long connected = all.stream()
                .filter(member -> member.id() == memberId || connectedSince(member.id(), nanos))
                .count();
        return connected >= all.size() / 2 + 1;
    }

    private boolean connectedSince(long member, long nanos) {
        var since = link.activeSince(member);
        return since.isPresent() && since.getAsLong() - nanos < 0;
    }
}
