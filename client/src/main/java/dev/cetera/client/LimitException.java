package dev.cetera.client;

/// A request or an answer was larger than this client allows.
public final class LimitException extends EtcdException {
    private static final long serialVersionUID = 1;

    LimitException(String text, Fate fate) {
        super(Code.RESOURCE_EXHAUSTED, text, fate);
    }
}
