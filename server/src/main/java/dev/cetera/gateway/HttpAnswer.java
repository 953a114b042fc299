package dev.cetera.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// The answer to one request, with the headers that Go's server gives it, in its order: by name, then those
/// that say how it is sent. Confined to the event loop.
final class HttpAnswer implements Answer {
    /// What a call that was answered, or at least begun to be, is told by.
    static final String ANSWERED = "Grpc-Metadata-Content-Type";

    static final String TRAILER = "Grpc-Trailer-Content-Type";
    static final String GRPC = "application/grpc";

    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
            .withZone(ZoneOffset.UTC);

    private final ChannelHandlerContext ctx;
    private final boolean keepAlive;
    private final boolean chunked;
    private boolean begun;
    private boolean over;
    private boolean received;

    HttpAnswer(ChannelHandlerContext ctx, HttpRequest request) {
        this.ctx = ctx;
        this.chunked = request.protocolVersion().equals(HttpVersion.HTTP_1_1);
        this.keepAlive = chunked && HttpUtil.isKeepAlive(request);
    }

    /// The client waits for a word before it sends the body.
    void goOn() {
        var _ = ctx.writeAndFlush(new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, ctx.alloc().buffer(0)));
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
        var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), body);
        head(response, headers);
        response.headers().set("Content-Length", body.readableBytes());
        how(response);
        begun = true;
        end(response);
    }

    /// A line that browsers shall not take for something else.
    void text(int status, String line) {
        all(
                status,
                Map.of("Content-Type", "text/plain; charset=utf-8", "X-Content-Type-Options", "nosniff"),
                line + "\n");
    }

    @Override
    public void begin(int status, Map<String, String> headers) {
        var response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
        head(response, headers);
        how(response);
        if (chunked) {
            response.headers().set("Transfer-Encoding", "chunked");
        }
        begun = true;
        var _ = ctx.write(response);
    }

    @Override
    public void piece(ByteBuf bytes) {
        var _ = ctx.writeAndFlush(new DefaultHttpContent(bytes));
    }

    @Override
    public void end(Map<String, String> trailers) {
        var last = new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER);
        trailers.forEach(last.trailingHeaders()::set);
        end(last);
    }

    private void end(LastHttpContent last) {
        over = true;
        var written = ctx.writeAndFlush(last);
        if (!keepAlive && received) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }

    /// The client has sent all of its request. Only then the connection may be closed, or the client would be
    /// cut off from the answer.
    void requestEnded() {
        received = true;
        if (!keepAlive && over) {
            ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    private static void head(HttpResponse response, Map<String, String> headers) {
        new TreeMap<>(headers).forEach(response.headers()::set);
        response.headers().set("Date", DATE.format(Instant.now()));
    }

    private void how(HttpResponse response) {
        if (!keepAlive) {
            response.headers().set("Connection", "close");
        }
    }
}
