package dev.cetera.tls;

import dev.cetera.config.Config;
import dev.cetera.config.Config.PeerAddress;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/// TLS for the connections that a port accepts. Every connection gets what the files hold when it comes.
/// Shared.
public final class ServerTls {
    private final Watched<Material> material;
    private final Rules rules;

    /// What is asked of a certificate beyond being from an authority. Immutable.
    ///
    /// @param name    the common name that it must bear; empty for any
    /// @param address whether it must name the address that its holder connects from
    public record Rules(String name, PeerAddress address) {
        public static final Rules NONE = new Rules("", PeerAddress.ANY);
    }

    /// What the connections of a port can speak, and offer during the handshake.
    public enum Speech {
        HTTP_1,
        HTTP_1_AND_2
    }

    private record Material(SslContext http1, SslContext both, Revocations revocations) {}

    private ServerTls(Watched<Material> material, Rules rules) {
        this.material = material;
        this.rules = rules;
    }

    /// Looks only whether the names are names.
    ///
    /// @throws TlsException in etcd's words, naming the first suite that it doesn't know
    public static void checkCiphers(List<String> names) throws TlsException {
        GoCiphers.check(names);
    }

    /// Reads the files.
    ///
    /// @param ciphers by Go's names; empty for all good ones
    public static ServerTls open(Config.Tls side, List<String> ciphers, Rules rules) throws TlsException {
        var files = Contexts.files(side);
        return new ServerTls(new Watched<>(files, () -> read(side, ciphers, rules)), rules);
    }

    private static Material read(Config.Tls side, List<String> ciphers, Rules rules) throws TlsException {
        var identity = Identity.read(side.certificate(), side.key());
        var trust = Trust.of(Contexts.authorities(side), rules.name());
        var auth = Contexts.demandsCertificates(side) ? ClientAuth.REQUIRE : ClientAuth.NONE;
        return new Material(
                Contexts.http1Server(identity, trust, auth, ciphers),
                Contexts.server(identity, trust, auth, ciphers),
                Contexts.revocations(side));
    }

    /// For one new connection. Its handshake runs where nothing waits for it.
    public SslHandler newHandler(ByteBufAllocator allocator, Speech speech, Executor handshakes, long timeoutMillis) {
        var now = material.now();
        var context = speech == Speech.HTTP_1 ? now.http1() : now.both();
        var handler = context.newHandler(allocator, handshakes);
        handler.setHandshakeTimeoutMillis(timeoutMillis);
        return handler;
    }

    /// Whether [#admit] may wait for an answer about a name.
    public boolean looksUpNames() {
        return rules.address() == PeerAddress.MUST_BE_NAMED;
    }

    /// Looks at what the other side has shown, also when it took a session up again.
    ///
    /// @throws TlsException when it may not come in
    public void admit(SSLSession session, SocketAddress remote) throws TlsException {
        var shown = shown(session);
        if (shown.isEmpty()) {
            return;
        }
        var own = shown.getFirst();
        try {
            own.checkValidity();
        } catch (CertificateException overdue) {
            throw new TlsException(Reasons.EXPIRED, overdue);
        }
        if (!rules.name().isEmpty() && !rules.name().equals(CommonName.of(own))) {
            throw new TlsException(Trust.NAME_REFUSED);
        }
        if (looksUpNames() && remote instanceof InetSocketAddress address) {
            PeerAddresses.check(own, address.getAddress());
        }
        material.now().revocations().check(shown);
    }

    /// The certificates that the other side has shown, its own first.
    static List<X509Certificate> shown(SSLSession session) {
        try {
            Certificate[] certificates = session.getPeerCertificates();
            return Arrays.stream(certificates).map(X509Certificate.class::cast).toList();
        } catch (SSLPeerUnverifiedException none) {
            return List.of();
        }
    }
}
