package dev.cetera.client;

import java.util.concurrent.CompletableFuture;

/// A watch that is going on.
public interface Watching extends AutoCloseable {
    /// Done when a member has first taken the watch: what is written from then on will be seen. Fails if the
    /// watch ends before.
    CompletableFuture<Header> created();

    /// Ends it; no more is heard of it. The listener is not told.
    @Override
    void close();
}
