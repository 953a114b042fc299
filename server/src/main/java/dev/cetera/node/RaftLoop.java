package dev.cetera.node;

import dev.cetera.api.Refusal;
import dev.cetera.raft.ConfChange;
import dev.cetera.raft.Persisted;
import dev.cetera.raft.Proposal;
import dev.cetera.raft.Raft;
import dev.cetera.raft.ReadState;
import dev.cetera.raft.Recovered;
import dev.cetera.raft.Role;
import dev.cetera.raft.Status;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.stream.Collectors;

/// Feeds the raft machine and carries out what it asks for. Never touches the disk: ticks go on while a sync
/// hangs.
///
/// Confined to the "raft" loop, except [#status].
final class RaftLoop implements Loop.Work<RaftLoop.Input> {
    /// What can happen to the machine.
    sealed interface Input {
        record Tick() implements Input {}

        /// A request to the state machine, encoded.
        record Propose(long requestId, byte[] data) implements Input {}

        record Durable(Persisted receipt) implements Input {}

        record Applied(long index) implements Input {}

        record ConfChanged(ConfChange change) implements Input {}

        /// Readers have gathered in [Reads].
        record ReadRound() implements Input {}

        /// A snapshot covers the log up to here.
        record Compact(long index) implements Input {}
    }

    /// Where the consequences go.
    interface Effects {
        void write(dev.cetera.raft.Ready.Write write);

        void apply(List<dev.cetera.raft.Entry> entries);

        /// This member doesn't lead any more.
        void demoted();
    }

    private static final Logger RAFT_LOG = System.getLogger("raft");

    private final Raft raft;
    private final Effects effects;
    private final Link link;
    private final Proposals proposals;
    private final Reads reads;
    private final RequestIds ids;
    private final boolean fastForward;
    private final Meters meters;
    private volatile Status status;
    private volatile boolean leadsAlone;

    /// @param fastForward a member that is alone doesn't wait for an election timeout
    RaftLoop(
            Raft raft,
            Effects effects,
            Link link,
            Proposals proposals,
            Reads reads,
            RequestIds ids,
            boolean fastForward,
            Meters meters) {
        this.raft = raft;
        this.effects = effects;
        this.link = link;
        this.proposals = proposals;
        this.reads = reads;
        this.ids = ids;
        this.fastForward = fastForward;
        this.meters = meters;
        this.status = raft.status();
    }

    /// Says what the machine begins with, in etcd's words.
    void describe(Recovered recovered) {
        var now = raft.status();
        var id = hex(now.id());
        var peers = recovered.snapshot().conf().voters();
        long lastTerm = raft.termAt(now.lastIndex());
        RAFT_LOG.log(Level.INFO, "{0} became follower at term {1}", id, decimal(now.term()));
        RAFT_LOG.log(
                Level.INFO,
                "newRaft {0} [peers: [{1}], term: {2}, commit: {3}, applied: {4}, lastindex: {5}, lastterm: {6}]",
                id,
                peers.stream().map(RaftLoop::hex).collect(Collectors.joining(",")),
                decimal(now.term()),
                decimal(now.commit()),
                decimal(now.applied()),
                decimal(now.lastIndex()),
                decimal(lastTerm));
    }

    /// As of the end of the last batch.
    Status status() {
        return status;
    }

    /// Whether this member is the only voter, leads, and has applied an entry of its term: then all that was
    /// ever acknowledged can be read here. Published before any other member could be given a vote by an
    /// applied change.
    boolean leadsAlone() {
        return leadsAlone;
    }

    @Override
    public void on(List<Input> batch) {
        for (var input : batch) {
            step(input);
        }
        if (fastForward && aloneWithoutLeader(raft.status())) {
            RAFT_LOG.log(
                    Level.INFO,
                    "{0} is starting a new election at term {1}",
                    hex(raft.status().id()),
                    decimal(raft.status().term()));
            raft.campaign();
        }
        while (raft.hasReady()) {
            var ready = raft.ready();
            if (!ready.send().isEmpty()) {
                link.send(ready.send());
            }
            var write = ready.write();
            if (write != null) {
                effects.write(write);
            }
            if (!ready.apply().isEmpty()) {
                effects.apply(ready.apply());
            }
            for (ReadState read : ready.reads()) {
                reads.confirm(read.requestId(), read.index());
            }
        }
        requireNoOthers();
        // The applier may have passed the index of a read before it was confirmed.
        reads.applied(raft.status().applied());
        publish(raft.status());
    }

