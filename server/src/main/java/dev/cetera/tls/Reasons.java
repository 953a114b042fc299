package dev.cetera.tls;

import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Map;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/// Why a handshake failed, in the words that Go's library has for it where it has any.
public final class Reasons {
    static final String EXPIRED = "x509: certificate has expired or is not yet valid";

    private static final Pattern ALERT = Pattern.compile("Received fatal alert: (\\w+)");
    private static final Map<String, String> ALERTS = Map.of(
            "unknown_ca", "unknown certificate authority",
            "certificate_unknown", "unknown certificate",
            "certificate_expired", "expired certificate",
            "certificate_revoked", "revoked certificate",
            "protocol_version", "protocol version not supported",
            "certificate_required", "certificate required",
            "no_application_protocol", "no application protocol");

    private Reasons() {}

    public static String of(Throwable failed) {
        if (failed instanceof TlsException own) {
            return String.valueOf(own.getMessage());
        }
        for (@Nullable Throwable cause = failed; cause != null; cause = cause.getCause()) {
            var known = known(cause);
            if (known != null) {
                return known;
            }
        }
        return "tls: " + failed.getMessage();
    }

    private static @Nullable String known(Throwable cause) {
        var text = String.valueOf(cause.getMessage());
        var alert = ALERT.matcher(text);
        if (alert.find()) {
            var name = alert.group(1);
            return "remote error: tls: " + ALERTS.getOrDefault(name, name.replace('_', ' '));
        }
        return switch (cause) {
            case ClosedChannelException _ -> "EOF";
            case SslHandshakeTimeoutException _ -> "i/o timeout";
            case NotSslRecordException _ -> "tls: first record does not look like a TLS handshake";
            case CertificateExpiredException _ -> unverified(EXPIRED);
            case CertificateNotYetValidException _ -> unverified(EXPIRED);
            case CertPathBuilderException _ -> unverified("x509: certificate signed by unknown authority");
            default -> {
                if (text.contains(Trust.NAME_REFUSED)) {
                    yield Trust.NAME_REFUSED;
                }
                yield text.contains("Empty client certificate chain")
                        ? "tls: client didn't provide a certificate"
                        : text.contains("no cipher suites in common")
                                ? "tls: no cipher suite supported by both client and server"
                                : null;
            }
        };
    }

    private static String unverified(String why) {
        return "tls: failed to verify certificate: " + why;
    }

    /// The line that etcd logs.
    ///
    /// @param session as far as it came
    public static String line(String remote, Throwable failed, @Nullable SSLSession session) {
        var line = new StringBuilder("rejected connection from \"")
                .append(remote)
                .append("\" (error ")
                .append(quoted(of(failed)))
                .append(", ServerName ")
                .append(quoted(session == null ? "" : ServerNames.asked(session)));
        var shown =
                session == null ? java.util.List.<java.security.cert.X509Certificate>of() : ServerTls.shown(session);
        if (!shown.isEmpty()) {
            line.append(", IPAddresses ")
                    .append(PeerAddresses.quoted(PeerAddresses.addresses(shown.getFirst())))
                    .append(", DNSNames ")
                    .append(PeerAddresses.quoted(PeerAddresses.hosts(shown.getFirst())));
        }
        return line.append(')').toString();
    }

    private static String quoted(String text) {
        var quoted = new StringBuilder("\"");
        text.chars().forEach(c -> {
            switch (c) {
                case '"', '\\' -> quoted.append('\\').append((char) c);
                case '\n' -> quoted.append("\\n");
                default -> quoted.append(c < ' ' ? '?' : (char) c);
            }
        });
        return quoted.append('"').toString();
    }
}
