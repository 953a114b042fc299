package dev.cetera.node;

import java.io.IOException;

/// Why a member can't start. The message is etcd's where etcd has one, and complete: it is all that the person
/// who started it gets to see.
public final class StartException extends IOException {
    private static final long serialVersionUID = 1;

    StartException(String message) {
        super(message);
    }

    StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
