package dev.cetera.node;

import dev.cetera.raft.Message;
import java.util.List;

/// The way to the other members. Messages may be lost, raft sends them again; so a link drops what it can't
/// deliver soon instead of making the caller wait.
@FunctionalInterface
public interface Link {
    /// Never blocks.
    void send(List<Message> messages);
}
