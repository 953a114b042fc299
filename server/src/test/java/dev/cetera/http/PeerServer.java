package dev.cetera.http;

import dev.cetera.metrics.Metrics;
import dev.cetera.node.FakeNode;
import dev.cetera.rpc.RpcLimits;
import dev.cetera.rpc.Services;
import io.netty.channel.ChannelHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;

/// The real port for other members on a free address, in front of a [FakeNode].
public final class PeerServer implements AutoCloseable {
    private static final RpcLimits LIMITS = new RpcLimits(4, 1000);

    public final FakeNode node = new FakeNode();
    public final Transport transport = Transport.best();
    private final DualPort port;

    /// One that serves.
    public PeerServer() throws BindFailure {
        this(DualPort.Early.REFUSE, List::of, PortTimes.DEFAULT);
        serve();
    }

    /// One that is bound only, until [#serve].
    public PeerServer(DualPort.Early early, Supplier<List<ChannelHandler>> front, PortTimes times) throws BindFailure {
        this(early, front, times, Guard.NONE);
    }

    /// One that is bound only, and guarded.
    public PeerServer(DualPort.Early early, Supplier<List<ChannelHandler>> front, PortTimes times, Guard guard)
            throws BindFailure {
        port = DualPort.forMembers(
                transport,
                List.of(new DualPort.Address(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), "127.0.0.1:0", guard)),
                LIMITS.maxMessageBytes(),
                early,
                front,
                times);
    }

    public void serve() {
        port.serve(new Services(node, LIMITS, new Metrics(Metrics.Detail.BASIC), List.of()), Pages.peer(node));
    }

    public InetSocketAddress address() {
        return port.addresses().getFirst();
    }

    public String url() {
        return "http://127.0.0.1:" + address().getPort();
    }

    public Socket connect() throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), address().getPort());
        socket.setSoTimeout(10_000);
        socket.setTcpNoDelay(true);
        return socket;
    }

    /// What comes back on a raw connection until the server closes it.
    public String raw(String... pieces) throws IOException {
        try (var socket = connect()) {
            for (var piece : pieces) {
                socket.getOutputStream().write(piece.getBytes(StandardCharsets.ISO_8859_1));
                socket.getOutputStream().flush();
            }
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    @Override
    public void close() {
        port.close();
        transport.close();
        node.close();
    }
}
