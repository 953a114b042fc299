package dev.cetera.peer;

import com.google.protobuf.ByteString;
import dev.cetera.http.Transport;
import dev.cetera.node.PeerException;
import dev.cetera.tls.ClientTls;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/// HTTP/1.1 requests on the shared event loops, each answered or failed within its time: the time covers
/// everything, from looking a name up to the last byte of the answer. It never offers another protocol.
///
/// Shared: any thread may call any method, and none blocks. Futures complete on an event loop.
final class HttpCalls implements AutoCloseable {
    private static final Set<String> SCHEMES = Set.of("http", "https", "unix", "unixs");

    private final Transport transport;
    private final ClientTls tls;
    private final long dialNanos;
    private final Map<PeerUrl, CallPool> pools = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /// One request.
    ///
    /// @param url         whom to ask, without a path: `http://host:port`
    /// @param contentType empty where there is no body
    /// @param clusterId   named in the request unless 0
    /// @param maxAnswer   bytes of the answer's body that are read; a longer one is a failure
    /// @param nanos       for all of it
    record Call(
            HttpMethod method,
            String url,
            String path,
            String contentType,
            ByteString body,
            long clusterId,
            int maxAnswer,
            long nanos) {
        /// As Go names a request in its errors: `Get http://host:port/path`.
        String shown() {
            var name = method.name();
            return name.charAt(0) + name.substring(1).toLowerCase(Locale.ROOT) + " " + url + path;
        }
    }

    /// What came back.
    record Answered(int status, HttpHeaders headers, ByteString body) {
        String text() {
            return body.toStringUtf8();
        }
    }

    /// @param dialNanos for a connection to be there
    HttpCalls(Transport transport, ClientTls tls, long dialNanos) {
        this.transport = transport;
        this.tls = tls;
        this.dialNanos = dialNanos;
    }

    /// Fails with a [PeerException] alone, whose text begins as [Call#shown].
    CompletableFuture<Answered> ask(Call call) {
        URI url;
        try {
            url = URI.create(call.url());
        } catch (IllegalArgumentException malformed) {
            return failed(call, "parse " + call.url() + ": invalid URL");
        }
        var scheme = String.valueOf(url.getScheme());
        if (!SCHEMES.contains(scheme)) {
            return failed(call, "unsupported protocol scheme \"" + url.getScheme() + "\"");
        }
        if (url.getHost() == null || url.getPort() < 0) {
            return failed(call, "no host and port in request URL");
        }
        if (closed) {
            return failed(call, "the member is stopping");
        }
        var to = new PeerUrl(scheme, withoutBrackets(url.getHost()), url.getPort());
        var pool = pools.computeIfAbsent(to, _ -> new CallPool(transport, tls, to, dialNanos));
        var asked = pool.ask(call);
        if (closed) {
            pool.close(); // it may have been made behind the back of close
        }
        return asked;
    }

    private static String withoutBrackets(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static CompletableFuture<Answered> failed(Call call, String why) {
        return CompletableFuture.failedFuture(new PeerException(call.shown() + ": " + why));
    }

    /// Fails what is under way. Idempotent.
    @Override
    public void close() {
        closed = true;
        List.copyOf(pools.values()).forEach(CallPool::close);
    }
}
