package dev.cetera.node;

import com.google.protobuf.Message;
import dev.cetera.api.etcdserverpb.AlarmMember;
import dev.cetera.apply.Applied;
import dev.cetera.apply.Outcome;
import dev.cetera.apply.StateMachine;
import dev.cetera.cluster.MembershipRefusal;
import dev.cetera.mvcc.Compaction;
import dev.cetera.raft.ConfChange;
import dev.cetera.raft.ConfChangeV2;
import dev.cetera.raft.ConfState;
import dev.cetera.raft.Entry;
import dev.cetera.raft.Message.InstallSnapshot;
import dev.cetera.raft.Snapshot;
import dev.cetera.raft.SnapshotMeta;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Applies committed entries to the state machine, one after the other, and answers the clients that wait for
/// them.
///
/// Confined to the "apply" loop, except [#appliedIndex].
final class Applier implements Loop.Work<Applier.Task> {
    sealed interface Task {
        record Committed(List<Entry> entries) implements Task {}

        /// This member doesn't lead any more: it stops counting leases down.
        record Demoted() implements Task {}

        /// The log goes on from a snapshot of another member: it replaces all state.
        record Install(Snapshot snapshot) implements Task {}

        /// A snapshot for another member waits in [Departures], or the one before it is made.
        record Depart() implements Task {}

        /// The committer has been at work, or there was more to do the last time: memory may be freed.
        record Tidy() implements Task {}
    }

    /// Where the consequences go. None of it blocks.
    interface Effects {
        void applied(long index);

        /// A change of the membership is applied.
        ///
        /// @param change  for raft: about node 0 when it was refused
        /// @param refusal null when it was not
        void confChanged(ConfChange change, @Nullable MembershipRefusal refusal);

        void confChanged(ConfChangeV2 change);

        /// The first entry of a leader's term is applied.
        ///
        /// @return whether this member is that leader
        boolean leads(long term);

        /// This member has become the leader of a term, knows all that was committed before, and counts leases
        /// down.
        void newTerm(long term);

        void compact(Compaction physicalHalf, Runnable whenDone);

        /// Applying took long.
        void slow();

        /// The index has left out what a compaction forgets.
        void indexCompacted(long revision, long nanos);

        /// So much waits for the backend that it should not wait for the next turn of the clock.
        void commitSoon();

        void snapshot(Snapshot snapshot);

        /// A snapshot for another member needs an image of the backend.
        void depart(InstallSnapshot message);

        /// There will be no snapshot for this member.
        void notDeparted(long member);

        /// The state is that of a snapshot of another member now.
        ///
        /// @param unfinished a compaction that is to be driven on
        void installed(SnapshotMeta meta, @Nullable Compaction unfinished);

        /// A request was applied that there was no room for.
        ///
        /// @param answer gives its client the answer, once the alarm is raised
        void overQuota(Runnable answer);

        /// This member has stopped counting leases down.
        void demoted();

        /// There is more to tidy when everything else is done.
        void tidyLater();

        void revoked(long lease);

        /// A v2 request is applied; members' attributes and the cluster's version come that way.
        void legacyApplied(long requestId);
    }

    /// Changes that the backend takes in one transaction at most, by etcd's measure.
    private static final int COMMIT_AT_CHANGES = 10_000;

    /// Keys looked at in one go to free memory: well under a millisecond.
    private static final int TIDY_KEYS = 1_000;

    private static final Logger SERVER_LOG = System.getLogger("etcdserver");

    private final StateMachine machine;
    private final Proposals<Outcome<? extends Message>> proposals;
    private final Effects effects;
    private final Time time;
    private final long snapshotCount;
    private final long snapshotBytes;
    private final long leaseExtensionNanos;
    private final MembershipLog membershipLog;
    private final Installation installation;
    private final Departures departures;
    /// Raft's configuration at the last applied entry.
    private ConfState conf;

    private long snapshotIndex;

    /// Of data in the entries applied since the last snapshot.
    private long bytesSinceSnapshot;

    private long appliedTerm;
    private volatile long appliedIndex;

    Applier(
            StateMachine machine,
            Proposer proposer,
            Effects effects,
            Time time,
            MemberConfig config,
            MembershipLog membershipLog,
            Installation installation,
            Departures departures,
            LogLimits logLimits,
            SnapshotMeta snapshot) {
        this.machine = machine;
        this.proposals = proposer.requests();
        this.effects = effects;
        this.time = time;
        this.snapshotCount = config.snapshotCount();
        this.leaseExtensionNanos = config.electionMillis() * 1_000_000;
        this.membershipLog = membershipLog;
        this.installation = installation;
        this.departures = departures;
        this.snapshotBytes = logLimits.snapshotBytes();
        this.snapshotIndex = snapshot.index();
        this.appliedTerm = snapshot.term();
        this.appliedIndex = snapshot.index();
        this.conf = snapshot.conf();
    }

    long appliedIndex() {
        return appliedIndex;
    }

    @Override
    public void on(List<Task> batch) throws IOException {
        boolean tidy = false;
        for (var task : batch) {
            switch (task) {
                case Task.Committed(var entries) -> apply(entries);
                case Task.Demoted() -> {
                    machine.leases().demote();
                    effects.demoted();
                }
                case Task.Install(var snapshot) -> install(snapshot);
                case Task.Depart() -> {}
                case Task.Tidy() -> tidy = true;
            }
        }
        makeDeparting();
        if (machine.backend().pendingChanges() >= COMMIT_AT_CHANGES) {
            effects.commitSoon();
        }
        if (tidy && machine.store().tidy(TIDY_KEYS)) {
            effects.tidyLater();
        }
    }

