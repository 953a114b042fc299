package dev.cetera.node;

import dev.cetera.apply.StateMachine;
import dev.cetera.auth.Credentials;
import dev.cetera.cluster.ClusterVersion;
import dev.cetera.cluster.Member;
import dev.cetera.cluster.MemberId;
import dev.cetera.cluster.Members;
import dev.cetera.config.Clustering;
import dev.cetera.config.Release;
import dev.cetera.disk.CorruptionException;
import dev.cetera.disk.Disk;
import dev.cetera.disk.OpenMode;
import dev.cetera.lease.Leases;
import dev.cetera.mvcc.Compaction;
import dev.cetera.mvcc.Feed;
import dev.cetera.raft.ConfChange;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.HardState;
import dev.cetera.raft.Recovered;
import dev.cetera.raft.Snapshot;
import dev.cetera.raft.SnapshotMeta;
import dev.cetera.raftpb.RaftCodec;
import dev.cetera.schema.Backend;
import dev.cetera.snap.Snapshots;
import dev.cetera.v2.V2FormatException;
import dev.cetera.v2.V2Store;
import dev.cetera.wal.Wal;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Opens a data directory, or makes it: whoever has a log is an existing member and goes on from its files,
/// whatever the flags say; who has none founds a cluster or joins one.
final class Boot {
    /// How the log says that no segment of it begins early enough.
    private static final String SEGMENT_MISSING = "wal: file not found";

    /// A member ready to go on.
    ///
    /// @param unfinished a compaction that the last stop cut short
    /// @param recovered  for the raft machine
    /// @param remotes    members that it can't know from its own log yet
    record Booted(
            long memberId,
            long clusterId,
            StateMachine machine,
            @Nullable Compaction unfinished,
            Recovered recovered,
            Wal wal,
            Disk disk,
            Snapshots snapshots,
            List<Member> remotes)
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
    private static final Logger FILE_LOG = System.getLogger("pkg/fileutil");
    private static final Logger WAL_LOG = System.getLogger("wal");
    private static final Logger SNAP_LOG = System.getLogger("snap");

    private final Disk disk;
    private final MemberConfig config;
    private final Feed watchers;
    private final Credentials credentials;
    private final Surroundings around;
    private final Snapshots snapshots;

    /// Open files that a failed start must close.
    private final List<Closeable> opened = new ArrayList<>();

    private Boot(Disk disk, MemberConfig config, Feed watchers, Surroundings around) {
        this.disk = disk;
        this.around = around;
        this.config = config;
        this.watchers = watchers;
        this.credentials = new Credentials(around.hashing(), around.tokens());
        this.snapshots = new Snapshots(disk, config.snapDir(), SNAP_LOG::log);
    }

    /// @throws StartException when the directory or the flags don't allow it
    /// @throws IOException    when the disk fails or a file is damaged
    static Booted open(Disk disk, MemberConfig config, Feed watchers, Surroundings surroundings) throws IOException {
        var boot = new Boot(disk, config, watchers, surroundings);
        boolean booted = false;
        try {
            boot.prepareDirectories();
            var member = Wal.exists(disk, config.logDir()) ? boot.restart() : boot.begin();
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
            if (disk.isDirectory(dir)) {
                lookForStrangers(dir);
            }
            createDurably(dir);
            var probe = dir.resolve(".touch");
            disk.open(probe, OpenMode.CREATE).close();
            disk.delete(probe);
        } catch (IOException refused) {
            throw new StartException(complaint + refused.getMessage(), refused);
        }
    }

