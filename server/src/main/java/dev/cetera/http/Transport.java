package dev.cetera.http;

import dev.cetera.node.Round;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The event loops that all ports of a member share: Linux' epoll where its native library is there, the JDK's
/// selectors elsewhere. Shared.
public final class Transport implements AutoCloseable {
    private static final long IDLE_SECONDS = 60;

    private final EventLoopGroup acceptors;
    private final EventLoopGroup workers;
    private final Class<? extends ServerChannel> channelType;
    private final Class<? extends Channel> outgoingType;
    private final Class<? extends ServerChannel> fileChannelType;
    private final Class<? extends Channel> outgoingFileType;
    private final ThreadPoolExecutor handshakes;
    private final ConnectionLimit limit = ConnectionLimit.ofProcess();
    private final ConnectionLimit membersLimit = limit.higher();
    private final AtomicLong unsent = new AtomicLong();

    private Transport(
            IoHandlerFactory io,
            Class<? extends ServerChannel> channelType,
            Class<? extends Channel> outgoingType,
            Class<? extends ServerChannel> fileChannelType,
            Class<? extends Channel> outgoingFileType,
            int threads) {
        this.acceptors = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("accept", true), io);
        this.workers = new MultiThreadIoEventLoopGroup(threads, new Workers(), io);
        workers.forEach(loop -> loop.execute(() -> Worker.ofThisThread().drives(loop)));
        this.channelType = channelType;
        this.outgoingType = outgoingType;
        this.fileChannelType = fileChannelType;
        this.outgoingFileType = outgoingFileType;
        // A connection has one task at a time here, so connections bound the queue.
        this.handshakes = new ThreadPoolExecutor(
                threads,
                threads,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                new DefaultThreadFactory("tls", true));
        handshakes.allowCoreThreadTimeOut(true);
    }

    /// A transport with one event loop a processor: nothing on them blocks, so more would only switch.
    public static Transport best() {
        int threads = Runtime.getRuntime().availableProcessors();
        return Epoll.isAvailable()
                ? new Transport(
                        EpollIoHandler.newFactory(),
                        EpollServerSocketChannel.class,
                        EpollSocketChannel.class,
                        EpollServerDomainSocketChannel.class,
                        EpollDomainSocketChannel.class,
                        threads)
                : new Transport(
                        NioIoHandler.newFactory(),
                        NioServerSocketChannel.class,
                        NioSocketChannel.class,
                        NioServerDomainSocketChannel.class,
                        NioDomainSocketChannel.class,
                        threads);
    }

    public EventLoopGroup acceptors() {
        return acceptors;
    }

    /// For all connections, accepted and opened ones.
    public EventLoopGroup workers() {
        return workers;
    }

    /// Of an address to listen at, a socket's file or an internet address.
    public Class<? extends ServerChannel> channelType(SocketAddress address) {
        return address instanceof InetSocketAddress ? channelType : fileChannelType;
    }

    /// Of connections that this member opens.
    public Class<? extends Channel> outgoingType() {
        return outgoingType;
    }

    /// Of connections that this member opens to a socket's file.
    public Class<? extends Channel> outgoingFileType() {
        return outgoingFileType;
    }

    /// The address of a socket's file.
    public SocketAddress file(String path) {
        return Epoll.isAvailable() ? new DomainSocketAddress(path) : UnixDomainSocketAddress.of(path);
    }

    /// For what TLS has to compute in a handshake, a millisecond or more at a time: on an event loop it would
    /// hold up everybody else there.
    public Executor handshakes() {
        return handshakes;
    }

    /// Of the connections of all ports, as far as those for others than members are concerned.
    ConnectionLimit limit() {
        return limit;
    }

    /// The same for ports of members, which may still come when no others may.
    ConnectionLimit membersLimit() {
        return membersLimit;
    }

    /// Bytes of answers that gRPC holds for their clients, on all ports.
    AtomicLong unsent() {
        return unsent;
    }

    /// Names them "client-1" and so on.
    private static final class Workers extends DefaultThreadFactory {
        Workers() {
            super("client", true);
        }

        @Override
        protected Thread newThread(Runnable work, String name) {
            return new Worker(threadGroup, work, name);
        }
    }

    /// The thread of an event loop. Its round are all connections that have something to read.
    private static final class Worker extends FastThreadLocalThread implements Round {
        /// Null until its first task has run.
        private @Nullable EventExecutor loop;

        Worker(@Nullable ThreadGroup group, Runnable work, String name) {
            super(group, work, name);
        }

        static Worker ofThisThread() {
            return (Worker) Thread.currentThread();
        }

        void drives(EventExecutor its) {
            loop = its;
        }

        @Override
        public void atItsEnd(Runnable what) {
            if (loop == null || loop.isShuttingDown()) {
                what.run();
            } else {
                loop.execute(what); // tasks have their turn when the connections have had theirs
            }
        }
    }

    @Override
    public void close() {
        var _ = acceptors.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        workers.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
        handshakes.shutdown();
    }
}
