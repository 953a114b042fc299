package dev.cetera.node;

import dev.cetera.config.GoDuration;
import dev.cetera.mvcc.Compaction;
import dev.cetera.raft.ConfState;
import dev.cetera.raft.Message;
import dev.cetera.raft.Snapshot;
import dev.cetera.raft.SnapshotMeta;
import dev.cetera.schema.Backend;
import dev.cetera.snap.Snapshots;
import dev.cetera.wal.Wal;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// Writes to the backend file behind the applier's back: what has gathered, compactions piece by piece, and
/// the snapshots that let the log be cut. It also keeps the log's next segment ready and deletes files that
/// are no longer needed.
///
/// An error is thrown and ends the member.
///
/// Confined to the "bolt" loop.
final class Committer implements Loop.Work<Committer.Task> {
    sealed interface Task {
        /// Time to commit what has gathered, if anything.
        record Commit() implements Task {}

        record Compact(Compaction physicalHalf, Runnable whenDone) implements Task {}

        /// Time for the next piece of the compaction at hand.
        record Continue() implements Task {}

        record Save(Snapshot snapshot) implements Task {}

        /// Takes an image of the file for another member.
        ///
        /// @param message complete; the file will contain at least what its snapshot covers
        record Image(Message.InstallSnapshot message) implements Task {}

        /// A received database is needed or not.
        record Settled(long index, ReceivedDatabases.Fate fate) implements Task {}

        /// Time to delete files beyond those that are to be kept.
        record Purge() implements Task {}
    }

    /// Where the consequences go. None of it blocks.
    interface Effects {
        /// What had gathered is in the file.
        void committed();

        /// A snapshot is on disk; the log does not name it yet.
        void snapshotted(Wal.SnapshotMark mark);

        /// An image is taken.
        void imaged(OutgoingSnapshot snapshot);

        /// It could not be.
        void notImaged(Message.InstallSnapshot message);

        /// From which snapshot on a restart would read the log.
        Wal.SnapshotMark counted();
    }

    private static final Logger MVCC_LOG = System.getLogger("mvcc");
    private static final Logger SERVER_LOG = System.getLogger("etcdserver");

    private static final Logger FILE_LOG = System.getLogger("pkg/fileutil");

    /// How often the time that a commit took is rested before the next, where it only shortens the file.
    private static final int REST = 9;

    private static final long REST_WHEN_FULL_NANOS = 1_000_000_000;

    private final Backend backend;
    private final Snapshots snapshots;
    private final ReceivedDatabases received;
    private final Wal wal;
    private final MemberConfig config;
    private final Time time;
    private final Meters meters;
    private final Effects effects;
    private final Runnable continueSoon;
    /// Whether the last attempt to make the next segment of the log went well.
    private boolean preparing = true;
    /// Until when the file stays as long as it is, unless there is something to commit.
    private long restUntil;
    /// When the compaction at hand began; 0 when there is none.
    private long compactingSince;

    private final ArrayDeque<Task.Compact> compactions = new ArrayDeque<>();

    /// @param continueSoon brings a [Task.Continue] after a pause that leaves the disk to others
    Committer(
            Backend backend,
            Snapshots snapshots,
            ReceivedDatabases received,
            Wal wal,
            MemberConfig config,
            Time time,
            Meters meters,
            Effects effects,
            Runnable continueSoon) {
        this.backend = backend;
        this.snapshots = snapshots;
        this.received = received;
        this.wal = wal;
        this.config = config;
        this.time = time;
        this.meters = meters;
        this.effects = effects;
        this.continueSoon = continueSoon;
        this.restUntil = time.nanos();
    }

    @Override
    public void on(List<Task> batch) throws IOException {
        boolean commit = false;
        for (var task : batch) {
            switch (task) {
                case Task.Commit() -> commit = true;
                case Task.Compact compact -> {
                    compactions.add(compact);
                    if (compactions.size() == 1) {
                        continueSoon.run();
                    }
                }
                case Task.Continue() -> compactPiece();
                case Task.Save(var snapshot) -> save(snapshot);
                case Task.Image(var message) -> image(message);
                case Task.Settled(long index, var fate) -> received.settled(index, fate);
                case Task.Purge() -> purge();
            }
        }
        if (commit) {
            if (backend.consistentIndex() != backend.committedIndex()) {
                commit();
            } else {
                shrink();
            }
            prepareNext();
        }
    }

    private void commit() throws IOException {
        long began = time.nanos();
        try {
            backend.commit();
        } catch (IOException failed) {
            requireOnlyFull(failed);
            // The file is as it was before. What was acknowledged is in the log, and goes into the file when there is
            // room again; when too much waits for that, new requests are refused.
            SERVER_LOG.log(Level.WARNING, "failed to write {0} ({1})", backend.path(), failed.getMessage());
            return;
        }
        meters.backendCommitted(time.nanos() - began);
        effects.committed();
    }

