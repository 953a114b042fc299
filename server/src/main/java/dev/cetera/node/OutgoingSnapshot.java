package dev.cetera.node;

import dev.cetera.raft.Message;

/// What a follower needs that is too far behind for the log.
///
/// @param message  complete: its snapshot holds the legacy tree and the position of `database`
/// @param database the backend file at that position; whoever takes this record closes it
public record OutgoingSnapshot(Message.InstallSnapshot message, SnapshotSource database) {}
