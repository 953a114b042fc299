package dev.cetera.node;

import dev.cetera.apply.StateMachine;
import dev.cetera.cluster.BadClusterException;
import dev.cetera.cluster.ClusterVersion;
import dev.cetera.cluster.InitialCluster;
import dev.cetera.cluster.MemberId;
import dev.cetera.cluster.Members;
import dev.cetera.config.Release;
import dev.cetera.disk.Disk;
import dev.cetera.disk.OpenMode;
import dev.cetera.lease.Leases;
import dev.cetera.mvcc.Changes;
import dev.cetera.mvcc.Compaction;
import dev.cetera.raft.ConfChange;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.HardState;
import dev.cetera.raft.Recovered;
import dev.cetera.raft.Snapshot;
import dev.cetera.raft.SnapshotMeta;
import dev.cetera.raftpb.RaftCodec;
import dev.cetera.schema.Backend;
import dev.cetera.schema.Bucket;
import dev.cetera.snap.Snapshots;
import dev.cetera.v2.V2FormatException;
import dev.cetera.v2.V2Store;
import dev.cetera.wal.Wal;
import dev.cetera.wal.WalOptions;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Opens a data directory, or makes it: whoever has a log is an existing member and goes on from its files,
/// whatever the flags say; who has none founds a cluster.
final class Boot {
    /// A member ready to go on.
    ///
    /// @param unfinished a compaction that the last stop cut short
    /// @param recovered  for the raft machine
    record Booted(
            long memberId,
            long clusterId,
            StateMachine machine,
            @Nullable Compaction unfinished,
            Recovered recovered,
            Wal wal,
            Snapshots snapshots)
            implements Closeable {
        /// Lets go of the files, for whoever can't go on from here.
        @Override
        public void close() throws IOException {
            try (wal) {
                machine.backend().close();
            }
        }
    }

    static final ClusterVersion RELEASE =
            new ClusterVersion(Release.CURRENT.major(), Release.CURRENT.minor(), Release.CURRENT.patch());

    private static final Logger SERVER_LOG = System.getLogger("etcdserver");
    private static final Logger WAL_LOG = System.getLogger("wal");
    private static final Logger SNAP_LOG = System.getLogger("snap");

    /// etcd's words for a snapshot without the backend that belongs to it, as a directory with v2 data alone
    /// has it.
    private static final String NO_BACKEND =
            "recovering backend from snapshot error: database snapshot file path error: snap: snapshot file doesn't exist";

    private final Disk disk;
    private final MemberConfig config;
    private final Consumer<Changes> watchers;
    private final WalOptions walOptions;
    private final Snapshots snapshots;

    /// Open files that a failed start must close.
    private final List<Closeable> opened = new ArrayList<>();

    private Boot(Disk disk, MemberConfig config, Consumer<Changes> watchers, WalOptions walOptions) {
        this.disk = disk;
        this.walOptions = walOptions;
        this.config = config;
        this.watchers = watchers;
        this.snapshots = new Snapshots(disk, config.snapDir(), SNAP_LOG::log);
    }

    /// @throws StartException when the directory or the flags don't allow it
    /// @throws IOException    when the disk fails or a file is damaged
    static Booted open(Disk disk, MemberConfig config, Consumer<Changes> watchers, WalOptions walOptions)
            throws IOException {
        var boot = new Boot(disk, config, watchers, walOptions);
        boolean booted = false;
        try {
            boot.prepareDirectories();
            var member = Wal.exists(disk, config.logDir()) ? boot.restart() : boot.found();
            booted = true;
            return member;
        } finally {
            if (!booted) {
                boot.closeOpened();
            }
        }
    }

    private <T extends Closeable> T opened(T file) {
        opened.add(file);
        return file;
    }

    /// Lets go of the locks of a start that has failed; why it failed is more important than what this meets.
    private void closeOpened() {
        for (var file : opened) {
            try {
                file.close();
            } catch (IOException second) {
                SERVER_LOG.log(Level.WARNING, "failed to close a file ({0})", second.getMessage());
            }
        }
    }

    private void prepareDirectories() throws IOException {
        makeWritable(config.dataDir(), "cannot access data directory: ");
        makeWritable(config.memberDir(), "cannot access member directory: ");
        makeWritable(config.snapDir(), "create snapshot directory error: ");
    }

