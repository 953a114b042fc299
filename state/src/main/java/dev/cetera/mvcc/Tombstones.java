package dev.cetera.mvcc;

/// What a compaction and a restore do with a deletion that is the newest change of its key. Releases differ,
/// and with them the KV hash; all members of a cluster must do the same.
public enum Tombstones {
    /// Up to 3.4.33: a compaction drops them all, a restore forgets those it meets first of their key.
    DROPPED,
    /// From 3.4.34: a compaction keeps one that is exactly at its revision, and a restore remembers it.
    KEPT_AT_REVISION
}
