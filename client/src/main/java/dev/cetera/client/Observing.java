package dev.cetera.client;

import java.util.concurrent.CompletableFuture;

/// An election that is being observed through the members' service.
public interface Observing extends AutoCloseable {
    /// Done with the reason if it ends by itself: refused, or the client was closed.
    CompletableFuture<EtcdException> ended();

    @Override
    void close();
}
