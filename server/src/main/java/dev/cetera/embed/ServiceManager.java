package dev.cetera.embed;

import dev.cetera.logs.Log;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Whoever started this program as a service and wants to know when it serves: systemd, by the socket that it
/// names in the environment. Immutable.
final class ServiceManager {
    private static final Log LOG = Log.of("etcdmain");
    private static final String SOCKET = "NOTIFY_SOCKET";
    /// systemd gives it to every service.
    private static final String INVOCATION = "INVOCATION_ID";
    private static final long DEADLINE_SECONDS = 5;

    private final @Nullable String socket;
    private final boolean service;

    private ServiceManager(@Nullable String socket, boolean service) {
        this.socket = socket;
        this.service = service;
    }

    static ServiceManager of(Map<String, String> environment) {
        var socket = environment.getOrDefault(SOCKET, "");
        return new ServiceManager(socket.isEmpty() ? null : socket, environment.containsKey(INVOCATION));
    }

    /// Says that the member serves.
    void ready() {
        if (socket != null) {
            tell("READY=1");
        } else if (service) {
            LOG.error("forgot to set Type=notify in systemd service file?");
        }
    }

    /// Says that it is about to end.
    void stopping() {
        if (socket != null) {
            tell("STOPPING=1");
        }
    }

    private void tell(String state) {
        try {
            send(String.valueOf(socket), state);
        } catch (IOException failed) {
            LOG.error("failed to notify systemd for readiness: " + failed.getMessage());
        }
    }

    /// The JDK has no datagrams between local sockets, Netty's epoll has.
    ///
    /// @param name a path, or a name after an `@` that is in no directory
    private static void send(String name, String state) throws IOException {
        if (!Epoll.isAvailable()) {
            throw new IOException("datagrams to " + name + " need Linux");
        }
        var path = name.startsWith("@") ? "\0" + name.substring(1) : name;
        var group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        try {
            var connected = new Bootstrap()
                    .group(group)
                    .channel(EpollDomainDatagramChannel.class)
                    .handler(new ChannelInboundHandlerAdapter())
                    .connect(new DomainSocketAddress(path));
            if (!connected.await(DEADLINE_SECONDS, TimeUnit.SECONDS) || connected.cause() != null) {
                throw new IOException(name + " cannot be reached", connected.cause());
            }
            var text = Unpooled.copiedBuffer(state, StandardCharsets.UTF_8);
            var sent = connected.channel().writeAndFlush(text);
            if (!sent.await(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException(name + " takes nothing");
            }
            if (sent.cause() != null) {
                throw new IOException(sent.cause().getMessage(), sent.cause());
            }
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        } finally {
            var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }
}
