package dev.cetera.http;

import com.google.protobuf.ByteString;
import dev.cetera.config.Config.Web;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Guards the member against what a browser can be made to send it: pages of other sites may call it only if
/// the operator has said so, and by a name that is not the member's own only over TLS. Handles one request at
/// a time. Confined to the event loop of one connection.
public final class Browsers extends ChannelDuplexHandler {
    private static final String ANY = "*";
    private static final String METHODS = "POST, GET, OPTIONS, PUT, DELETE";
    private static final String HEADERS = "accept, content-type, authorization";
    /// Where etcd 3.3 leaves browsers to the gateway, which knows nothing of them.
    private static final List<String> UNTOLD = List.of("/v3beta", "/v3alpha/");

    private static final List<String> GATEWAY = List.of("/v3beta/", "/v3alpha/", "/v3/");

    private static final Reply EMPTY = new Reply(200, "", ByteString.EMPTY, Map.of());

    private final Web web;
    /// What the answer to come says to the browser; null for nothing.
    private @Nullable String allowed;

    private boolean refusing;

    private Browsers(Web web) {
        this.web = web;
    }

    /// The handlers to stand between HTTP's codec and whatever serves requests: they let in one at a time.
    public static List<ChannelHandler> guards(Web web) {
        return List.of(new InTurn(), new Browsers(web));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest request) {
            refusing = !begin(ctx, request);
        }
        if (refusing) {
            ReferenceCountUtil.release(message);
        } else {
            ctx.fireChannelRead(message);
        }
    }

    /// Whether the request goes on.
    private boolean begin(ChannelHandlerContext ctx, HttpRequest request) {
        allowed = null;
        if (request.decoderResult().isFailure()) {
            return true;
        }
        var host = host(request.headers());
        if (!Encryption.isOn(ctx.channel()) && !isKnown(host)) {
            answer(ctx, request, Reply.error(421, unrecognized(host)));
            return false;
        }
        var path = path(request);
        var origin = request.headers().get("Origin", "");
        if (startsWithOneOf(path, GATEWAY) && !mayCall(origin, request.headers().get("Host", ""))) {
            answer(ctx, request, Reply.error(403, "403 Forbidden: origin " + origin + " is not allowed by --cors"));
            return false;
        }
        if (startsWithOneOf(path, UNTOLD)) {
            return true;
        }
        allowed = web.origins().contains(ANY) ? ANY : web.origins().contains(origin) ? origin : null;
        if (request.method().name().equals("OPTIONS")) {
            answer(ctx, request, EMPTY);
            return false;
        }
        return true;
    }

    private static String path(HttpRequest request) {
        int query = request.uri().indexOf('?');
        return query < 0 ? request.uri() : request.uri().substring(0, query);
    }

    private static boolean startsWithOneOf(String path, List<String> prefixes) {
        return prefixes.stream().anyMatch(path::startsWith);
    }

    private boolean isKnown(String host) {
        return web.hosts().isEmpty() || web.hosts().contains(ANY) || web.hosts().contains(host);
    }

    /// A browser says where its page is from; a page may call where it is from.
    private boolean mayCall(String origin, String host) {
        return origin.isEmpty()
                || web.origins().contains(ANY)
                || web.origins().contains(origin)
                || origin.toLowerCase(Locale.ROOT)
                        .replaceFirst("^https?://", "")
                        .equals(host.toLowerCase(Locale.ROOT));
    }

    /// The name by which the member is called, without a port.
    private static String host(HttpHeaders headers) {
        var host = headers.get("Host", "");
        int colon = host.lastIndexOf(':');
        var name = colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
        return name.startsWith("[") && name.endsWith("]") ? name.substring(1, name.length() - 1) : name;
    }

    private static String unrecognized(String host) {
        return """

                etcd received your request, but the Host header was unrecognized.

                To fix this, choose one of the following options:
                - Enable TLS, then any HTTPS request will be allowed.
                - Add the hostname you want to use to the whitelist in settings.
                  - e.g. etcd --host-whitelist "%s"

                This requirement has been added to help prevent "DNS Rebinding" attacks (CVE-2018-5702).
                """.formatted(host.replace("\\", "\\\\").replace("\"", "\\\""));
    }

    private void answer(ChannelHandlerContext ctx, HttpRequest request, Reply reply) {
        var response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(reply.status()),
                Unpooled.wrappedBuffer(reply.body().asReadOnlyByteBuffer()));
        var headers = response.headers();
        allow(headers);
        if (!reply.contentType().isEmpty()) {
            headers.set("Content-Type", reply.contentType());
        }
        reply.headers().forEach(headers::set);
        headers.set("Date", HttpPipeline.now());
        headers.set("Content-Length", reply.body().size());
        boolean keepAlive = HttpUtil.isKeepAlive(request);
        if (!keepAlive) {
            headers.set("Connection", "close");
        }
        var written = ctx.writeAndFlush(response);
        if (!keepAlive) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }

    private void allow(HttpHeaders headers) {
        var origin = allowed;
        if (origin != null) {
            headers.set("Access-Control-Allow-Headers", HEADERS);
            headers.set("Access-Control-Allow-Methods", METHODS);
            headers.set("Access-Control-Allow-Origin", origin);
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (allowed != null
                && message instanceof HttpResponse response
                && response.status().codeClass() != HttpStatusClass.INFORMATIONAL) {
            var others = response.headers().copy();
            response.headers().clear();
            allow(response.headers());
            response.headers().add(others);
        }
        var _ = ctx.write(message, promise);
    }
}
