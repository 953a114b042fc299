package dev.cetera.peer;

import dev.cetera.config.Release;
import dev.cetera.logs.LogLevel;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// What all connections of the peer port share: who may ask, and how much may be under way at once. Shared.
final class Serving {
    /// Of all posted messages that are being received; each alone is bounded too.
    private static final long MAX_POSTED_BYTES = 256L << 20;

    /// Databases that are being received; each takes a thread.
    private static final int MAX_DATABASES = 4;

    private final PeerTransport transport;
    private final AtomicLong postedBytes = new AtomicLong();
    private final AtomicInteger databases = new AtomicInteger();

    Serving(PeerTransport transport) {
        this.transport = transport;
    }

    /// Null while the member is not open.
    @Nullable
    Surroundings around() {
        return transport.around();
    }

    @Nullable
    Peer peer(long id) {
        return transport.peer(id);
    }

    /// Whether a request's sender speaks a release and of a cluster that this member can take part in.
    sealed interface Check {
        record Passed() implements Check {}

        record Refused(String why) implements Check {}

        /// A header that no member writes.
        record Garbage() implements Check {}
    }

    Check check(HttpHeaders headers, Surroundings around) {
        var server = ServerVersion.parse(headers.get(Requests.SERVER_VERSION, "2.0.0"));
        var minCluster = ServerVersion.parse(headers.get(Requests.MIN_CLUSTER_VERSION, "2.0.0"));
        if (server == null || minCluster == null) {
            return new Check.Garbage();
        }
        var name = headers.get(Requests.SERVER_FROM, "");
        var release = Release.CURRENT;
        var versions = ": remote[" + name + "]=" + headers.get(Requests.SERVER_VERSION, "2.0.0") + ", local="
                + release.version();
        if (server.compare(3, 0) < 0) {
            around.log()
                    .merged(
                            LogLevel.ERROR,
                            "request version incompatibility (remote version is too low" + versions + ")");
            return new Check.Refused(PostAnswer.INCOMPATIBLE);
        }
        if (minCluster.compare(release.major(), release.minor()) > 0) {
            around.log()
                    .merged(
                            LogLevel.ERROR,
                            "request version incompatibility (local version is too low" + versions + ")");
            return new Check.Refused(PostAnswer.INCOMPATIBLE);
        }
        var clusterId = Long.toHexString(around.inbound().clusterId());
        var theirs = headers.get(Requests.CLUSTER_ID, "");
        if (!theirs.equals(clusterId)) {
            around.log()
                    .merged(LogLevel.ERROR, "request cluster ID mismatch (got " + theirs + " want " + clusterId + ")");
            return new Check.Refused(PostAnswer.OTHER_CLUSTER);
        }
        return new Check.Passed();
    }

    /// The sender can be answered from now on, even if it is no member yet.
    void addRemote(HttpHeaders headers) {
        var from = id(headers.get(Requests.SERVER_FROM, ""));
        if (from != null) {
            addRemote(from, headers);
        }
    }

    void addRemote(long from, HttpHeaders headers) {
        var urls = headers.get(Requests.PEER_URLS, "");
        if (!urls.isEmpty() && transport.peer(from) == null) {
            transport.addRemote(from, List.of(urls.split(",", -1)));
        }
    }

    /// Null when that is no id.
    static @Nullable Long id(String hex) {
        if (!hex.matches("[0-9a-fA-F]{1,32}")) {
            return null;
        }
        try {
            return Long.parseUnsignedLong(hex, 16);
        } catch (NumberFormatException tooLong) {
            return null;
        }
    }

    /// False when too many bytes are under way already.
    boolean take(int bytes) {
        if (postedBytes.addAndGet(bytes) > MAX_POSTED_BYTES) {
            postedBytes.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    void release(int bytes) {
        postedBytes.addAndGet(-bytes);
    }

    boolean takeDatabase() {
        if (databases.incrementAndGet() > MAX_DATABASES) {
            databases.decrementAndGet();
            return false;
        }
        return true;
    }

    void releaseDatabase() {
        databases.decrementAndGet();
    }
}
