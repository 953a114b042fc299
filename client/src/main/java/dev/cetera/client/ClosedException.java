package dev.cetera.client;

/// The client was closed: "grpc: the client connection is closing".
public final class ClosedException extends EtcdException {
    private static final long serialVersionUID = 1;

    ClosedException(Fate fate) {
        super(Code.CANCELED, "grpc: the client connection is closing", fate);
    }
}