    /// A commit also makes a file shorter that is longer than it should be. A member that has nothing to
    /// commit does it all the same, and leaves the disk to others nine tenths of the time.
    private void shrink() throws IOException {
        long began = time.nanos();
        if (began - restUntil < 0) {
            return;
        }
        try {
            if (backend.shrink()) {
                long took = time.nanos() - began;
                meters.backendCommitted(took);
                restUntil = began + took + took * REST;
            }
        } catch (IOException failed) {
            requireOnlyFull(failed);
            restUntil = began + REST_WHEN_FULL_NANOS;
        }
    }

    /// A full disk is waited out where nothing has been changed by the attempt; everything else is fatal.
    private void requireOnlyFull(IOException failed) throws IOException {
        var message = failed.getMessage();
        boolean full = message != null
                && (message.contains("No space left on device") || message.contains("Disk quota exceeded"));
        if (!full || !backend.isWritable()) {
            throw failed;
        }
    }

    /// A failure leaves the log as it was: the change of segments will try once more, and there it is fatal.
    private void prepareNext() {
        try {
            wal.prepareNext();
            preparing = true;
        } catch (IOException failed) {
            if (preparing) {
                SERVER_LOG.log(Level.WARNING, "failed to make the next segment of the log ({0})", failed.getMessage());
                preparing = false;
            }
        }
    }

    private void compactPiece() throws IOException {
        var compact = compactions.peek();
        if (compact == null) {
            return;
        }
        boolean more;
        long began = time.nanos();
        if (compactingSince == 0) {
            compactingSince = began;
        }
        try {
            more = compact.physicalHalf().step();
            meters.compactionPaused(time.nanos() - began);
        } catch (IOException failed) {
            requireOnlyFull(failed);
            continueSoon.run();
            return;
        }
        if (!more) {
            compactions.remove();
            long took = time.nanos() - compactingSince;
            compactingSince = 0;
            if (!compact.physicalHalf().isOverthrown()) {
                MVCC_LOG.log(
                        Level.INFO,
                        "finished scheduled compaction at {0} (took {1})",
                        RaftLoop.decimal(compact.physicalHalf().revision()),
                        GoDuration.text(took));
                meters.compacted(compact.physicalHalf().removed(), took);
            }
            compact.whenDone().run();
        }
        if (!compactions.isEmpty()) {
            continueSoon.run();
        }
    }

    private void purge() throws IOException {
        var mark = effects.counted();
        var kept = snapshots.file(new SnapshotMeta(mark.index(), mark.term(), ConfState.NONE));
        var gone = new ArrayList<>(snapshots.purge(config.maxSnapshots(), kept));
        gone.addAll(wal.purge(config.maxWals()));
        for (var name : gone) {
            FILE_LOG.log(Level.INFO, "purged file {0} successfully", name);
        }
    }

    /// The file may have gone further than the message by now: its receiver passes over the entries that the
    /// file contains, and takes up those that only the legacy tree lacks, as it would after a restart.
    private void image(Message.InstallSnapshot message) throws IOException {
        try {
            backend.commit();
        } catch (IOException failed) {
            requireOnlyFull(failed);
            SERVER_LOG.log(Level.WARNING, "failed to write {0} ({1})", backend.path(), failed.getMessage());
            effects.notImaged(message);
            return;
        }
        var image = new BackendImage(backend.snapshot(), Committer::tellOfImage);
        effects.imaged(new OutgoingSnapshot(message, image));
    }

    private static void tellOfImage(long bytes) {
        SERVER_LOG.log(Level.INFO, "wrote database snapshot out [total bytes: {0}]", RaftLoop.decimal(bytes));
    }

    /// The backend must never be behind the newest snapshot, so it goes to disk first.
    private void save(Snapshot snapshot) throws IOException {
        long began = time.nanos();
        long encodingNanos;
        try {
            backend.commit();
            long encoding = time.nanos();
            var encoded = Snapshots.encode(snapshot);
            encodingNanos = time.nanos() - encoding;
            snapshots.save(snapshot.meta(), encoded);
        } catch (IOException failed) {
            requireOnlyFull(failed);
            // The next one will do; until then the log stays longer.
            SERVER_LOG.log(Level.WARNING, "failed to save a snapshot ({0})", failed.getMessage());
            return;
        }
        received.supersede(snapshot.meta().index());
        meters.snapshotSaved(encodingNanos, time.nanos() - began);
        SERVER_LOG.log(
                Level.INFO,
                "saved snapshot at index {0}",
                RaftLoop.decimal(snapshot.meta().index()));
        effects.snapshotted(
                new Wal.SnapshotMark(snapshot.meta().index(), snapshot.meta().term()));
    }
}
