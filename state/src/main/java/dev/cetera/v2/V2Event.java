package dev.cetera.v2;

import org.jspecify.annotations.Nullable;

/// One change, or the answer to a read.
///
/// @param previous the node before the change, without children; null if there was none
/// @param refresh  only the time to live was renewed: watchers aren't told
/// @param index    index of the whole tree when it happened
public record V2Event(
        V2Action action, V2Node node, @Nullable V2Node previous, boolean refresh, long index) {
    /// Whether a client is to be told "201 Created".
    public boolean created() {
        return action == V2Action.CREATE || (action == V2Action.SET && previous == null);
    }
}
