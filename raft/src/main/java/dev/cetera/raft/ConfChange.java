package dev.cetera.raft;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A change of membership by one member.
///
/// @param id      the proposer's request number, 0 for the entries that a new cluster starts with
/// @param nodeId  the member that it is about; 0 makes it a change of nothing
/// @param context the member's description, opaque here
public record ConfChange(long id, Type type, long nodeId, byte[] context) {
    /// The order is that of raftpb's numbers.
    public enum Type {
        ADD_NODE,
        REMOVE_NODE,
        UPDATE_NODE,
        ADD_LEARNER
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ConfChange(long thatId, Type thatType, long thatNode, byte[] thatContext)
                && id == thatId
                && type == thatType
                && nodeId == thatNode
                && Arrays.equals(context, thatContext);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(id) ^ Long.hashCode(nodeId);
    }
}
