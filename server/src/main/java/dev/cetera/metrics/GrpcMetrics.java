package dev.cetera.metrics;

import dev.cetera.metrics.Metrics.Detail;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What is counted of RPCs, by method. All methods of a service are there from the start, at zero. Shared.
public final class GrpcMetrics {
    /// Clients write their version themselves; more than a few different ones are somebody's game.
    private static final int MAX_CLIENT_VERSIONS = 32;

    private static final String UNKNOWN = "unknown";
    private static final String[] CODES = {
        "OK",
        "Canceled",
        "Unknown",
        "InvalidArgument",
        "DeadlineExceeded",
        "NotFound",
        "AlreadyExists",
        "PermissionDenied",
        "ResourceExhausted",
        "FailedPrecondition",
        "Aborted",
        "OutOfRange",
        "Unimplemented",
        "Internal",
        "Unavailable",
        "DataLoss",
        "Unauthenticated"
    };

    private final Registry registry;
    private final Detail detail;
    /// Filled while services are registered, read afterwards.
    private final Map<String, Method> methods = new HashMap<>();

    private final Map<String, Counter> unaryClients = new ConcurrentHashMap<>();
    private final Map<String, Counter> streamClients = new ConcurrentHashMap<>();

    GrpcMetrics(Registry registry, Detail detail) {
        this.registry = registry;
        this.detail = detail;
    }

    /// The counters of one method.
    public static final class Method {
        public final Counter started;
        public final Counter received;
        public final Counter sent;
        private final Counter[] handled = new Counter[CODES.length];
        /// Null when durations are not asked for.
        private final @Nullable Histogram handling;

        private Method(Registry registry, Detail detail, MethodDescriptor<?, ?> method) {
            var bare = String.valueOf(method.getBareMethodName());
            var service = String.valueOf(method.getServiceName());
            String[] labels = {"grpc_method", bare, "grpc_service", service, "grpc_type", type(method)};
            started = registry.counter("grpc_server_started_total", "RPCs started.", labels);
            received = registry.counter("grpc_server_msg_received_total", "Messages received.", labels);
            sent = registry.counter("grpc_server_msg_sent_total", "Messages sent.", labels);
            for (int code = 0; code < CODES.length; code++) {
                handled[code] = registry.counter(
                        "grpc_server_handled_total",
                        "RPCs ended, by status.",
                        "grpc_code",
                        CODES[code],
                        "grpc_method",
                        bare,
                        "grpc_service",
                        service,
                        "grpc_type",
                        type(method));
            }
            handling = detail == Detail.BASIC
                    ? null
                    : registry.histogram(
                            "grpc_server_handling_seconds", "Durations of RPCs.", Histogram.ofRequests(), labels);
        }

        /// The RPC ended.
        public void handled(Status.Code code, long startNanos) {
            handled[code.value()].increment();
            if (handling != null) {
                handling.observeNanos(System.nanoTime() - startNanos);
            }
        }

        /// A moment for [#handled], or 0 when durations are not asked for.
        public long now() {
            return handling == null ? 0 : System.nanoTime();
        }

        private static String type(MethodDescriptor<?, ?> method) {
            return switch (method.getType()) {
                case UNARY -> "unary";
                case CLIENT_STREAMING -> "client_stream";
                case SERVER_STREAMING -> "server_stream";
                case BIDI_STREAMING -> "bidi_stream";
                case UNKNOWN -> UNKNOWN;
            };
        }
    }

    /// Makes the counters of all methods of a service; registering one again changes nothing.
    public synchronized void register(ServiceDescriptor service) {
        for (var method : service.getMethods()) {
            methods.computeIfAbsent(method.getFullMethodName(), _ -> new Method(registry, detail, method));
        }
    }

    /// The counters of a method whose service is registered.
    public synchronized Method of(MethodDescriptor<?, ?> method) {
        var known = methods.get(method.getFullMethodName());
        if (known == null) {
            throw new IllegalArgumentException(method.getFullMethodName() + " is not registered");
        }
        return known;
    }

    /// Counts a request by the version its client says it has; null for a client that says none.
    public void request(MethodDescriptor.MethodType type, @Nullable String clientVersion) {
        boolean unary = type == MethodDescriptor.MethodType.UNARY;
        var counters = unary ? unaryClients : streamClients;
        var version = clientVersion == null ? UNKNOWN : clientVersion;
        var counter = counters.get(version);
        if (counter == null) {
            boolean plausible = version.length() <= 16 && counters.size() < MAX_CLIENT_VERSIONS;
            counter = counters.computeIfAbsent(
                    plausible ? version : UNKNOWN,
                    label -> registry.counter(
                            "etcd_server_client_requests_total",
                            "Requests, by the API version of the client.",
                            "client_api_version",
                            label,
                            "type",
                            unary ? "unary" : "stream"));
        }
        counter.increment();
    }
}
