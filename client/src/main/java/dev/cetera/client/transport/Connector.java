package dev.cetera.client.transport;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NegotiationType;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.grpc.netty.shaded.io.netty.handler.ssl.JdkSslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.grpc.netty.shaded.io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// Makes connections: cleartext or TLS by the JDK, by TCP or a socket file. Each has its endpoint's own name
/// as the authority, so that is what the member's certificate is checked for. The threads that serve them are
/// its own, and end with it: a program that ends waits for none of them.
final class Connector {
    private static final int WINDOW_BYTES = 4 << 20;
    /// Each takes some of the connections, and is a thread when it has one.
    private static final int MOST_LOOPS = 4;

    private static final long LONGEST_END_SECONDS = 1;
    private static final int MAX_HEADER_BYTES = 64 << 10;

    private final Settings settings;
    private final @Nullable SslContext ssl;
    private final EventLoopGroup loops;

    Connector(Settings settings) {
        this.settings = settings;
        this.loops = new MultiThreadIoEventLoopGroup(
                Math.min(MOST_LOOPS, Runtime.getRuntime().availableProcessors()),
                new DefaultThreadFactory("cetera-client", true),
                Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        this.ssl = settings.security() == null ? null : sslContext(settings.security());
    }

    ManagedChannel connect(Address address) {
        NettyChannelBuilder builder;
        if (address.isSocketFile()) {
            if (!Epoll.isAvailable()) {
                throw new IllegalArgumentException("endpoints unix:// need Linux");
            }
            builder = NettyChannelBuilder.forAddress(new DomainSocketAddress(address.host()))
                    .channelType(EpollDomainSocketChannel.class, DomainSocketAddress.class)
                    .overrideAuthority(address.authority());
        } else {
            builder = NettyChannelBuilder.forAddress(address.host(), address.port())
                    .channelType(
                            Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class,
                            InetSocketAddress.class);
        }
        if (ssl != null) {
            builder.sslContext(ssl).negotiationType(NegotiationType.TLS);
        } else {
            builder.usePlaintext();
        }
        if (settings.serverName() != null) {
            builder.overrideAuthority(settings.serverName());
        }
        return builder.eventLoopGroup(loops)
                .executor(settings.executor())
                .maxInboundMessageSize(settings.maxReceiveBytes())
                .maxInboundMetadataSize(MAX_HEADER_BYTES)
                .flowControlWindow(WINDOW_BYTES)
                .idleTimeout(365, TimeUnit.DAYS)
                .disableServiceConfigLookUp()
                .userAgent("cetera-client")
                .build();
    }

    /// Returns when the threads have ended, unless one of them calls it. They have closed the connections by
    /// then.
    void close() {
        var end = loops.shutdownGracefully(0, LONGEST_END_SECONDS, TimeUnit.SECONDS);
        for (EventExecutor loop : loops) {
            if (loop.inEventLoop()) {
                return;
            }
        }
        end.awaitUninterruptibly(LONGEST_END_SECONDS, TimeUnit.SECONDS);
    }

    private static SslContext sslContext(SSLContext context) {
        var protocols = new ApplicationProtocolConfig(
                ApplicationProtocolConfig.Protocol.ALPN,
                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                List.of("h2"));
        return new JdkSslContext(
                context, true, null, IdentityCipherSuiteFilter.INSTANCE, protocols, ClientAuth.NONE, null, false);
    }
}
