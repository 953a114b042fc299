package dev.cetera.peer;

import dev.cetera.logs.LogLevel;
import dev.cetera.raftpb.MalformedException;
import dev.cetera.raftpb.MessageCodec.Decoded;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Reads one stream of another member: asks for it, hands on what comes, and asks again when it ends. Confined
/// to its event loop.
final class StreamReader {
    private static final int MAX_REFUSAL = 4096;

    private final long peer;
    private final StreamKind kind;
    private final PeerStatus status;
    private final UrlPicker picker;
    private final Surroundings around;
    private final EventLoop loop;
    private @Nullable Attempt current;
    private boolean closed;

    StreamReader(long peer, StreamKind kind, PeerStatus status, UrlPicker picker, Surroundings around, EventLoop loop) {
        this.peer = peer;
        this.kind = kind;
        this.status = status;
        this.picker = picker;
        this.around = around;
        this.loop = loop;
    }

    void start() {
        around.log().info("started streaming with peer " + shown() + " (" + kind.shown + " reader)");
        dial();
    }

    private void dial() {
        if (closed) {
            return;
        }
        var url = picker.pick();
        var attempt = new Attempt(url, System.nanoTime());
        current = attempt;
        if (url == null) {
            attempt.notDialed("no usable peer URL");
            return;
        }
        around.dialer().dial(loop, url, attempt::setUp).addListener(done -> {
            if (!done.isSuccess()) {
                attempt.notDialed(String.valueOf(done.cause().getMessage()));
            } else {
                attempt.connected((Channel) done.getNow(), url);
            }
        });
    }

    /// Not at once if the last attempt was just now.
    private void again(long lastNanos) {
        if (!closed) {
            long wait = Math.max(0, lastNanos + around.options().retryNanos() - System.nanoTime());
            var _ = loop.schedule(this::dial, wait, TimeUnit.NANOSECONDS);
        }
    }

    void close() {
        closed = true;
        if (current != null) {
            current.stop();
        }
        around.log().info("stopped streaming with peer " + shown() + " (" + kind.shown + " reader)");
    }

    private String shown() {
        return Long.toHexString(peer);
    }

    /// One connection, from the dialling to its end.
    private final class Attempt extends ChannelInboundHandlerAdapter {
        private final @Nullable PeerUrl url;
        private final long startNanos;
        private @Nullable Channel channel;
        private @Nullable FrameReader frames;
        private int answered;
        private String clusterId = "";
        private final StringBuilder refusal = new StringBuilder();
        private boolean over;

        Attempt(@Nullable PeerUrl url, long startNanos) {
            this.url = url;
            this.startNanos = startNanos;
        }

        void setUp(Channel opened) {
            long silence = around.options().silenceNanos();
            opened.pipeline()
                    .addLast(new IdleStateHandler(silence, 0, 0, TimeUnit.NANOSECONDS))
                    .addLast(new HttpClientCodec())
                    .addLast(this);
        }

        void connected(Channel opened, PeerUrl to) {
            channel = opened;
            if (closed || over) {
                var _ = opened.close();
                return;
            }
            var _ = opened.writeAndFlush(around.requests().stream(to, kind, peer));
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            try {
                if (over) {
                    return;
                }
                if (message instanceof HttpResponse response) {
                    response(response);
                }
                if (!over && message instanceof HttpContent content) {
                    content(content);
                }
            } finally {
                ReferenceCountUtil.release(message);
            }
        }

        private void response(HttpResponse response) {
            if (response.decoderResult().isFailure()) {
                notDialed("malformed HTTP response");
                return;
            }
            var version = ServerVersion.parse(response.headers().get(Requests.SERVER_VERSION, "2.0.0"));
            if (version == null || !version.hasStreams()) {
                unsupported();
                return;
            }
            answered = response.status().code();
            clusterId = response.headers().get(Requests.CLUSTER_ID, "");
            if (answered == 200) {
                frames = kind.reader(around.inbound().memberId(), peer);
                status.activate();
                around.log()
                        .merged(
                                LogLevel.INFO,
                                "established a TCP streaming connection with peer " + shown() + " (" + kind.shown
                                        + " reader)");
            }
        }

        private void content(HttpContent content) {
            var reader = frames;
            if (content.decoderResult().isFailure()) {
                end("read", "malformed HTTP chunk");
            } else if (reader != null) {
                frames(reader, content.content());
                if (content instanceof LastHttpContent) {
                    end("read", null);
                }
            } else {
                if (refusal.length() < MAX_REFUSAL) {
                    refusal.append(content.content().toString(StandardCharsets.UTF_8));
                }
                if (content instanceof LastHttpContent) {
                    refused();
                }
            }
        }

        private void frames(FrameReader reader, ByteBuf bytes) {
            around.meters().received(peer, bytes.readableBytes());
            try {
                reader.read(bytes, this::take);
            } catch (MalformedException malformed) {
                end("read", String.valueOf(malformed.getMessage()));
            }
        }

        private void take(Decoded decoded) {
            if (around.incoming().fromStream(decoded, peer) == Incoming.Outcome.NOT_TAKEN && status.isActive()) {
                around.log()
                        .merged("dropped internal raft message from " + shown()
                                + " since receiving buffer is full (overloaded network)");
            }
        }

        private void refused() {
            switch (answered) {
                case 410 -> {
                    notDialed(PostAnswer.REMOVED);
                    around.inbound().removed();
                }
                case 404 ->
                    notDialed("peer " + shown() + " failed to find local node "
                            + Long.toHexString(around.inbound().memberId()));
                case 412 -> {
                    var answer = new Caller.Outcome.Answered(412, clusterId, refusal.toString());
                    notDialed(PostAnswer.precondition(answer, peer, around, "peer"));
                }
                default -> notDialed("unhandled http status " + answered);
            }
        }

        /// A member too old to have streams; not worth a line.
        private void unsupported() {
            if (finish()) {
                again(startNanos);
            }
        }

        void notDialed(String why) {
            if (finish()) {
                status.deactivate(kind.shown, "dial", why);
                again(startNanos);
            }
        }

        /// @param why null when the other side ended the stream properly
        private void end(String action, @Nullable String why) {
            if (frames == null) {
                notDialed(why == null ? "EOF" : why);
                return;
            }
            if (finish()) {
                around.log()
                        .merged("lost the TCP streaming connection with peer " + shown() + " (" + kind.shown
                                + " reader)");
                if (why != null) {
                    status.deactivate(kind.shown, action, why);
                }
                again(startNanos);
            }
        }

        private boolean finish() {
            if (over) {
                return false;
            }
            stop();
            if (frames == null && url != null) {
                picker.unreachable(url);
            }
            return true;
        }

        void stop() {
            over = true;
            if (channel != null) {
                var _ = channel.close();
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof IdleStateEvent) {
                end("read", "i/o timeout");
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            end("read", frames == null ? "EOF" : "unexpected EOF");
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            end("read", String.valueOf(cause.getMessage()));
        }
    }
}
