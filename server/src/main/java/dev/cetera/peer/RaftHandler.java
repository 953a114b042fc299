package dev.cetera.peer;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Serves the paths under `/raft` on one connection of the peer port, and passes on everything else. Each
/// request is an [Exchange]; there is one at a time, as no member sends a request before the last one is
/// answered.
///
/// It also closes connections on which nothing moves: one whose client should send, and one whose client
/// should read. Confined to the connection's event loop.
final class RaftHandler extends ChannelDuplexHandler {
    private final Serving serving;
    private final long silenceNanos;

    /// The one that is being received or answered, and its answer.
    private @Nullable Exchange exchange;

    private @Nullable Answer answer;

    /// The parts of a request go to the handlers behind this one.
    private boolean passing;

    /// Requests that were passed on and are not answered.
    private int passed;

    RaftHandler(Serving serving, long silenceNanos) {
        this.serving = serving;
        this.silenceNanos = silenceNanos;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        ctx.pipeline().addFirst(new IdleStateHandler(true, silenceNanos, silenceNanos, 0, TimeUnit.NANOSECONDS));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest request) {
            begin(ctx, request);
        }
        if (passing || !(message instanceof HttpObject)) {
            if (message instanceof LastHttpContent) {
                passing = false;
            }
            ctx.fireChannelRead(message);
            return;
        }
        try {
            if (message instanceof HttpContent content) {
                content(content);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void content(HttpContent content) {
        var to = exchange;
        var of = answer;
        if (to == null || of == null) {
            return;
        }
        boolean broken = content.decoderResult().isFailure();
        boolean last = content instanceof LastHttpContent;
        if (of.isAnswered()) {
            of.discard(content.content());
        } else if (broken) {
            to.content(content.content(), Exchange.End.BROKEN);
        } else {
            to.content(content.content(), last ? Exchange.End.LAST : Exchange.End.MORE);
        }
        if (last) {
            of.requestEnded();
        }
    }

    private void begin(ChannelHandlerContext ctx, HttpRequest request) {
        var path = path(request);
        boolean raft = path.equals(Requests.POST_PATH)
                || path.equals(Requests.SNAPSHOT_PATH)
                || path.equals(Requests.PROBING_PATH)
                || path.startsWith(Requests.STREAM_PATH);
        if (request.decoderResult().isFailure() || !raft) {
            passing = true;
            passed++;
        } else if (passed > 0 || exchange != null) {
            var _ = ctx.close(); // none of ours does that
        } else {
            var of = new Answer(ctx, request, () -> exchange = null);
            answer = of;
            exchange = new Acceptance(serving, of).begin(request, path);
        }
    }

    private static String path(HttpRequest request) {
        int query = request.uri().indexOf('?');
        return query < 0 ? request.uri() : request.uri().substring(0, query);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        boolean interim = message instanceof HttpResponse response
                && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
        if (message instanceof LastHttpContent && passed > 0 && !interim) {
            passed--;
        }
        var _ = ctx.write(message, promise);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!(event instanceof IdleStateEvent idle)) {
            ctx.fireUserEventTriggered(event);
            return;
        }
        var buffer = ctx.channel().unsafe().outboundBuffer();
        boolean stuck = buffer != null && buffer.totalPendingWriteBytes() > 0;
        boolean between = passed == 0 && (exchange == null || answer == null || !answer.isRequestEnded());
        boolean waiting = ctx.channel().config().isAutoRead() && (passing || between);
        boolean silent = switch (idle.state()) {
            case WRITER_IDLE -> stuck;
            case READER_IDLE -> waiting;
            case ALL_IDLE -> false;
        };
        if (silent) {
            var _ = ctx.close();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (exchange != null) {
            exchange.writabilityChanged();
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        var cut = exchange;
        exchange = null;
        if (cut != null) {
            cut.cut();
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (exchange == null) {
            ctx.fireExceptionCaught(cause);
        } else {
            var _ = ctx.close(); // it broke: nobody is left to tell
        }
    }
}
