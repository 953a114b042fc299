package dev.cetera.http;

import dev.cetera.tls.ServerTls.Speech;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// A bound address that speaks HTTP/1.1 alone, for those who measure. Shared.
public final class HttpPort implements AutoCloseable {
    private final Channel listening;
    private final SocketAddress bound;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final CompletableFuture<Pages> opened = new CompletableFuture<>();

    private HttpPort(Transport transport, DualPort.Address address, PortTimes times) throws BindFailure {
        bound = address.socket();
        var lines = new DualPort.Lines(
                opened,
                () -> opened.getNow(null),
                opened,
                List::of,
                times,
                connections,
                DualPort.connections(),
                transport.limit(),
                _ -> {},
                transport.unsent());
        try {
            SocketFiles.prepare(bound);
        } catch (IOException failed) {
            throw new BindFailure(SocketFiles.network(bound), address.shown(), failed);
        }
        var bootstrap = new ServerBootstrap()
                .group(transport.acceptors(), transport.workers())
                .channel(transport.channelType(bound))
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        connections.add(channel);
                        channel.pipeline()
                                .addLast(Entrance.of(
                                        address.guard(),
                                        lines,
                                        Speech.HTTP_1,
                                        transport.handshakes(),
                                        _ -> inside(lines)));
                    }
                });
        if (bound instanceof InetSocketAddress) {
            bootstrap.option(ChannelOption.SO_REUSEADDR, true);
        }
        var binding = bootstrap.bind(bound).awaitUninterruptibly();
        var failure = binding.cause();
        if (failure != null) {
            throw new BindFailure(SocketFiles.network(bound), address.shown(), failure);
        }
        listening = binding.channel();
    }

    /// Makes way for HTTP's handlers.
    private static ChannelHandler inside(DualPort.Lines lines) {
        return new ChannelInboundHandlerAdapter() {
            @Override
            public void handlerAdded(ChannelHandlerContext ctx) {
                lines.enter(ctx.channel());
                var handlers = HttpPipeline.handlers(
                        lines.pages(), List.of(), lines.times().requestMillis());
                ctx.pipeline().addLast(new Beginning(lines));
                for (var handler : handlers) {
                    ctx.pipeline().addLast(handler);
                }
                ctx.pipeline().remove(this);
            }
        };
    }

    /// Closes a connection that does not begin to say anything. Confined to the event loop.
    private static final class Beginning extends ChannelInboundHandlerAdapter {
        private final DualPort.Lines lines;
        private final Deadline deadline;

        Beginning(DualPort.Lines lines) {
            this.lines = lines;
            this.deadline = new Deadline(lines.times().firstBytesMillis());
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            deadline.startWhen(lines.heard(), ctx);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.fireChannelRead(message);
            ctx.pipeline().remove(this);
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext ctx) {
            deadline.stop();
        }
    }

    /// Binds an address; connections wait until [#serve].
    public static HttpPort bind(Transport transport, DualPort.Address address, PortTimes times) throws BindFailure {
        return new HttpPort(transport, address, times);
    }

    public void serve(Pages pages) {
        opened.complete(pages);
    }

    /// Where it listens.
    public SocketAddress address() {
        return listening.localAddress();
    }

    @Override
    public void close() {
        listening.close().awaitUninterruptibly();
        connections.close().awaitUninterruptibly();
        SocketFiles.remove(bound);
    }
}
