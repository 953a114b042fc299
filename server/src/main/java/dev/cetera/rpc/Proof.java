package dev.cetera.rpc;

import dev.cetera.logs.Log;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import java.security.cert.X509Certificate;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/// What a call brings to show whose it is: a token, else the common name of the client's certificate, else
/// nothing. Immutable.
///
/// @param token null for none
/// @param name  null for none
record Proof(@Nullable String token, @Nullable String name) {
    static final Proof NOTHING = new Proof(null, null);

    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    /// A gateway's mark: what comes with it is known by the gateway's certificate, which is nobody's.
    private static final Metadata.Key<String> GATEWAY =
            Metadata.Key.of("grpcgateway-accept", Metadata.ASCII_STRING_MARSHALLER);

    private static final Log LOG = Log.of("auth");

    static Proof of(ServerCall<?, ?> call, Metadata headers, Services.Certificates certificates) {
        var token = first(headers, TOKEN);
        if (token == null) {
            token = first(headers, AUTHORIZATION);
        }
        if (token != null) {
            return new Proof(token, null);
        }
        if (certificates == Services.Certificates.IGNORE) {
            return NOTHING;
        }
        var session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        var name = session == null ? null : commonName(session);
        if (name != null && headers.containsKey(GATEWAY)) {
            LOG.warning("ignoring common name in gRPC-gateway proxy request " + name);
            name = null;
        }
        return name == null ? NOTHING : new Proof(null, name);
    }

    private static @Nullable String first(Metadata headers, Metadata.Key<String> key) {
        var all = headers.getAll(key);
        return all == null ? null : all.iterator().next();
    }

    /// Of the client's own certificate, whatever authorities stand above it; null when it has none.
    private static @Nullable String commonName(SSLSession session) {
        try {
            return session.getPeerCertificates()[0] instanceof X509Certificate certificate
                    ? commonName(certificate)
                    : null;
        } catch (SSLPeerUnverifiedException _) {
            return null; // it has shown none
        }
    }

    private static @Nullable String commonName(X509Certificate certificate) {
        try {
            for (var part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                if (part.getType().equalsIgnoreCase("CN") && part.getValue() instanceof String name) {
                    return name;
                }
            }
            return null;
        } catch (InvalidNameException unreadable) {
            throw new IllegalStateException("the JDK can't read a name that it wrote", unreadable);
        }
    }
}
