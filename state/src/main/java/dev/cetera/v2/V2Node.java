package dev.cetera.v2;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A node of the tree as clients see it. Immutable.
///
/// @param key        path from the root, namespace included
/// @param value      null for a directory, and where a deletion is told
/// @param expiration null for a permanent node
/// @param ttlSeconds until the expiration, rounded up; 0 for a permanent node
/// @param nodes      children, sorted by key, hidden ones left out; null where children weren't asked for
public record V2Node(
        String key,
        @Nullable String value,
        boolean dir,
        @Nullable Instant expiration,
        long ttlSeconds,
        @Nullable List<V2Node> nodes,
        long modifiedIndex,
        long createdIndex) {
    public V2Node {
        nodes = nodes == null ? null : List.copyOf(nodes);
    }

    V2Node withModifiedIndex(long index) {
        return new V2Node(key, value, dir, expiration, ttlSeconds, nodes, index, createdIndex);
    }
}
