/// Leases: promises that keys live only as long as somebody keeps asking for them. Begin at [Leases]. It maps
/// leases to keys and knows no store: to revoke a lease, `apply` asks here for its keys, deletes them there,
/// deletes the lease's row in bucket `lease`, then has the lease forgotten.
///
/// What a lease is (id, granted seconds, keys) is replicated and must be equal on every member. When it ends
/// is not: only the leader, the *primary*, counts down, on its own clock; a new leader starts every lease
/// afresh.
@NullMarked
package dev.cetera.lease;

import org.jspecify.annotations.NullMarked;
