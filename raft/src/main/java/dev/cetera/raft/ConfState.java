package dev.cetera.raft;

import java.util.List;

/// The members of a configuration; the last three are only used in a joint one (etcd 3.4 and later).
public record ConfState(
        List<Long> voters, List<Long> learners, List<Long> votersOutgoing, List<Long> learnersNext, boolean autoLeave) {
    public static final ConfState NONE = of(List.of());

    public ConfState {
        voters = List.copyOf(voters);
        learners = List.copyOf(learners);
        votersOutgoing = List.copyOf(votersOutgoing);
        learnersNext = List.copyOf(learnersNext);
    }

    public static ConfState of(List<Long> voters) {
        return new ConfState(voters, List.of(), List.of(), List.of(), false);
    }

    /// The configuration after a committed change; one about node 0 changes nothing.
    public ConfState with(ConfChange change) {
        return new Membership(this).with(change).conf();
    }

    /// As [#with(ConfChange)], for a change in the newer form.
    public ConfState with(ConfChangeV2 change) {
        return new Membership(this).with(change).conf();
    }
}
