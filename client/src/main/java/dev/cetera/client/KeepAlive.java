package dev.cetera.client;

import java.util.concurrent.CompletableFuture;

/// A lease that is being kept alive.
public interface KeepAlive extends AutoCloseable {
    long leaseId();

    /// Whether it may still be relied upon, by this side's clock.
    boolean isAlive();

    /// Done with the reason when the lease is lost, at the latest when [LeaseListener#onLost] is told; never
    /// if it is closed.
    CompletableFuture<EtcdException> lost();

    /// No more renewals. The lease itself goes when its time is over, or when it is revoked.
    @Override
    void close();
}
