package dev.cetera.gateway;

/// A request that can't be read; the message is for the client.
final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    Malformed(String message) {
        super(message, null, false, false);
    }
}
