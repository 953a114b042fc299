/// Snapshot files: the state of the replicated tree at one index, in etcd's `.snap` format, and the names of
/// the databases that belong to them.
@NullMarked
package dev.cetera.snap;

import org.jspecify.annotations.NullMarked;
