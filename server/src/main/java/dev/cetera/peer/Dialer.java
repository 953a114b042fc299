package dev.cetera.peer;

import dev.cetera.http.Transport;
import dev.cetera.node.PeerException;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
    private final Transport transport;
    private final long timeoutNanos;
    private final Executor lookups;

    Dialer(Transport transport, long timeoutNanos, Executor lookups) {
        this.transport = transport;
        this.timeoutNanos = timeoutNanos;
        this.lookups = lookups;
    }

    /// The failure of the future is a [PeerException] with a text for the log.
    ///
    /// @param loop  of the new connection, and of the future's listeners
    /// @param setup builds its pipeline
    Future<Channel> dial(EventLoop loop, PeerUrl url, Consumer<Channel> setup) {
        Promise<Channel> opened = loop.newPromise();
        if (!url.scheme().equals("http")) {
            opened.setFailure(new PeerException("dial " + url + ": connections by TLS are not supported"));
            return opened;
        }
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(url.host());
        if (literal != null) {
            connect(loop, url, addresses(literal), setup, opened);
        } else {
            try {
                lookups.execute(() -> lookUp(loop, url, setup, opened));
            } catch (RejectedExecutionException stopped) {
                opened.setFailure(new PeerException("stopped", stopped));
            }
        }
        return opened;
    }

    private static Queue<InetAddress> addresses(byte[] literal) {
        try {
            return new ArrayDeque<>(List.of(InetAddress.getByAddress(literal)));
        } catch (UnknownHostException wrongLength) {
            throw new IllegalStateException("an address of " + literal.length + " bytes", wrongLength);
        }
    }

    private void lookUp(EventLoop loop, PeerUrl url, Consumer<Channel> setup, Promise<Channel> opened) {
        try {
            var found = new ArrayDeque<>(List.of(InetAddress.getAllByName(url.host())));
            loop.execute(() -> connect(loop, url, found, setup, opened));
        } catch (UnknownHostException unknown) {
            opened.tryFailure(new PeerException("dial tcp: lookup " + url.host() + ": no such host", unknown));
        }
    }

    /// Tries one address after the other.
    private void connect(
            EventLoop loop,
            PeerUrl url,
            Queue<InetAddress> addresses,
            Consumer<Channel> setup,
            Promise<Channel> opened) {
        var address = new InetSocketAddress(addresses.remove(), url.port());
        var connecting = new Bootstrap()
                .group(loop)
                .channel(transport.outgoingType())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) TimeUnit.NANOSECONDS.toMillis(timeoutNanos))
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        setup.accept(channel);
                    }
                })
                .connect(address);
        connecting.addListener(done -> {
            if (done.isSuccess()) {
                if (!opened.trySuccess(connecting.channel())) {
                    var _ = connecting.channel().close();
                }
            } else if (addresses.isEmpty()) {
                opened.tryFailure(new PeerException(reason(address, done.cause()), done.cause()));
            } else {
                connect(loop, url, addresses, setup, opened);
            }
        });
    }

    private static String reason(InetSocketAddress address, @Nullable Throwable cause) {
        var shown = "dial tcp " + NetUtil.toSocketAddressString(address) + ": ";
        if (cause instanceof ConnectTimeoutException) {
            return shown + "i/o timeout";
        }
        var text = String.valueOf(cause == null ? null : cause.getMessage()).toLowerCase(Locale.ROOT);
        return text.contains("connection refused") ? shown + "connect: connection refused" : shown + text;
    }
}
