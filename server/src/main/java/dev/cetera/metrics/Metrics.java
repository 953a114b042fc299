package dev.cetera.metrics;

import dev.cetera.config.Release;
import java.util.function.Supplier;

/// Every family that a member has, by etcd's names. Whoever counts something takes the field of its group once
/// and keeps it. Families that only exist with other members appear with them. Shared.
public final class Metrics {
    private final Registry registry = new Registry();

    public final Server server = new Server(registry);
    public final Disk disk = new Disk(registry);
    public final Mvcc mvcc = new Mvcc(registry);
    public final PeerMetrics peers = new PeerMetrics(registry);
    public final GrpcMetrics grpc;

    /// How the RPCs are measured.
    public enum Detail {
        BASIC,
        WITH_DURATIONS
    }

    public Metrics(Detail detail) {
        grpc = new GrpcMetrics(registry, detail);
        Legacy.register(registry);
        ProcessMetrics.register(registry);
    }

    public Registry registry() {
        return registry;
    }

    /// The member and its part in the cluster.
    public static final class Server {
        private final Registry registry;
        public final Gauge hasLeader;
        public final Gauge isLeader;
        public final Counter leaderChanges;
        public final Counter heartbeatSendFailures;
        public final Counter slowApply;
        public final Counter slowReadIndex;
        public final Counter readIndexFailed;
        public final Gauge proposalsCommitted;
        public final Gauge proposalsApplied;
        public final Gauge proposalsPending;
        public final Counter proposalsFailed;
        public final Gauge quotaBytes;
        public final Gauge snapshotApplyInProgress;
        public final Gauge authRevision;
        public final Counter healthSuccess;
        public final Counter healthFailures;
        public final Counter leaseExpired;
        public final Counter legacySets;
        public final Counter clientReceivedBytes;
        public final Counter clientSentBytes;

        Server(Registry registry) {
            this.registry = registry;
            hasLeader = registry.gauge("etcd_server_has_leader", "Whether some member leads: 1, else 0.");
            isLeader = registry.gauge("etcd_server_is_leader", "Whether this member leads: 1, else 0.");
            leaderChanges = registry.counter("etcd_server_leader_changes_seen_total", "Changes of leader seen.");
            heartbeatSendFailures = registry.counter(
                    "etcd_server_heartbeat_send_failures_total", "Heartbeats that left too late (a slow disk).");
            slowApply = registry.counter("etcd_server_slow_apply_total", "Applied requests that took too long.");
            slowReadIndex =
                    registry.counter("etcd_server_slow_read_indexes_total", "Read index rounds that ended too late.");
            readIndexFailed =
                    registry.counter("etcd_server_read_indexes_failed_total", "Read index rounds that failed.");
            proposalsCommitted = registry.gauge("etcd_server_proposals_committed_total", "Committed log index.");
            proposalsApplied = registry.gauge("etcd_server_proposals_applied_total", "Applied log index.");
            proposalsPending = registry.gauge("etcd_server_proposals_pending", "Proposals not yet applied.");
            proposalsFailed = registry.counter("etcd_server_proposals_failed_total", "Proposals that failed.");
            quotaBytes = registry.gauge("etcd_server_quota_backend_bytes", "Size of the backend that stops writes.");
            snapshotApplyInProgress =
                    registry.gauge("etcd_server_snapshot_apply_in_progress_total", "1 while a snapshot is applied.");
            healthSuccess = registry.counter("etcd_server_health_success", "Health checks that succeeded.");
            healthFailures = registry.counter("etcd_server_health_failures", "Health checks that failed.");
            leaseExpired = registry.counter("etcd_debugging_server_lease_expired_total", "Leases that expired.");
            legacySets = registry.counter(
                    "etcd_debugging_store_writes_total", "Writes to the legacy tree.", "action", "set");
            var _ = registry.counter(
                    "etcd_debugging_store_reads_total", "Reads of the legacy tree.", "action", "getRecursive");
            clientReceivedBytes = registry.counter(
                    "etcd_network_client_grpc_received_bytes_total", "Bytes of messages received from gRPC clients.");
            clientSentBytes = registry.counter(
                    "etcd_network_client_grpc_sent_bytes_total", "Bytes of messages sent to gRPC clients.");
            authRevision = registry.gauge("etcd_debugging_auth_revision", "Current revision of the auth store.");
            registry.gauge(
                            "etcd_server_version",
                            "The release this member runs, as a label.",
                            "server_version",
                            Release.CURRENT.version())
                    .set(1);
            registry.gauge(
                            "etcd_server_go_version",
                            "The runtime this member runs on, as a label.",
                            "server_go_version",
                            "java" + Runtime.version())
                    .set(1);
        }

        /// Says which member this is, once it is known.
        public void identify(long memberId) {
            registry.gauge("etcd_server_id", "This member's id, as a label.", "server_id", Long.toHexString(memberId))
                    .set(1);
        }

        /// Says which version the cluster agreed on, `3.3` say; empty before it has.
        public void clusterVersion(Supplier<String> version) {
            registry.info(
                    "etcd_cluster_version", "The version the cluster runs at, as a label.", "cluster_version", version);
        }
    }

    /// The log, the backend file and the snapshot files.
    public static final class Disk {
        public final Histogram walSync;
        public final Gauge walWriteBytes;
        public final Histogram backendCommit;
        public final Histogram backendDefrag;
        public final Histogram backendSnapshot;
        public final Histogram snapshotMarshal;
        public final Histogram snapshotSave;
        public final Histogram receivedSnapshotSync;
        public final Histogram receivedSnapshotSave;