    private void makeWritable(Path dir, String complaint) throws StartException {
        try {
            createDurably(dir);
            var probe = dir.resolve(".touch");
            disk.open(probe, OpenMode.CREATE).close();
            disk.delete(probe);
        } catch (IOException refused) {
            throw new StartException(complaint + refused.getMessage(), refused);
        }
    }

    /// A directory whose entry the next power loss takes away would take all files in it along. An earlier
    /// start that was killed may have made it and not come to this, so that it is there says nothing.
    private void createDurably(Path dir) throws IOException {
        disk.createDirectories(dir);
        for (var made = dir.toAbsolutePath(); made.getParent() != null; made = made.getParent()) {
            try {
                disk.syncDirectory(made.getParent());
            } catch (AccessDeniedException _) {
                // What we may not read we have not made, nor what is above it.
                return;
            }
        }
    }

    // ---- a new member ----

    private Booted found() throws IOException {
        var founding = founding();
        long memberId = localId();
        SERVER_LOG.log(
                Level.INFO,
                "starting member {0} in cluster {1}",
                MemberId.text(memberId),
                MemberId.text(founding.clusterId()));
        // As in etcd the backend is there before the log: a log is what makes an existing member.
        var backend = opened(Backend.open(disk, config.backendFile()));
        if (backend.consistentIndex() != 0) {
            // Its first entries would be taken for those that this file contains, and never be applied.
            throw new StartException("database file (" + config.backendFile() + ") holds entries up to index "
                    + backend.consistentIndex() + ", and there is no log in " + config.logDir());
        }
        disk.syncDirectory(config.snapDir());
        var wal =
                opened(Wal.create(disk, config.logDir(), new Wal.Metadata(memberId, founding.clusterId()), walOptions));
        var legacy = new V2Store();
        var machine = machine(backend, legacy, new Members(legacy));
        return new Booted(
                memberId,
                founding.clusterId(),
                machine.machine(),
                machine.unfinished(),
                writeFirstEntries(wal, founding),
                wal,
                snapshots);
    }

    private InitialCluster.Founding founding() throws StartException {
        try {
            var cluster = InitialCluster.parse(config.initialCluster());
            cluster.check(config.name());
            cluster.checkAdvertised(config.name(), config.peerUrls(), url -> url);
            var founding = cluster.found(config.clusterToken());
            if (founding.members().size() > 1) {
                throw new StartException("--initial-cluster names "
                        + founding.members().size() + " members, and this version runs clusters of one member only");
            }
            return founding;
        } catch (BadClusterException bad) {
            throw new StartException(String.valueOf(bad.getMessage()), bad);
        }
    }

    private long localId() {
        return MemberId.founding(config.peerUrls(), config.clusterToken());
    }

    /// Every founder's log begins with all founders as members, already committed.
    private static Recovered writeFirstEntries(Wal wal, InitialCluster.Founding founding) throws IOException {
        var entries = new ArrayList<Entry>();
        for (ConfChange change : founding.confChanges()) {
            entries.add(new Entry(1, entries.size() + 1, EntryType.CONF_CHANGE, RaftCodec.encode(change)));
        }
        var hardState = new HardState(1, 0, entries.size());
        wal.append(hardState, entries);
        wal.sync();
        return new Recovered(hardState, SnapshotMeta.NONE, entries, 0);
    }

    // ---- a member that was here before ----

    private Booted restart() throws IOException {
        var valid = new HashSet<>(Wal.validSnapshots(disk, config.logDir()));
        var snapshot = snapshots.newest(meta -> valid.contains(new Wal.SnapshotMark(meta.index(), meta.term())));
        var legacy = new V2Store();
        var members = new Members(legacy);
        if (snapshot != null) {
            recoverLegacy(snapshot, legacy, members);
        }
        var backend = openBackend(snapshot);
        refuseAuth(backend);
        var mark = snapshot == null
                ? Wal.SnapshotMark.NONE
                : new Wal.SnapshotMark(snapshot.meta().index(), snapshot.meta().term());
        var log = Wal.open(disk, config.logDir(), mark, WAL_LOG::log, walOptions);
        var wal = opened(log.wal());
        var replay = log.replay();
        long memberId = replay.metadata().nodeId();
        long clusterId = replay.metadata().clusterId();
        SERVER_LOG.log(
                Level.INFO,
                "restarting member {0} in cluster {1} at commit index {2}",
                MemberId.text(memberId),
                MemberId.text(clusterId),
                RaftLoop.decimal(replay.hardState().commit()));
        var recovered = new Recovered(
                replay.hardState(),
                snapshot == null ? SnapshotMeta.NONE : snapshot.meta(),
                replay.entries(),
                mark.index());
        if (foundingWasCutShort(recovered)) {
            recovered = writeFirstEntries(wal, foundingOf(replay.metadata()));
        }
        Voters.requireAlone(memberId, recovered);
        var machine = machine(backend, legacy, members);
        return new Booted(memberId, clusterId, machine.machine(), machine.unfinished(), recovered, wal, snapshots);
    }

