/// Snapshots as files: [SnapshotStatus] reads what is in one, [Restore] makes a member's directory from one.
/// Both work without any member, on files of Cetera and of etcd alike.
@NullMarked
package dev.cetera.ctl.snapshot;

import org.jspecify.annotations.NullMarked;
