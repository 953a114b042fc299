package dev.cetera.tls;

import java.nio.charset.StandardCharsets;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLSession;

/// The name by which a client asked for the server.
final class ServerNames {
    private ServerNames() {}

    /// Empty when it named none.
    static String asked(SSLSession session) {
        return session instanceof ExtendedSSLSession extended
                ? extended.getRequestedServerNames().stream()
                        .map(name -> new String(name.getEncoded(), StandardCharsets.UTF_8))
                        .findFirst()
                        .orElse("")
                : "";
    }
}
