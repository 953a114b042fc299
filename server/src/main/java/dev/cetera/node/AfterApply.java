package dev.cetera.node;

import dev.cetera.apply.StateMachine;
import dev.cetera.cluster.MembershipRefusal;
import dev.cetera.logs.Log;
import dev.cetera.mvcc.Compaction;
import dev.cetera.raft.ConfChange;
import dev.cetera.raft.ConfChangeV2;
import dev.cetera.raft.Message.InstallSnapshot;
import dev.cetera.raft.Role;
import dev.cetera.raft.Snapshot;
import dev.cetera.raft.SnapshotMeta;
import dev.cetera.raft.Status;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Hands on what follows from an applied entry. Confined to the "apply" loop.
final class AfterApply implements Applier.Effects {
    private static final Log LOG = Log.of("etcdserver");
    private static final Log MVCC_LOG = Log.of("mvcc");

    private final Loops loops;
    private final Link link;
    private final Time time;
    private final long memberId;
    private final StateMachine machine;
    private final Supplier<Status> status;
    private final Reads reads;
    private final Proposer proposer;
    private final Duties duties;
    private final Removal removal;
    private final Meters meters;

    AfterApply(
            Loops loops,
            Link link,
            Time time,
            long memberId,
            StateMachine machine,
            Supplier<Status> status,
            Reads reads,
            Proposer proposer,
            Duties duties,
            Removal removal,
            Meters meters) {
        this.loops = loops;
        this.link = link;
        this.time = time;
        this.memberId = memberId;
        this.machine = machine;
        this.status = status;
        this.reads = reads;
        this.proposer = proposer;
        this.duties = duties;
        this.removal = removal;
        this.meters = meters;
    }

    @Override
    public void applied(long index) {
        loops.raft(new RaftLoop.Input.Applied(index));
        reads.applied(index);
        duties.applied(index);
    }

    @Override
    public void confChanged(ConfChange change, @Nullable MembershipRefusal refusal) {
        loops.raft(new RaftLoop.Input.ConfChanged(change));
        if (refusal == null) {
            membersChanged();
        }
        var now = machine.members().now();
        var waiting = proposer.changes().take(change.id());
        if (waiting != null) {
            waiting.done(refusal == null ? new Reconfigured.Done(now) : new Reconfigured.Refused(refusal));
        }
    }

    @Override
    public void confChanged(ConfChangeV2 change) {
        loops.raft(new RaftLoop.Input.Reconfigured(change));
        membersChanged();
    }

    private void membersChanged() {
        var now = machine.members().now();
        link.members(now);
        if (now.isRemoved(memberId)) {
            removal.applied(time.nanos());
        }
    }

    @Override
    public boolean leads(long term) {
        var now = status.get();
        return now.role() == Role.LEADER && now.term() == term;
    }

    @Override
    public void newTerm(long term) {
        duties.promoted(term);
    }

    @Override
    public void compact(Compaction physicalHalf, Runnable whenDone) {
        loops.bolt(new Committer.Task.Compact(physicalHalf, whenDone));
    }

    @Override
    public void slow() {
        meters.requestSlow();
    }

    @Override
    public void indexCompacted(long revision, long nanos) {
        MVCC_LOG.info("store.index: compact " + revision);
        meters.indexCompacted(nanos);
    }

    @Override
    public void commitSoon() {
        loops.bolt(new Committer.Task.Commit());
    }

    @Override
    public void snapshot(Snapshot snapshot) {
        loops.bolt(new Committer.Task.Save(snapshot));
    }

    @Override
    public void depart(InstallSnapshot message) {
        loops.bolt(new Committer.Task.Image(message));
    }

    @Override
    public void notDeparted(long member) {
        loops.raft(new RaftLoop.Input.SnapshotDelivered(member, false));
    }

    @Override
    public void installed(SnapshotMeta meta, @Nullable Compaction unfinished) {
        loops.bolt(new Committer.Task.Settled(meta.index(), ReceivedDatabases.Fate.INSTALLED));
        if (unfinished != null) {
            compact(unfinished, () -> {});
        }
        var now = machine.members().now();
        link.members(now);
        if (now.isRemoved(memberId)) {
            removal.applied(time.nanos());
        }
        duties.membersLoaded(now);
        applied(meta.index());
    }

    @Override
    public void overQuota(Runnable answer) {
        LOG.warning("applying raft message exceeded backend quota");
        proposer.raiseNoSpace(answer);
    }

    @Override
    public void demoted() {
        duties.demoted();
    }

    @Override
    public void tidyLater() {
        loops.apply(new Applier.Task.Tidy());
    }

    @Override
    public void revoked(long lease) {
        duties.revoked(lease);
    }

    @Override
    public void legacyApplied(long requestId) {
        meters.legacyWritten();
        duties.legacyApplied(requestId);
    }
}
