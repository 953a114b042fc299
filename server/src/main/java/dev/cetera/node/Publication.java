package dev.cetera.node;

import dev.cetera.cluster.Member;
import dev.cetera.cluster.MemberId;
import dev.cetera.cluster.Members;
import dev.cetera.cluster.Membership;
import dev.cetera.logs.Log;
import dev.cetera.raft.Status;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/// Tells the cluster this member's name and client URLs, at every start, until they have come back through the
/// log. Then the member may serve: it has seen what was committed before.
///
/// Shared: atomics.
final class Publication {
    private static final Log LOG = Log.of("etcdserver");

    private final MemberConfig config;
    private final long memberId;
    private final long clusterId;
    private final Time time;
    private final Supplier<Status> status;
    private final Proposer proposer;
    private final Runnable published;
    private final Attempt attempt = new Attempt();

    /// Of the attempt under way; 0 for none.
    private final AtomicLong requestId = new AtomicLong();

    private volatile boolean known;

    /// @param published told once
    Publication(
            MemberConfig config,
            long memberId,
            long clusterId,
            Time time,
            Supplier<Status> status,
            Proposer proposer,
            Runnable published) {
        this.config = config;
        this.memberId = memberId;
        this.clusterId = clusterId;
        this.time = time;
        this.status = status;
        this.proposer = proposer;
        this.published = published;
    }

    void unlessKnown() {
        if (known
                || status.get().leader() == 0
                || !attempt.begin(time.nanos(), config.requestTimeoutMillis() * 1_000_000)) {
            return;
        }
        var attributes = new Member.Attributes(config.name(), config.clientUrls());
        proposer.legacy(id -> {
            requestId.set(id);
            return Members.publish(id, memberId, attributes);
        });
    }

    /// A request of the v2 API was applied.
    void applied(long id) {
        if (id != 0 && requestId.compareAndSet(id, 0)) {
            known();
        }
    }

    /// The membership came as a whole, perhaps with what this member has published in it.
    void loaded(Membership members) {
        var self = members.member(memberId);
        if (requestId.get() != 0
                && self != null
                && self.attributes().equals(new Member.Attributes(config.name(), config.clientUrls()))) {
            requestId.set(0);
            known();
        }
    }

    private void known() {
        if (!known) {
            known = true;
            LOG.info("published {Name:" + config.name() + " ClientURLs:[" + String.join(" ", config.clientUrls())
                    + "]} to cluster " + MemberId.text(clusterId));
            published.run();
        }
    }
}