    /// Others may have been members once, and be on their way out while the log is applied again.
    private void requireNoOthers() {
        var now = raft.status();
        var voters = raft.confState().voters();
        if (voters.size() > 1 && now.applied() == now.commit()) {
            throw new IllegalStateException("the cluster has " + voters.size() + " members: " + hexes(voters)
                    + "; this version runs clusters of one member only");
        }
    }

    private void step(Input input) {
        switch (input) {
            case Input.Tick() -> raft.tick();
            case Input.Propose(long requestId, byte[] data) -> propose(requestId, data);
            case Input.Durable(var receipt) -> raft.persisted(receipt);
            case Input.Applied(long index) -> raft.applied(index);
            case Input.ConfChanged(var change) -> raft.confChanged(change);
            case Input.ReadRound() -> {
                long requestId = ids.next();
                reads.startRound(requestId);
                raft.readIndex(requestId);
            }
            case Input.Compact(long index) -> raft.compact(index);
        }
    }

    private void propose(long requestId, byte[] data) {
        switch (raft.propose(data)) {
            case Proposal.Accepted _, Proposal.Forwarded _ -> {}
            case Proposal.Refused(var reason) -> {
                meters.proposalFailed();
                proposals.refuse(
                        requestId,
                        switch (reason) {
                            case NO_LEADER, TRANSFERRING -> Refusal.NO_LEADER;
                            case TOO_MUCH_UNCOMMITTED, CONFIGURATION_PENDING, LAST_VOTER -> Refusal.TOO_MANY_REQUESTS;
                        });
            }
        }
    }

    private boolean alone() {
        return raft.confState().voters().equals(List.of(raft.status().id()));
    }

    private boolean aloneWithoutLeader(Status now) {
        return now.role() == Role.FOLLOWER && now.leader() == 0 && now.applied() == now.commit() && alone();
    }

    private void publish(Status now) {
        var before = status;
        status = now;
        leadsAlone = now.role() == Role.LEADER && alone() && raft.termAt(now.applied()) == now.term();
        if (now.role() == Role.LEADER && before.role() != Role.LEADER && alone()) {
            RAFT_LOG.log(
                    Level.INFO, "{0} received MsgVoteResp from {0} at term {1}", hex(now.id()), decimal(now.term()));
        }
        if (now.role() != before.role() || now.term() != before.term()) {
            RAFT_LOG.log(
                    Level.INFO, "{0} became {1} at term {2}", hex(now.id()), name(now.role()), decimal(now.term()));
        }
        if (now.leader() != before.leader() && now.leader() != 0) {
            meters.leaderChanged();
            RAFT_LOG.log(
                    Level.INFO,
                    "raft.node: {0} elected leader {1} at term {2}",
                    hex(now.id()),
                    hex(now.leader()),
                    decimal(now.term()));
        } else if (now.leader() != before.leader()) {
            RAFT_LOG.log(
                    Level.INFO,
                    "raft.node: {0} lost leader {1} at term {2}",
                    hex(now.id()),
                    hex(before.leader()),
                    decimal(now.term()));
        }
        if (before.role() == Role.LEADER && now.role() != Role.LEADER) {
            effects.demoted();
        }
    }

    private static String name(Role role) {
        return switch (role) {
            case FOLLOWER -> "follower";
            case PRE_CANDIDATE -> "pre-candidate";
            case CANDIDATE -> "candidate";
            case LEADER -> "leader";
        };
    }

    private static String hexes(List<Long> ids) {
        return ids.stream().map(RaftLoop::hex).collect(Collectors.joining(", "));
    }

    static String hex(long id) {
        return Long.toHexString(id);
    }

    /// Without the separators that message formats put between thousands.
    static String decimal(long number) {
        return Long.toString(number);
    }
}
