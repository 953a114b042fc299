package dev.cetera.node;

import dev.cetera.apply.StateMachine;
import dev.cetera.cluster.Membership;
import dev.cetera.raft.Status;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// What a member does of its own accord, most of it from time to time and some only while it leads. Shared:
/// its parts are.
final class Duties {
    private final KeepAlives keepAlives;
    private final LeaderQuestions questions;
    private final LeaseKeeper leaseKeeper;
    private final CatchingUp catchingUp = new CatchingUp();
    private final LeaseExpiry leaseExpiry;
    private final Publication publication;
    private final VersionMonitor versions;
    private final AutoCompaction compaction;

    Duties(
            MemberConfig config,
            long memberId,
            long clusterId,
            StateMachine machine,
            Supplier<Status> status,
            Proposer proposer,
            Consumer<Answer<Long>> linearize,
            Surroundings around) {
        var time = around.time();
        this.keepAlives = new KeepAlives(machine.leases(), time, config, linearize);
        this.questions = new LeaderQuestions(memberId, machine.leases()::isPrimary, status, machine.members()::now);
        this.leaseKeeper = new LeaseKeeper(keepAlives, questions, machine.leases(), around.peers(), time, config);
        this.leaseExpiry = new LeaseExpiry(machine.leases(), proposer, around.meters());
        this.publication = new Publication(config, memberId, clusterId, time, status, proposer, around.published());
        this.versions = new VersionMonitor(memberId, machine.members(), around.peers(), time, status, proposer);
        this.compaction = new AutoCompaction(config.retention(), machine.store(), time, status, proposer);
    }

    KeepAlives keepAlives() {
        return keepAlives;
    }

    LeaseKeeper leaseKeeper() {
        return leaseKeeper;
    }

    CatchingUp catchingUp() {
        return catchingUp;
    }

    /// Every tick.
    void tick(long nowNanos) {
        questions.tick();
        catchingUp.expire(nowNanos);
        compaction.tick(nowNanos);
    }

    void applied(long index) {
        catchingUp.applied(index);
    }

    /// Every 500 ms.
    void sweep(long nowNanos) {
        questions.expire(nowNanos);
        keepAlives.expire(nowNanos);
        leaseExpiry.revokeEnded(nowNanos);
        publication.unlessKnown();
        versions.check();
    }

    /// This member leads a term, and counts leases down.
    void promoted(long term) {
        leaseExpiry.promoted(term);
        // In this order, so that a member which serves knows the version of its cluster.
        versions.newTerm();
        publication.unlessKnown();
    }

    /// This member has stopped counting leases down.
    void demoted() {
        leaseExpiry.demoted();
        keepAlives.demoted();
    }

    void revoked(long lease) {
        keepAlives.revoked(lease);
    }

    /// A request of the v2 API was applied; members' attributes and the cluster's version come that way.
    void legacyApplied(long requestId) {
        publication.applied(requestId);
    }

    /// The membership came as a whole, by a snapshot.
    void membersLoaded(Membership members) {
        publication.loaded(members);
    }

    void close() {
        keepAlives.close();
        questions.close();
        catchingUp.close();
    }
}
