package dev.cetera.tls;

import java.io.IOException;

/// Files or names for TLS that cannot be used, or somebody whose certificate is not taken. The message is for
/// the log.
public final class TlsException extends IOException {
    private static final long serialVersionUID = 1;

    TlsException(String message) {
        super(message);
    }

    TlsException(String message, Throwable cause) {
        super(message, cause);
    }
}
