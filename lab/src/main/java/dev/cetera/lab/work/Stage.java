package dev.cetera.lab.work;

/// Time and order for clients. Everything of a workload happens here, one after the other: what [#in] runs,
/// and the callbacks of all calls through its [Doors].
public interface Stage {
    /// Nanoseconds since some moment; never falls.
    long now();

    /// Runs `what` once, in `delayNanos` (at least 0) from now, and never before this method has returned.
    void in(long delayNanos, Runnable what);
}
