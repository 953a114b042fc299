/// The single place where a committed entry changes anything. [StateMachine] holds all replicated state,
/// [StateMachine#apply] is one exhaustive switch over what an entry can ask for, and only it sees the parts
/// together: to revoke a lease it asks `lease` for the keys, deletes them in `mvcc`, then forgets the lease.
///
/// Every member applies the same entries and must come to the same state and the same refusals, so nothing
/// here reads a clock, a file that another member may not have, or a setting that may differ, unless etcd does
/// the same.
@NullMarked
package dev.cetera.apply;

import org.jspecify.annotations.NullMarked;
