package dev.cetera.node;

import com.google.protobuf.Message;
import dev.cetera.api.etcdserverpb.AlarmMember;
import dev.cetera.apply.Applied;
import dev.cetera.apply.Outcome;
import dev.cetera.apply.StateMachine;
import dev.cetera.cluster.Member;
import dev.cetera.mvcc.Compaction;
import dev.cetera.raft.ConfChange;
import dev.cetera.raft.ConfState;
import dev.cetera.raft.Entry;
import dev.cetera.raft.Snapshot;
import dev.cetera.raft.SnapshotMeta;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.List;

/// Applies committed entries to the state machine, one after the other, and answers the clients that wait for
/// them.
///
/// Confined to the "apply" loop, except [#appliedIndex].
final class Applier implements Loop.Work<Applier.Task> {
    sealed interface Task {
        record Committed(List<Entry> entries) implements Task {}

        /// This member doesn't lead any more: it stops counting leases down.
        record Demoted() implements Task {}

        /// The committer has been at work, or there was more to do the last time: memory may be freed.
        record Tidy() implements Task {}
    }

    /// Where the consequences go. None of it blocks.
    interface Effects {
        void applied(long index);

        void confChanged(ConfChange change);

        /// The first entry of a leader's term is applied.
        ///
        /// @return whether this member is that leader
        boolean leads(long term);

        /// This member has become the leader and knows all that was committed before.
        void newTerm();

        void compact(Compaction physicalHalf, Runnable whenDone);

        /// So much waits for the backend that it should not wait for the next turn of the clock.
        void commitSoon();

        void snapshot(Snapshot snapshot);

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
    private final Proposals proposals;
    private final Effects effects;
    private final Time time;
    private final long snapshotCount;
    private final long leaseExtensionNanos;
    private final MembershipLog membershipLog;
    private long snapshotIndex;
    private volatile long appliedIndex;

    Applier(
            StateMachine machine,
            Proposals proposals,
            Effects effects,
            Time time,
            MemberConfig config,
            MembershipLog membershipLog,
            long snapshotIndex) {
        this.machine = machine;
        this.proposals = proposals;
        this.effects = effects;
        this.time = time;
        this.snapshotCount = config.snapshotCount();
        this.leaseExtensionNanos = config.electionMillis() * 1_000_000;
        this.membershipLog = membershipLog;
        this.snapshotIndex = snapshotIndex;
        this.appliedIndex = snapshotIndex;
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
                case Task.Tidy() -> tidy = true;
            }
        }
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
            SlowRequests.tellOfSlowApply(time.nanos() - began, entry, applied);
            if (!machine.alarms().list().equals(alarmsBefore)) {
                logAlarms(alarmsBefore, machine.alarms().list());
            }
            if (applied instanceof Applied.Legacy || applied instanceof Applied.Configuration) {
                membershipLog.changed(membersBefore, machine.members().now());
            }
            conclude(applied);
        }
        var last = entries.getLast();
        effects.applied(last.index());
        if (Long.compareUnsigned(last.index() - snapshotIndex, snapshotCount) > 0) {
            snapshot(last);
        }
    }

    private void conclude(Applied applied) {
        switch (applied) {
            case Applied.Nothing() -> {}
            case Applied.NewTerm(long term) -> {
                if (effects.leads(term)) {
                    machine.leases().promote(time.nanos(), leaseExtensionNanos);
                    effects.newTerm();
                }
            }
            case Applied.Request(long id, var outcome, boolean overQuota) -> {
                if (overQuota) {
                    effects.overQuota(() -> answer(id, outcome));
                } else {
                    answer(id, outcome);
                }
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
            case Applied.Configuration(var change) -> effects.confChanged(change);
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
        var voters = machine.members().now().members().stream()
                .filter(member -> !member.learner())
                .map(Member::id)
                .toList();
        SERVER_LOG.log(
                Level.INFO,
                "start to snapshot (applied: {0}, lastsnap: {1})",
                RaftLoop.decimal(last.index()),
                RaftLoop.decimal(snapshotIndex));
        snapshotIndex = last.index();
        effects.snapshot(
                new Snapshot(new SnapshotMeta(last.index(), last.term(), ConfState.of(voters)), machine.saveLegacy()));
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
                    Level.INFO, "alarm disarmed {0} of peer {1}", alarm.getAlarm(), RaftLoop.hex(alarm.getMemberID()));
        }
    }
}
