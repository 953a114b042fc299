package dev.cetera.node;

import dev.cetera.api.Refusal;
import dev.cetera.raft.Entry;
import dev.cetera.raft.Message;
import dev.cetera.raft.Message.InstallSnapshot;
import dev.cetera.raft.Ready;
import dev.cetera.raft.Role;
import dev.cetera.raft.Status;
import java.util.List;

/// Hands on what the raft loop has decided. Confined to the "raft" loop.
final class AfterRaft implements RaftLoop.Effects {
    private final Loops loops;
    private final Link link;
    private final Time time;
    private final Proposer proposer;
    private final Timeouts timeouts;
    private final LeaderTransfers transfers;
    private final Departures departures;
    private final Meters meters;

    AfterRaft(
            Loops loops,
            Link link,
            Time time,
            Proposer proposer,
            Timeouts timeouts,
            LeaderTransfers transfers,
            Departures departures,
            Meters meters) {
        this.loops = loops;
        this.link = link;
        this.time = time;
        this.proposer = proposer;
        this.timeouts = timeouts;
        this.transfers = transfers;
        this.departures = departures;
        this.meters = meters;
    }

    @Override
    public void send(List<Message> messages) {
        link.send(messages);
    }

    @Override
    public void sendSnapshot(InstallSnapshot message) {
        if (departures.add(message)) {
            loops.apply(new Applier.Task.Depart());
        } else {
            loops.raft(new RaftLoop.Input.SnapshotDelivered(message.to(), false));
        }
    }

    @Override
    public void settled(long index, ReceivedDatabases.Fate fate) {
        loops.bolt(new Committer.Task.Settled(index, fate));
    }

    @Override
    public void write(Ready.Write write) {
        loops.wal(new WalWriter.Task.Append(write));
    }

    @Override
    public void apply(List<Entry> entries) {
        loops.apply(new Applier.Task.Committed(entries));
    }

    @Override
    public void refused(long requestId, Refusal why) {
        meters.proposalFailed();
        proposer.refuse(requestId, why);
    }

    @Override
    public void changed(Status before, Status now) {
        boolean newTerm = now.term() != before.term();
        if (before.role() == Role.LEADER && (newTerm || now.role() != Role.LEADER)) {
            loops.apply(new Applier.Task.Demoted());
        }
        if (now.role() == Role.LEADER && (newTerm || before.role() != Role.LEADER)) {
            timeouts.becameLeader(time.nanos());
        }
        if (now.leader() != 0 && now.leader() != before.leader()) {
            meters.leaderChanged();
            transfers.changed(now);
        }
    }
}
