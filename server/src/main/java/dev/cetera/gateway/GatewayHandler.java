package dev.cetera.gateway;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Serves the gateway's paths on one connection, and passes on everything else. Confined to the event loop.
final class GatewayHandler extends ChannelInboundHandlerAdapter {
    /// A client that sends all of a request before it reads the answer is to get to read it.
    private static final int MAX_PASSED_OVER = 8 << 20;

    private static final long HANG_UP_MILLIS = 500;

    private final Gateway.Ways ways;
    private @Nullable Exchange<?> exchange;
    private @Nullable HttpAnswer answer;
    private boolean passing;

    /// Of the request's body, since nobody wants more of it.
    private long passedOver;

    GatewayHandler(Gateway.Ways ways) {
        this.ways = ways;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest request) {
            passing = !begin(ctx, request);
        }
        if (passing || !(message instanceof HttpObject)) {
            ctx.fireChannelRead(message);
            return;
        }
        try {
            if (message instanceof HttpContent content) {
                content(ctx, content);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private boolean begin(ChannelHandlerContext ctx, HttpRequest request) {
        var path = path(request);
        var moved = Routes.moved(path);
        if (request.decoderResult().isFailure() || (moved == null && !Routes.covers(path))) {
            return false;
        }
        exchange = null;
        passedOver = 0;
        var its = new HttpAnswer(ctx, request);
        answer = its;
        var route = Routes.at(path);
        if (moved != null) {
            moved(its, moved, request.method().name().equals("GET"));
        } else if (route == null) {
            its.text(404, "Not Found");
        } else if (SocketHandler.isAskedFor(request)) {
            socket(ctx, request, route, its);
        } else if (!request.method().name().equals("POST")) {
            its.text(405, "Method Not Allowed");
        } else {
            var begun = new Exchange<>(ctx, ways, route, its);
            exchange = begun;
            begun.begin(request.headers());
            if (begun.wantsMore() && HttpUtil.is100ContinueExpected(request)) {
                its.goOn();
            }
        }
        return true;
    }

    private void socket(ChannelHandlerContext ctx, HttpRequest request, Route<?> route, HttpAnswer answer) {
        if (SocketHandler.canBe(ctx, request)) {
            ctx.pipeline().replace(this, null, new SocketHandler(ways, route, request));
        } else {
            answer.text(400, "Bad Request");
        }
    }

    private static String path(HttpRequest request) {
        int query = request.uri().indexOf('?');
        return query < 0 ? request.uri() : request.uri().substring(0, query);
    }

    private static void moved(HttpAnswer answer, String to, boolean shown) {
        if (shown) {
            answer.all(
                    301,
                    Map.of("Content-Type", "text/html; charset=utf-8", "Location", to),
                    "<a href=\"" + to + "\">Moved Permanently</a>.\n\n");
        } else {
            answer.all(301, Map.of("Location", to), "");
        }
    }

    /// What comes after an answer is passed over, but not much of it; nor for long, which the time for the
    /// next request sees to.
    private void content(ChannelHandlerContext ctx, HttpContent content) {
        boolean last = content instanceof LastHttpContent;
        if (content.decoderResult().isFailure()) {
            var _ = ctx.close(); // the body is no HTTP: nothing that follows can be understood
            return;
        }
        if (exchange != null && exchange.wantsMore()) {
            exchange.content(content.content(), last);
        } else {
            passOver(ctx, content.content().readableBytes());
        }
        if (last && answer != null) {
            answer.requestEnded();
        }
    }

    /// Hangs up on a client that just goes on. Not at once: a connection that is closed with something unread
    /// takes the answer with it that the client has not read.
    private void passOver(ChannelHandlerContext ctx, int bytes) {
        boolean isEnough = passedOver > MAX_PASSED_OVER;
        passedOver += bytes;
        if (!isEnough && passedOver > MAX_PASSED_OVER) {
            ctx.channel().config().setAutoRead(false);
            var _ = ctx.executor()
                    .schedule(
                            () -> {
                                var _ = ctx.close();
                            },
                            HANG_UP_MILLIS,
                            TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (exchange != null) {
            exchange.pump();
        }
        ctx.fireChannelWritabilityChanged();
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
