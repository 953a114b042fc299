package dev.cetera.raft;

/// What an entry's data is. The order is that of raftpb's numbers.
public enum EntryType {
    /// A request to the state machine, or nothing (the first entry of a leader's term).
    NORMAL,
    /// One [ConfChange].
    CONF_CHANGE,
    /// The joint form that etcd 3.4 and later understand.
    CONF_CHANGE_V2
}
