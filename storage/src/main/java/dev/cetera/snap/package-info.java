/// Snapshot files: the state of the replicated tree at one index, in etcd's `.snap` format, and the databases
/// that come with the snapshots of other members, from their first byte to a durable file with a name.
@NullMarked
package dev.cetera.snap;

import org.jspecify.annotations.NullMarked;
