package dev.cetera.peer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cetera.node.PeerException;
import dev.cetera.node.SnapshotSource;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One long posted body, written by a thread that waits while the connection takes no more. Guarded by itself:
/// the writing thread and the connection's event loop meet here.
final class Upload {
    private static final int PIECE = 64 * 1024;

    /// The receiver may be slow to write, but has to take something now and then.
    private static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(60);

    /// The receiver checks and syncs what it got before it answers.
    private static final long ANSWER_NANOS = TimeUnit.MINUTES.toNanos(2);

    private final Surroundings around;
    private final EventLoop loop;

    @GuardedBy("this")
    private @Nullable Channel channel;

    @GuardedBy("this")
    private Caller.Outcome.@Nullable Answered answer;

    @GuardedBy("this")
    private @Nullable String failure;

    Upload(Surroundings around, EventLoop loop) {
        this.around = around;
        this.loop = loop;
    }

    /// Connects and sends the head of the request.
    void open(PeerUrl url) throws PeerException, InterruptedException {
        var dialing = around.dialer().dial(loop, url, this::setUp);
        dialing.await();
        if (!dialing.isSuccess()) {
            throw dialing.cause() instanceof PeerException known
                    ? known
                    : new PeerException(String.valueOf(dialing.cause()));
        }
        synchronized (this) {
            channel = dialing.getNow();
            if (failure != null) {
                var _ = channel.close();
                throw new PeerException(failure);
            }
            var _ = channel.writeAndFlush(around.requests().snapshot(url));
        }
    }

    private void setUp(Channel opened) {
        opened.pipeline()
                .addLast(new HttpClientCodec())
                .addLast(new HttpObjectAggregator(PIECE, true))
                .addLast(new Answer());
    }

    ByteBuf allocate(int size) {
        return open().alloc().directBuffer(size);
    }

    /// Reads the next bytes and writes them; -1 at the end.
    int copy(SnapshotSource from) throws IOException, InterruptedException {
        var piece = allocate(PIECE);
        boolean handedOn = false;
        try {
            int read = from.read(piece.nioBuffer(0, PIECE));
            if (read > 0) {
                piece.writerIndex(read);
                handedOn = true;
                write(piece);
            }
            return read;
        } finally {
            if (!handedOn) {
                piece.release();
            }
        }
    }

    /// Waits until the connection takes more, and takes `piece` over in any case.
    void write(ByteBuf piece) throws PeerException, InterruptedException {
        Channel to;
        try {
            to = awaitWritable();
        } catch (PeerException | InterruptedException failed) {
            piece.release();
            throw failed;
        }
        var _ = to.writeAndFlush(new DefaultHttpContent(piece));
    }

    private synchronized Channel awaitWritable() throws PeerException, InterruptedException {
        var to = open();
        long start = System.nanoTime();
        while (!to.isWritable() || failure != null || answer != null) {
            throwIfOver();
            long left = STALL_NANOS - (System.nanoTime() - start);
            if (left <= 0) {
                throw new PeerException("i/o timeout");
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return to;
    }

    /// An answer before the end is a refusal.
    @GuardedBy("this")
    private void throwIfOver() throws PeerException {
        if (failure != null) {
            throw new PeerException(failure);
        }
        if (answer != null) {
            throw new PeerException(
                    "answered with " + answer.status() + " before the end: " + PostAnswer.line(answer.body()));
        }
    }

    /// Ends the body and waits for the answer.
    synchronized Caller.Outcome.Answered finish() throws PeerException, InterruptedException {
        var _ = open().writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
        long start = System.nanoTime();
        while (answer == null) {
            throwIfOver();
            long left = ANSWER_NANOS - (System.nanoTime() - start);
            if (left <= 0) {
                throw new PeerException("no answer within " + Shown.duration(ANSWER_NANOS));
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return answer;
    }

    private synchronized Channel open() {
        if (channel == null) {
            throw new IllegalStateException("not opened");
        }
        return channel;
    }

    /// Cuts it off, if it is not over. From any thread.
    synchronized void close() {
        fail("stopped");
        if (channel != null) {
            var _ = channel.close();
        }
    }

    private synchronized void fail(String why) {
        if (failure == null) {
            failure = why;
        }
        notifyAll();
    }

    private final class Answer extends SimpleChannelInboundHandler<FullHttpResponse> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpResponse response) {
            if (response.decoderResult().isFailure()) {
                fail("malformed HTTP response");
                return;
            }
            synchronized (Upload.this) {
                answer = new Caller.Outcome.Answered(
                        response.status().code(),
                        response.headers().get(Requests.CLUSTER_ID, ""),
                        response.content().toString(StandardCharsets.UTF_8));
                Upload.this.notifyAll();
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            synchronized (Upload.this) {
                Upload.this.notifyAll();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            fail("EOF");
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            fail(String.valueOf(cause.getMessage()));
        }
    }
}
