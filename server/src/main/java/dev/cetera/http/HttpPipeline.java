package dev.cetera.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// HTTP/1.1 for one connection, everything about it bounded: the request line, the headers, the body, the
/// requests that wait behind one, and the time to send one.
final class HttpPipeline {
    private static final int MAX_LINE = 4096;
    private static final int MAX_HEADERS = 16 * 1024;
    private static final int MAX_CHUNK = 8192;
    private static final int MAX_BODY = 1024 * 1024;
    private static final int MAX_PIPELINED = 16;

    private HttpPipeline() {}

    /// The handlers of one connection, in order.
    ///
    /// @param deadlineMillis for a whole request, from the connection's start or the answer before
    static List<ChannelHandler> handlers(Supplier<Pages> pages, long deadlineMillis) {
        return List.of(
                new HttpServerCodec(MAX_LINE, MAX_HEADERS, MAX_CHUNK),
                new HttpObjectAggregator(MAX_BODY, true),
                new Deadline(deadlineMillis),
                new Serving(pages));
    }

    /// Closes a connection that does not bring its request in time. Confined to the event loop.
    private static final class Deadline extends ChannelDuplexHandler {
        private final long millis;
        private @Nullable Future<?> timer;

        Deadline(long millis) {
            this.millis = millis;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            arm(ctx);
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext ctx) {
            disarm();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            disarm();
            ctx.fireChannelRead(message);
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            if (message instanceof LastHttpContent) {
                arm(ctx);
            }
            var _ = ctx.write(message, promise);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            disarm();
            ctx.fireChannelInactive();
        }

        private void arm(ChannelHandlerContext ctx) {
            disarm();
            timer = ctx.executor()
                    .schedule(
                            () -> {
                                var _ = ctx.close();
                            },
                            millis,
                            TimeUnit.MILLISECONDS);
        }

        private void disarm() {
            if (timer != null) {
                timer.cancel(false);
                timer = null;
            }
        }
    }

    /// One request after the other, in order. Confined to the event loop.
    private static final class Serving extends SimpleChannelInboundHandler<FullHttpRequest> {
        private final Supplier<Pages> pages;
        private final Queue<FullHttpRequest> waiting = new ArrayDeque<>();
        private boolean busy;

        Serving(Supplier<Pages> pages) {
            super(false);
            this.pages = pages;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
            if (waiting.size() >= MAX_PIPELINED) {
                request.release();
                var _ = ctx.close();
                return;
            }
            waiting.add(request);
            next(ctx);
        }

        private void next(ChannelHandlerContext ctx) {
            var request = busy ? null : waiting.poll();
            if (request == null) {
                return;
            }
            busy = true;
            var malformed = request.decoderResult().cause();
            if (malformed != null) {
                write(ctx, request, refusal(malformed), HttpMethod.GET, false);
                return;
            }
            boolean keepAlive = HttpUtil.isKeepAlive(request);
            var body = request.content().toString(StandardCharsets.UTF_8);
            var uri = request.uri();
            int query = uri.indexOf('?');
            var path = query < 0 ? uri : uri.substring(0, query);
            pages.get()
                    .serve(
                            path,
                            request.method().name(),
                            body,
                            reply -> ctx.executor()
                                    .execute(() -> write(ctx, request, reply, request.method(), keepAlive)));
        }

        private static Reply refusal(Throwable malformed) {
            return switch (malformed) {
                case TooLongHttpHeaderException _ -> Reply.error(431, "431 Request Header Fields Too Large");
                case TooLongHttpLineException _ -> Reply.error(414, "414 Request URI Too Long");
                default -> Reply.error(400, "400 Bad Request");
            };
        }

        private void write(
                ChannelHandlerContext ctx, FullHttpRequest request, Reply reply, HttpMethod method, boolean keepAlive) {
            request.release();
            var bytes = reply.body().getBytes(StandardCharsets.UTF_8);
            FullHttpResponse response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1,
                    HttpResponseStatus.valueOf(reply.status()),
                    method.equals(HttpMethod.HEAD) ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(bytes));
            var headers = response.headers();
            if (reply.status() != 204) {
                headers.set(HttpHeaderNames.CONTENT_TYPE, reply.contentType());
                headers.set(HttpHeaderNames.CONTENT_LENGTH, bytes.length);
            }
            reply.headers().forEach(headers::set);
            if (!keepAlive) {
                headers.set(HttpHeaderNames.CONNECTION, "close");
            }
            var written = ctx.writeAndFlush(response);
            if (!keepAlive) {
                written.addListener(ChannelFutureListener.CLOSE);
                return; // whatever waits behind is not served any more
            }
            busy = false;
            next(ctx);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            waiting.forEach(ReferenceCountUtil::release);
            waiting.clear();
            ctx.fireChannelInactive();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            var _ = ctx.close(); // the connection broke, or sent what no HTTP is: nobody is left to tell
        }
    }
}
