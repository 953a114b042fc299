package dev.cetera.ctl.snapshot;

import dev.cetera.bolt.Bolt;
import dev.cetera.bolt.BoltOptions;
import dev.cetera.bolt.BucketWriter;
import dev.cetera.bolt.WriteTx;
import dev.cetera.cluster.InitialCluster.Founding;
import dev.cetera.cluster.Members;
import dev.cetera.disk.Disk;
import dev.cetera.raft.ConfState;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.HardState;
import dev.cetera.raft.Snapshot;
import dev.cetera.raft.SnapshotMeta;
import dev.cetera.raftpb.RaftCodec;
import dev.cetera.schema.Bucket;
import dev.cetera.schema.MetaKey;
import dev.cetera.snap.Snapshots;
import dev.cetera.v2.V2FormatException;
import dev.cetera.v2.V2Store;
import dev.cetera.wal.Wal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Makes the directories of a member of a new cluster that begins with a snapshot's keys. Its log begins with
/// the changes that make the cluster, all committed and covered by a raft snapshot, so that any etcd can start
/// on it.
///
/// @param walDirectory may lie elsewhere
public record Restore(Disk disk, Path snapDirectory, Path walDirectory, Founding founding, long memberId) {
    private static final long TERM = 1;

    /// The file, already in its place as `db`, becomes one of the new cluster.
    public void run() throws IOException {
        adopt();
        writeLog();
    }

    /// The old cluster's members are none of the new one, and its log is not the new one's either.
    private void adopt() throws IOException {
        try (var bolt = Bolt.open(disk, snapDirectory.resolve("db"), BoltOptions.DEFAULTS);
                var tx = bolt.write()) {
            clear(bucket(tx, Bucket.MEMBERS));
            clear(bucket(tx, Bucket.MEMBERS_REMOVED));
            var index = ByteBuffer.allocate(Long.BYTES)
                    .putLong(founding.members().size())
                    .array();
            bucket(tx, Bucket.META).put(MetaKey.CONSISTENT_INDEX.bytes(), index);
            tx.commit();
        }
    }

    private static BucketWriter bucket(WriteTx tx, Bucket which) throws IOException {
        var found = tx.bucket(which.bytes());
        return found == null ? tx.createBucket(which.bytes()) : found;
    }

    private static void clear(BucketWriter bucket) throws IOException {
        var keys = new ArrayList<byte[]>();
        var cursor = bucket.cursor();
        for (boolean more = cursor.first(); more; more = cursor.next()) {
            keys.add(cursor.key());
        }
        for (var key : keys) {
            bucket.delete(key);
        }
    }

    private void writeLog() throws IOException {
        var tree = new V2Store();
        var members = new Members(tree);
        var entries = new ArrayList<Entry>();
        for (var change : founding.confChanges()) {
            try {
                var _ = members.apply(change);
            } catch (V2FormatException e) {
                throw new IllegalStateException(e);
            }
            entries.add(new Entry(TERM, entries.size() + 1, EntryType.CONF_CHANGE, RaftCodec.encode(change)));
        }
        var ids = founding.members().stream().map(member -> member.id()).toList();
        var commit = entries.size();
        Files.createDirectories(walDirectory, SnapshotFile.PRIVATE);
        try (var wal = Wal.create(disk, walDirectory, new Wal.Metadata(memberId, founding.clusterId()))) {
            wal.append(new HardState(TERM, ids.getFirst(), commit), entries);
            wal.sync();
            var meta = new SnapshotMeta(commit, TERM, ConfState.of(List.copyOf(ids)));
            new Snapshots(disk, snapDirectory, (level, text) -> {}).save(new Snapshot(meta, tree.save()));
            wal.saveSnapshot(new Wal.SnapshotMark(commit, TERM));
            wal.sync();
        }
    }
}
