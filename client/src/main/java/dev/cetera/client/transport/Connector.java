package dev.cetera.client.transport;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NegotiationType;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.grpc.netty.shaded.io.netty.handler.ssl.JdkSslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// Makes connections: cleartext or TLS by the JDK, by TCP or a socket file. Each has its endpoint's own name
/// as the authority, so that is what the member's certificate is checked for.
final class Connector {
    private static final int WINDOW_BYTES = 4 << 20;
    private static final int MAX_HEADER_BYTES = 64 << 10;

    private final Settings settings;
    private final @Nullable SslContext ssl;
    private @Nullable EventLoopGroup fileLoops;

    Connector(Settings settings) {
        this.settings = settings;
        this.ssl = settings.security() == null ? null : sslContext(settings.security());
    }

    ManagedChannel connect(Address address) {
        NettyChannelBuilder builder;
        if (address.isSocketFile()) {
            builder = NettyChannelBuilder.forAddress(new DomainSocketAddress(address.host()))
                    .channelType(EpollDomainSocketChannel.class, DomainSocketAddress.class)
                    .eventLoopGroup(fileLoops())
                    .overrideAuthority(address.authority());
        } else {
            builder = NettyChannelBuilder.forAddress(address.host(), address.port());
        }
        if (ssl != null) {
            builder.sslContext(ssl).negotiationType(NegotiationType.TLS);
        } else {
            builder.usePlaintext();
        }
        if (settings.serverName() != null) {
            builder.overrideAuthority(settings.serverName());
        }
        return builder.executor(settings.executor())
                .maxInboundMessageSize(settings.maxReceiveBytes())
                .maxInboundMetadataSize(MAX_HEADER_BYTES)
                .flowControlWindow(WINDOW_BYTES)
                .idleTimeout(365, TimeUnit.DAYS)
                .disableServiceConfigLookUp()
                .userAgent("cetera-client")
                .build();
    }

    private synchronized EventLoopGroup fileLoops() {
        if (fileLoops == null) {
            if (!Epoll.isAvailable()) {
                throw new IllegalArgumentException("endpoints unix:// need Linux");
            }
            fileLoops = new MultiThreadIoEventLoopGroup(
                    1, new DefaultThreadFactory("cetera-client-file", true), EpollIoHandler.newFactory());
        }
        return fileLoops;
    }

    synchronized void close() {
        if (fileLoops != null) {
            var unused = fileLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
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
