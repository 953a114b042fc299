package dev.cetera.peer;

import com.google.protobuf.ByteString;
import dev.cetera.tls.Reasons;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// One connection of a [CallPool], with one request on it at a time. Confined to its event loop.
final class CallConnection extends SimpleChannelInboundHandler<HttpObject> {
    private final CallPool pool;
    private final String authority;
    private @Nullable ChannelHandlerContext ctx;
    private CallPool.@Nullable Waiting request;
    private @Nullable HttpResponse head;
    private ByteString.Output body = ByteString.newOutput();
    private boolean usedBefore;
    private long idleSince;
    /// Whether there is a timer that looks at [#idleSince].
    private boolean watched;

    private String broken = "EOF";

    CallConnection(CallPool pool, String authority) {
        this.pool = pool;
        this.authority = authority;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        ctx = context;
        pool.opened(this);
        context.fireChannelActive();
    }

    Channel channel() {
        return context().channel();
    }

    private ChannelHandlerContext context() {
        if (ctx == null) {
            throw new IllegalStateException("the connection is not there yet");
        }
        return ctx;
    }

    /// Sends a request; nothing else is under way here.
    void send(CallPool.Waiting next) {
        request = next;
        head = null;
        body = ByteString.newOutput();
        var call = next.call;
        var message = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1,
                call.method(),
                call.path(),
                Unpooled.wrappedBuffer(call.body().asReadOnlyByteBuffer()));
        var headers = message.headers();
        headers.set("Host", authority);
        headers.set("User-Agent", "Cetera");
        if (!call.contentType().isEmpty()) {
            headers.set("Content-Type", call.contentType());
        }
        if (call.clusterId() != 0) {
            headers.set("X-Etcd-Cluster-Id", Long.toHexString(call.clusterId()));
        }
        if (!call.body().isEmpty() || call.method().equals(HttpMethod.POST)) {
            headers.set("Content-Length", call.body().size());
        }
        var _ = context().writeAndFlush(message).addListener(written -> {
            if (!written.isSuccess()) {
                close();
            }
        });
    }

    /// Nobody waits for the answer any more, and it can't be told from the next one.
    void giveUp() {
        request = null;
        close();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
        var asked = request;
        if (asked == null || part.decoderResult().isFailure()) {
            close(); // what nobody asked for, or what is no HTTP
            return;
        }
        if (part instanceof HttpResponse response) {
            if (response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
                return;
            }
            head = response;
        }
        var begun = head;
        if (begun != null && part instanceof HttpContent content) {
            take(asked, begun, content);
        }
    }

    private void take(CallPool.Waiting asked, HttpResponse begun, HttpContent content) {
        if (body.size() + content.content().readableBytes() > asked.call.maxAnswer()) {
            request = null;
            asked.fail("the answer is longer than " + asked.call.maxAnswer() + " bytes");
            close();
            return;
        }
        var bytes = new byte[content.content().readableBytes()];
        content.content().readBytes(bytes);
        body.write(bytes, 0, bytes.length);
        if (content instanceof LastHttpContent) {
            request = null;
            var answered = new HttpCalls.Answered(begun.status().code(), begun.headers(), body.toByteString());
            usedBefore = true;
            if (HttpUtil.isKeepAlive(begun)) {
                pool.free(this);
            } else {
                close();
            }
            asked.answer(answered);
        }
    }

    /// An idle connection is only kept for a while.
    void closeUnlessUsed(long nanos) {
        idleSince = System.nanoTime();
        if (!watched) {
            watched = true;
            watch(nanos, nanos);
        }
    }

    private void watch(long nanos, long after) {
        var _ = context()
                .executor()
                .schedule(
                        () -> {
                            long left = request != null ? nanos : idleSince + nanos - System.nanoTime();
                            if (left <= 0) {
                                close();
                            } else if (channel().isActive()) {
                                watch(nanos, left);
                            }
                        },
                        after,
                        TimeUnit.NANOSECONDS);
    }

    void close() {
        var _ = context().close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        pool.ended(this);
        var asked = request;
        request = null;
        if (asked != null) {
            pool.unanswered(asked, usedBefore && head == null, broken);
        }
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        broken = cause instanceof DecoderException && cause.getCause() instanceof SSLException refused
                ? Reasons.of(refused)
                : "read tcp " + authority + ": " + cause.getMessage();
        close(); // the request learns of it when the connection is gone
    }
}
