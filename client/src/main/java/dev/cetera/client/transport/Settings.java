package dev.cetera.client.transport;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// What a [Transport] is made from.
///
/// @param security for endpoints that are reached by TLS; null for none
/// @param serverName what certificates must be good for; null for each endpoint's own host
/// @param login null to ask without a token
/// @param probeInterval how long a connection with open calls may be silent before it is asked for a sign of
///     life
/// @param probeTimeout how long that may take
/// @param metadata asked for each attempt; goes with the request
public record Settings(
        List<Address> endpoints,
        @Nullable SSLContext security,
        @Nullable String serverName,
        @Nullable Login login,
        Duration probeInterval,
        Duration probeTimeout,
        Probing probing,
        int maxSendBytes,
        int maxReceiveBytes,
        Executor executor,
        Supplier<Map<String, String>> metadata,
        Observer observer) {

    /// Who logs in.
    public record Login(String user, String password) {}

    /// Which connections are asked for signs of life.
    public enum Probing {
        NONE,
        WITH_OPEN_CALLS,
        ALL
    }

    /// Is told of every call that ended; must return at once.
    public interface Observer {
        /// A call has ended.
        ///
        /// @param code gRPC's name of the outcome
        /// @param attempts 0 if none got as far as an endpoint
        void ended(String method, String endpoint, String code, long nanos, int attempts);
    }
}
