package dev.cetera.node;

import dev.cetera.raft.Message.InstallSnapshot;
import dev.cetera.wal.Wal;
import java.util.function.Supplier;

/// Hands on what follows from a commit of the backend or a snapshot. Confined to the "bolt" loop.
final class AfterCommit implements Committer.Effects {
    private final Loops loops;
    private final Link link;
    private final Departures departures;
    private final LogRetention retention;
    private final Supplier<Wal.SnapshotMark> counted;

    /// @param counted the newest snapshot that the log has a record of
    AfterCommit(
            Loops loops, Link link, Departures departures, LogRetention retention, Supplier<Wal.SnapshotMark> counted) {
        this.loops = loops;
        this.link = link;
        this.departures = departures;
        this.retention = retention;
        this.counted = counted;
    }

    @Override
    public void committed() {
        loops.apply(new Applier.Task.Tidy());
    }

    /// The log may forget what the snapshot covers, once it names the snapshot.
    @Override
    public void snapshotted(Wal.SnapshotMark mark) {
        loops.wal(new WalWriter.Task.Snapshotted(mark));
        loops.raft(new RaftLoop.Input.Compact(mark.index(), retention));
    }

    @Override
    public void imaged(OutgoingSnapshot snapshot) {
        departures.made();
        departures.left();
        link.sendSnapshot(snapshot);
        loops.apply(new Applier.Task.Depart());
    }

    @Override
    public void notImaged(InstallSnapshot message) {
        departures.made();
        loops.raft(new RaftLoop.Input.SnapshotDelivered(message.to(), false));
        loops.apply(new Applier.Task.Depart());
    }

    @Override
    public Wal.SnapshotMark counted() {
        return counted.get();
    }
}
