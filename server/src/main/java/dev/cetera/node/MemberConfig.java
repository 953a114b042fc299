package dev.cetera.node;

import dev.cetera.bolt.Shrinking;
import dev.cetera.config.Clustering;
import dev.cetera.config.Retention;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a member is set to, already checked for form.
///
/// @param dataDir             holds `member/snap` and `member/wal`
/// @param walDir              instead of `member/wal`, null for that
/// @param clientUrls          advertised to clients
/// @param peerUrls            advertised to the other members
/// @param initialCluster      `name=url,name=url`; only read when the member is new
/// @param clusterToken        goes into the ids of a new cluster
/// @param tickMillis          length of a tick, which is a heartbeat interval
/// @param electionTicks       ticks without a leader before an election
/// @param fastForwardElection whether the first election comes at once, where nobody else could be leading
/// @param snapshotCount       entries applied between two snapshots
/// @param maxSnapshots        files kept, 0 for all
/// @param maxWals             files kept, 0 for all
/// @param quotaBytes          of the backend; 0 for the default of 2 GiB, negative for none
/// @param maxRequestBytes     of one proposal
/// @param clustering          how it takes part in its cluster
/// @param retention           how much of the keys' history a leader keeps
/// @param shrinking           when the backend file gets shorter by itself
public record MemberConfig(
        String name,
        Path dataDir,
        @Nullable Path walDir,
        List<String> clientUrls,
        List<String> peerUrls,
        String initialCluster,
        String clusterToken,
        int tickMillis,
        int electionTicks,
        boolean fastForwardElection,
        long snapshotCount,
        int maxSnapshots,
        int maxWals,
        long quotaBytes,
        long maxRequestBytes,
        Clustering clustering,
        Retention retention,
        Shrinking shrinking) {
    /// What etcd takes for a quota of 0.
    static final long DEFAULT_QUOTA_BYTES = 2L << 30;

    public MemberConfig {
        clientUrls = List.copyOf(clientUrls);
        peerUrls = List.copyOf(peerUrls);
    }

    /// Takes part in its cluster by the defaults, keeps all history, and a file as long as it was.
    public MemberConfig(
            String name,
            Path dataDir,
            @Nullable Path walDir,
            List<String> clientUrls,
            List<String> peerUrls,
            String initialCluster,
            String clusterToken,
            int tickMillis,
            int electionTicks,
            boolean fastForwardElection,
            long snapshotCount,
            int maxSnapshots,
            int maxWals,
            long quotaBytes,
            long maxRequestBytes) {
        this(
                name,
                dataDir,
                walDir,
                clientUrls,
                peerUrls,
                initialCluster,
                clusterToken,
                tickMillis,
                electionTicks,
                fastForwardElection,
                snapshotCount,
                maxSnapshots,
                maxWals,
                quotaBytes,
                maxRequestBytes,
                Clustering.DEFAULTS,
                Retention.ALL,
                Shrinking.NEVER);
    }

    public MemberConfig withClustering(Clustering other) {
        return new MemberConfig(
                name,
                dataDir,
                walDir,
                clientUrls,
                peerUrls,
                initialCluster,
                clusterToken,
                tickMillis,
                electionTicks,
                fastForwardElection,
                snapshotCount,
                maxSnapshots,
                maxWals,
                quotaBytes,
                maxRequestBytes,
                other,
                retention,
                shrinking);
    }

    public MemberConfig withRetention(Retention other) {
        return new MemberConfig(
                name,
                dataDir,
                walDir,
                clientUrls,
                peerUrls,
                initialCluster,
                clusterToken,
                tickMillis,
                electionTicks,
                fastForwardElection,
                snapshotCount,
                maxSnapshots,
                maxWals,
                quotaBytes,
                maxRequestBytes,
                clustering,
                other,
                shrinking);
    }

    public MemberConfig withShrinking(Shrinking other) {
        return new MemberConfig(
                name,
                dataDir,
                walDir,
                clientUrls,
                peerUrls,
                initialCluster,
                clusterToken,
                tickMillis,
                electionTicks,
                fastForwardElection,
                snapshotCount,
                maxSnapshots,
                maxWals,
                quotaBytes,
                maxRequestBytes,
                clustering,
                retention,
                other);
    }

    Path memberDir() {
        return dataDir.resolve("member");
    }

    Path snapDir() {
        return memberDir().resolve("snap");
    }

    Path backendFile() {
        return snapDir().resolve("db");
    }

    Path logDir() {
        return walDir != null ? walDir : memberDir().resolve("wal");
    }

    long electionMillis() {
        return (long) tickMillis * electionTicks;
    }

    /// How long a client waits for its proposal or read: five seconds and two elections.
    long requestTimeoutMillis() {
        return 5_000 + 2 * electionMillis();
    }

    /// The quota in force; [Long#MAX_VALUE] for none.
    public long effectiveQuotaBytes() {
        if (quotaBytes == 0) {
            return DEFAULT_QUOTA_BYTES;
        }
        return quotaBytes < 0 ? Long.MAX_VALUE : quotaBytes;
    }
}
