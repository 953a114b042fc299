package dev.cetera.rpc;

import dev.cetera.api.etcdserverpb.AuthGrpc;
import dev.cetera.api.etcdserverpb.ClusterGrpc;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.LeaseGrpc;
import dev.cetera.api.etcdserverpb.MaintenanceGrpc;
import dev.cetera.api.etcdserverpb.WatchGrpc;
import dev.cetera.metrics.Metrics;
import dev.cetera.node.Node;
import io.grpc.HandlerRegistry;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Everything a member serves over gRPC, by method name. A method that is not in it answers `UNIMPLEMENTED`.
/// Immutable but for one counter. Shared.
public final class Services extends HandlerRegistry {
    private final Map<String, ServerMethodDefinition<?, ?>> methods = new HashMap<>();
    private final List<ServerServiceDefinition> services;
    private final LongAdder unaryInFlight = new LongAdder();

    /// Whether the names in clients' certificates are theirs.
    public enum Certificates {
        /// The port demands and checks certificates: a client is whom its certificate names.
        NAME,
        IGNORE
    }

    /// All services of one member.
    ///
    /// @param others       those that are made elsewhere, the watch service above all
    /// @param certificates whether clients are known by theirs
    public Services(
            Node node,
            RpcLimits limits,
            Metrics metrics,
            List<ServerServiceDefinition> others,
            Certificates certificates) {
        this(
                node,
                limits,
                metrics,
                others,
                task -> Thread.ofVirtual().name("snapshot").start(task),
                certificates);
    }

    /// As above; certificates are no matter.
    public Services(Node node, RpcLimits limits, Metrics metrics, List<ServerServiceDefinition> others) {
        this(node, limits, metrics, others, Certificates.IGNORE);
    }

    /// As above.
    ///
    /// @param senders run what may wait for the disk between two messages
    public Services(
            Node node, RpcLimits limits, Metrics metrics, List<ServerServiceDefinition> others, Executor senders) {
        this(node, limits, metrics, others, senders, Certificates.IGNORE);
    }

    /// As above.
    ///
    /// @param certificates whether clients are known by theirs
    public Services(
            Node node,
            RpcLimits limits,
            Metrics metrics,
            List<ServerServiceDefinition> others,
            Executor senders,
            Certificates certificates) {
        for (var known : List.of(
                KVGrpc.getServiceDescriptor(),
                WatchGrpc.getServiceDescriptor(),
                LeaseGrpc.getServiceDescriptor(),
                ClusterGrpc.getServiceDescriptor(),
                MaintenanceGrpc.getServiceDescriptor(),
                AuthGrpc.getServiceDescriptor(),
                HealthService.descriptor())) {
            metrics.grpc.register(known);
        }
        var own = Stream.of(
                new KvService(node, limits).definition(),
                new LeaseService(node, limits).definition(),
                new ClusterService(node, limits).definition(),
                new MaintenanceService(node, limits, metrics.disk.backendSnapshot, senders).definition(),
                new AuthService(node, limits).definition(),
                HealthService.definition());
        services = Stream.concat(own, others.stream())
                .map(service -> counted(Gate.service(service, node, certificates), node, metrics, unaryInFlight))
                .toList();
        for (var service : services) {
            for (var method : service.getMethods()) {
                var name = method.getMethodDescriptor().getFullMethodName();
                methods.put(name, name.equals(KVGrpc.getRangeMethod().getFullMethodName()) ? asStream(method) : method);
            }
        }
    }

    /// The same method as gRPC must see it to leave the message itself to an [Outlet]: of one that answers
    /// with a single message it would demand to have sent it. On the wire there is no difference.
    private static <Q, A> ServerMethodDefinition<Q, A> asStream(ServerMethodDefinition<Q, A> method) {
        return ServerMethodDefinition.create(
                method.getMethodDescriptor().toBuilder()
                        .setType(MethodType.SERVER_STREAMING)
                        .build(),
                method.getServerCallHandler());
    }

    private static ServerServiceDefinition counted(
            ServerServiceDefinition service, Node node, Metrics metrics, LongAdder unaryInFlight) {
        ServiceDescriptor descriptor = service.getServiceDescriptor();
        metrics.grpc.register(descriptor);
        return Counted.service(service, node, metrics.grpc, unaryInFlight);
    }

    /// These services and some more. The more may wait for as long as their clients like, so they don't count
    /// as calls that end by themselves.
    public HandlerRegistry and(List<ServerServiceDefinition> more, Node node, Metrics metrics) {
        return new With(
                this,
                more.stream()
                        .map(service -> counted(service, node, metrics, new LongAdder()))
                        .toList());
    }

    /// Unary calls that have not been answered yet.
    public long unaryInFlight() {
        return unaryInFlight.sum();
    }

    @Override
    public List<ServerServiceDefinition> getServices() {
        return services;
    }

    @Override
    public @Nullable ServerMethodDefinition<?, ?> lookupMethod(String methodName, @Nullable String authority) {
        return methods.get(methodName);
    }

    /// Immutable.
    private static final class With extends HandlerRegistry {
        private final Services first;
        private final List<ServerServiceDefinition> more;
        private final Map<String, ServerMethodDefinition<?, ?>> methods = new HashMap<>();

        With(Services first, List<ServerServiceDefinition> more) {
            this.first = first;
            this.more = more;
            for (var service : more) {
                for (var method : service.getMethods()) {
                    methods.put(method.getMethodDescriptor().getFullMethodName(), method);
                }
            }
        }

        @Override
        public List<ServerServiceDefinition> getServices() {
            return Stream.concat(first.getServices().stream(), more.stream()).toList();
        }

        @Override
        public @Nullable ServerMethodDefinition<?, ?> lookupMethod(String methodName, @Nullable String authority) {
            var method = methods.get(methodName);
            return method == null ? first.lookupMethod(methodName, authority) : method;
        }
    }
}
