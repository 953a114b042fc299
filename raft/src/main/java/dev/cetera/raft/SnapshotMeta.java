package dev.cetera.raft;

/// Where a snapshot stands in the log: everything up to and including `index` is in it.
public record SnapshotMeta(long index, long term, ConfState conf) {
    public static final SnapshotMeta NONE = new SnapshotMeta(0, 0, ConfState.NONE);
}
