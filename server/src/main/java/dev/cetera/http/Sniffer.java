package dev.cetera.http;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalProtocolNegotiationEvent;
import io.grpc.netty.InternalProtocolNegotiator.ProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Tells gRPC from plain HTTP by the first bytes of a connection: HTTP/2 by prior knowledge begins with a
/// fixed preface, and anything that departs from it is HTTP/1.1 (or garbage, which that codec refuses).
///
/// gRPC announces a new connection by an event which starts the building of its pipeline. The event is held
/// back until the preface is complete and then replayed into the plaintext pipeline, which finds everything as
/// if it had been there from the start. Confined to the connection's event loop.
final class Sniffer extends ByteToMessageDecoder {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final Class<?> NEGOTIATION =
            InternalProtocolNegotiationEvent.getDefault().getClass();

    private final ChannelHandler grpc;
    private final DualPort.Lines lines;
    private @Nullable Object negotiation;
    private @Nullable Future<?> deadline;
    private boolean decided;

    private Sniffer(ChannelHandler grpc, DualPort.Lines lines) {
        this.grpc = grpc;
        this.lines = lines;
    }

    /// In the place of gRPC's own negotiator.
    static ProtocolNegotiator negotiator(DualPort.Lines lines) {
        var plaintext = InternalProtocolNegotiators.serverPlaintext();
        return new ProtocolNegotiator() {
            @Override
            public AsciiString scheme() {
                return plaintext.scheme();
            }

            @Override
            public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpcHandler) {
                return new Sniffer(plaintext.newHandler(grpcHandler), lines);
            }

            @Override
            public void close() {
                plaintext.close();
            }
        };
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        Gate.hold(ctx.channel(), lines.heard());
        var _ = lines.heard().whenComplete((_, _) -> ctx.executor().execute(() -> startClock(ctx)));
    }

    private void startClock(ChannelHandlerContext ctx) {
        if (!ctx.isRemoved() && !decided) {
            deadline = ctx.executor()
                    .schedule(
                            () -> {
                                var _ = ctx.close();
                            },
                            lines.times().firstBytesMillis(),
                            TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (NEGOTIATION.isInstance(event)) {
            negotiation = event;
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (decided) {
            return;
        }
        int seen = Math.min(in.readableBytes(), PREFACE.length);
        for (int i = 0; i < seen; i++) {
            if (in.getByte(in.readerIndex() + i) != PREFACE[i]) {
                decide();
                becomeHttp(ctx);
                return;
            }
        }
        if (seen == PREFACE.length) {
            decide();
            if (lines.calls().isDone()) {
                becomeGrpc(ctx);
            } else {
                Gate.hold(ctx.channel(), lines.calls());
                var _ = lines.calls().whenComplete((_, _) -> ctx.executor().execute(() -> becomeGrpc(ctx)));
            }
        }
    }

    private void decide() {
        decided = true;
        stopClock();
    }

    private void becomeGrpc(ChannelHandlerContext ctx) {
        if (ctx.isRemoved()) {
            return; // the connection ended while it waited
        }
        ctx.pipeline().addAfter(ctx.name(), null, grpc);
        var event = negotiation;
        if (event == null) {
            throw new IllegalStateException("the connection was never announced");
        }
        ctx.fireUserEventTriggered(event);
        ctx.pipeline().remove(this); // hands on what it has read
    }

    private void becomeHttp(ChannelHandlerContext ctx) {
        lines.plain().add(ctx.channel());
        var pipeline = ctx.pipeline();
        // gRPC's own handler would hold back all that is written to the channel until gRPC begins.
        while (!ctx.equals(pipeline.lastContext())) {
            pipeline.removeLast();
        }
        var handlers = HttpPipeline.handlers(
                lines.pages(), lines.front().get(), lines.times().requestMillis());
        for (var handler : handlers.reversed()) {
            pipeline.addAfter(ctx.name(), null, handler);
        }
        pipeline.remove(this);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        stopClock();
    }

    private void stopClock() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }
}
