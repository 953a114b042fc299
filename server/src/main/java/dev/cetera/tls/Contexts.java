package dev.cetera.tls;

import dev.cetera.config.Config;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/// Builds Netty's contexts, all of them on the JDK's TLS.
final class Contexts {
    private static final ApplicationProtocolConfig BOTH = offering("h2", "http/1.1");
    private static final ApplicationProtocolConfig HTTP_1 = offering("http/1.1");
    private static final ApplicationProtocolConfig HTTP_2 = offering("h2");

    private Contexts() {}

    private static ApplicationProtocolConfig offering(String... protocols) {
        return new ApplicationProtocolConfig(
                Protocol.ALPN, SelectorFailureBehavior.NO_ADVERTISE, SelectedListenerFailureBehavior.ACCEPT, protocols);
    }

    /// Whether others must show a certificate.
    static boolean demandsCertificates(Config.Tls side) {
        return side.demand() || !side.authority().isEmpty();
    }

    static List<String> authorities(Config.Tls side) {
        return Stream.of(side.authority(), side.trust())
                .filter(file -> !file.isEmpty())
                .toList();
    }

    /// Every file that this side is made of.
    static List<String> files(Config.Tls side) {
        var files = new ArrayList<>(authorities(side));
        Stream.of(side.certificate(), side.key(), side.revoked())
                .filter(file -> !file.isEmpty())
                .forEach(files::add);
        return files;
    }

    static Revocations revocations(Config.Tls side) throws TlsException {
        return side.revoked().isEmpty() ? Revocations.NONE : Revocations.read(side.revoked());
    }

    static SslContext server(Identity identity, Trust trust, ClientAuth auth, List<String> ciphers)
            throws TlsException {
        return build(server(identity, trust, auth).applicationProtocolConfig(BOTH), ciphers);
    }

    static SslContext http1Server(Identity identity, Trust trust, ClientAuth auth, List<String> ciphers)
            throws TlsException {
        return build(server(identity, trust, auth).applicationProtocolConfig(HTTP_1), ciphers);
    }

    private static SslContextBuilder server(Identity identity, Trust trust, ClientAuth auth) {
        return SslContextBuilder.forServer(new OwnKey(identity))
                .trustManager(trust)
                .clientAuth(auth);
    }

    /// For raft's own requests, which are HTTP/1.1 and don't say so.
    static SslContext client(SslContextBuilder builder, List<String> ciphers) throws TlsException {
        return build(builder.applicationProtocolConfig(ApplicationProtocolConfig.DISABLED), ciphers);
    }

    static SslContext grpcClient(SslContextBuilder builder, List<String> ciphers) throws TlsException {
        return build(builder.applicationProtocolConfig(HTTP_2), ciphers);
    }

    /// etcd's list names no suite of TLS 1.3, so whoever gives one wants those and no others.
    private static SslContext build(SslContextBuilder builder, List<String> ciphers) throws TlsException {
        var refused = new ArrayList<TlsException>();
        try {
            var context = builder.sslProvider(SslProvider.JDK)
                    .protocols(ciphers.isEmpty() ? List.of("TLSv1.3", "TLSv1.2") : List.of("TLSv1.2"))
                    .ciphers(ciphers, (wanted, _, supported) -> {
                        var names = new ArrayList<String>();
                        wanted.forEach(names::add);
                        try {
                            return GoCiphers.toOffer(names, supported).toArray(String[]::new);
                        } catch (TlsException none) {
                            refused.add(none);
                            return supported.toArray(String[]::new);
                        }
                    })
                    .build();
            if (!refused.isEmpty()) {
                throw refused.getFirst();
            }
            return context;
        } catch (SSLException failed) {
            throw new TlsException("cannot use TLS (" + failed.getMessage() + ")", failed);
        }
    }
}
