package dev.cetera.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// A bound address that speaks HTTP/1.1 alone, for those who measure. Shared.
public final class HttpPort implements AutoCloseable {
    private final Channel listening;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final CompletableFuture<Pages> opened = new CompletableFuture<>();

    private HttpPort(Transport transport, InetSocketAddress address, String shown, PortTimes times) throws BindFailure {
        var bound = new ServerBootstrap()
                .group(transport.acceptors(), transport.workers())
                .channel(transport.channelType())
                .option(ChannelOption.SO_REUSEADDR, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        connections.add(channel);
                        Gate.hold(channel, opened);
                        for (var handler :
                                HttpPipeline.handlers(() -> opened.getNow(null), List.of(), times.requestMillis())) {
                            channel.pipeline().addLast(handler);
                        }
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        var failure = bound.cause();
        if (failure != null) {
            throw new BindFailure(shown, failure);
        }
        listening = bound.channel();
    }

    /// Binds an address; connections wait until [#serve].
    ///
    /// @param shown the address as the operator wrote it
    public static HttpPort bind(Transport transport, InetSocketAddress address, String shown, PortTimes times)
            throws BindFailure {
        return new HttpPort(transport, address, shown, times);
    }

    public void serve(Pages pages) {
        opened.complete(pages);
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) listening.localAddress();
    }

    @Override
    public void close() {
        listening.close().awaitUninterruptibly();
        connections.close().awaitUninterruptibly();
    }
}
