package dev.cetera.node;

import dev.cetera.raft.Message;
import dev.cetera.raft.Persisted;
import dev.cetera.raft.Ready;
import dev.cetera.wal.Wal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
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

    private final Wal wal;
    private final Consumer<Persisted> durable;
    private final Consumer<Wal.SnapshotMark> counted;
    private final Link link;
    private final Time time;
    private final Meters meters;

    /// @param durable told which writes are on disk
    /// @param counted told from which snapshot on a restart reads the log
    WalWriter(
            Wal wal,
            Consumer<Persisted> durable,
            Consumer<Wal.SnapshotMark> counted,
            Link link,
            Time time,
            Meters meters) {
        this.wal = wal;
        this.durable = durable;
        this.counted = counted;
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
                    if (write.snapshot() != null) {
                        throw new IllegalStateException("a snapshot from a leader, to a member without peers");
                    }
                    wal.append(write.hardState(), write.entries());
                    sync |= write.sync();
                    messages.addAll(write.then());
                    receipt = write.done();
                }
                case Task.Snapshotted(var mark) -> {
                    wal.saveSnapshot(mark);
                    counted.accept(mark);
                    wal.release(mark.index());
                }
            }
        }
        if (sync) {
            long began = time.nanos();
            wal.sync();
            meters.walSynced(time.nanos() - began);
        }
        if (receipt != null) {
            durable.accept(receipt);
        }
        if (!messages.isEmpty()) {
            link.send(messages);
        }
    }
}
