package dev.cetera.node;

import dev.cetera.api.etcdserverpb.HashKVResponse;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveResponse;
import dev.cetera.cluster.Member;
import java.util.List;

/// What other members ask of this one: the answering side of [Peers], as far as [Node] has no use for it
/// itself. All of it is answered from here, nothing is passed on to a third member.
///
/// Shared: any thread may call any method; none blocks, each answers exactly once and within a bounded time.
public interface Inquiries {
    /// The cluster's members as of the last applied entry, by ascending unsigned id.
    List<Member> members();

    /// Answers once everything is applied that was committed when it was asked.
    ///
    /// @param answer refused with `TIMED_OUT` when that takes longer than a second
    void caughtUp(Answer<Long> answer);

    /// Starts the countdown of a lease again, if this member is the one that counts. A lease that has ended is
    /// answered for when it is gone.
    ///
    /// @param answer the seconds until it ends; 0 for a lease that there is not; refused with `NOT_LEADER`
    ///               where somebody else counts
    void renewAsPrimary(long lease, Answer<Long> answer);

    /// What this member itself knows of a lease, whether it counts or not; TTL -1 for a lease that there is
    /// not.
    LeaseTimeToLiveResponse timeToLiveHere(LeaseTimeToLiveRequest request);

    /// Hash of the keys up to a revision; 0 means the current one. Refused with `COMPACTED` and
    /// `FUTURE_REVISION`.
    void hashKv(long revision, Answer<HashKVResponse> answer);
}
