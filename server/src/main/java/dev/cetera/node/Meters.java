package dev.cetera.node;

/// What a member tells of its work as it happens; all else can be asked for. Called from the loops, so quick.
public interface Meters {
    /// Nobody is interested.
    Meters NONE = new Meters() {};

    default void walSynced(long nanos) {}

    default void backendCommitted(long nanos) {}

    default void snapshotSaved(long nanos) {}

    default void leaderChanged() {}

    default void proposalFailed() {}

    default void leaseExpired() {}
}
