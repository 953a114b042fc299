package dev.cetera.v2;

import java.io.IOException;

/// JSON that isn't the tree it should be. Whoever knows the file says so.
public final class V2FormatException extends IOException {
    private static final long serialVersionUID = 1;

    public V2FormatException(String message) {
        super(message);
    }

    public V2FormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
