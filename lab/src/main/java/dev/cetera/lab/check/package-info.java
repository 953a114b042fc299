/// etcd's promises to its clients, each held against a recorded [dev.cetera.lab.history.History].
///
/// [Checks] runs them all. Each promise of etcd's documentation ("KV API guarantees", "Watch API guarantees",
/// "Lease") has a class of its own, named in the [Violation] that it throws:
///
/// | promise | checker |
/// |---|---|
/// | atomicity, durability, strict serializability of the KV API | [StrictSerializability] |
/// | revisions, versions and terms count as they should | [RevisionAlgebra] |
/// | watch: filtered, ordered, unique, reliable, atomic, resumable, bookmarkable, exact values | [WatchGuarantees] |
/// | leases end neither early nor late, nor come back | [LeaseRules] |
/// | users: nobody without a right is served, nobody with one is turned away | [AccessRules] |
/// | members with the same index hold the same data | [SameState] |
///
/// [StrictSerializability] searches for an order of all operations in which every answer is right; what it
/// finds is a [Story], and against that the others are held. A violation carries the smallest history that
/// [Shrinking] found to show it.
@NullMarked
package dev.cetera.lab.check;

import org.jspecify.annotations.NullMarked;
