package dev.cetera.client;

/// The caller's time ran out: "context deadline exceeded".
public final class DeadlineException extends EtcdException {
    private static final long serialVersionUID = 1;

    DeadlineException(Fate fate) {
        super(Code.DEADLINE_EXCEEDED, "context deadline exceeded", fate);
    }

    /// For what waits by itself, as recipes do.
    public static DeadlineException of(Fate fate) {
        return new DeadlineException(fate);
    }
}
