package dev.cetera.node;

import dev.cetera.bolt.Shrinking;
import dev.cetera.disk.Disk;
import dev.cetera.raft.Snapshot;
import dev.cetera.schema.Backend;
import dev.cetera.schema.Bucket;
import dev.cetera.snap.Snapshots;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Finds the backend that goes with the snapshot that a member starts from. It must hold at least what the
/// snapshot covers, for the log begins there. A database that came with the snapshot and was not yet put in
/// its place is put there now.
final class BackendRecovery {
    private static final Logger SERVER_LOG = System.getLogger("etcdserver");

    /// etcd's words for a snapshot without the backend that belongs to it, as a directory with v2 data alone
    /// has it.
    private static final String NO_BACKEND =
            "recovering backend from snapshot error: database snapshot file path error: snap: snapshot file doesn't exist";

    private final Disk disk;
    private final Path place;
    private final Shrinking shrinking;
    private final Snapshots snapshots;

    /// @param place of the member's backend
    BackendRecovery(Disk disk, Path place, Shrinking shrinking, Snapshots snapshots) {
        this.disk = disk;
        this.place = place;
        this.shrinking = shrinking;
        this.snapshots = snapshots;
    }

    /// @throws StartException when there is none; the directory is then as it was
    Backend open(@Nullable Snapshot snapshot) throws IOException {
        if (snapshot == null) {
            return Backend.open(disk, place, shrinking);
        }
        long index = snapshot.meta().index();
        if (!disk.exists(place)) {
            // Opening would make an empty file, and nobody would see any more that it was missing.
            return takeReceived(index, "is missing");
        }
        var old = Backend.open(disk, place, shrinking);
        if (old.consistentIndex() >= index) {
            return old;
        }
        // It is closed last, so that its lock keeps others out until the new one has its own.
        try (old) {
            return takeReceived(index, "holds entries up to index " + old.consistentIndex());
        }
    }

    /// @param state what is wrong with the file in its place
    private Backend takeReceived(long index, String state) throws IOException {
        var received = snapshots.database(index);
        if (!disk.exists(received)) {
            throw new StartException(
                    NO_BACKEND + " (" + place + " " + state + ", and the snapshot is of index " + index + ")");
        }
        requireAtLeast(index, received);
        disk.rename(received, place);
        disk.syncDirectory(place.resolveSibling(""));
        return Backend.open(disk, place, shrinking);
    }

    private void requireAtLeast(long index, Path received) throws IOException {
        long found;
        try (var file = dev.cetera.schema.Snapshot.of(disk, received)) {
            found = file.has(Bucket.META) ? file.consistentIndex() : 0;
        }
        if (found == 0) {
            SERVER_LOG.log(Level.WARNING, "consistent index never saved (snapshot index={0})", RaftLoop.decimal(index));
        } else if (found < index) {
            throw new StartException("database file (" + received + " index " + found
                    + ") does not match with snapshot (index " + index + ").");
        }
    }
}
