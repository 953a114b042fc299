package dev.cetera.apply;

import java.io.IOException;

/// The cluster has a version that this program must not serve. The message is etcd's.
public final class IncompatibleVersionException extends IOException {
    private static final long serialVersionUID = 1;

    IncompatibleVersionException(String message) {
        super(message);
    }
}
