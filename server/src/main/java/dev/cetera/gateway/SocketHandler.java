package dev.cetera.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.cookie.ServerCookieDecoder;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker13;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/// One call over a web socket (RFC 6455), as pages in browsers can make it: each message is JSON of the
/// request's body, each line of the answer is a message. Stands in the gateway's place on its connection, for
/// good. Confined to the event loop.
final class SocketHandler extends ChannelInboundHandlerAdapter {
    /// A frame is held whole. A message may be of any number of them.
    private static final int MAX_FRAME = 64 << 10;

    private static final String VERSION = "13";
    private static final String BEARER = "Bearer";
    private static final String TOKEN_COOKIE = "token";

    private final Gateway.Ways ways;
    private final Route<?> route;
    private final HttpRequest request;
    private @Nullable Exchange<?> exchange;

    /// @param request that [#isAskedFor] and [#canBe]
    SocketHandler(Gateway.Ways ways, Route<?> route, HttpRequest request) {
        this.ways = ways;
        this.route = route;
        this.request = request;
    }

    /// Whether the client would like to go on with a web socket.
    static boolean isAskedFor(HttpRequest request) {
        return request.headers().containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)
                && request.headers().containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true);
    }

    /// Whether it may have one: not over HTTP/2, and of the one version that there is.
    static boolean canBe(ChannelHandlerContext ctx, HttpRequest request) {
        return ctx.pipeline().get(HttpServerCodec.class) != null
                && request.method().equals(HttpMethod.GET)
                && VERSION.equals(request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_VERSION))
                && !request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_KEY, "").isEmpty();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        var config = WebSocketDecoderConfig.newBuilder()
                .maxFramePayloadLength(MAX_FRAME)
                .allowExtensions(false)
                .build();
        var head = new DefaultFullHttpRequest(
                request.protocolVersion(),
                request.method(),
                request.uri(),
                Unpooled.EMPTY_BUFFER,
                request.headers(),
                EmptyHttpHeaders.INSTANCE);
        var told = DefaultHttpHeadersFactory.headersFactory().newHeaders();
        if (protocol().startsWith(BEARER)) {
            told.set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, BEARER);
        }
        var _ = new WebSocketServerHandshaker13(request.uri(), null, config)
                .handshake(ctx.channel(), head, told, ctx.newPromise());
        var begun = new Exchange<>(ctx, ways, route, new SocketAnswer(ctx));
        exchange = begun;
        begun.begin(headers());
    }

    private String protocol() {
        return request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, "");
    }

    /// Browsers let pages set nothing but the protocol, and send cookies by themselves. `Accept` says to the
    /// services that the call came through a gateway.
    private HttpHeaders headers() {
        var headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
        headers.set(HttpHeaderNames.ACCEPT, "*/*");
        if (!protocol().isEmpty()) {
            headers.set(HttpHeaderNames.AUTHORIZATION, protocol().replaceFirst(BEARER + ", ", BEARER + " "));
        }
        var cookies = request.headers().get(HttpHeaderNames.COOKIE, "");
        for (var cookie : ServerCookieDecoder.LAX.decode(cookies)) {
            if (cookie.name().equals(TOKEN_COOKIE)) {
                headers.set(HttpHeaderNames.AUTHORIZATION, BEARER + " " + cookie.value());
            }
        }
        return headers;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            switch (message) {
                case CloseWebSocketFrame close ->
                    ctx.writeAndFlush(close.retain()).addListener(ChannelFutureListener.CLOSE);
                case PingWebSocketFrame ping -> {
                    var _ = ctx.writeAndFlush(
                            new PongWebSocketFrame(ping.content().retain()));
                }
                case PongWebSocketFrame _ -> {}
                case WebSocketFrame frame -> payload(frame);
                case HttpObject ahead
                when ahead.decoderResult().isFailure() -> {
                    var _ = ctx.close(); // it did not wait for the answer
                }
                default -> {} // the end of the request that asked for the socket
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    /// What comes after the one message of a call that takes one is passed over.
    private void payload(WebSocketFrame frame) {
        take(frame.content());
        if (frame.isFinalFragment()) {
            take(Unpooled.wrappedBuffer(new byte[] {'\n'}));
        }
    }

    private void take(ByteBuf bytes) {
        var under = exchange;
        if (under != null && under.wantsMore()) {
            under.content(bytes, false);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (exchange != null) {
            exchange.pump();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        cut();
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        cut();
    }

    private void cut() {
        var under = exchange;
        exchange = null;
        if (under != null) {
            under.cut();
        }
    }
}
