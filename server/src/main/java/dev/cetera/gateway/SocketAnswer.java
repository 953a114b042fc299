package dev.cetera.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import java.util.Map;

/// An answer over a web socket: each of its lines is a message, and of its status and headers nothing is told.
/// The socket is closed at its end. Confined to the event loop.
final class SocketAnswer implements Answer {
    private final ChannelHandlerContext ctx;
    private boolean begun;
    private boolean over;

    /// A part of a line is out.
    private boolean inLine;

    SocketAnswer(ChannelHandlerContext ctx) {
        this.ctx = ctx;
    }

    @Override
    public boolean isBegun() {
        return begun;
    }

    @Override
    public boolean isOver() {
        return over;
    }

    @Override
    public void all(int status, Map<String, String> headers, ByteBuf body) {
        begin(status, headers);
        piece(body);
        end(Map.of());
    }

    @Override
    public void begin(int status, Map<String, String> headers) {
        begun = true;
    }

    @Override
    public void piece(ByteBuf bytes) {
        int end = bytes.writerIndex();
        boolean isLast = end > bytes.readerIndex() && bytes.getByte(end - 1) == '\n';
        if (isLast) {
            bytes.writerIndex(end - 1);
        }
        fragment(bytes, isLast);
    }

    /// Writing may bring the next piece forth before it returns.
    private void fragment(ByteBuf bytes, boolean isLast) {
        var frame =
                inLine ? new ContinuationWebSocketFrame(isLast, 0, bytes) : new TextWebSocketFrame(isLast, 0, bytes);
        inLine = !isLast;
        var _ = ctx.writeAndFlush(frame);
    }

    @Override
    public void end(Map<String, String> trailers) {
        if (inLine) {
            fragment(ctx.alloc().buffer(0), true);
        }
        over = true;
        ctx.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE))
                .addListener(ChannelFutureListener.CLOSE);
    }
}
