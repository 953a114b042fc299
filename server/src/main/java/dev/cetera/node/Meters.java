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

    /// A leader's tick came so late that its heartbeats did too.
    default void heartbeatLate() {}

    /// A snapshot of another member begins to replace the state here, or did.
    default void installing(boolean underWay) {}

    /// A round of [Reads] took too long or got no answer in time.
    default void readIndexSlow() {}

    default void readIndexFailed() {}
}
