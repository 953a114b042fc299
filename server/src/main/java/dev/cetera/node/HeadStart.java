package dev.cetera.node;

import dev.cetera.cluster.MemberId;
import dev.cetera.logs.Log;

/// Lets a member that has just started, and has found some of the others, skip most of its first election
/// timeout: where there is a leader, it will be heard of soon; where there is none, the cluster has waited
/// long enough.
///
/// Confined to whoever ticks.
final class HeadStart {
    /// For how long the others are looked for.
    private static final long LOOK_NANOS = 5_000_000_000L;

    /// Beyond this many others are connected it can be told that nobody leads.
    private static final int OTHERS = 1;

    private static final Log LOG = Log.of("etcdserver");

    private final long memberId;
    private final int electionTicks;
    private final long untilNanos;
    private boolean done;

    HeadStart(long memberId, MemberConfig config, long nowNanos) {
        this.memberId = memberId;
        this.electionTicks = config.electionTicks();
        this.untilNanos = nowNanos + LOOK_NANOS;
        this.done = !config.fastForwardElection();
        if (done) {
            LOG.info("skipping initial election tick advance (election tick " + electionTicks + ")");
        }
    }

    /// How many ticks are to be skipped now; mostly none, and not more than once.
    ///
    /// @param activePeers others that can be reached
    int ticks(long nowNanos, long activePeers) {
        if (done) {
            return 0;
        }
        done = nowNanos - untilNanos >= 0;
        if (done || activePeers <= OTHERS) {
            return 0;
        }
        done = true;
        int ticks = electionTicks - 2;
        LOG.info(MemberId.text(memberId) + " initialzed peer connection; fast-forwarding " + ticks
                + " ticks (election ticks " + electionTicks + ") with " + activePeers + " active peer(s)");
        return ticks;
    }

    /// Whether [#ticks] can still be more than 0.
    boolean isOpen() {
        return !done;
    }

    /// A member without others has nobody to wait for at all.
    static void tellAlone(long memberId, int electionTicks) {
        LOG.info(MemberId.text(memberId) + " as single-node; fast-forwarding " + (electionTicks - 1)
                + " ticks (election ticks " + electionTicks + ")");
    }
}
