/// A cache of single keys that is never stale. Whoever reads a key through [Leasing] comes to own it: a
/// *leasing key*, which is a prefix and the key's name, says so to everybody, and goes with its owner's lease.
/// As long as it is there nobody writes the key but its owner, who may therefore answer from what it has. All
/// others write `REVOKE` to the leasing key and wait until the owner has forgotten the key and deleted it.
/// Names and words are those of etcd's own client, so that programs in Java and Go can share a prefix.
///
/// [LeasingKV] reads, [Write] writes; [Owned] is the cache, [Tenure] the lease it stands and falls with and
/// the watch that brings others' wishes.
@NullMarked
package dev.cetera.client.leasing;

import org.jspecify.annotations.NullMarked;
