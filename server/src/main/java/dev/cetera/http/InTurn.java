package dev.cetera.http;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;

/// Lets one request in at a time: what follows it on the connection waits until it is answered, and nothing
/// more is read meanwhile. So answers come in the order of the requests, whoever gives them. Confined to the
/// event loop.
final class InTurn extends ChannelDuplexHandler {
    private final Queue<Object> held = new ArrayDeque<>();
    private boolean answering;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!held.isEmpty() || (answering && message instanceof HttpRequest)) {
            held.add(message);
            ctx.channel().config().setAutoRead(false);
        } else {
            pass(ctx, message);
        }
    }

    private void pass(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest) {
            answering = true;
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        boolean interim = message instanceof HttpResponse response
                && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
        if (message instanceof LastHttpContent && !interim) {
            answering = false;
            if (!held.isEmpty()) {
                ctx.executor().execute(() -> release(ctx));
            }
        }
        var _ = ctx.write(message, promise);
    }

    private void release(ChannelHandlerContext ctx) {
        if (held.isEmpty()) {
            return;
        }
        while (!held.isEmpty() && !(answering && held.peek() instanceof HttpRequest)) {
            pass(ctx, held.remove());
        }
        ctx.fireChannelReadComplete();
        if (held.isEmpty()) {
            ctx.channel().config().setAutoRead(true);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        held.forEach(ReferenceCountUtil::release);
        held.clear();
    }
}