    /// The log was made, and its first entries came to be on disk in part or not at all: nobody has been
    /// promised anything.
    private static boolean foundingWasCutShort(Recovered recovered) {
        return recovered.snapshot().index() == 0
                && recovered.hardState().equals(HardState.NONE)
                && recovered.entries().stream()
                        .allMatch(entry -> entry.term() == 1 && entry.type() == EntryType.CONF_CHANGE);
    }

    /// The cluster that the log was made for, described once more.
    private InitialCluster.Founding foundingOf(Wal.Metadata metadata) throws StartException {
        var founding = founding();
        if (localId() != metadata.nodeId() || founding.clusterId() != metadata.clusterId()) {
            throw new StartException("the log in " + config.logDir() + " was begun for member "
                    + MemberId.text(metadata.nodeId()) + " of cluster " + MemberId.text(metadata.clusterId())
                    + " and never finished; --initial-cluster, --initial-cluster-token and"
                    + " --initial-advertise-peer-urls describe another one");
        }
        return founding;
    }

    private void recoverLegacy(Snapshot snapshot, V2Store legacy, Members members) throws IOException {
        try {
            legacy.recover(snapshot.data());
            members.load();
        } catch (V2FormatException damaged) {
            throw new StartException(
                    "recovering store from snapshot error: " + damaged.getMessage() + " ("
                            + snapshots.file(snapshot.meta()) + ")",
                    damaged);
        }
        var version = members.now().version();
        if (version != null) {
            StateMachine.requireServable(version, RELEASE);
        }
        SERVER_LOG.log(
                Level.INFO,
                "recovered store from snapshot at index {0}",
                RaftLoop.decimal(snapshot.meta().index()));
    }

    /// The backend must hold at least what the snapshot covers. A database that came with a snapshot and was
    /// not yet put in its place is put there now.
    private Backend openBackend(@Nullable Snapshot snapshot) throws IOException {
        boolean existed = disk.exists(config.backendFile());
        if (snapshot == null) {
            return opened(Backend.open(disk, config.backendFile()));
        }
        var received = snapshots.database(snapshot.meta().index());
        if (!existed) {
            // Opening would make an empty file; the directory stays as it is for whoever looks into it.
            throw new StartException(
                    disk.exists(received)
                            ? "database file (" + config.backendFile() + ") of the backend is missing"
                            : NO_BACKEND);
        }
        var old = Backend.open(disk, config.backendFile());
        long index = snapshot.meta().index();
        if (old.consistentIndex() >= index) {
            return opened(old);
        }
        old.close();
        if (!disk.exists(received)) {
            throw new StartException(NO_BACKEND);
        }
        disk.rename(received, config.backendFile());
        disk.syncDirectory(config.snapDir());
        var backend = opened(Backend.open(disk, config.backendFile()));
        if (backend.consistentIndex() == 0) {
            SERVER_LOG.log(Level.WARNING, "consistent index never saved (snapshot index={0})", RaftLoop.decimal(index));
        } else if (backend.consistentIndex() < index) {
            throw new StartException("database file (" + config.backendFile() + " index " + backend.consistentIndex()
                    + ") does not match with snapshot (index " + index + ").");
        }
        return backend;
    }

    /// Serving keys that are protected without asking who reads them would be worse than not serving them.
    private void refuseAuth(Backend backend) throws IOException {
        var enabled = backend.get(Bucket.AUTH, "authEnabled".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        if (enabled != null && enabled.length == 1 && enabled[0] == 1) {
            throw new StartException("authentication is enabled in " + config.backendFile()
                    + ", and this version can't check users: disable it with etcd first ('etcdctl auth disable')");
        }
    }

    private StateMachine.Opened machine(Backend backend, V2Store legacy, Members members) throws IOException {
        return StateMachine.open(
                backend,
                legacy,
                members,
                Leases.minTtlSeconds(config.electionTicks(), config.tickMillis()),
                config.effectiveQuotaBytes(),
                RELEASE,
                watchers);
    }
}
