package dev.cetera.ctl.line;

/// A command line that can't be read; the message says why in etcdctl's words.
public final class UsageException extends Exception {
    private static final long serialVersionUID = 1;

    UsageException(String message) {
        super(message);
    }
}
