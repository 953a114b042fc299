package dev.cetera.client;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/// What a [Client] is made from. Made by [Client#builder], which has the defaults.
///
/// @param endpoints `host:port`, with `http://`, `https://`, `unix://`, `unixs://` or nothing before it
/// @param login who asks; empty for nobody
/// @param tls empty for cleartext
/// @param dialTimeout how long connecting and logging in may take before [Client#connect] gives up
/// @param dialing whether [Client#connect] waits until some endpoint is connected
/// @param keepAlive how a member that hangs is found out
/// @param limits of messages
/// @param clusters which are put up with
/// @param syncInterval how often the endpoints are replaced by what the members say of themselves; zero for
///     never
/// @param timeout that each request has unless a view says otherwise; zero for none
/// @param metadata goes with each attempt of each request; asked for it each time
/// @param executor runs futures' dependents, listeners and answers; empty for threads of the client's own
public record ClientConfig(
        List<String> endpoints,
        Optional<Login> login,
        Optional<Tls> tls,
        Duration dialTimeout,
        Dialing dialing,
        KeepAliveConfig keepAlive,
        Limits limits,
        Clusters clusters,
        Duration syncInterval,
        Duration timeout,
        Supplier<Map<String, String>> metadata,
        Observer observer,
        Optional<Executor> executor) {

    /// A user of the cluster.
    public record Login(String user, String password) {
        @Override
        public String toString() {
            return user;
        }
    }

    /// Whether to wait for a connection.
    public enum Dialing {
        IN_BACKGROUND,
        UNTIL_CONNECTED
    }

    /// Which versions are put up with.
    public enum Clusters {
        ANY,
        /// Refuses clusters older than 3.2.
        SUPPORTED
    }

    /// A connection that has been silent for `interval` is asked for a sign of life, and given up if none
    /// comes for `timeout`.
    public record KeepAliveConfig(Duration interval, Duration timeout, Asks asks) {
        /// Which connections are asked.
        public enum Asks {
            NEVER,
            WITH_OPEN_CALLS,
            ALWAYS
        }
    }

    /// The largest messages in bytes; those that this side sends must be smaller than those it takes.
    public record Limits(int sendBytes, int receiveBytes) {
        public static final int DEFAULT_SEND_BYTES = 2 << 20;

        public Limits {
            if (sendBytes <= 0 || receiveBytes <= 0) {
                throw new IllegalArgumentException("limits of " + sendBytes + " and " + receiveBytes + " bytes");
            }
            if (sendBytes > receiveBytes) {
                throw new IllegalArgumentException("gRPC message recv limit (" + receiveBytes
                        + " bytes) must be greater than send limit (" + sendBytes + " bytes)");
            }
        }
    }

    /// Is told of every request that ended, for metrics; must return at once.
    @FunctionalInterface
    public interface Observer {
        /// A request has ended.
        ///
        /// @param method as in `etcdserverpb.KV/Range`
        /// @param endpoint that was asked last; empty if none was
        /// @param outcome `OK`, or gRPC's name of the code
        /// @param attempts how often it was sent
        void ended(String method, String endpoint, String outcome, Duration took, int attempts);
    }

    public ClientConfig {
        endpoints = List.copyOf(endpoints);
        if (endpoints.isEmpty()) {
            throw new ClientException(ClientException.Reason.NO_ENDPOINTS);
        }
    }
}
