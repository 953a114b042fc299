package dev.cetera.peer;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Asks one thing after the other over a connection that is kept between them, as long as the other side
/// surely keeps it too. Confined to its event loop.
final class Caller {
    /// Answers are a line of text.
    private static final int MAX_ANSWER = 64 * 1024;

    /// What became of a request.
    sealed interface Outcome {
        /// The other side's word for it.
        ///
        /// @param clusterId as it says itself; may be empty
        record Answered(int status, String clusterId, String body) implements Outcome {}

        record Failed(String why) implements Outcome {}
    }

    private final Dialer dialer;
    private final EventLoop loop;
    private final long answerNanos;
    private final long keptNanos;

    private @Nullable Channel channel;
    private @Nullable PeerUrl connectedTo;
    private long usedNanos;
    private @Nullable Consumer<Outcome> waiting;
    private @Nullable Future<?> deadline;
    private boolean closed;

    /// @param answerNanos for an answer to come
    /// @param keptNanos   for which an unused connection is still good
    Caller(Dialer dialer, EventLoop loop, long answerNanos, long keptNanos) {
        this.dialer = dialer;
        this.loop = loop;
        this.answerNanos = answerNanos;
        this.keptNanos = keptNanos;
    }

    /// One at a time; `then` is called once, on the loop, and may call again.
    void call(PeerUrl url, FullHttpRequest request, Consumer<Outcome> then) {
        if (closed) {
            request.release();
            then.accept(new Outcome.Failed("stopped"));
            return;
        }
        waiting = then;
        var open = channel;
        if (open != null && open.isActive() && url.equals(connectedTo) && System.nanoTime() - usedNanos < keptNanos) {
            write(open, request);
            return;
        }
        disconnect();
        dialer.dial(loop, url, this::setUp).addListener(done -> {
            if (!done.isSuccess()) {
                request.release();
                finish(new Outcome.Failed(String.valueOf(done.cause().getMessage())));
                return;
            }
            var opened = (Channel) done.getNow();
            if (closed) {
                request.release();
                var _ = opened.close();
                return;
            }
            channel = opened;
            connectedTo = url;
            write(opened, request);
        });
    }

    private void setUp(Channel opened) {
        opened.pipeline()
                .addLast(new HttpClientCodec())
                .addLast(new HttpObjectAggregator(MAX_ANSWER, true))
                .addLast(new Answers());
    }

    private void write(Channel open, FullHttpRequest request) {
        deadline = loop.schedule(
                () -> {
                    disconnect();
                    finish(new Outcome.Failed("i/o timeout"));
                },
                answerNanos,
                TimeUnit.NANOSECONDS);
        open.writeAndFlush(request).addListener(written -> {
            if (!written.isSuccess() && open.equals(channel)) {
                disconnect();
                finish(new Outcome.Failed("write: " + written.cause().getMessage()));
            }
        });
    }

    private void finish(Outcome outcome) {
        usedNanos = System.nanoTime();
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
        var then = waiting;
        if (then != null) {
            waiting = null;
            then.accept(outcome);
        }
    }

    private void disconnect() {
        var open = channel;
        channel = null;
        if (open != null) {
            var _ = open.close();
        }
    }

    void close() {
        closed = true;
        disconnect();
        finish(new Outcome.Failed("stopped"));
    }

    private final class Answers extends SimpleChannelInboundHandler<FullHttpResponse> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpResponse response) {
            if (!ctx.channel().equals(channel)) {
                return;
            }
            if (response.decoderResult().isFailure()) {
                disconnect();
                finish(new Outcome.Failed("malformed HTTP response"));
                return;
            }
            if (!HttpUtil.isKeepAlive(response)) {
                disconnect();
            }
            var clusterId = response.headers().get(Requests.CLUSTER_ID, "");
            var body = response.content().toString(StandardCharsets.UTF_8);
            finish(new Outcome.Answered(response.status().code(), clusterId, body));
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (ctx.channel().equals(channel)) {
                channel = null;
                finish(new Outcome.Failed("EOF"));
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (ctx.channel().equals(channel)) {
                disconnect();
                finish(new Outcome.Failed(String.valueOf(cause.getMessage())));
            } else {
                var _ = ctx.close();
            }
        }
    }
}
