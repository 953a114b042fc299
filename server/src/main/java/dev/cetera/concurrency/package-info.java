/// Locks and elections for clients that leave the recipe to the server: etcd's services `v3lockpb.Lock` and
/// `v3electionpb.Election`, made of the member's own key-value, watch and lease services, which are called as
/// the client itself could, and in its name.
@NullMarked
package dev.cetera.concurrency;

import org.jspecify.annotations.NullMarked;
