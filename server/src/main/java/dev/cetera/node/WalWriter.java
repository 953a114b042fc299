package dev.cetera.node;

import dev.cetera.raft.HardState;
import dev.cetera.raft.Message;
import dev.cetera.raft.Persisted;
import dev.cetera.raft.Ready;
import dev.cetera.raft.Snapshot;
import dev.cetera.snap.Snapshots;
import dev.cetera.wal.Wal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Makes raft's writes durable: all that gathered while the last sync ran goes out with one write and one
/// sync.
///
/// An error is thrown and ends the member: after a failed sync nobody knows what is on the disk.
///
/// Confined to the "wal" loop.
final class WalWriter implements Loop.Work<WalWriter.Task> {
    sealed interface Task {
        record Append(Ready.Write write) implements Task {}

        /// A snapshot file is durable: its record goes into the log, and segments before it may go.
        record Snapshotted(Wal.SnapshotMark mark) implements Task {}
    }

    /// Where the consequences go. None of it blocks.
    interface Effects {
        /// This write and all before it are on disk.
        void durable(Persisted receipt);

        /// From this snapshot on a restart reads the log.
        void counted(Wal.SnapshotMark mark);

        /// The log goes on from a snapshot of another member. Comes before [#durable] of the write that
        /// brought it, so before raft hands out anything that follows it.
        void received(Snapshot snapshot);
    }

    private final Wal wal;
    private final Snapshots snapshots;
    private final Effects effects;
    private final Link link;
    private final Time time;
    private final Meters meters;

    /// The newest snapshot that the log names.
    private long newestMark;

    /// @param newest the snapshot that the log goes on from
    WalWriter(
            Wal wal,
            Snapshots snapshots,
            Wal.SnapshotMark newest,
            Effects effects,
            Link link,
            Time time,
            Meters meters) {
        this.wal = wal;
        this.snapshots = snapshots;
        this.newestMark = newest.index();
        this.effects = effects;
        this.link = link;
        this.time = time;
        this.meters = meters;
    }

    @Override
    public void on(List<Task> batch) throws IOException {
        @Nullable Persisted receipt = null;
        var messages = new ArrayList<Message>();
        boolean sync = false;
        for (var task : batch) {
            switch (task) {
                case Task.Append(var write) -> {
                    var snapshot = write.snapshot();
                    if (snapshot != null) {
                        goOnFrom(snapshot, write.hardState());
                    }
                    wal.append(write.hardState(), write.entries());
                    sync |= write.sync();
                    messages.addAll(write.then());
                    receipt = write.done();
                }
                case Task.Snapshotted(var mark) -> {
                    // One of another member may have come meanwhile, and be newer.
                    if (mark.index() > newestMark) {
                        wal.saveSnapshot(mark);
                        count(mark);
                    }
                }
            }
        }
        if (sync) {
            long began = time.nanos();
            wal.sync();
            meters.walSynced(time.nanos() - began);
        }
        if (receipt != null) {
            effects.durable(receipt);
        }
        if (!messages.isEmpty()) {
            link.send(messages);
        }
    }

    /// The file first, then its record, then that it is committed; a crash in between leaves the member where
    /// it was before, with a file or a record that doesn't count.
    private void goOnFrom(Snapshot snapshot, HardState state) throws IOException {
        var meta = snapshot.meta();
        var mark = new Wal.SnapshotMark(meta.index(), meta.term());
        snapshots.save(snapshot);
        wal.goOnFrom(mark, new HardState(state.term(), state.vote(), meta.index()));
        count(mark);
        effects.received(snapshot);
    }

    private void count(Wal.SnapshotMark mark) throws IOException {
        newestMark = mark.index();
        effects.counted(mark);
        wal.release(mark.index());
    }
}
