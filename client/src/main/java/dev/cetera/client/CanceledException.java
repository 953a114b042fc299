package dev.cetera.client;

/// The caller gave up, by an interrupt or by cancelling a future: "context canceled".
public final class CanceledException extends EtcdException {
    private static final long serialVersionUID = 1;

    CanceledException(Fate fate) {
        super(Code.CANCELED, "context canceled", fate);
    }

    /// For what waits by itself, as recipes do.
    public static CanceledException of(Fate fate) {
        return new CanceledException(fate);
    }
}
