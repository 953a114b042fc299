package dev.cetera.node;

import dev.cetera.apply.StateMachine;
import dev.cetera.disk.Disk;
import dev.cetera.logs.Log;
import dev.cetera.mvcc.Compaction;
import dev.cetera.raft.Snapshot;
import dev.cetera.schema.Replacement;
import dev.cetera.snap.Snapshots;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Puts what another member has sent in the place of this member's state, in etcd's order and words.
///
/// By now the snapshot and its record are in the log, and the database is durable under a name of its own.
/// Whatever fails from here on, a restart finds all of that and puts the database in its place
/// ([BackendRecovery]). Until the rename is durable nothing that readers see has changed.
///
/// Confined to the "apply" loop.
final class Installation {
    private static final Log LOG = Log.of("etcdserver");

    private final Disk disk;
    private final Snapshots snapshots;
    private final StateMachine machine;
    private final MembershipLog membershipLog;

    Installation(Disk disk, Snapshots snapshots, StateMachine machine, MembershipLog membershipLog) {
        this.disk = disk;
        this.snapshots = snapshots;
        this.machine = machine;
        this.membershipLog = membershipLog;
    }

    /// Exchanges the whole state. An error is fatal. To be followed by [#finished].
    ///
    /// @param before index of the snapshot that was the newest
    /// @return a compaction that is to be driven on, null for none
    @Nullable
    Compaction install(Snapshot snapshot, long before) throws IOException {
        LOG.info("applying snapshot at index " + before + "...");
        long index = snapshot.meta().index();
        LOG.info("raft applied incoming snapshot at index " + index);
        var received = snapshots.database(index);
        if (!disk.exists(received)) {
            throw new IOException("database snapshot file path error: snap: snapshot file doesn't exist");
        }
        done("recovering lessor");
        LOG.info("restoring mvcc store...");
        Compaction unfinished;
        try (var database = Replacement.open(disk, received, machine.backend().shrinking())) {
            unfinished = machine.install(database, snapshot);
        }
        LOG.info("finished restoring mvcc store");
        done("recovering alarms");
        done("recovering auth store");
        done("recovering store v2");
        LOG.info("recovering cluster configuration...");
        membershipLog.loaded(machine.members().now());
        LOG.info("finished recovering cluster configuration");
        return unfinished;
    }

    /// It is part of one step here, or done as quickly as said.
    private static void done(String part) {
        LOG.info(part + "...");
        LOG.info("finished " + part);
    }

    /// The connections to other members are those of the new membership.
    static void finished(long index) {
        done("removing old peers from network");
        done("adding peers from new cluster configuration into network");
        LOG.info("finished applying incoming snapshot at index " + index);
    }
}
