package dev.cetera.tls;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cetera.config.Config;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// TLS for the connections that a member opens to others. Every connection gets what the files hold when it is
/// opened. Shared.
public final class ClientTls {
    private final Config.Tls side;
    private final List<String> ciphers;
    private final String name;
    private final String serverName;

    /// Null while a side without files has not been used: looking for the system's authorities takes a while.
    @GuardedBy("this")
    private @Nullable Watched<Material> material;

    private record Material(SslContext http, SslContext grpc) {}

    private ClientTls(Config.Tls side, List<String> ciphers, String name, String serverName) {
        this.side = side;
        this.ciphers = List.copyOf(ciphers);
        this.name = name;
        this.serverName = serverName;
    }

    /// Reads the files. A side without a certificate shows none; one without authorities trusts the system's.
    ///
    /// @param side       whose certificate is shown and whose authorities are trusted; one whose certificate
    ///                   was made by this program trusts everybody, since nobody else vouches for such
    ///                   certificates
    /// @param ciphers    by Go's names; empty for all good ones
    /// @param name       the common name that others' certificates must bear; empty for any
    /// @param serverName the host name that others' certificates must name, instead of the one in their URL;
    ///                   empty for that
    public static ClientTls open(Config.Tls side, List<String> ciphers, String name, String serverName)
            throws TlsException {
        var tls = new ClientTls(side, ciphers, name, serverName);
        if (!Contexts.files(side).isEmpty()) {
            var _ = tls.now();
        }
        return tls;
    }

    /// Without files: no certificate is shown, and the system's authorities are trusted.
    public static ClientTls withoutFiles() {
        return new ClientTls(Config.Tls.NONE, List.of(), "", "");
    }

    private synchronized Material now() throws TlsException {
        var known = material;
        if (known == null) {
            known = new Watched<>(Contexts.files(side), () -> read(side, ciphers, name));
            material = known;
        }
        return known.now();
    }

    private static Material read(Config.Tls side, List<String> ciphers, String name) throws TlsException {
        var trust = side.auto() ? Trust.anybody() : Trust.of(Contexts.authorities(side), name);
        return new Material(
                Contexts.client(builder(side, trust), ciphers), Contexts.grpcClient(builder(side, trust), ciphers));
    }

    private static SslContextBuilder builder(Config.Tls side, Trust trust) throws TlsException {
        var builder = SslContextBuilder.forClient()
                .trustManager(trust)
                .endpointIdentificationAlgorithm(trust.takesAnybody() ? null : "HTTPS");
        return side.isEmpty() ? builder : builder.keyManager(new OwnKey(Identity.read(side.certificate(), side.key())));
    }

    /// For one new connection to a host: the other side must prove to be it.
    ///
    /// @throws TlsException when the files could not be read
    public SslHandler newHandler(
            ByteBufAllocator allocator, Executor handshakes, String host, int port, long timeoutMillis)
            throws TlsException {
        var name = serverName.isEmpty() ? host : serverName;
        var handler = now().http().newHandler(allocator, name, port, handshakes);
        handler.setHandshakeTimeoutMillis(timeoutMillis);
        return handler;
    }

    /// For a gRPC channel.
    public SslContext forGrpc() throws TlsException {
        return now().grpc();
    }

    /// What a gRPC channel to a host expects to find in its certificate.
    public String nameOf(String host) {
        return serverName.isEmpty() ? host : serverName;
    }
}
