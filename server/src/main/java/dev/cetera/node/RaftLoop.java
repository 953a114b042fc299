package dev.cetera.node;

import dev.cetera.api.Refusal;
import dev.cetera.raft.ConfChange;
import dev.cetera.raft.ConfChangeV2;
import dev.cetera.raft.ConfState;
import dev.cetera.raft.Entry;
import dev.cetera.raft.Message;
import dev.cetera.raft.Persisted;
import dev.cetera.raft.Proposal;
import dev.cetera.raft.Raft;
import dev.cetera.raft.Ready;
import dev.cetera.raft.Recovered;
import dev.cetera.raft.Role;
import dev.cetera.raft.Status;
import dev.cetera.raftpb.RaftCodec;
import java.util.ArrayList;
import java.util.List;

/// Feeds the raft machine and carries out what it asks for. Never touches the disk: ticks go on while a sync
/// hangs.
///
/// Confined to the "raft" loop, except [#status], [#leadsAlone] and [#confState].
final class RaftLoop implements Loop.Work<RaftLoop.Input> {
    /// What can happen to the machine.
    sealed interface Input {
        /// One unit of time has passed.
        ///
        /// @param taken told when it is noticed
        record Tick(Runnable taken) implements Input {}

        /// Brings the first election nearer.
        record Advance(int ticks) implements Input {}

        /// Starts an election, if this member may.
        record Campaign() implements Input {}

        /// From another member, admitted by [Arrivals].
        record Received(Message message) implements Input {}

        /// Made complete by this member itself, or to be taken whatever else waits.
        record Restored(Message.InstallSnapshot message) implements Input {}

        record Unreachable(long member) implements Input {}

        record SnapshotDelivered(long member, boolean arrived) implements Input {}

        /// A request to the state machine, encoded.
        ///
        /// @param inTerm only to be proposed where this member leads that term; 0 for no such condition
        record Propose(long requestId, byte[] data, long inTerm, long deadlineNanos) implements Input {}

        record ProposeConfChange(ConfChange change, long deadlineNanos) implements Input {}

        /// Leadership is to go to `target`.
        record Transfer(long target) implements Input {}

        record Durable(Persisted receipt) implements Input {}

        record Applied(long index) implements Input {}

        record ConfChanged(ConfChange change) implements Input {}

        record Reconfigured(ConfChangeV2 change) implements Input {}

        /// Readers have gathered in [Reads].
        record ReadRound() implements Input {}

        /// A snapshot covers the log up to here.
        record Compact(long index, LogRetention retention) implements Input {}
    }

    /// Where the consequences go. None of it blocks.
    interface Effects {
        void send(List<Message> messages);

        /// A follower needs a snapshot at the message's position or later; what becomes of it is reported by
        /// [Input.SnapshotDelivered].
        void sendSnapshot(Message.InstallSnapshot message);

        void write(Ready.Write write);

        void apply(List<Entry> entries);

        /// What becomes of the database that came with a snapshot of this index.
        void settled(long index, ReceivedDatabases.Fate fate);

        /// A proposal will never be applied on account of this member.
        void refused(long requestId, Refusal why);

        /// Role, term or leader are different from before.
        void changed(Status before, Status now);
    }

    private final Raft raft;
    private final Effects effects;
    private final Arrivals arrivals;
    private final Reads reads;
    private final RequestIds ids;
    private final Time time;

    /// A member that is alone doesn't wait for an election timeout.
    private final boolean fastForward;

    private boolean toldAlone;
    private final int electionTicks;
    private final long requestNanos;
    private final HeartbeatPace pace;
    private final Postponed<Input> postponed = new Postponed<>(this::release);
    private volatile Status status;
    private volatile ConfState confState;
    private volatile boolean leadsAlone;
    private volatile long firstIndex;

