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
import java.util.concurrent.CompletableFuture;
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
    private final CompletableFuture<Pages> opened;
    private final PortTimes times;
    private @Nullable Object negotiation;
    private @Nullable Future<?> deadline;

    private Sniffer(ChannelHandler grpc, CompletableFuture<Pages> opened, PortTimes times) {
        this.grpc = grpc;
        this.opened = opened;
        this.times = times;
    }

    /// In the place of gRPC's own negotiator.
    static ProtocolNegotiator negotiator(CompletableFuture<Pages> opened, PortTimes times) {
        var plaintext = InternalProtocolNegotiators.serverPlaintext();
        return new ProtocolNegotiator() {
            @Override
            public AsciiString scheme() {
                return plaintext.scheme();
            }

            @Override
            public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpcHandler) {
                return new Sniffer(plaintext.newHandler(grpcHandler), opened, times);
            }

            @Override
            public void close() {
                plaintext.close();
            }
        };
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        Gate.hold(ctx.channel(), opened);
        var _ = opened.whenComplete((_, _) -> ctx.executor().execute(() -> startClock(ctx)));
    }

    private void startClock(ChannelHandlerContext ctx) {
        if (!ctx.isRemoved()) {
            deadline = ctx.executor()
                    .schedule(
                            () -> {
                                var _ = ctx.close();
                            },
                            times.firstBytesMillis(),
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
        int seen = Math.min(in.readableBytes(), PREFACE.length);
        for (int i = 0; i < seen; i++) {
            if (in.getByte(in.readerIndex() + i) != PREFACE[i]) {
                becomeHttp(ctx);
                return;
            }
        }
        if (seen == PREFACE.length) {
            becomeGrpc(ctx);
        }
    }

    private void becomeGrpc(ChannelHandlerContext ctx) {
        ctx.pipeline().addAfter(ctx.name(), null, grpc);
        var event = negotiation;
        if (event == null) {
            throw new IllegalStateException("the connection was never announced");
        }
        ctx.fireUserEventTriggered(event);
        ctx.pipeline().remove(this); // hands on what it has read
    }

    private void becomeHttp(ChannelHandlerContext ctx) {
        var pipeline = ctx.pipeline();
        // Directly behind this one: gRPC's own handler stays at the end, where nothing reaches it.
        for (var handler :
                HttpPipeline.handlers(opened::join, times.requestMillis()).reversed()) {
            pipeline.addAfter(ctx.name(), null, handler);
        }
        pipeline.remove(this);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }
}
