package dev.cetera.client;

/// The way to a member failed: refused, reset, cut, or given up because nothing came back.
public final class ConnectionException extends EtcdException {
    private static final long serialVersionUID = 1;

    ConnectionException(String text, Fate fate) {
        super(Code.UNAVAILABLE, text, fate);
    }
}
