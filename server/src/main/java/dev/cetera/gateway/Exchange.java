package dev.cetera.gateway;

import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One request as it arrives, the call that is made of it, and its [Reply]. Confined to the event loop; the
/// call's events come from anywhere and are brought there.
///
/// A body that is JSON after JSON is read for as long as the service keeps up.
///
/// @param <Q> the message of the request
final class Exchange<Q extends Message> extends ClientCall.Listener<byte[]> {
    private static final Status DEADLINE = Status.DEADLINE_EXCEEDED.withDescription("context deadline exceeded");

    private final ChannelHandlerContext ctx;
    private final Gateway.Ways ways;
    private final Route<Q> route;
    private final Reply reply;
    private final JsonSplitter splitter;
    private final RequestReader reader;
    private Metadata metadata = new Metadata();
    private @Nullable ClientCall<Q, byte[]> call;
    private @Nullable Future<?> bodyDeadline;
    private @Nullable Future<?> deadline;
    private int partial;
    private boolean noMore;
    private boolean paused;

    Exchange(ChannelHandlerContext ctx, Gateway.Ways ways, Route<Q> route, Answer answer) {
        this.ctx = ctx;
        this.ways = ways;
        this.route = route;
        this.splitter = new JsonSplitter(ways.maxTextBytes());
        this.reader = new RequestReader(route.dialect());
        this.reply = new Reply(ctx, route, answer, this::askForMore, this::over);
    }

    void begin(HttpHeaders headers) {
        try {
            var timeout = CallHeaders.timeoutNanos(headers);
            if (timeout != null && timeout < 0) {
                refuse(DEADLINE);
                return;
            }
            if (timeout != null) {
                deadline = ctx.executor().schedule(this::expire, timeout, TimeUnit.NANOSECONDS);
            }
        } catch (Malformed unreadable) {
            refuse(Status.INVALID_ARGUMENT.withDescription(unreadable.getMessage()));
            return;
        }
        metadata = CallHeaders.metadata(headers);
        if (!route.takesMany()) {
            bodyDeadline = ctx.executor()
                    .schedule(
                            () -> {
                                var _ = ctx.close();
                            },
                            ways.bodyMillis(),
                            TimeUnit.MILLISECONDS);
        }
    }

    /// Whether anything is done with the rest of the body.
    boolean wantsMore() {
        return !noMore;
    }

    // ---- the request ----

    void content(ByteBuf bytes, boolean last) {
        for (var value = splitter.next(bytes); value != null; value = noMore ? null : splitter.next(bytes)) {
            value(value);
        }
        count();
        if (noMore) {
            return;
        }
        if (splitter.isOverfull()) {
            refuse(Status.RESOURCE_EXHAUSTED.withDescription("grpc: received message larger than max ("
                    + splitter.length() + " vs. " + ways.maxTextBytes() + ")"));
        } else if (!ways.hasRoom()) {
            refuse(Status.RESOURCE_EXHAUSTED.withDescription("etcdserver: too many requests"));
        } else if (last) {
            end();
        }
    }

    /// Keeps account of what is kept of requests that have come in part.
    private void count() {
        int now = noMore ? 0 : splitter.size();
        ways.partialBytes().addAndGet(now - partial);
        partial = now;
    }

    private void end() {
        var rest = splitter.rest();
        if (rest != null) {
            value(rest);
        }
        if (noMore) {
            return;
        }
        if (route.takesMany()) {
            noMore = true;
            started().halfClose();
        } else if (route.dialect() == Dialect.V3_3) {
            refuse(Status.INVALID_ARGUMENT.withDescription("EOF"));
        } else {
            send(route.request());
        }
        count();
    }

    private void value(byte[] text) {
        Q message;
        try {
            message = reader.read(text, route.request());
        } catch (Malformed unreadable) {
            unreadable(unreadable);
            return;
        }
        send(message);
    }

    /// A stream goes on without what can't be read and all that follows it.
    private void unreadable(Malformed why) {
        if (call != null) {
            noMore = true;
            call.halfClose();
        } else {
            var code = route.takesMany() ? Status.UNKNOWN : Status.INVALID_ARGUMENT;
            refuse(code.withDescription(why.getMessage()));
        }
    }

    private void send(Q message) {
        var to = started();
        to.sendMessage(message);
        if (!route.takesMany()) {
            noMore = true;
            stop(bodyDeadline);
            to.halfClose();
        } else if (!to.isReady()) {
            paused = true;
            ctx.channel().config().setAutoRead(false);
        }
    }

    private ClientCall<Q, byte[]> started() {
        var begun = call;
        if (begun == null) {
            begun = ways.calls().newCall(route.method(), CallOptions.DEFAULT);
            call = begun;
            begun.start(this, metadata);
            begun.request(1);
        }
        return begun;
    }

    private void refuse(Status why) {
        noMore = true;
        count();
        reply.refuse(why);
    }

    private void expire() {
        if (call == null) {
            refuse(DEADLINE);
        } else {
            reply.endWith(DEADLINE);
            call.cancel("the client's time is over", null);
        }
    }

    // ---- the connection ----

    /// Goes on writing, if there is anything to write.
    void pump() {
        reply.pump();
    }

    /// The client is gone.
    void cut() {
        noMore = true;
        over();
        if (call != null) {
            call.cancel("the client is gone", null);
        }
    }

    private void over() {
        noMore = true;
        count();
        stop(bodyDeadline);
        stop(deadline);
        goOn();
    }

    private void askForMore() {
        if (call != null) {
            call.request(1);
        }
    }

    private static void stop(@Nullable Future<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    private void goOn() {
        if (paused) {
            paused = false;
            ctx.channel().config().setAutoRead(true);
        }
    }

    // ---- the call, any thread ----

    @Override
    public void onReady() {
        ctx.executor().execute(this::goOn);
    }

    @Override
    public void onHeaders(Metadata headers) {
        ctx.executor().execute(reply::answered);
    }

    @Override
    public void onMessage(byte[] message) {
        ctx.executor().execute(() -> reply.message(message));
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        ctx.executor().execute(() -> reply.close(status));
    }
}
