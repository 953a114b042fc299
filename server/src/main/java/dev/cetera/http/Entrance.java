package dev.cetera.http;

import dev.cetera.logs.Log;
import dev.cetera.tls.Reasons;
import dev.cetera.tls.ServerTls;
import dev.cetera.tls.ServerTls.Speech;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.NotSslRecordException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/// The first to see a connection at an address with TLS: its first byte says whether a handshake begins.
/// Who sends nothing in time is cut off. Confined to the connection's event loop.
final class Entrance extends ByteToMessageDecoder {
    private static final Log LOG = Log.of("embed");
    /// The record type of a handshake.
    private static final int HANDSHAKE = 22;

    private final ServerTls tls;
    private final Guard.Clear clear;
    private final DualPort.Lines lines;
    private final Speech speech;
    private final Executor handshakes;
    private final Inside inside;
    private final Deadline deadline;
    private boolean decided;

    /// Makes the handler of those who are in.
    @FunctionalInterface
    interface Inside {
        /// Called when it is clear that the connection may come in.
        ///
        /// @param session null without TLS
        ChannelHandler handler(@Nullable SSLSession session);
    }

    private Entrance(
            ServerTls tls, Guard.Clear clear, DualPort.Lines lines, Speech speech, Executor handshakes, Inside inside) {
        this.tls = tls;
        this.speech = speech;
        this.clear = clear;
        this.lines = lines;
        this.handshakes = handshakes;
        this.inside = inside;
        this.deadline = new Deadline(lines.times().firstBytesMillis());
    }

    /// The first handler of a new connection.
    static ChannelHandler of(Guard guard, DualPort.Lines lines, Speech speech, Executor handshakes, Inside inside) {
        var tls = guard.tls();
        return tls == null ? inside.handler(null) : new Entrance(tls, guard.clear(), lines, speech, handshakes, inside);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        lines.enter(ctx.channel());
        deadline.startWhen(lines.heard(), ctx);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!Sniffer.isAnnouncement(event)) {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (decided || !in.isReadable()) {
            return;
        }
        decided = true;
        deadline.stop();
        var pipeline = ctx.pipeline();
        if (in.getByte(in.readerIndex()) == HANDSHAKE) {
            var handler = tls.newHandler(
                    ctx.alloc(), speech, handshakes, lines.times().firstBytesMillis());
            pipeline.addAfter(ctx.name(), null, new Admission(tls, inside));
            pipeline.addAfter(ctx.name(), null, handler);
            pipeline.remove(this); // hands on what it has read
        } else if (clear == Guard.Clear.SERVED) {
            pipeline.addAfter(ctx.name(), null, inside.handler(null));
            pipeline.remove(this);
        } else {
            reject(ctx.channel(), new NotSslRecordException(), null);
            in.skipBytes(in.readableBytes());
        }
    }

    static void reject(Channel channel, Throwable why, @Nullable SSLSession session) {
        LOG.info(Reasons.line(shown(channel), why, session));
        var _ = channel.close();
    }

    /// `address:port`.
    static String shown(Channel channel) {
        return channel.remoteAddress() instanceof InetSocketAddress address
                ? io.netty.util.NetUtil.toSocketAddressString(address)
                : String.valueOf(channel.remoteAddress());
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        deadline.stop();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        var _ = ctx.close(); // broken before it said anything
    }
}