        Disk(Registry registry) {
            walSync = registry.histogram(
                    "etcd_disk_wal_fsync_duration_seconds",
                    "Durations of syncing the log.",
                    Histogram.seconds(0.001, 14));
            walWriteBytes = registry.gauge("etcd_disk_wal_write_bytes_total", "Bytes written to the log.");
            backendCommit = registry.histogram(
                    "etcd_disk_backend_commit_duration_seconds",
                    "Durations of committing to the backend.",
                    Histogram.seconds(0.001, 14));
            backendDefrag = registry.histogram(
                    "etcd_disk_backend_defrag_duration_seconds",
                    "Durations of defragmentations.",
                    Histogram.seconds(0.1, 13));
            backendSnapshot = registry.histogram(
                    "etcd_disk_backend_snapshot_duration_seconds",
                    "Durations of sending the backend as a snapshot.",
                    Histogram.seconds(0.01, 17));
            snapshotMarshal = registry.histogram(
                    "etcd_debugging_snap_save_marshalling_duration_seconds",
                    "Durations of encoding a snapshot file.",
                    Histogram.seconds(0.001, 14));
            snapshotSave = registry.histogram(
                    "etcd_debugging_snap_save_total_duration_seconds",
                    "Durations of saving a snapshot file.",
                    Histogram.seconds(0.001, 14));
            receivedSnapshotSync = registry.histogram(
                    "etcd_snap_db_fsync_duration_seconds",
                    "Durations of syncing a received backend.",
                    Histogram.seconds(0.001, 14));
            receivedSnapshotSave = registry.histogram(
                    "etcd_snap_db_save_total_duration_seconds",
                    "Durations of saving a received backend.",
                    Histogram.seconds(0.1, 10));
        }
    }

    /// The key-value store and its watchers.
    public static final class Mvcc {
        public final Gauge backendBytes;
        public final Gauge backendBytesInUse;
        public final Histogram hash;
        public final Histogram hashRevision;
        public final Gauge currentRevision;
        public final Gauge compactRevision;
        public final Gauge keys;
        public final Gauge watchStreams;
        public final Gauge watchers;
        public final Gauge slowWatchers;
        public final Gauge pendingEvents;
        public final Counter putBytes;
        public final Counter puts;
        public final Counter deletes;
        public final Counter ranges;
        public final Counter txns;
        public final Gauge events;
        public final Counter compactedKeys;
        public final Histogram compactionPause;
        public final Histogram compactionTotal;
        public final Histogram indexCompactionPause;

        Mvcc(Registry registry) {
            backendBytes = registry.gauge("etcd_mvcc_db_total_size_in_bytes", "Size of the backend file.");
            registry.gauge("etcd_debugging_mvcc_db_total_size_in_bytes", "Size of the backend file.")
                    .follow(backendBytes::value);
            backendBytesInUse = registry.gauge(
                    "etcd_mvcc_db_total_size_in_use_in_bytes", "Size of the backend without free pages.");
            hash = registry.histogram(
                    "etcd_mvcc_hash_duration_seconds", "Durations of Hash.", Histogram.seconds(0.01, 15));
            hashRevision = registry.histogram(
                    "etcd_mvcc_hash_rev_duration_seconds", "Durations of HashKV.", Histogram.seconds(0.01, 15));
            currentRevision = debugging(registry, "current_revision", "Current revision of the store.");
            compactRevision = debugging(registry, "compact_revision", "Last compacted revision.");
            keys = debugging(registry, "keys_total", "Keys in the store.");
            watchStreams = debugging(registry, "watch_stream_total", "Watch streams.");
            watchers = debugging(registry, "watcher_total", "Watchers.");
            slowWatchers = debugging(registry, "slow_watcher_total", "Watchers that read history.");
            pendingEvents = debugging(registry, "pending_events_total", "Events waiting to be sent.");
            putBytes = registry.countingGauge(
                    "etcd_debugging_mvcc_total_put_size_in_bytes", "Bytes of keys and values put.");
            puts = counting(registry, "put_total", "Puts.");
            deletes = counting(registry, "delete_total", "Deletions.");
            ranges = counting(registry, "range_total", "Ranges.");
            txns = counting(registry, "txn_total", "Transactions.");
            events = registry.followingCounter("etcd_debugging_mvcc_events_total", "Events sent to watchers.");
            compactedKeys = counting(registry, "db_compaction_keys_total", "Key-values removed by compactions.");
            compactionPause = registry.histogram(
                    "etcd_debugging_mvcc_db_compaction_pause_duration_milliseconds",
                    "Pauses that compactions of the backend made.",
                    Histogram.milliseconds(1, 13));
            compactionTotal = registry.histogram(
                    "etcd_debugging_mvcc_db_compaction_total_duration_milliseconds",
                    "Durations of compactions of the backend.",
                    Histogram.milliseconds(100, 14));
            indexCompactionPause = registry.histogram(
                    "etcd_debugging_mvcc_index_compaction_pause_duration_milliseconds",
                    "Pauses that compactions of the index made.",
                    Histogram.milliseconds(0.5, 12));
        }

        private static Gauge debugging(Registry registry, String name, String help) {
            return registry.gauge("etcd_debugging_mvcc_" + name, help);
        }

        private static Counter counting(Registry registry, String name, String help) {
            return registry.counter("etcd_debugging_mvcc_" + name, help);
        }
    }
}