    /// What others may enter may be meant so, and its owner alone may know: it is said, and left as it is.
    private void lookForStrangers(Path dir) throws IOException {
        var mode = disk.mode(dir);
        if (!mode.equals(Disk.OWNER_ONLY_MODE)) {
            FILE_LOG.log(
                    Level.WARNING,
                    "check file permission: directory \"" + dir + "\" exist, but the permission is \"" + mode
                            + "\". The recommended permission is \"-rwx------\" to prevent possible unprivileged access"
                            + " to the data.");
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

    private Booted begin() throws IOException {
        var beginning = switch (config.clustering().beginning()) {
            case FOUND -> new Founding(config, around).begin();
            case JOIN -> new Joining(config, around).begin();
        };
        SERVER_LOG.log(
                Level.INFO,
                "starting member {0} in cluster {1}",
                MemberId.text(beginning.memberId()),
                MemberId.text(beginning.clusterId()));
        // As in etcd the backend is there before the log: a log is what makes an existing member.
        var backend = opened(Backend.open(disk, config.backendFile(), config.shrinking()));
        if (backend.consistentIndex() != 0) {
            // Its first entries would be taken for those that this file contains, and never be applied.
            throw new StartException("database file (" + config.backendFile() + ") holds entries up to index "
                    + backend.consistentIndex() + ", and there is no log in " + config.logDir());
        }
        disk.syncDirectory(config.snapDir());
        var metadata = new Wal.Metadata(beginning.memberId(), beginning.clusterId());
        var wal = opened(Wal.create(disk, config.logDir(), metadata, around.walOptions()));
        var legacy = new V2Store();
        var machine = machine(backend, legacy, new Members(legacy));
        return new Booted(
                beginning.memberId(),
                beginning.clusterId(),
                machine.machine(),
                machine.unfinished(),
                writeFirstEntries(wal, beginning),
                wal,
                disk,
                snapshots,
                beginning.remotes());
    }

    /// Every founder's log begins with all founders as members, already committed. That of a member that joins
    /// is empty.
    private static Recovered writeFirstEntries(Wal wal, Beginning beginning) throws IOException {
        var entries = new ArrayList<Entry>();
        for (ConfChange change : beginning.founders()) {
            entries.add(new Entry(1, entries.size() + 1, EntryType.CONF_CHANGE, RaftCodec.encode(change)));
        }
        var hardState = new HardState(1, 0, entries.size());
        wal.append(hardState, entries);
        wal.sync();
        return new Recovered(hardState, SnapshotMeta.NONE, entries, 0);
    }

    // ---- a member that was here before ----

    /// Where the newest snapshot was damaged, the log may have forgotten what an older one, or none, needs, or
    /// never have had it, where that snapshot was received: then the snapshot is what is to be told of.
    private Wal.Opened openLog(Wal.SnapshotMark mark) throws IOException {
        try {
            return Wal.open(disk, config.logDir(), mark, WAL_LOG::log, around.walOptions());
        } catch (IOException refused) {
            var setAside = snapshots.setAside();
            boolean mayFollow = refused instanceof CorruptionException
                    || String.valueOf(refused.getMessage()).endsWith(SEGMENT_MISSING);
            if (setAside.isEmpty() || !mayFollow) {
                throw refused;
            }
            throw new IOException(refused.getMessage() + "; damaged snapshots: " + setAside, refused);
        }
    }

    private Booted restart() throws IOException {
        var valid = new HashSet<>(Wal.validSnapshots(disk, config.logDir()));
        var snapshot = snapshots.newest(meta -> valid.contains(new Wal.SnapshotMark(meta.index(), meta.term())));
        var legacy = new V2Store();
        var members = new Members(legacy);
        if (snapshot != null) {
            recoverLegacy(snapshot, legacy, members);
        }
        var backend =
                opened(new BackendRecovery(disk, config.backendFile(), config.shrinking(), snapshots).open(snapshot));
        var mark = snapshot == null
                ? Wal.SnapshotMark.NONE
                : new Wal.SnapshotMark(snapshot.meta().index(), snapshot.meta().term());
        var log = openLog(mark);
        var wal = opened(log.wal());
        // Only now: without the locks it might be the work of a member that is running.
        snapshots.removeLeftovers(mark.index());
        var replay = log.replay();
        long memberId = replay.metadata().nodeId();
        long clusterId = replay.metadata().clusterId();
        var recovered = new Recovered(
                replay.hardState(),
                snapshot == null ? SnapshotMeta.NONE : snapshot.meta(),
                following(mark, replay.entries()),
                mark.index());
        if (beginningWasCutShort(recovered)) {
            recovered = writeFirstEntries(wal, beginningOf(replay.metadata()));
        }
        recovered = switch (config.clustering().restart()) {
            case AS_MEMBER -> {
                SERVER_LOG.log(
                        Level.INFO,
                        "restarting member {0} in cluster {1} at commit index {2}",
                        MemberId.text(memberId),
                        MemberId.text(clusterId),
                        RaftLoop.decimal(recovered.hardState().commit()));
                yield recovered;
            }
            case ALONE -> forceAlone(wal, memberId, clusterId, recovered);
        };
        var machine = machine(backend, legacy, members);
        return new Booted(
                memberId,
                clusterId,
                machine.machine(),
                machine.unfinished(),
                recovered,
                wal,
                disk,
                snapshots,
                List.of());
    }

    /// Entries of an older term than the snapshot can't follow it: they were in the log before the snapshot
    /// came from a leader, were never committed, and etcd leaves them there.
    private static List<Entry> following(Wal.SnapshotMark snapshot, List<Entry> entries) {
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i).term() < snapshot.term()) {
                return entries.subList(0, i);
            }
        }
        return entries;
    }

    /// The log was made, and its first entries came to be on disk in part or not at all: nobody has been
    /// promised anything.
    private static boolean beginningWasCutShort(Recovered recovered) {
        return recovered.snapshot().index() == 0
                && recovered.hardState().equals(HardState.NONE)
                && recovered.entries().stream()
                        .allMatch(entry -> entry.term() == 1 && entry.type() == EntryType.CONF_CHANGE);
    }

    /// The beginning that the log was made for. A member that joins has been told who it is, and needs no
    /// more.
    private Beginning beginningOf(Wal.Metadata metadata) throws StartException {
        if (config.clustering().beginning() == Clustering.Beginning.JOIN) {
            return new Beginning(metadata.nodeId(), metadata.clusterId(), List.of(), List.of());
        }
        var beginning = new Founding(config, around).describe();
        if (beginning.memberId() != metadata.nodeId() || beginning.clusterId() != metadata.clusterId()) {
            throw new StartException("the log in " + config.logDir() + " was begun for member "
                    + MemberId.text(metadata.nodeId()) + " of cluster " + MemberId.text(metadata.clusterId())
                    + " and never finished; --initial-cluster, --initial-cluster-token and"
                    + " --initial-advertise-peer-urls describe another one");
        }
        return beginning;
    }

    private static Recovered forceAlone(Wal wal, long memberId, long clusterId, Recovered before) throws IOException {
        var forced = ForcedAlone.force(memberId, before);
        var recovered = forced.recovered();
        wal.append(recovered.hardState(), forced.appended());
        wal.sync();
        ForcedAlone.tell(memberId, clusterId, recovered.hardState().commit());
        return recovered;
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

    private StateMachine.Opened machine(Backend backend, V2Store legacy, Members members) throws IOException {
        return StateMachine.open(
                backend,
                legacy,
                members,
                Leases.minTtlSeconds(config.electionTicks(), config.tickMillis()),
                config.effectiveQuotaBytes(),
                RELEASE,
                credentials,
                watchers);
    }
}
