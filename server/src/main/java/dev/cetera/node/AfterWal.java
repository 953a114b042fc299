package dev.cetera.node;

import dev.cetera.raft.Persisted;
import dev.cetera.raft.Snapshot;
import dev.cetera.wal.Wal;

/// Hands on what follows from a write of the log. Confined to the "wal" loop, except [#newestSnapshot].
final class AfterWal implements WalWriter.Effects {
    private final Loops loops;
    private volatile Wal.SnapshotMark newest;

    /// @param newest the snapshot that the log goes on from
    AfterWal(Loops loops, Wal.SnapshotMark newest) {
        this.loops = loops;
        this.newest = newest;
    }

    /// The newest snapshot that the log has a record of: a restart begins there. Any thread may ask.
    Wal.SnapshotMark newestSnapshot() {
        return newest;
    }

    @Override
    public void durable(Persisted receipt) {
        loops.raft(new RaftLoop.Input.Durable(receipt));
    }

    @Override
    public void counted(Wal.SnapshotMark mark) {
        newest = mark;
    }

    @Override
    public void received(Snapshot snapshot) {
        loops.apply(new Applier.Task.Install(snapshot));
    }
}
