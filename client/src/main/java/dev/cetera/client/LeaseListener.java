package dev.cetera.client;

/// Hears what becomes of a lease that is kept alive; by one thread at a time.
@FunctionalInterface
public interface LeaseListener {
    /// A renewal got through.
    default void onRenewed(Lease.KeepAliveResponse renewal) {}

    /// The lease is gone, or must be taken to be: this comes before the members give what it held to anybody
    /// else, by this side's clock and with some time to spare. Comes once, and nothing after it.
    void onLost(EtcdException why);
}
