package dev.cetera.client.naming;

import dev.cetera.client.Client;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ForkJoinPool;
import org.jspecify.annotations.Nullable;

/// Makes grpc-java find services by name, and follow those who serve: a channel to `etcd:///greeter` goes to
/// the addresses that are registered for `greeter`. When there are none any more gRPC goes on with the last
/// ones. Its signatures are gRPC's, as that is whom it speaks to.
///
/// ```java
/// NameResolverRegistry.getDefaultRegistry().register(new NamedServices(client));
/// var channel = ManagedChannelBuilder.forTarget("etcd:///greeter").defaultLoadBalancingPolicy("round_robin").build();
/// ```
public final class NamedServices extends NameResolverProvider {
    /// Below that of DNS, which targets without a scheme are meant for.
    private static final int PRIORITY = 4;

    private final Client client;

    /// @param client must outlive the channels
    public NamedServices(Client client) {
        this.client = client;
    }

    @Override
    protected boolean isAvailable() {
        return true;
    }

    @Override
    protected int priority() {
        return PRIORITY;
    }

    @Override
    public String getDefaultScheme() {
        return "etcd";
    }

    @Override
    public Collection<Class<? extends SocketAddress>> getProducedSocketAddressTypes() {
        return List.of(InetSocketAddress.class);
    }

    @Override
    public @Nullable NameResolver newNameResolver(URI target, NameResolver.Args args) {
        if (!getDefaultScheme().equals(target.getScheme())) {
            return null;
        }
        var path = Objects.requireNonNullElse(target.getPath(), "");
        if (path.length() < 2) {
            throw new IllegalArgumentException("the target " + target + " names no service: etcd:///service");
        }
        var offload = args.getOffloadExecutor();
        return new Followed(client, path.substring(1), offload == null ? ForkJoinPool.commonPool() : offload);
    }
}
