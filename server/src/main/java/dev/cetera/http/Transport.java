package dev.cetera.http;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/// The event loops that all ports of a member share: Linux' epoll where its native library is there, the JDK's
/// selectors elsewhere. Shared.
public final class Transport implements AutoCloseable {
    private final EventLoopGroup acceptors;
    private final EventLoopGroup workers;
    private final Class<? extends ServerChannel> channelType;

    private Transport(IoHandlerFactory io, Class<? extends ServerChannel> channelType, int threads) {
        this.acceptors = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("accept", true), io);
        this.workers = new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory("client", true), io);
        this.channelType = channelType;
    }

    /// A transport with one event loop a processor: nothing on them blocks, so more would only switch.
    public static Transport best() {
        int threads = Runtime.getRuntime().availableProcessors();
        return Epoll.isAvailable()
                ? new Transport(EpollIoHandler.newFactory(), EpollServerSocketChannel.class, threads)
                : new Transport(NioIoHandler.newFactory(), NioServerSocketChannel.class, threads);
    }

    EventLoopGroup acceptors() {
        return acceptors;
    }

    EventLoopGroup workers() {
        return workers;
    }

    Class<? extends ServerChannel> channelType() {
        return channelType;
    }

    @Override
    public void close() {
        var _ = acceptors.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        workers.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
