package dev.cetera.node;

import dev.cetera.cluster.Membership;
import dev.cetera.cluster.MembershipRefusal;

/// What became of a change of the membership, once it was applied here.
public sealed interface Reconfigured {
    /// It took place.
    ///
    /// @param now the members after it
    record Done(Membership now) implements Reconfigured {}

    /// All members refused it, and nothing has changed.
    record Refused(MembershipRefusal why) implements Reconfigured {}
}
