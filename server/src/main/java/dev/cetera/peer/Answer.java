package dev.cetera.peer;

import dev.cetera.config.Release;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The answer to one request, and when both are over. Confined to the connection's event loop.
final class Answer {
    /// Of a body that nobody wants; after that the connection is closed.
    private static final int MAX_UNWANTED = 1 << 20;

    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private static final Exchange NOTHING = (_, _) -> {};

    private final ChannelHandlerContext ctx;
    private final HttpMethod method;
    private final boolean continueExpected;
    private final Runnable over;
    private boolean keepAlive;
    private boolean requestEnded;
    private boolean answered;
    private int unwanted;
    private @Nullable String clusterId;
    private boolean saysVersion;

    /// @param over called when the request has ended and was answered
    Answer(ChannelHandlerContext ctx, HttpRequest request, Runnable over) {
        this.ctx = ctx;
        this.method = request.method();
        this.continueExpected = HttpUtil.is100ContinueExpected(request);
        this.keepAlive = HttpUtil.isKeepAlive(request);
        this.over = over;
    }

    ChannelHandlerContext ctx() {
        return ctx;
    }

    /// From now on answers say of which cluster this member is.
    void sayCluster(long id) {
        clusterId = Long.toHexString(id);
    }

    /// From now on answers say which release this member runs.
    void sayVersion() {
        saysVersion = true;
    }

    void requestEnded() {
        requestEnded = true;
        leaveIfOver();
    }

    boolean isRequestEnded() {
        return requestEnded;
    }

    boolean isAnswered() {
        return answered;
    }

    /// What is left of a request that is answered already. It is read, for an end of the connection with bytes
    /// unread would take the answer with it.
    void discard(ByteBuf bytes) {
        unwanted += bytes.readableBytes();
        if (unwanted > MAX_UNWANTED) {
            var _ = ctx.close();
        }
    }

    private void leaveIfOver() {
        if (requestEnded && answered) {
            over.run();
            if (!keepAlive) {
                ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            }
        }
    }

    /// The client waits to be told that its body is wanted.
    void invite() {
        if (continueExpected) {
            var go = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER);
            var _ = ctx.writeAndFlush(go);
        }
    }

    /// An error, as a line of text.
    Exchange refuse(int status, String line) {
        return refuse(status, line, null);
    }

    /// @param allow the only method that there is, for a 405
    Exchange refuse(int status, String line, @Nullable String allow) {
        var response = text(status, "text/plain; charset=utf-8", line + "\n");
        response.headers().set("X-Content-Type-Options", "nosniff");
        if (allow != null) {
            response.headers().set(HttpHeaderNames.ALLOW, allow);
        }
        return send(response);
    }

    /// An error after which the connection is of no use.
    void refuseAndClose(int status, String line) {
        keepAlive = false;
        refuse(status, line);
    }

    Exchange json(String body) {
        return send(text(200, "application/json", body));
    }

    void noContent() {
        send(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.NO_CONTENT, Unpooled.EMPTY_BUFFER));
    }

    /// The head of an answer that goes on as long as the connection. It leaves with the next flush.
    void streamHead() {
        var response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        headers(response.headers()).set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        var _ = ctx.write(response);
    }

    private DefaultFullHttpResponse text(int status, String type, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        var response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(status),
                method.equals(HttpMethod.HEAD) ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(bytes));
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, type).set(HttpHeaderNames.CONTENT_LENGTH, bytes.length);
        return response;
    }

    private HttpHeaders headers(HttpHeaders headers) {
        if (clusterId != null) {
            headers.set(Requests.CLUSTER_ID, clusterId);
        }
        if (saysVersion) {
            headers.set(Requests.SERVER_VERSION, Release.CURRENT.version());
        }
        return headers.set(HttpHeaderNames.DATE, DATE.format(Instant.now()));
    }

    private Exchange send(DefaultFullHttpResponse response) {
        if (answered) {
            response.release();
            return NOTHING;
        }
        answered = true;
        headers(response.headers());
        if (!keepAlive) {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        var _ = ctx.writeAndFlush(response);
        leaveIfOver();
        return NOTHING;
    }
}
