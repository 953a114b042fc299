package dev.cetera.http;

import dev.cetera.config.Config.KeepAlive;
import dev.cetera.metrics.Metrics;
import dev.cetera.node.FakeNode;
import dev.cetera.rpc.RpcLimits;
import dev.cetera.rpc.Services;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/// The real port on a free address, in front of a [FakeNode].
public final class TestServer implements AutoCloseable {
    public static final RpcLimits LIMITS = new RpcLimits(4, 1000);

    public final FakeNode node = new FakeNode();
    public final Metrics metrics = new Metrics(Metrics.Detail.WITH_DURATIONS);
    public final DualPort port;
    public final Services services;
    private final Transport transport = Transport.best();
    private final ManagedChannel channel;

    public TestServer() throws BindFailure {
        this(PortTimes.DEFAULT);
    }

    public TestServer(PortTimes times) throws BindFailure {
        this(times, Guard.NONE);
    }

    public TestServer(PortTimes times, Guard guard) throws BindFailure {
        port = DualPort.forClients(
                transport,
                List.of(new DualPort.Address(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), "127.0.0.1:0", guard)),
                LIMITS.maxMessageBytes(),
                new KeepAlive(5_000_000_000L, 7_200_000_000_000L, 20_000_000_000L),
                metrics,
                List::of,
                times);
        services = new Services(node, LIMITS, metrics, List.of());
        port.serve(services, Pages.client(node, metrics, _ -> {}));
        channel = NettyChannelBuilder.forAddress(address()).usePlaintext().build();
    }

    public InetSocketAddress address() {
        return port.addresses().getFirst();
    }

    public ManagedChannel channel() {
        return channel;
    }

    @Override
    public void close() {
        channel.shutdownNow();
        port.close();
        transport.close();
        node.close();
    }
}
