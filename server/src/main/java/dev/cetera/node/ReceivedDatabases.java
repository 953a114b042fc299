package dev.cetera.node;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cetera.apply.ReceivedState;
import dev.cetera.disk.Disk;
import dev.cetera.logs.Log;
import dev.cetera.raft.Message;
import dev.cetera.snap.IncomingDatabase;
import dev.cetera.snap.Snapshots;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongPredicate;
import java.util.function.Predicate;

/// Databases that other members have sent, from the first byte until they are in use or not wanted.
///
/// The file comes first, then its message goes to raft, which takes it or ignores it. Several messages may
/// share one file: two leaders may have sent the same index, or one leader twice. So a file is deleted when
/// every message that came with it is settled and none of them is still to be installed.
///
/// Guarded by its own lock, which is held while files get and lose their names; never by the raft or apply
/// loop.
final class ReceivedDatabases {
    /// What became of a message.
    enum Fate {
        /// Raft goes on from it; the file is needed until it is installed.
        TAKEN,
        /// Raft has no use for it.
        IGNORED,
        /// The file is in its place now.
        INSTALLED
    }

    /// Two, as at a change of leaders; each may fill the disk.
    static final int MAX_AT_ONCE = 2;

    private static final Log SNAP_LOG = Log.of("snap");

    private static final class Use {
        /// Messages that raft has not looked at.
        int unsettled;
        /// Messages that raft goes on from, not yet installed.
        int taken;

        boolean isOver() {
            return unsettled <= 0 && taken <= 0;
        }
    }

    private final Disk disk;
    private final Snapshots snapshots;
    private final Predicate<Message.InstallSnapshot> raft;

    @GuardedBy("this")
    private final Map<Long, Use> uses = new HashMap<>();

    @GuardedBy("this")
    private int arriving;

    private final Time time;
    private final Meters meters;

    /// @param raft takes a message whose database is there, or answers that it can't now
    ReceivedDatabases(
            Disk disk, Snapshots snapshots, Predicate<Message.InstallSnapshot> raft, Time time, Meters meters) {
        this.time = time;
        this.meters = meters;
        this.disk = disk;
        this.snapshots = snapshots;
        this.raft = raft;
    }

    /// As [Inbound#receiveSnapshot].
    Inbound.SnapshotInlet open(Message.InstallSnapshot message) throws IOException {
        begin();
        boolean begun = false;
        try {
            var inlet = new Inlet(
                    message, snapshots.receive(message.snapshot().meta().index()));
            begun = true;
            return inlet;
        } finally {
            if (!begun) {
                end();
            }
        }
    }

    private synchronized void begin() throws IOException {
        if (arriving >= MAX_AT_ONCE) {
            throw new IOException("too many database snapshots at once");
        }
        arriving++;
    }

    private synchronized void end() {
        arriving--;
    }

    /// Deletes the file of a message, and older ones after an installation, unless another message needs them.
    /// May wait for the disk.
    synchronized void settled(long index, Fate fate) {
        var use = uses.computeIfAbsent(index, _ -> new Use());
        switch (fate) {
            case TAKEN -> {
                use.unsettled--;
                use.taken++;
            }
            case IGNORED -> use.unsettled--;
            case INSTALLED -> use.taken--;
        }
        uses.values().removeIf(Use::isOver);
        delete(other -> other == index || (fate == Fate.INSTALLED && Long.compareUnsigned(other, index) < 0));
    }

    /// A snapshot of this index is on disk, and databases that came with older ones are of no use any more.
    synchronized void supersede(long index) {
        delete(other -> Long.compareUnsigned(other, index) < 0);
    }

    @GuardedBy("this")
    private void delete(LongPredicate indexes) {
        try {
            snapshots.deleteDatabases(index -> indexes.test(index) && !isUsed(index));
        } catch (IOException failed) {
            // It only takes space, and the next start tries again.
            SNAP_LOG.warning("failed to delete a database snapshot (" + failed.getMessage() + ")");
        }
    }

    private synchronized boolean isUsed(long index) {
        return uses.containsKey(index);
    }

    private synchronized void publish(long index, IncomingDatabase file) throws IOException {
        file.publish();
        uses.computeIfAbsent(index, _ -> new Use()).unsettled++;
    }

    private final class Inlet implements Inbound.SnapshotInlet {
        private final long beganNanos = time.nanos();
        private final Message.InstallSnapshot message;
        private final IncomingDatabase file;
        private boolean open = true;

        Inlet(Message.InstallSnapshot message, IncomingDatabase file) {
            this.message = message;
            this.file = file;
        }

        @Override
        public void write(ByteBuffer piece) throws IOException {
            file.write(piece);
        }

        @Override
        public void finish() throws IOException {
            long index = message.snapshot().meta().index();
            long writtenNanos = time.nanos();
            file.complete(path -> {
                long now = time.nanos();
                meters.databaseReceived(now - writtenNanos, now - beganNanos);
                ReceivedState.check(disk, path, message.snapshot());
            });
            publish(index, file);
            SNAP_LOG.info("saved database snapshot to disk [total bytes: " + file.bytes() + "]");
            if (!raft.test(message)) {
                settled(index, Fate.IGNORED);
                throw new IOException("the member is stopping");
            }
        }

        @Override
        public void close() throws IOException {
            if (open) {
                open = false;
                end();
                file.close();
            }
        }
    }
}
