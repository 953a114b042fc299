package dev.cetera.http;

import dev.cetera.rpc.Outlet;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.concurrent.Future;
import io.netty.util.internal.PlatformDependent;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// The long answers of one connection that speaks gRPC. A piece is made when stream, connection and socket
/// have room for it, so an answer that its client doesn't read costs nothing but the right to go on; and one
/// that isn't read for too long is cut off, because it holds a moment of the store.
///
/// Of the other answers, which gRPC takes as a whole, a connection may have so many on the way; the calls
/// behind them wait for their turn, so that a client that asks and doesn't read doesn't fill the memory.
///
/// Confined to the connection's event loop, but for [#send] and [#unsent].
final class Outflow implements Outlet {
    /// Of a piece. With what the socket's buffer holds, about as much is in memory for each connection.
    private static final int PIECE_BYTES = 64 * 1024;

    /// Before a message: whether it is compressed, and its length.
    private static final int PREFIX_BYTES = 5;

    /// Of answers that gRPC holds for one connection, beyond which its calls wait, and when all connections
    /// together come to [#MANY_UNSENT].
    private static final long MOST_UNSENT = 4 << 20;

    private static final long FEW_UNSENT = 64 * 1024;

    /// A quarter of what Netty may take.
    private static final long MANY_UNSENT = Math.max(MOST_UNSENT, PlatformDependent.maxDirectMemory() / 4);

    /// How often a client's patience is looked at, within [PortTimes#readMillis].
    private static final int LOOKS = 4;

    private final GrpcHttp2ConnectionHandler connection;
    private final PortTimes times;
    private final LongConsumer counter;
    private final Cut cut;
    private final AtomicLong allUnsent;
    private final AtomicLong unsent = new AtomicLong();
    private final Map<Integer, Flow> flows = new HashMap<>();
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    /// From the first call on.
    private volatile @Nullable ChannelHandlerContext ctx;
    private volatile int beginning;
    private boolean listening;

    /// Tells gRPC that a call is over.
    @FunctionalInterface
    interface Cut {
        void forget(ChannelHandlerContext ctx, int stream) throws Http2Exception;
    }

    Outflow(GrpcHttp2ConnectionHandler connection, DualPort.Lines lines, Cut cut) {
        this.connection = connection;
        this.times = lines.times();
        this.counter = lines.answered();
        this.allUnsent = lines.unsent();
        this.cut = cut;
    }

    /// A call begins, until [#begun].
    void begin(ChannelHandlerContext here, int stream) {
        ctx = here;
        beginning = stream;
    }

    void begun() {
        beginning = 0;
    }

    /// A stream is closed, by whomever.
    void ended(int stream) {
        var flow = flows.remove(stream);
        if (flow != null) {
            flow.drop();
        }
    }

    @Override
    public int beginning() {
        var here = ctx;
        return here != null && here.executor().inEventLoop() ? beginning : 0;
    }

    @Override
    public void send(int stream, int size, Source source) {
        var here = ctx;
        if (here == null) {
            throw new IllegalStateException("no call has begun");
        }
        here.executor().execute(() -> {
            listen();
            counter.accept(size);
            var flow = new Flow(here, stream, size, source);
            flows.put(stream, flow);
            flow.begin();
        });
    }

    @Override
    public void unsent(int change) {
        if (change == 0) {
            return;
        }
        unsent.addAndGet(change);
        allUnsent.addAndGet(change);
        var here = ctx;
        if (change < 0 && here != null) {
            if (here.executor().inEventLoop()) {
                goOn();
            } else {
                here.executor().execute(this::goOn);
            }
        }
    }

    private void goOn() {
        while (!waiting.isEmpty() && hasRoom()) {
            waiting.remove().run();
        }
    }

    @Override
    public void whenRoom(Runnable call) {
        if (waiting.isEmpty() && hasRoom()) {
            call.run();
        } else {
            waiting.add(call);
        }
    }

    /// A connection on which nothing is unsent always has some, so whoever waits gets a turn.
    private boolean hasRoom() {
        long here = unsent.get();
        return here < FEW_UNSENT || (here < MOST_UNSENT && allUnsent.get() < MANY_UNSENT);
    }

    /// From the first long answer on: it costs the other calls of the connection a little.
    private void listen() {
        if (!listening) {
            listening = true;
            connection.encoder().flowController().listener(stream -> {
                var flow = flows.get(stream.id());
                if (flow != null) {
                    flow.goOn();
                }
            });
        }
    }

    /// One answer.
    private final class Flow implements Taker {
        private final ChannelHandlerContext here;
        private final int id;
        private final Source source;
        private @Nullable ByteBuf prefix;
        private long left;
        private boolean making;
        private boolean over;
        private int idleLooks;
        private @Nullable Future<?> looking;

        Flow(ChannelHandlerContext here, int id, int size, Source source) {
            this.here = here;
            this.id = id;
            this.source = source;
            this.left = size;
            this.prefix = Unpooled.buffer(PREFIX_BYTES).writeByte(0).writeInt(size);
        }

        void begin() {
            long every = Math.max(1, times.readMillis() / LOOKS);
            looking = here.executor().scheduleAtFixedRate(this::look, every, every, TimeUnit.MILLISECONDS);
            goOn();
        }

        /// Has the next piece made if there is room for one.
        void goOn() {
            if (over || making) {
                return;
            }
            var stream = connection.connection().stream(id);
            if (stream == null) {
                ended(id);
            } else if (!stream.isHeadersSent()) {
                here.executor().execute(this::goOn); // gRPC has them under way
            } else if (connection.encoder().flowController().isWritable(stream)) {
                making = true;
                idleLooks = 0;
                source.next(room(stream), this);
            }
        }

        private int room(Http2Stream stream) {
            var flow = connection.encoder().flowController();
            int window = Math.min(
                    flow.windowSize(stream),
                    flow.windowSize(connection.connection().connectionStream()));
            return Math.clamp(window, 1, PIECE_BYTES);
        }

        @Override
        public void piece(byte[] piece, int length, boolean last) {
            here.executor().execute(() -> write(Unpooled.wrappedBuffer(piece, 0, length), last));
        }

        @Override
        public void none() {
            here.executor().execute(this::cutOff);
        }

        private void write(ByteBuf piece, boolean last) {
            if (over) {
                return;
            }
            making = false;
            left -= piece.readableBytes();
            if (left < 0 || last != (left == 0)) {
                cutOff();
                throw new IllegalStateException("a message is not as long as was said");
            }
            var before = prefix;
            prefix = null;
            var data = before == null ? piece : Unpooled.wrappedBuffer(before, piece);
            var _ = connection.encoder().writeData(here, id, data, 0, false, here.newPromise());
            connection.flush(here);
            if (last) {
                flows.remove(id);
                end();
                source.sent();
            } else {
                goOn();
            }
        }

        /// Cuts off a client that has read nothing for too long.
        private void look() {
            if (++idleLooks > LOOKS && !making) {
                cutOff();
            }
            goOn();
        }

        private void cutOff() {
            if (over) {
                return;
            }
            try {
                cut.forget(here, id);
            } catch (Http2Exception broken) {
                connection.onError(here, true, broken);
            }
            var _ = connection.resetStream(here, id, Http2Error.ENHANCE_YOUR_CALM.code(), here.newPromise());
            connection.flush(here);
            ended(id);
        }

        void drop() {
            if (!over) {
                end();
                source.dropped();
            }
        }

        private void end() {
            over = true;
            if (looking != null) {
                looking.cancel(false);
            }
        }
    }
}
