package dev.cetera.node;

import dev.cetera.api.Refusal;
import dev.cetera.cluster.Member;
import dev.cetera.cluster.MemberId;
import dev.cetera.cluster.Membership;
import dev.cetera.logs.Log;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// Whether a change of the membership is a safe one at this moment, by etcd's strict rules: afterwards a
/// quorum must have been started, and now enough members must be connected to this one. Pure, but for the
/// lines that say why not.
///
/// A member has been started once it has a name; the names come through the log. Learners don't count.
///
/// @param members     as of the last applied entry
/// @param self        the member that judges; always connected to itself
/// @param activeSince since when another member can be reached without a break, by the clock of `nowNanos`
record Reconfiguration(Membership members, long self, LongFunction<OptionalLong> activeSince, long nowNanos) {
    /// A connection counts only when it has held this long.
    static final long STEADY_NANOS = 5_000_000_000L;

    private static final Log LOG = Log.of("etcdserver");
    private static final Log CLUSTER_LOG = Log.of("etcdserver/membership");

    /// Why `added` must not be added now; null if it may.
    @Nullable
    Refusal add(Member added) {
        if (!added.learner() && !mayGrow()) {
            LOG.warning("not enough started members, rejecting member add " + described(added));
            return Refusal.TOO_FEW_STARTED;
        }
        var voters = voters();
        if (connected(voters) != voters.size()) {
            LOG.warning("not healthy for reconfigure, rejecting member add " + described(added));
            return Refusal.UNHEALTHY;
        }
        return null;
    }

    private boolean mayGrow() {
        var voters = voters();
        long started = started(voters);
        int size = voters.size() + 1;
        boolean restoring = started == 1 && size == 2;
        return restoring || quorumStarted("add", started, size);
    }

    /// Why a member must not be removed now; null if it may.
    @Nullable
    Refusal remove(long id) {
        var member = members.member(id);
        if (member != null && member.learner()) {
            return null;
        }
        var rest = voters().stream().filter(voter -> voter.id() != id).toList();
        if (!quorumStarted("remove", started(rest), rest.size())) {
            LOG.warning("not enough started members, rejecting remove member " + MemberId.text(id));
            return Refusal.TOO_FEW_STARTED;
        }
        if (id != self && activeSince.apply(id).isEmpty()) {
            // It is down, so the quorum does without it already.
            return null;
        }
        var voters = voters();
        if (connected(voters) - 1 < 1 + (voters.size() - 1) / 2) {
            LOG.warning("reconfigure breaks active quorum, rejecting remove member " + MemberId.text(id));
            return Refusal.UNHEALTHY;
        }
        return null;
    }

    private static boolean quorumStarted(String what, long started, int size) {
        int quorum = size / 2 + 1;
        if (started >= quorum) {
            return true;
        }
        CLUSTER_LOG.warning("Reject " + what + " member request: the number of started member (" + started
                + ") will be less than the quorum number of the cluster (" + quorum + ")");
        return false;
    }

    private List<Member> voters() {
        return members.members().stream().filter(member -> !member.learner()).toList();
    }

    private static long started(List<Member> among) {
        return among.stream().filter(Member::started).count();
    }

    private long connected(List<Member> among) {
        return among.stream().filter(this::isConnected).count();
    }

    private boolean isConnected(Member member) {
        if (member.id() == self) {
            return true;
        }
        var since = activeSince.apply(member.id());
        return since.isPresent() && nowNanos - since.getAsLong() > STEADY_NANOS;
    }

    /// As Go prints the structure.
    private static String described(Member member) {
        return "{ID:" + MemberId.text(member.id()) + " RaftAttributes:{PeerURLs:["
                + String.join(" ", member.peerUrls()) + "]} Attributes:{Name:" + member.name() + " ClientURLs:["
                + String.join(" ", member.clientUrls()) + "]}}";
    }
}
