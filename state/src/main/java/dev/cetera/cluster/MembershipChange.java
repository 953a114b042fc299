package dev.cetera.cluster;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What applying an entry did to the membership. `writes` are for the backend.
public sealed interface MembershipChange {
    record Added(Member member, List<BucketWrite> writes) implements MembershipChange {}

    /// A learner got its vote.
    record Promoted(Member member, List<BucketWrite> writes) implements MembershipChange {}

    record Removed(long id, List<BucketWrite> writes) implements MembershipChange {}

    /// Another set of peer URLs.
    record Updated(Member member, List<BucketWrite> writes) implements MembershipChange {}

    /// A member published its name and client URLs.
    record Published(Member member, List<BucketWrite> writes) implements MembershipChange {}

    /// A removed member published itself before it learned; nothing changed.
    record PublishedByRemoved(long id) implements MembershipChange {}

    /// The cluster agreed on a version.
    ///
    /// @param before null when the cluster had none
    record VersionSet(@Nullable ClusterVersion before, ClusterVersion version, List<BucketWrite> writes)
            implements MembershipChange {}

    /// Nothing changed; raft must be told a change of nothing (node id 0).
    record Refused(MembershipRefusal why) implements MembershipChange {}
}
