package dev.cetera.http;

import com.google.protobuf.ByteString;
import dev.cetera.logs.Log;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// HTTP/1.1 for one connection, everything about it bounded: the request line, the headers, the body, the
/// requests that wait behind one, and the time to send one. What handlers in front of the pages take for
/// themselves is bounded by them, but for its line and headers.
final class HttpPipeline {
    private static final Log LOG = Log.of("embed");
    private static final int MAX_LINE = 4096;
    private static final int MAX_HEADERS = 16 * 1024;
    private static final int MAX_CHUNK = 8192;
    private static final int MAX_BODY = 64 * 1024;
    private static final int MAX_PIPELINED = 16;
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
            .withZone(ZoneOffset.UTC);

    private HttpPipeline() {}

    /// The time, as headers tell it.
    static String now() {
        return DATE.format(Instant.now());
    }

    /// The handlers of one connection, in order.
    ///
    /// @param pages          null while the port isn't open
    /// @param front          between the codec and the pages
    /// @param deadlineMillis for the head of a request, from the connection's start or the answer before, and
    ///                       again for the body of one that is for the pages
    static List<ChannelHandler> handlers(
            Supplier<@Nullable Pages> pages, List<ChannelHandler> front, long deadlineMillis) {
        var handlers = new ArrayList<ChannelHandler>();
        handlers.add(new HttpServerCodec(MAX_LINE, MAX_HEADERS, MAX_CHUNK));
        handlers.addAll(behindTheCodec(pages, front, deadlineMillis));
        return handlers;
    }

    /// Those that have to do with HTTP's objects alone, for connections or streams that are decoded otherwise.
    static List<ChannelHandler> behindTheCodec(
            Supplier<@Nullable Pages> pages, List<ChannelHandler> front, long deadlineMillis) {
        var handlers = new ArrayList<ChannelHandler>();
        handlers.add(new HeadDeadline(deadlineMillis));
        handlers.addAll(front);
        handlers.add(new BodyDeadline(deadlineMillis));
        handlers.add(new HttpObjectAggregator(MAX_BODY, true));
        handlers.add(new Serving(pages));
        return handlers;
    }

    /// Bounds the time in which nothing is asked: while no request is under way, the head of one must come. An
    /// answer without an end is under way for ever. Confined to the event loop.
    private static final class HeadDeadline extends ChannelDuplexHandler {
        private final Deadline deadline;
        private int underWay;

        HeadDeadline(long millis) {
            deadline = new Deadline(millis);
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            deadline.start(ctx);
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext ctx) {
            deadline.stop();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof HttpRequest) {
                underWay++;
                deadline.stop();
            }
            ctx.fireChannelRead(message);
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            boolean interim =
                    message instanceof HttpResponse head && head.status().codeClass() == HttpStatusClass.INFORMATIONAL;
            if (message instanceof LastHttpContent && !interim && underWay > 0 && --underWay == 0) {
                deadline.start(ctx);
            }
            var _ = ctx.write(message, promise);
        }
    }

    /// Bounds the time between the head of a request and its end. Confined to the event loop.
    private static final class BodyDeadline extends ChannelInboundHandlerAdapter {
        private final Deadline deadline;

        BodyDeadline(long millis) {
            deadline = new Deadline(millis);
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext ctx) {
            deadline.stop();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof HttpRequest) {
                deadline.start(ctx);
            }
            if (message instanceof LastHttpContent) {
                deadline.stop();
            }
            ctx.fireChannelRead(message);
        }
    }

    /// One request after the other, in order. Confined to the event loop.
    private static final class Serving extends SimpleChannelInboundHandler<FullHttpRequest> {
        private final Supplier<@Nullable Pages> pages;
        private final Queue<FullHttpRequest> waiting = new ArrayDeque<>();
        private boolean busy;

        Serving(Supplier<@Nullable Pages> pages) {
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
                LOG.warning("rejected connection from \"" + Entrance.shown(ctx.channel()) + "\" (error \""
                        + malformed.getMessage() + "\")");
                write(ctx, request, refusal(malformed), HttpMethod.GET, false);
                return;
            }
            var open = pages.get();
            if (open == null) {
                // A client that hangs up is read though the port isn't open yet.
                request.release();
                var _ = ctx.close();
                return;
            }
            boolean keepAlive = HttpUtil.isKeepAlive(request);
            var uri = request.uri();
            int query = uri.indexOf('?');
            var asked = new Request(
                    request.method().name(),
                    query < 0 ? uri : uri.substring(0, query),
                    query < 0 ? "" : uri.substring(query + 1),
                    request.headers(),
                    ByteString.copyFrom(request.content().nioBuffer()));
            open.serve(
                    asked,
                    reply -> ctx.executor().execute(() -> write(ctx, request, reply, request.method(), keepAlive)));
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
            FullHttpResponse response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1,
                    HttpResponseStatus.valueOf(reply.status()),
                    method.equals(HttpMethod.HEAD)
                            ? Unpooled.EMPTY_BUFFER
                            : Unpooled.wrappedBuffer(reply.body().asReadOnlyByteBuffer()));
            var headers = response.headers();
            // In Go's order: by name, and at the end what the server itself adds.
            var told = new TreeMap<>(reply.headers());
            if (reply.status() != 204) {
                told.put("Content-Type", reply.contentType());
            }
            told.forEach(headers::set);
            headers.set("Date", now());
            if (reply.status() != 204) {
                headers.set("Content-Length", reply.body().size());
            }
            if (!keepAlive) {
                headers.set("Connection", "close");
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
