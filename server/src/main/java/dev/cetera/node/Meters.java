package dev.cetera.node;

/// What a member tells of its work as it happens; all else can be asked for. Called from the loops, so quick.
public interface Meters {
    /// Nobody is interested.
    Meters NONE = new Meters() {};

    default void walSynced(long nanos) {}

    default void backendCommitted(long nanos) {}

    /// A snapshot file was encoded and written.
    default void snapshotSaved(long encodingNanos, long nanos) {}

    /// A database of another member was received and is on disk.
    default void databaseReceived(long syncNanos, long nanos) {}

    default void defragmented(long nanos) {}

    default void hashed(long nanos) {}

    /// The keys alone, up to a revision.
    default void hashedKeys(long nanos) {}

    /// A request of the v2 API was applied.
    default void legacyWritten() {}

    /// A client's range was read.
    default void ranged() {}

    /// A client's transaction was read.
    default void transacted(int ranges) {}

    /// A request took so long that there is a line about it.
    default void requestSlow() {}

    /// What a compaction forgets was left out of the index.
    default void indexCompacted(long nanos) {}

    /// One piece of a compaction went through the backend file.
    default void compactionPaused(long nanos) {}

    /// A compaction of the backend file ended.
    default void compacted(long keys, long nanos) {}

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
