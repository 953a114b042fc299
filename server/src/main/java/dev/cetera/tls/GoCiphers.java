package dev.cetera.tls;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Cipher suites by the names that etcd takes.
final class GoCiphers {
    /// In the order in which they are preferred where the operator has no wish.
    private static final List<String> TLS_13 =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

    private static final List<String> KNOWN = List.of(
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
            "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
            "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
            "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
            "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
            "TLS_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_RSA_WITH_AES_128_CBC_SHA256",
            "TLS_RSA_WITH_AES_128_CBC_SHA",
            "TLS_RSA_WITH_AES_256_CBC_SHA",
            "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
            "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
            "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA",
            "TLS_ECDHE_RSA_WITH_RC4_128_SHA",
            "TLS_RSA_WITH_RC4_128_SHA");

    private GoCiphers() {}

    /// @throws TlsException naming the first that etcd doesn't know
    static void check(List<String> wanted) throws TlsException {
        for (var name : wanted) {
            if (!KNOWN.contains(name)) {
                throw new TlsException("unexpected TLS cipher suite " + quoted(name));
            }
        }
    }

    private static String quoted(String name) {
        return '"' + name.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /// In Java's names, in the order given; all good ones where none is wanted. Nothing is offered that the
    /// Java runtime has not, or has turned off.
    static List<String> toOffer(List<String> wanted, Set<String> supported) throws TlsException {
        check(wanted);
        var names = new ArrayList<String>(wanted);
        if (wanted.isEmpty()) {
            names.addAll(TLS_13);
            names.addAll(KNOWN);
        }
        var offered = names.stream()
                .map(name -> name.endsWith("CHACHA20_POLY1305") ? name + "_SHA256" : name)
                .filter(supported::contains)
                .toList();
        if (offered.isEmpty()) {
            throw new TlsException("none of the TLS cipher suites " + wanted + " is offered by this Java runtime");
        }
        return offered;
    }
}
