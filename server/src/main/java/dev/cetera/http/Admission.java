package dev.cetera.http;

import dev.cetera.tls.ServerTls;
import dev.cetera.tls.TlsException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Queue;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/// Stands behind the handshake: lets in whom the port's rules let in, tells the log of everybody else, and
/// holds back what is sent meanwhile. Confined to the connection's event loop.
final class Admission extends ChannelInboundHandlerAdapter {
    private final ServerTls tls;
    private final Entrance.Inside inside;
    private final Queue<Object> held = new ArrayDeque<>();
    private boolean over;

    Admission(ServerTls tls, Entrance.Inside inside) {
        this.tls = tls;
        this.inside = inside;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!(event instanceof SslHandshakeCompletionEvent handshake)) {
            ctx.fireUserEventTriggered(event);
        } else if (handshake.isSuccess()) {
            admit(ctx, session(ctx));
        } else {
            refuse(ctx, handshake.cause(), session(ctx));
        }
    }

    private static SSLSession session(ChannelHandlerContext ctx) {
        var engine = ctx.pipeline().get(SslHandler.class).engine();
        var begun = engine.getHandshakeSession();
        return begun != null ? begun : engine.getSession();
    }

    private void admit(ChannelHandlerContext ctx, SSLSession session) {
        if (!tls.looksUpNames()) {
            decide(ctx, session, verdict(ctx, session));
            return;
        }
        ctx.channel().config().setAutoRead(false);
        // A name server is asked, which may take its time.
        Thread.ofVirtual().name("tls-names").start(() -> {
            var verdict = verdict(ctx, session);
            ctx.executor().execute(() -> {
                ctx.channel().config().setAutoRead(true);
                decide(ctx, session, verdict);
            });
        });
    }

    /// Null when the connection may come in.
    private @Nullable TlsException verdict(ChannelHandlerContext ctx, SSLSession session) {
        try {
            tls.admit(session, ctx.channel().remoteAddress());
            return null;
        } catch (TlsException refused) {
            return refused;
        }
    }

    private void decide(ChannelHandlerContext ctx, SSLSession session, @Nullable TlsException verdict) {
        if (over || ctx.isRemoved()) {
            return;
        }
        if (verdict != null) {
            refuse(ctx, verdict, session);
            return;
        }
        over = true;
        Encryption.begin(ctx.channel(), session);
        ctx.pipeline().addAfter(ctx.name(), null, inside.handler(session));
        for (var message = held.poll(); message != null; message = held.poll()) {
            ctx.fireChannelRead(message);
        }
        ctx.fireChannelReadComplete();
        ctx.pipeline().remove(this);
    }

    private void refuse(ChannelHandlerContext ctx, Throwable why, SSLSession session) {
        if (!over) {
            over = true;
            Entrance.reject(ctx.channel(), why, session);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (over) {
            ReferenceCountUtil.release(message);
        } else {
            held.add(message);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        refuse(ctx, new ClosedChannelException(), session(ctx));
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        held.forEach(ReferenceCountUtil::release);
        held.clear();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        refuse(ctx, cause, session(ctx));
        var _ = ctx.close();
    }
}
