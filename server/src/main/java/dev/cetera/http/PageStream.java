package dev.cetera.http;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.UnsupportedMessageTypeException;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.ReferenceCountUtil;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Queue;
import java.util.Set;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/// One stream of an HTTP/2 connection that asks for a page, as a channel of its own with the same handlers
/// that an HTTP/1.1 connection has behind its codec: requests and answers pass through it as HTTP's objects.
/// So whatever serves the one serves the other. What isn't read holds back the sender, what can't be written
/// isn't writable, as everywhere. Confined to the connection's event loop.
final class PageStream extends AbstractChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

    /// What HTTP/2 has its own ways for.
    private static final Set<String> OF_CONNECTIONS =
            Set.of("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "host");

    private final ChannelHandlerContext ctx;
    private final GrpcHttp2ConnectionHandler connection;
    private final int id;
    private final ChannelConfig config = new DefaultChannelConfig(this);
    private final Queue<Object> arrived = new ArrayDeque<>();
    private boolean wanted;
    private boolean delivering;
    private boolean writing;
    private boolean open = true;

    PageStream(
            ChannelHandlerContext ctx,
            GrpcHttp2ConnectionHandler connection,
            int id,
            SSLSession session,
            DualPort.Lines lines) {
        super(ctx.channel());
        this.ctx = ctx;
        this.connection = connection;
        this.id = id;
        Encryption.begin(this, session);
        for (var handler : HttpPipeline.behindTheCodec(
                lines.pages(), lines.front().get(), lines.times().requestMillis())) {
            pipeline().addLast(handler);
        }
    }

    // ---- what the connection says ----

    void begin(Http2Headers headers, boolean last) throws Http2Exception {
        var request = request(headers);
        var _ = ctx.channel().eventLoop().register(this);
        arrive(request);
        if (last) {
            arrive(LastHttpContent.EMPTY_LAST_CONTENT);
        }
    }

    private HttpRequest request(Http2Headers headers) throws Http2Exception {
        var method = headers.method();
        var path = headers.path();
        if (method == null || path == null) {
            throw malformed("a request without method or path");
        }
        try {
            var request = new DefaultHttpRequest(
                    HttpVersion.HTTP_1_1, HttpMethod.valueOf(method.toString()), path.toString());
            for (var header : headers) {
                var name = header.getKey().toString();
                if (!name.startsWith(":") && !OF_CONNECTIONS.contains(name)) {
                    request.headers().add(name, header.getValue().toString());
                }
            }
            var host = headers.authority() != null ? headers.authority() : headers.get(HttpHeaderNames.HOST);
            request.headers().set(HttpHeaderNames.HOST, host == null ? "" : host.toString());
            return request;
        } catch (IllegalArgumentException forbidden) {
            throw malformed(String.valueOf(forbidden.getMessage()));
        }
    }

    private Http2Exception malformed(String why) {
        return Http2Exception.streamError(id, Http2Error.PROTOCOL_ERROR, why);
    }

    /// The bytes that have been taken at once; the others are given back when they are.
    int data(ByteBuf data, boolean last) {
        var content = data.readRetainedSlice(data.readableBytes());
        arrive(last ? new DefaultLastHttpContent(content) : new DefaultHttpContent(content));
        return 0;
    }

    /// Nobody here reads them.
    void trailers(boolean last) {
        if (last) {
            arrive(LastHttpContent.EMPTY_LAST_CONTENT);
        }
    }

    /// The stream is over.
    void ended() {
        unsafe().close(voidPromise());
    }

    private void arrive(Object message) {
        if (!open) {
            ReferenceCountUtil.release(message);
            return;
        }
        arrived.add(message);
        deliver();
    }

    private void deliver() {
        if (delivering) {
            return;
        }
        delivering = true;
        while (wanted && open) {
            var message = arrived.poll();
            if (message == null) {
                break;
            }
            wanted = false;
            if (message instanceof HttpContent content) {
                giveBack(content.content().readableBytes());
            }
            pipeline().fireChannelRead(message);
            pipeline().fireChannelReadComplete();
        }
        delivering = false;
    }

    private void giveBack(int bytes) {
        var stream = connection.connection().stream(id);
        try {
            if (bytes > 0
                    && stream != null
                    && connection.decoder().flowController().consumeBytes(stream, bytes)) {
                flushAll();
            }
        } catch (Http2Exception broken) {
            unsafe().close(voidPromise());
        }
    }

    // ---- what the handlers say ----

    @Override
    protected void doBeginRead() {
        wanted = true;
        deliver();
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer buffer) {
        while (!writing) {
            var message = buffer.current();
            if (message == null) {
                return;
            }
            var written = write0(message);
            if (written.isDone()) {
                remove(buffer, written);
            } else {
                writing = true;
                var _ = written.addListener(_ -> {
                    writing = false;
                    if (buffer == unsafe().outboundBuffer()) {
                        remove(buffer, written);
                        unsafe().flush();
                    }
                });
            }
        }
    }

    private static void remove(ChannelOutboundBuffer buffer, ChannelFuture written) {
        if (written.isSuccess()) {
            buffer.remove();
        } else {
            buffer.remove(written.cause());
        }
    }

    private ChannelFuture write0(Object message) {
        ChannelFuture written;
        if (message instanceof HttpResponse head) {
            boolean interim = head.status().codeClass() == HttpStatusClass.INFORMATIONAL;
            var body = message instanceof HttpContent content ? content.content() : null;
            boolean empty = body != null && !body.isReadable() && !interim;
            written = connection.encoder().writeHeaders(ctx, id, headers(head), 0, empty, ctx.newPromise());
            if (body != null && body.isReadable()) {
                written = connection.encoder().writeData(ctx, id, body.retainedSlice(), 0, true, ctx.newPromise());
            }
        } else if (message instanceof HttpContent content) {
            boolean last = message instanceof LastHttpContent;
            written = connection
                    .encoder()
                    .writeData(ctx, id, content.content().retainedSlice(), 0, last, ctx.newPromise());
        } else {
            return ctx.newFailedFuture(new UnsupportedMessageTypeException(message, HttpResponse.class));
        }
        flushAll();
        return written;
    }

    /// Through the connection's handler, which keeps what the other side had no window for.
    private void flushAll() {
        connection.flush(ctx);
    }

    private static Http2Headers headers(HttpResponse head) {
        var headers = new DefaultHttp2Headers();
        headers.status(head.status().codeAsText());
        for (var header : head.headers()) {
            var name = header.getKey().toLowerCase(Locale.ROOT);
            if (!OF_CONNECTIONS.contains(name)) {
                headers.add(name, header.getValue());
            }
        }
        return headers;
    }

    @Override
    protected void doClose() {
        open = false;
        arrived.forEach(ReferenceCountUtil::release);
        arrived.clear();
        var stream = connection.connection().stream(id);
        // A stream that ended by itself may still be listed, and is none of ours any more.
        if (stream != null
                && stream.state() != Http2Stream.State.CLOSED
                && ctx.channel().isActive()) {
            // Whoever still sends what is answered in full shall read the answer (RFC 9113, 8.1).
            var why = stream.state() == Http2Stream.State.HALF_CLOSED_LOCAL ? Http2Error.NO_ERROR : Http2Error.CANCEL;
            var _ = connection.encoder().writeRstStream(ctx, id, why.code(), ctx.newPromise());
            flushAll();
        }
    }

    // ---- what a channel is ----

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isActive() {
        return open;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new AbstractUnsafe() {
            @Override
            public void connect(SocketAddress remote, @Nullable SocketAddress local, ChannelPromise promise) {
                promise.setFailure(new IllegalStateException("a stream is connected already"));
            }
        };
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return loop.equals(ctx.channel().eventLoop());
    }

    @Override
    protected SocketAddress localAddress0() {
        return ctx.channel().localAddress();
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return ctx.channel().remoteAddress();
    }

    @Override
    protected void doBind(SocketAddress local) {
        throw new IllegalStateException("a stream has no address of its own");
    }

    @Override
    protected void doDisconnect() {
        doClose();
    }
}
