package dev.cetera.cluster;

import org.jspecify.annotations.Nullable;

/// A row to write to the backend, or to delete (value null).
public record BucketWrite(Table table, byte[] key, byte @Nullable [] value) {
    /// The buckets that tell later releases about the members; 3.2 to 3.4 never read them.
    public enum Table {
        MEMBERS,
        MEMBERS_REMOVED,
        CLUSTER
    }
}
