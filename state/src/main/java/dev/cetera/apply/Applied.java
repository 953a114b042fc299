package dev.cetera.apply;

import com.google.protobuf.Message;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.cluster.MembershipRefusal;
import dev.cetera.mvcc.Compaction;
import dev.cetera.raft.ConfChange;
import dev.cetera.raft.ConfChangeV2;
import dev.cetera.v2.V2Outcome;
import org.jspecify.annotations.Nullable;

/// What one entry did, as far as the shell around the state machine has to act on it.
public sealed interface Applied {
    /// It was applied before the last stop, or says nothing.
    record Nothing() implements Applied {}

    /// The first entry of a leader's term.
    record NewTerm(long term) implements Applied {}

    /// A request of the v3 API.
    ///
    /// @param id        under which its proposer waits
    /// @param overQuota it took more than the quota leaves: the shell proposes the alarm
    record Request(long id, Outcome<? extends Message> outcome, boolean overQuota) implements Applied {}

    /// A request about users and roles.
    ///
    /// @param id      under which its proposer waits
    /// @param request as it was applied; may hold a password
    record Account(long id, Outcome<? extends Message> outcome, InternalRaftRequest request) implements Applied {}

    /// A compaction was accepted.
    ///
    /// @param physicalHalf to be driven by the shell
    /// @param physical     the client's answer waits for its end
    record Compacting(long id, Outcome<? extends Message> outcome, Compaction physicalHalf, boolean physical)
            implements Applied {}

    /// A lease and its keys are gone.
    record Revoked(long id, Outcome<? extends Message> outcome, long lease) implements Applied {}

    /// A request of the v2 API, which also carries members' attributes and the cluster version (then without
    /// outcome).
    record Legacy(long id, @Nullable V2Outcome outcome) implements Applied {}

    /// A change of the membership.
    ///
    /// @param change  for the raft machine: as committed, or about node 0 when it was refused
    /// @param refusal why, null when it was not
    record Configuration(ConfChange change, @Nullable MembershipRefusal refusal) implements Applied {}

    /// Changes of the membership in the form of etcd 3.4 and later.
    ///
    /// @param change for the raft machine: as committed, or [ConfChangeV2#NOTHING] when it was refused
    record Reconfiguration(ConfChangeV2 change) implements Applied {}
}
