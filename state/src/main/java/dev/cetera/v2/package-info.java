/// The legacy key tree of etcd's version 2 API, as far as it is replicated state: its HTTP face is elsewhere.
/// Begin at [V2Store]. Even a member that no v2 client ever talks to needs it: membership and the cluster's
/// version are keys under `/0`, and the data of every raft snapshot is this tree as JSON ([V2Json]).
///
/// The tree is changed by log entries only, so every member must get the same indices and the same answers;
/// time comes from the entries, not from a clock.
@NullMarked
package dev.cetera.v2;

import org.jspecify.annotations.NullMarked;
