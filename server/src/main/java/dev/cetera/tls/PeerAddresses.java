package dev.cetera.tls;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Whether a certificate is for the address that its holder connects from. One that names neither addresses
/// nor hosts is for any; else one of its addresses must be it, or one of its host names must lead there. A
/// name with `*.` in front is compared with the name that the address itself leads to. Looking names up may
/// wait.
final class PeerAddresses {
    private static final int HOST = 2;
    private static final int ADDRESS = 7;

    private PeerAddresses() {}

    static void check(X509Certificate certificate, InetAddress remote) throws TlsException {
        var addresses = names(certificate, ADDRESS);
        var hosts = names(certificate, HOST);
        var shown = remote.getHostAddress();
        if (addresses.stream().anyMatch(address -> is(address, remote))) {
            return;
        }
        if (hosts.isEmpty()) {
            if (!addresses.isEmpty()) {
                throw new TlsException(
                        "x509: certificate is valid for " + String.join(", ", addresses) + ", not " + shown);
            }
            return;
        }
        var reason = whyNot(hosts, remote);
        if (reason != null) {
            throw new TlsException("tls: \"" + shown + "\" does not match any of DNSNames " + quoted(hosts) + reason);
        }
    }

    /// The subject's alternative names of one kind.
    static List<String> names(X509Certificate certificate, int kind) {
        var names = new ArrayList<String>();
        try {
            var all = certificate.getSubjectAlternativeNames();
            for (var name : all == null ? List.<List<?>>of() : all) {
                if (Integer.valueOf(kind).equals(name.get(0)) && name.get(1) instanceof String text) {
                    names.add(text);
                }
            }
        } catch (CertificateParsingException malformed) {
            return List.of("malformed names"); // leads nowhere
        }
        return names;
    }

    static List<String> addresses(X509Certificate certificate) {
        return names(certificate, ADDRESS);
    }

    static List<String> hosts(X509Certificate certificate) {
        return names(certificate, HOST);
    }

    private static boolean is(String literal, InetAddress remote) {
        try {
            return InetAddress.ofLiteral(literal).equals(remote);
        } catch (IllegalArgumentException none) {
            return false;
        }
    }

    /// Null when one of the names leads to the address.
    private static @Nullable String whyNot(List<String> hosts, InetAddress remote) {
        var own = remote.getCanonicalHostName();
        var reason = "";
        for (var host : hosts) {
            if (host.startsWith("*.") ? own.endsWith(host.substring(1)) : own.equals(host)) {
                return null;
            }
        }
        for (var host : hosts) {
            if (host.startsWith("*.")) {
                continue;
            }
            try {
                if (Arrays.asList(InetAddress.getAllByName(host)).contains(remote)) {
                    return null;
                }
            } catch (UnknownHostException unknown) {
                reason = " (lookup " + host + ": no such host)";
            }
        }
        return reason;
    }

    static String quoted(List<String> names) {
        return names.stream().map(name -> '"' + name + '"').collect(Collectors.joining(" ", "[", "]"));
    }
}
