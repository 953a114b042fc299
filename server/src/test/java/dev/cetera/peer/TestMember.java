package dev.cetera.peer;

import dev.cetera.cluster.Member;
import dev.cetera.http.Transport;
import dev.cetera.node.Time;
import dev.cetera.tls.ClientTls;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// A transport with a port and nothing behind it but a [FakeInbound].
final class TestMember implements AutoCloseable {
    static final long CLUSTER = 0x9ae45c0afb30b22dL;

    final long id;
    final FakeInbound inbound;
    final PeerTransport peers;
    final ConcurrentLinkedQueue<Channel> accepted = new ConcurrentLinkedQueue<>();
    private final Transport transport;
    private final Channel port;
    private final String scheme;

    TestMember(long id, Transport transport, int port, UnaryOperator<PeerOptions> change) {
        this(id, transport, port, change, "http", ClientTls.withoutFiles(), _ -> List.of());
    }

    /// @param first what comes before HTTP
    TestMember(
            long id,
            Transport transport,
            int port,
            UnaryOperator<PeerOptions> change,
            String scheme,
            ClientTls tls,
            Function<Channel, List<ChannelHandler>> first) {
        this.id = id;
        this.scheme = scheme;
        this.transport = transport;
        this.inbound = new FakeInbound(id, CLUSTER);
        var handlers = new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                accepted.add(channel);
                first.apply(channel).forEach(channel.pipeline()::addLast);
                channel.pipeline()
                        .addLast(new HttpServerCodec())
                        .addLast(peers().newHandler())
                        .addLast(new HttpObjectAggregator(1 << 20))
                        .addLast(new Other());
            }
        };
        this.port = new ServerBootstrap()
                .group(transport.acceptors(), transport.workers())
                .channel(transport.channelType(new InetSocketAddress(0)))
                .childHandler(handlers)
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .syncUninterruptibly()
                .channel();
        var options = PeerOptions.of(List.of(url()), 1_000_000_000L);
        this.peers = new PeerTransport(transport, tls, change.apply(options), PeerMeters.NONE, Time.system());
    }

    private PeerTransport peers() {
        return peers;
    }

    int portNumber() {
        return ((InetSocketAddress) port.localAddress()).getPort();
    }

    String url() {
        return scheme + "://127.0.0.1:" + portNumber();
    }

    Member asMember() {
        return Member.of(id, List.of(url()), "m" + id);
    }

    /// From now on it knows these members, itself among them.
    void know(Member... members) {
        inbound.members(members);
        peers.members(inbound.membership());
    }

    void start(Member... members) {
        peers.start(inbound);
        know(members);
    }

    /// The port and the connections go, as when the process is killed.
    @Override
    public void close() {
        port.close().syncUninterruptibly();
        peers.close();
        accepted.forEach(channel -> channel.close().syncUninterruptibly());
    }

    Transport transport() {
        return transport;
    }

    private static final class Other extends SimpleChannelInboundHandler<FullHttpRequest> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
            var text = "other " + request.uri() + " " + request.content().readableBytes() + "\n";
            var response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1,
                    HttpResponseStatus.OK,
                    Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.US_ASCII)));
            response.headers().set("content-length", text.length());
            var _ = ctx.writeAndFlush(response);
        }
    }
}