    RaftLoop(
            Raft raft,
            Effects effects,
            Arrivals arrivals,
            Reads reads,
            RequestIds ids,
            Time time,
            MemberConfig config,
            Meters meters) {
        this.raft = raft;
        this.effects = effects;
        this.arrivals = arrivals;
        this.reads = reads;
        this.ids = ids;
        this.time = time;
        this.fastForward = config.fastForwardElection();
        this.electionTicks = config.electionTicks();
        this.requestNanos = config.requestTimeoutMillis() * 1_000_000;
        this.pace = new HeartbeatPace(config.tickMillis(), meters);
        this.status = raft.status();
        this.confState = raft.confState();
    }

    /// Says what the machine begins with, in etcd's words.
    void describe(Recovered recovered) {
        var now = raft.status();
        RaftLog.begins(now, recovered, raft.termAt(now.lastIndex()));
    }

    /// As of the end of the last batch.
    Status status() {
        return status;
    }

    /// Of the log in memory, as of the end of the last batch.
    long firstIndex() {
        return firstIndex;
    }

    /// The configuration as of the end of the last batch.
    ConfState confState() {
        return confState;
    }

    /// Whether this member is the only voter, leads, and has applied an entry of its term: then all that was
    /// ever acknowledged can be read here. Taken back before anything is sent to a voter that was added.
    boolean leadsAlone() {
        return leadsAlone;
    }

    @Override
    public void on(List<Input> batch) {
        for (var input : batch) {
            step(input);
        }
        if (fastForward && aloneWithoutLeader(raft.status())) {
            if (!toldAlone) {
                toldAlone = true;
                HeadStart.tellAlone(raft.status().id(), electionTicks);
            }
            RaftLog.campaigns(raft.status());
            raft.campaign();
        }
        publish();
        passOnPostponed();
        askForReads();
        while (raft.hasReady()) {
            carryOut(raft.ready());
            publish();
            passOnPostponed();
            askForReads();
        }
    }

    private void step(Input input) {
        switch (input) {
            case Input.Tick(var taken) -> {
                taken.run();
                raft.tick();
                postponed.expire(time.nanos());
            }
            case Input.Advance(int ticks) -> {
                for (int i = 0; i < ticks && raft.status().leader() == 0; i++) {
                    raft.tick();
                }
            }
            case Input.Campaign() -> raft.campaign();
            case Input.Received received -> receive(received);
            case Input.Restored(var message) -> restore(message);
            case Input.Unreachable(long member) -> raft.unreachable(member);
            case Input.SnapshotDelivered(long member, boolean arrived) -> {
                if (arrived) {
                    raft.snapshotSent(member);
                } else {
                    raft.snapshotFailed(member);
                }
            }
            case Input.Propose proposal -> propose(proposal, proposal.deadlineNanos());
            case Input.ProposeConfChange proposal -> propose(proposal, proposal.deadlineNanos());
            case Input.Transfer(long target) -> raft.transferLeader(target);
            case Input.Durable(var receipt) -> raft.persisted(receipt);
            case Input.Applied(long index) -> raft.applied(index);
            case Input.ConfChanged(var change) -> raft.confChanged(change);
            case Input.ReadRound() -> {}
            case Input.Reconfigured(var change) -> raft.confChanged(change);
            case Input.Compact(long index, var retention) -> retention.cut(raft, index);
        }
    }

    private void restore(Message.InstallSnapshot message) {
        long index = message.snapshot().meta().index();
        boolean news = raft.status().commit() < index;
        take(message);
        boolean taken = news && raft.firstIndex() == index + 1;
        effects.settled(index, taken ? ReceivedDatabases.Fate.TAKEN : ReceivedDatabases.Fate.IGNORED);
    }

    private void receive(Input.Received received) {
        if (received.message() instanceof Message.Propose) {
            propose(received, time.nanos() + requestNanos);
        } else {
            take(received);
        }
    }

    private void take(Input.Received received) {
        release(received);
        take(received.message());
    }

    private void take(Message message) {
        if (message instanceof Message.TimeoutNow urge && urge.term() == status.term()) {
            RaftLog.urged(raft.status(), urge.from());
        }
        var objection = raft.step(message);
        if (objection != null) {
            arrivals.refused(objection.reason() + hex(objection.from()), objection.text());
        }
    }