    private void apply(List<Entry> entries) throws IOException {
        for (var entry : entries) {
            var alarmsBefore = machine.alarms().list();
            var membersBefore = machine.members().now();
            long began = time.nanos();
            var applied = machine.apply(entry, began, time.unixNanos());
            appliedIndex = entry.index();
            appliedTerm = entry.term();
            bytesSinceSnapshot += entry.data().length;
            long took = time.nanos() - began;
            if (SlowRequests.isSlow(took)) {
                effects.slow();
                SlowRequests.tellOfSlowApply(took, entry, applied);
            }
            if (applied instanceof Applied.Compacting compacting) {
                effects.indexCompacted(compacting.physicalHalf().revision(), took);
            }
            if (!machine.alarms().list().equals(alarmsBefore)) {
                logAlarms(alarmsBefore, machine.alarms().list());
            }
            if (applied instanceof Applied.Legacy
                    || applied instanceof Applied.Configuration
                    || applied instanceof Applied.Reconfiguration) {
                membershipLog.changed(membersBefore, machine.members().now());
            }
            conclude(applied);
        }
        var last = entries.getLast();
        effects.applied(last.index());
        if (Long.compareUnsigned(last.index() - snapshotIndex, snapshotCount) > 0
                || bytesSinceSnapshot > snapshotBytes) {
            snapshot(last);
        }
    }

    private void install(Snapshot snapshot) throws IOException {
        var meta = snapshot.meta();
        if (meta.index() <= appliedIndex) {
            throw new IllegalStateException(
                    "snapshot index [" + meta.index() + "] should > appliedi[" + appliedIndex + "] + 1");
        }
        var unfinished = installation.install(snapshot, snapshotIndex);
        snapshotIndex = meta.index();
        bytesSinceSnapshot = 0;
        appliedTerm = meta.term();
        conf = meta.conf();
        appliedIndex = meta.index();
        effects.installed(meta, unfinished);
        Installation.finished(meta.index());
    }

    /// One at a time, between two batches: whoever asked may wait, and the clients of this member should not.
    private void makeDeparting() {
        for (var request = departures.next(); request != null; request = departures.next()) {
            if (appliedTerm <= request.term()) {
                var meta = new SnapshotMeta(appliedIndex, appliedTerm, conf);
                effects.depart(new InstallSnapshot(
                        request.to(), request.from(), request.term(), new Snapshot(meta, machine.saveLegacy())));
                return;
            }
            // Who asked was deposed since, and what is applied by now is not of its term.
            departures.made();
            effects.notDeparted(request.to());
        }
    }

    private void conclude(Applied applied) {
        switch (applied) {
            case Applied.Nothing() -> {}
            case Applied.NewTerm(long term) -> {
                if (effects.leads(term)) {
                    machine.leases().promote(time.nanos(), leaseExtensionNanos);
                    effects.newTerm(term);
                }
            }
            case Applied.Request(long id, var outcome, boolean overQuota) -> {
                if (overQuota) {
                    effects.overQuota(() -> answer(id, outcome));
                } else {
                    answer(id, outcome);
                }
            }
            case Applied.Account(long id, var outcome, var request) -> {
                AuthLog.applied(request, outcome);
                answer(id, outcome);
            }
            case Applied.Compacting(long id, var outcome, var physicalHalf, boolean physical) -> {
                var waiting = physical ? proposals.hold(id) : null;
                if (waiting != null) {
                    effects.compact(physicalHalf, () -> proposals.release(waiting, outcome));
                } else {
                    answer(id, outcome);
                    effects.compact(physicalHalf, () -> {});
                }
            }
            case Applied.Revoked(long id, var outcome, long lease) -> {
                answer(id, outcome);
                effects.revoked(lease);
            }
            case Applied.Legacy legacy -> effects.legacyApplied(legacy.id());
            case Applied.Configuration(var change, var refusal) -> {
                conf = conf.with(change);
                effects.confChanged(change, refusal);
            }
            case Applied.Reconfiguration(var change) -> {
                conf = conf.with(change);
                effects.confChanged(change);
            }
        }
    }

    private void answer(long id, Outcome<? extends Message> outcome) {
        var waiting = proposals.take(id);
        if (waiting != null) {
            waiting.done(outcome);
        }
    }

    /// The log up to here can be forgotten once the snapshot is on disk.
    private void snapshot(Entry last) {
        SERVER_LOG.log(
                Level.INFO,
                "start to snapshot (applied: {0}, lastsnap: {1})",
                RaftLoop.decimal(last.index()),
                RaftLoop.decimal(snapshotIndex));
        snapshotIndex = last.index();
        bytesSinceSnapshot = 0;
        effects.snapshot(new Snapshot(new SnapshotMeta(last.index(), last.term(), conf), machine.saveLegacy()));
    }

    private static void logAlarms(List<AlarmMember> before, List<AlarmMember> after) {
        var raised = new HashSet<>(after);
        before.forEach(raised::remove);
        var disarmed = new HashSet<>(before);
        after.forEach(disarmed::remove);
        for (var alarm : raised) {
            SERVER_LOG.log(
                    Level.WARNING, "alarm {0} raised by peer {1}", alarm.getAlarm(), RaftLoop.hex(alarm.getMemberID()));
        }
        for (var alarm : disarmed) {
            SERVER_LOG.log(
                    Level.INFO,
                    "alarm disarmed action:DEACTIVATE memberID:" + Long.toUnsignedString(alarm.getMemberID())
                            + " alarm:" + alarm.getAlarm() + " ");
        }
    }
}
