package dev.cetera.embed;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(value = OS.LINUX, disabledReason = "systemd is Linux' alone")
final class ServiceManagerTest {
    @TempDir
    private Path dir;

    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    private void listenAt(String address, Runnable then) {
        var group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        try {
            new Bootstrap()
                    .group(group)
                    .channel(EpollDomainDatagramChannel.class)
                    .handler(new SimpleChannelInboundHandler<DomainDatagramPacket>() {
                        @Override
                        protected void channelRead0(ChannelHandlerContext context, DomainDatagramPacket packet) {
                            told.add(packet.content().toString(StandardCharsets.UTF_8));
                        }
                    })
                    .bind(new DomainSocketAddress(address))
                    .syncUninterruptibly();
            then.run();
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    private String next() {
        try {
            return String.valueOf(told.poll(10, TimeUnit.SECONDS));
        } catch (InterruptedException hurried) {
            throw new AssertionError(hurried);
        }
    }

    @Test
    void itIsToldWhenTheMemberServesAndWhenItEnds() {
        var socket = dir.resolve("notify").toString();
        listenAt(socket, () -> {
            var manager = ServiceManager.of(Map.of("NOTIFY_SOCKET", socket));
            manager.ready();
            assertThat(next()).isEqualTo("READY=1");
            manager.stopping();
            assertThat(next()).isEqualTo("STOPPING=1");
        });
    }

    @Test
    void aSocketMayBeInNoDirectory() {
        var name = "cetera-" + ProcessHandle.current().pid();
        listenAt("\0" + name, () -> {
            ServiceManager.of(Map.of("NOTIFY_SOCKET", "@" + name)).ready();
            assertThat(next()).isEqualTo("READY=1");
        });
    }

    @Test
    void nobodyListeningIsNoReasonToEnd() {
        ServiceManager.of(Map.of("NOTIFY_SOCKET", dir.resolve("nosuch").toString()))
                .ready();
        ServiceManager.of(Map.of()).ready();
        assertThat(told).isEmpty();
    }
}
