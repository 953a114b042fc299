package dev.cetera.node;

import dev.cetera.cluster.Member;
import dev.cetera.raft.ConfChange;
import java.util.List;

/// Who a member without data is, and how its log begins.
///
/// @param founders the changes that every founder's log begins with; empty for one that joins
/// @param remotes  members of a running cluster, which it can't know from its own log yet
record Beginning(long memberId, long clusterId, List<ConfChange> founders, List<Member> remotes) {
    Beginning {
        founders = List.copyOf(founders);
        remotes = List.copyOf(remotes);
    }
}
