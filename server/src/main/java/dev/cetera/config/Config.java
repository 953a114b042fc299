package dev.cetera.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Everything a member is started with, checked. Immutable.
///
/// @param name      human-readable, unique in the cluster
/// @param dataDir   where the member lives; never empty
/// @param walDir    a place of its own for the log, or null for the one inside the data directory
public record Config(
        String name,
        String dataDir,
        @Nullable String walDir,
        Addresses addresses,
        Bootstrap bootstrap,
        Clustering clustering,
        Raft raft,
        Limits limits,
        KeepAlive keepAlive,
        Logging logging,
        MetricsDetail metrics,
        Security security,
        Web web,
        Retention retention,
        FreeSpace freeSpace,
        Profiling profiling) {

    /// What to bind and what to tell others. The lists are sorted; only `listenMetrics` may be empty.
    public record Addresses(
            List<Url> listenPeer,
            List<Url> listenClient,
            List<Url> listenMetrics,
            List<Url> advertisePeer,
            List<Url> advertiseClient) {}

    /// How a member without data begins.
    ///
    /// @param initialCluster `name=url,...` as given
    /// @param token          goes into the cluster's id
    public record Bootstrap(String initialCluster, String token) {}

    /// The pace of consensus and how much of its log is kept.
    ///
    /// @param snapshotCount      applied entries between two snapshots of the machine
    /// @param maxSnapshotFiles   0 keeps all
    /// @param maxWalFiles        0 keeps all
    /// @param tickAdvance        a fresh or restarted member may skip most of its first election timeout
    public record Raft(
            long heartbeatMillis,
            long electionMillis,
            TickAdvance tickAdvance,
            long snapshotCount,
            long maxSnapshotFiles,
            long maxWalFiles) {}

    public enum TickAdvance {
        FAST_FORWARD,
        WAIT
    }

    /// How much clients may ask for.
    ///
    /// @param quotaBytes      size of the backend that stops writes; 0 is the default (2 GiB), negative is no
    ///     limit
    /// @param maxTxnOps       operations (and compares) in one branch
    /// @param maxRequestBytes of a proposal as it is written to the log
    public record Limits(long quotaBytes, int maxTxnOps, int maxRequestBytes) {}

    /// What becomes of the space in the backend file that nothing uses any more.
    public enum FreeSpace {
        /// The file gets shorter, little by little, while it is used.
        GIVEN_BACK,
        /// It waits for new data, or for somebody to ask for a defragmentation.
        KEPT
    }

    /// Pings on client connections.
    ///
    /// @param minTimeNanos  clients that ping more often are cut off; 0 for the library's own rule
    /// @param intervalNanos between the server's pings; 0 for none
    /// @param timeoutNanos  until an unanswered ping ends the connection; 0 for none
    public record KeepAlive(long minTimeNanos, long intervalNanos, long timeoutNanos) {}

    /// What is logged, and where to.
    ///
    /// @param packageLevels `package=LEVEL,...`, may be empty
    public record Logging(Verbosity verbosity, String packageLevels, Output output) {}

    public enum Verbosity {
        INFO,
        DEBUG
    }

    public enum Output {
        DEFAULT,
        STDOUT,
        STDERR
    }

    /// Whether each RPC's duration is measured too.
    public enum MetricsDetail {
        BASIC,
        EXTENSIVE
    }

    /// Whether the client port also tells what the process is busy with.
    public enum Profiling {
        NONE,
        SERVED
    }

    /// Who may come in, and how connections are guarded.
    ///
    /// @param peerName    the one common name that other members' certificates may have; empty allows any
    /// @param peerAddress what is made of the addresses and host names in other members' certificates
    /// @param cipherSuites Go's names; empty leaves the choice to the library
    /// @param token       `simple`, or `jwt,` with its options; empty for none
    /// @param tokenSeconds how long a simple token lives unused
    public record Security(
            Tls clients,
            Tls peers,
            String peerName,
            PeerAddress peerAddress,
            List<String> cipherSuites,
            String token,
            long tokenSeconds) {}

    /// Whether a member's certificate must name the address that it connects from.
    public enum PeerAddress {
        MUST_BE_NAMED,
        ANY
    }

    /// How one side's connections are encrypted. Paths are empty where nothing is given.
    ///
    /// @param authority the old way to give trusted authorities, which also demands certificates
    /// @param trust     the certificates of the authorities that others' certificates must come from
    /// @param revoked   a list of revoked certificates
    /// @param demand    whether others must show a certificate
    /// @param auto      whether a certificate of its own is made where none is given
    public record Tls(
            String certificate,
            String key,
            String authority,
            String trust,
            String revoked,
            boolean demand,
            boolean auto) {
        public static final Tls NONE = new Tls("", "", "", "", "", false, false);

        /// Whether there is neither a certificate nor a key.
        public boolean isEmpty() {
            return certificate.isEmpty() && key.isEmpty();
        }

        /// With no certificate but those given.
        public Tls withoutAuto() {
            return new Tls(certificate, key, authority, trust, revoked, demand, false);
        }
    }

    /// What browsers may do.
    ///
    /// @param origins may send requests from their pages; `*` is any, empty none
    /// @param hosts   the names by which this member may be called without TLS; empty or `*` is any
    public record Web(List<String> origins, List<String> hosts) {}

    Config withBootstrap(Bootstrap other) {
        return new Config(
                name,
                dataDir,
                walDir,
                addresses,
                other,
                clustering,
                raft,
                limits,
                keepAlive,
                logging,
                metrics,
                security,
                web,
                retention,
                freeSpace,
                profiling);
    }

    Config withAddresses(Addresses other) {
        return new Config(
                name,
                dataDir,
                walDir,
                other,
                bootstrap,
                clustering,
                raft,
                limits,
                keepAlive,
                logging,
                metrics,
                security,
                web,
                retention,
                freeSpace,
                profiling);
    }
}
