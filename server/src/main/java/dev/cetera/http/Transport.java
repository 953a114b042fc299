package dev.cetera.http;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/// The event loops that all ports of a member share: Linux' epoll where its native library is there, the JDK's
/// selectors elsewhere. Shared.
public final class Transport implements AutoCloseable {
    private final EventLoopGroup acceptors;
    private final EventLoopGroup workers;
    private final Class<? extends ServerChannel> channelType;
    private final Class<? extends Channel> outgoingType;

    private Transport(
            IoHandlerFactory io,
            Class<? extends ServerChannel> channelType,
            Class<? extends Channel> outgoingType,
            int threads) {
        this.acceptors = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("accept", true), io);
        this.workers = new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory("client", true), io);
        this.channelType = channelType;
        this.outgoingType = outgoingType;
    }

    /// A transport with one event loop a processor: nothing on them blocks, so more would only switch.
    public static Transport best() {
        int threads = Runtime.getRuntime().availableProcessors();
        return Epoll.isAvailable()
                ? new Transport(
                        EpollIoHandler.newFactory(), EpollServerSocketChannel.class, EpollSocketChannel.class, threads)
                : new Transport(
                        NioIoHandler.newFactory(), NioServerSocketChannel.class, NioSocketChannel.class, threads);
    }

    public EventLoopGroup acceptors() {
        return acceptors;
    }

    /// For all connections, accepted and opened ones.
    public EventLoopGroup workers() {
        return workers;
    }

    public Class<? extends ServerChannel> channelType() {
        return channelType;
    }

    /// Of connections that this member opens.
    public Class<? extends Channel> outgoingType() {
        return outgoingType;
    }

    @Override
    public void close() {
        var _ = acceptors.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        workers.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
