package dev.cetera.peer;

import dev.cetera.http.Transport;
import dev.cetera.node.PeerException;
import dev.cetera.tls.ClientTls;
import dev.cetera.tls.Reasons;
import dev.cetera.tls.TlsException;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Opens connections to other members. Names are looked up on a thread that may wait. Shared.
final class Dialer {
    private static final long HANDSHAKE_MILLIS = 10_000;

    private final Transport transport;
    private final ClientTls tls;
    private final long timeoutNanos;
    private final Executor lookups;

    Dialer(Transport transport, ClientTls tls, long timeoutNanos, Executor lookups) {
        this.transport = transport;
        this.tls = tls;
        this.timeoutNanos = timeoutNanos;
        this.lookups = lookups;
    }

    /// A handshake, where there is one, is part of it. The failure of the future is a [PeerException] with a
    /// text for the log.
    ///
    /// @param loop  of the new connection, and of the future's listeners
    /// @param setup builds its pipeline
    Future<Channel> dial(EventLoop loop, PeerUrl url, Consumer<Channel> setup) {
        Promise<Channel> opened = loop.newPromise();
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(url.host());
        if (url.isSocketFile()) {
            connect(loop, url, new ArrayDeque<>(List.of(transport.file(url.address()))), setup, opened);
        } else if (literal != null) {
            connect(loop, url, addresses(literal, url.port()), setup, opened);
        } else {
            try {
                lookups.execute(() -> lookUp(loop, url, setup, opened));
            } catch (RejectedExecutionException stopped) {
                opened.setFailure(new PeerException("stopped", stopped));
            }
        }
        return opened;
    }

    private static Queue<SocketAddress> addresses(byte[] literal, int port) {
        try {
            return new ArrayDeque<>(List.of(new InetSocketAddress(InetAddress.getByAddress(literal), port)));
        } catch (UnknownHostException wrongLength) {
            throw new IllegalStateException("an address of " + literal.length + " bytes", wrongLength);
        }
    }

    private void lookUp(EventLoop loop, PeerUrl url, Consumer<Channel> setup, Promise<Channel> opened) {
        try {
            var found = new ArrayDeque<SocketAddress>();
            for (var address : InetAddress.getAllByName(url.host())) {
                found.add(new InetSocketAddress(address, url.port()));
            }
            loop.execute(() -> connect(loop, url, found, setup, opened));
        } catch (UnknownHostException unknown) {
            opened.tryFailure(new PeerException("dial tcp: lookup " + url.host() + ": no such host", unknown));
        }
    }

    /// Tries one address after the other.
    private void connect(
            EventLoop loop,
            PeerUrl url,
            Queue<SocketAddress> addresses,
            Consumer<Channel> setup,
            Promise<Channel> opened) {
        var address = addresses.remove();
        var connecting = bootstrap(transport, loop, url, timeoutNanos)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) throws TlsException {
                        if (url.isSecure()) {
                            channel.pipeline().addLast(handshake(transport, tls, channel, url));
                        } else {
                            setup.accept(channel);
                        }
                    }
                })
                .connect(address);
        connecting.addListener(done -> {
            var channel = connecting.channel();
            if (done.isSuccess() && url.isSecure()) {
                finish(channel, address, setup, opened);
            } else if (done.isSuccess()) {
                hand(channel, opened);
            } else if (addresses.isEmpty()) {
                opened.tryFailure(new PeerException(reason(address, done.cause()), done.cause()));
            } else {
                connect(loop, url, addresses, setup, opened);
            }
        });
    }

    /// What all connections to other members have in common.
    static Bootstrap bootstrap(Transport transport, EventLoop loop, PeerUrl url, long timeoutNanos) {
        var bootstrap = new Bootstrap().group(loop).option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                TimeUnit.NANOSECONDS.toMillis(timeoutNanos));
        return url.isSocketFile()
                ? bootstrap.channel(transport.outgoingFileType())
                : bootstrap
                        .channel(transport.outgoingType())
                        .option(ChannelOption.TCP_NODELAY, true)
                        .option(ChannelOption.SO_KEEPALIVE, true);
    }

    /// The first handler of a connection by TLS.
    static ChannelHandler handshake(Transport transport, ClientTls tls, Channel channel, PeerUrl url)
            throws TlsException {
        return tls.newHandler(channel.alloc(), transport.handshakes(), url.host(), url.port(), HANDSHAKE_MILLIS);
    }

    private static void finish(
            Channel channel, SocketAddress address, Consumer<Channel> setup, Promise<Channel> opened) {
        var handler = channel.pipeline().get(SslHandler.class);
        if (handler == null) {
            opened.tryFailure(new PeerException(shown(address) + "no TLS"));
            return;
        }
        handler.handshakeFuture().addListener(done -> {
            if (done.isSuccess()) {
                setup.accept(channel);
                hand(channel, opened);
            } else {
                opened.tryFailure(new PeerException(Reasons.of(done.cause()), done.cause()));
                var _ = channel.close();
            }
        });
    }

    private static void hand(Channel channel, Promise<Channel> opened) {
        if (!opened.trySuccess(channel)) {
            var _ = channel.close();
        }
    }

    private static String shown(SocketAddress address) {
        return address instanceof InetSocketAddress socket
                ? "dial tcp " + NetUtil.toSocketAddressString(socket) + ": "
                : "dial unix " + address + ": ";
    }

    static String reason(SocketAddress address, @Nullable Throwable cause) {
        if (cause instanceof ConnectTimeoutException) {
            return shown(address) + "i/o timeout";
        }
        if (cause instanceof TlsException) {
            return shown(address) + cause.getMessage();
        }
        var text = String.valueOf(cause == null ? null : cause.getMessage()).toLowerCase(Locale.ROOT);
        return text.contains("connection refused")
                ? shown(address) + "connect: connection refused"
                : shown(address) + text;
    }
}
