package dev.cetera.client;

import dev.cetera.client.transport.CallFailure;

/// Why something was not done. The message is etcd's own text, without decoration; [#code] is gRPC's.
public abstract sealed class EtcdException extends RuntimeException
        permits RefusedException,
                ConnectionException,
                DeadlineException,
                CanceledException,
                LimitException,
                ClosedException,
                ClientException {
    private static final long serialVersionUID = 1;

    private final Code code;
    private final Fate fate;

    /// What became of a request that has no answer.
    public enum Fate {
        /// It was surely not applied.
        NOT_APPLIED,
        /// It may have been applied, may still be, or not.
        UNKNOWN
    }

    EtcdException(Code code, String text, Fate fate) {
        super(text);
        this.code = code;
        this.fate = fate;
    }

    public Code code() {
        return code;
    }

    /// The text alone, never null.
    public String text() {
        return String.valueOf(getMessage());
    }

    /// Whether a write that failed like this may have been done all the same.
    public Fate fate() {
        return fate;
    }

    /// Whether a connection was closed or a call given up on this side, rather than that something went wrong.
    public boolean isConnectionCanceled() {
        return code == Code.CANCELED
                || text().equals("transport is closing")
                || text().contains("grpc: the client connection is closing");
    }

    /// As the method of the same name, for any throwable.
    public static boolean isConnectionCanceled(Throwable thrown) {
        return thrown instanceof EtcdException e
                ? e.isConnectionCanceled()
                : thrown instanceof java.util.concurrent.CancellationException
                        || String.valueOf(thrown.getMessage()).contains("grpc: the client connection is closing");
    }

    static EtcdException from(CallFailure failure) {
        var code = Code.of(failure.status().getCode().value());
        var fate = failure.sent() ? Fate.UNKNOWN : Fate.NOT_APPLIED;
        return switch (failure.origin()) {
            case DEADLINE -> new DeadlineException(fate);
            case CANCELED -> new CanceledException(fate);
            case CLOSED -> new ClosedException(fate);
            case LIMIT -> new LimitException(failure.text(), fate);
            case REMOTE -> remote(code, failure, fate);
        };
    }

    private static EtcdException remote(Code code, CallFailure failure, Fate fate) {
        var refusal = RefusedException.refusalOf(failure.text());
        if (code == Code.UNAVAILABLE && refusal == null && !failure.text().startsWith("etcdserver: ")) {
            return new ConnectionException(failure.text(), fate);
        }
        return new RefusedException(code, failure.text());
    }
}
