package dev.cetera.http;

import dev.cetera.rpc.Outlet;
import dev.cetera.tls.ServerTls.Speech;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalProtocolNegotiationEvent;
import io.grpc.netty.InternalProtocolNegotiator.ProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/// Tells HTTP/2 from HTTP/1.1 by the first bytes of a connection: HTTP/2 by prior knowledge or after a TLS
/// handshake begins with a fixed preface, and anything that departs from it is HTTP/1.1 (or garbage, which
/// that codec refuses).
///
/// gRPC announces a new connection by an event which starts the building of its pipeline. The event is held
/// back until the preface is complete and then told to gRPC's own handler with what has become known of the
/// connection meanwhile. Confined to the connection's event loop.
final class Sniffer extends ByteToMessageDecoder {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final Class<?> ANNOUNCEMENT =
            InternalProtocolNegotiationEvent.getDefault().getClass();

    private final GrpcHttp2ConnectionHandler grpc;
    private final DualPort.Lines lines;
    private final @Nullable SSLSession session;
    private final Deadline deadline;
    private boolean decided;

    private Sniffer(GrpcHttp2ConnectionHandler grpc, DualPort.Lines lines, @Nullable SSLSession session) {
        this.grpc = grpc;
        this.lines = lines;
        this.session = session;
        this.deadline = new Deadline(lines.times().firstBytesMillis());
    }

    /// In the place of gRPC's own negotiator.
    ///
    /// @param handshakes runs what TLS has to compute
    static ProtocolNegotiator negotiator(DualPort.Lines lines, Guard guard, Executor handshakes) {
        var plaintext = InternalProtocolNegotiators.serverPlaintext();
        return new ProtocolNegotiator() {
            @Override
            public AsciiString scheme() {
                return plaintext.scheme();
            }

            @Override
            public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
                return Entrance.of(
                        guard, lines, Speech.HTTP_1_AND_2, handshakes, session -> new Sniffer(grpc, lines, session));
            }

            @Override
            public void close() {
                plaintext.close();
            }
        };
    }

    /// Whether an event is gRPC's announcement of a new connection.
    static boolean isAnnouncement(Object event) {
        return ANNOUNCEMENT.isInstance(event);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        lines.enter(ctx.channel());
        deadline.startWhen(lines.heard(), ctx);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!isAnnouncement(event)) {
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
        deadline.stop();
    }

    private void becomeGrpc(ChannelHandlerContext ctx) {
        if (ctx.isRemoved()) {
            return; // the connection ended while it waited
        }
        lines.grpc().add(ctx.channel());
        var streams = new Streams(grpc, lines, session, grpc.decoder().frameListener());
        grpc.decoder().frameListener(streams);
        streams.await(ctx);
        ctx.pipeline().addAfter(ctx.name(), null, InternalProtocolNegotiators.grpcNegotiationHandler(grpc));
        ctx.fireUserEventTriggered(InternalProtocolNegotiationEvent.withAttributes(
                InternalProtocolNegotiationEvent.getDefault(), attributes(ctx, streams.outflow())));
        ctx.pipeline().remove(this); // hands on what it has read
    }

    /// What calls can know of their connection.
    private Attributes attributes(ChannelHandlerContext ctx, Outlet outlet) {
        var attributes = Attributes.newBuilder()
                .set(Outlet.KEY, outlet)
                .set(Grpc.TRANSPORT_ATTR_LOCAL_ADDR, ctx.channel().localAddress())
                .set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, ctx.channel().remoteAddress());
        if (session != null) {
            attributes.set(Grpc.TRANSPORT_ATTR_SSL_SESSION, session);
        }
        return attributes.build();
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
        deadline.stop();
    }
}
