package dev.cetera.raft;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Changes of membership in the form of etcd 3.4 and later: one by itself, or several by way of a joint
/// configuration (§6), in which both the old and the new voters must agree until it is left. No etcd proposes
/// them, but its raft understands them.
///
/// @param changes the members that they are about; none leaves a joint configuration
/// @param context opaque here
public record ConfChangeV2(Transition transition, List<Single> changes, byte[] context) {
    /// How to get from the old configuration to the new one. The order is that of raftpb's numbers.
    public enum Transition {
        /// Without a joint configuration if there is one change, else as [#JOINT_IMPLICIT].
        AUTO,
        /// By a joint configuration, which the leader leaves as soon as it is applied.
        JOINT_IMPLICIT,
        /// By a joint configuration, which is left when somebody proposes so.
        JOINT_EXPLICIT
    }

    /// A change by one member; node 0 makes it a change of nothing.
    public record Single(ConfChange.Type type, long nodeId) {}

    /// Leaves a joint configuration.
    public static final ConfChangeV2 LEAVE = new ConfChangeV2(Transition.AUTO, List.of(), Entry.NO_DATA);

    /// For [Raft#confChanged] when the state machine has refused a change.
    public static final ConfChangeV2 NOTHING =
            new ConfChangeV2(Transition.AUTO, List.of(new Single(ConfChange.Type.UPDATE_NODE, 0)), Entry.NO_DATA);

    public ConfChangeV2 {
        changes = List.copyOf(changes);
    }

    /// Whether a joint configuration ends with it.
    public boolean leavesJoint() {
        return transition == Transition.AUTO && changes.isEmpty();
    }

    /// Whether a joint configuration begins with it.
    public boolean entersJoint() {
        return transition != Transition.AUTO || changes.size() > 1;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ConfChangeV2(var thatTransition, var thatChanges, byte[] thatContext)
                && transition == thatTransition
                && changes.equals(thatChanges)
                && Arrays.equals(context, thatContext);
    }

    @Override
    public int hashCode() {
        return changes.hashCode() * 31 + transition.hashCode();
    }
}