    // ---- proposals ----

    /// In order: whoever comes while others wait, waits behind them.
    private void propose(Input proposal, long deadlineNanos) {
        passOnPostponed();
        if (postponed.isEmpty() && raft.takesProposals()) {
            pass(proposal);
        } else {
            postponed.add(proposal, deadlineNanos);
        }
    }

    private void passOnPostponed() {
        if (!postponed.isEmpty()) {
            postponed.passOn(time.nanos(), raft::takesProposals, this::pass);
        }
    }

    private void pass(Input proposal) {
        switch (proposal) {
            case Input.Propose(long id, byte[] data, long inTerm, long _) -> {
                var now = raft.status();
                if (inTerm != 0 && (now.role() != Role.LEADER || now.term() != inTerm)) {
                    effects.refused(id, Refusal.NOT_LEADER);
                } else {
                    conclude(id, raft.propose(data));
                }
            }
            case Input.ProposeConfChange(var change, long _) ->
                conclude(change.id(), raft.proposeConfChange(change, RaftCodec.encode(change)));
            case Input.Received received -> take(received);
            default -> throw new IllegalStateException("no proposal: " + proposal);
        }
    }

    private void conclude(long id, Proposal result) {
        if (result instanceof Proposal.Refused(var reason)) {
            effects.refused(
                    id,
                    switch (reason) {
                        case NO_LEADER, TRANSFERRING -> Refusal.NO_LEADER;
                        case TOO_MUCH_UNCOMMITTED, CONFIGURATION_PENDING, LAST_VOTER -> Refusal.TOO_MANY_REQUESTS;
                    });
        }
    }

    private void release(Input done) {
        if (done instanceof Input.Received(var message)) {
            arrivals.release(message);
        }
    }

    // ---- reads ----

    private void askForReads() {
        reads.ask(time.nanos(), raft.status().leader(), ids::next, raft::readIndex);
    }

    // ---- consequences ----

    private void carryOut(Ready ready) {
        send(ready.send());
        var write = ready.write();
        if (write != null) {
            effects.write(write);
        }
        if (!ready.apply().isEmpty()) {
            effects.apply(ready.apply());
        }
        for (var read : ready.reads()) {
            reads.confirm(read.requestId(), read.index());
        }
    }

    private void send(List<Message> messages) {
        if (messages.isEmpty()) {
            return;
        }
        pace.sent(messages, time.nanos());
        var plain = messages;
        if (messages.stream().anyMatch(Message.InstallSnapshot.class::isInstance)) {
            plain = new ArrayList<>();
            for (var message : messages) {
                if (message instanceof Message.InstallSnapshot install) {
                    effects.sendSnapshot(install);
                } else {
                    plain.add(message);
                }
            }
        }
        if (!plain.isEmpty()) {
            effects.send(plain);
        }
    }

    private boolean alone() {
        var conf = raft.confState();
        return conf.votersOutgoing().isEmpty()
                && conf.voters().equals(List.of(raft.status().id()));
    }

    private boolean aloneWithoutLeader(Status now) {
        return now.role() == Role.FOLLOWER && now.leader() == 0 && now.applied() == now.commit() && alone();
    }

    private void publish() {
        var before = status;
        var now = raft.status();
        leadsAlone = now.role() == Role.LEADER && alone() && raft.termAt(now.applied()) == now.term();
        confState = raft.confState();
        firstIndex = raft.firstIndex();
        status = now;
        if (now.role() == before.role() && now.term() == before.term() && now.leader() == before.leader()) {
            return;
        }
        if (now.role() == Role.LEADER && alone()) {
            RaftLog.votedForItself(now);
        }
        RaftLog.changed(before, now);
        pace.reset();
        if (now.leader() != before.leader() && now.leader() != 0) {
            reads.newLeader();
        }
        effects.changed(before, now);
    }

    static String hex(long id) {
        return Long.toHexString(id);
    }

    /// Without the separators that message formats put between thousands.
    static String decimal(long number) {
        return Long.toString(number);
    }
}
