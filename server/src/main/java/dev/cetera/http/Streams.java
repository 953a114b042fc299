package dev.cetera.http;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/// The streams of one HTTP/2 connection: gRPC's are gRPC's; on a connection by TLS, where browsers and `curl`
/// speak HTTP/2 too, every other stream is a request for a page and gets a [PageStream]. In the clear
/// everything is gRPC's. Confined to the connection's event loop.
final class Streams extends Http2FrameListenerDecorator {
    /// Pages at once on one connection; gRPC's calls have no limit.
    private static final int MAX_PAGES = 100;

    /// Settings in a connection's life. Clients send them once, and some when they come to know the line
    /// better.
    private static final int MAX_SETTINGS = 10_000;

    private final GrpcHttp2ConnectionHandler connection;
    private final DualPort.Lines lines;
    private final @Nullable SSLSession session;
    private final Outflow outflow;
    private final Map<Integer, PageStream> pages = new HashMap<>();
    private final Deadline settings;
    private int settingsRead;

    Streams(
            GrpcHttp2ConnectionHandler connection,
            DualPort.Lines lines,
            @Nullable SSLSession session,
            Http2FrameListener grpc) {
        super(grpc);
        this.outflow = new Outflow(connection, lines, this::forget);
        this.connection = connection;
        this.lines = lines;
        this.session = session;
        this.settings = new Deadline(lines.times().firstBytesMillis());
        connection.connection().addListener(new Http2ConnectionAdapter() {
            @Override
            public void onStreamClosed(Http2Stream stream) {
                var page = pages.remove(stream.id());
                if (page != null) {
                    page.ended();
                }
                outflow.ended(stream.id());
            }
        });
    }

    /// Gives the client time for its settings, which come right behind the preface.
    void await(ChannelHandlerContext ctx) {
        settings.start(ctx);
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings read) throws Http2Exception {
        settings.stop();
        if (++settingsRead > MAX_SETTINGS) {
            throw Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, "settings change all the time");
        }
        super.onSettingsRead(ctx, read);
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext ctx,
            int streamId,
            Http2Headers headers,
            int streamDependency,
            short weight,
            boolean exclusive,
            int padding,
            boolean endStream)
            throws Http2Exception {
        var begun = pages.get(streamId);
        if (begun != null) {
            begun.trailers(endStream);
        } else if (session == null || isGrpc(headers)) {
            outflow.begin(ctx, streamId);
            super.onHeadersRead(ctx, streamId, headers, streamDependency, weight, exclusive, padding, endStream);
            outflow.begun();
        } else if (pages.size() >= MAX_PAGES) {
            throw Http2Exception.streamError(streamId, Http2Error.REFUSED_STREAM, "too many requests at once");
        } else {
            var page = new PageStream(ctx, connection, streamId, session, lines);
            pages.put(streamId, page);
            page.begin(headers, endStream);
        }
    }

    private static boolean isGrpc(Http2Headers headers) {
        var type = headers.get(HttpHeaderNames.CONTENT_TYPE);
        return type != null && type.toString().contains("application/grpc");
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext ctx, int streamId, Http2Headers headers, int padding, boolean endStream)
            throws Http2Exception {
        onHeadersRead(ctx, streamId, headers, 0, (short) 16, false, padding, endStream);
    }

    @Override
    public int onDataRead(ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean endOfStream)
            throws Http2Exception {
        var page = pages.get(streamId);
        return page == null
                ? super.onDataRead(ctx, streamId, data, padding, endOfStream)
                : page.data(data, endOfStream) + padding;
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext ctx, int streamId, long errorCode) throws Http2Exception {
        var page = pages.remove(streamId);
        if (page != null) {
            page.ended();
        }
        super.onRstStreamRead(ctx, streamId, errorCode);
    }

    /// For calls whose answers are long.
    Outflow outflow() {
        return outflow;
    }

    /// Lets gRPC know that a call is over, as if its client had said so.
    private void forget(ChannelHandlerContext ctx, int streamId) throws Http2Exception {
        super.onRstStreamRead(ctx, streamId, Http2Error.CANCEL.code());
    }
}
