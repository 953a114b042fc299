package dev.cetera.lab.sim;

/// Ways in which a cluster could be broken, to see whether it would be noticed. The product is not touched:
/// its disk or its network is changed so that all goes as if it had the fault.
enum Sabotage {
    NONE,

    /// A vote leaves before it is on the disk: syncs of the log do nothing where no entry is to be synced.
    VOTE_NOT_PERSISTED,

    /// A follower acknowledges entries before they are on the disk: syncs of the log do nothing where they
    /// are.
    ENTRIES_NOT_PERSISTED,

    /// A leader counts who has an entry of an earlier term and announces it as committed (figure 8 of the Raft
    /// paper).
    OLD_TERM_COUNTED,

    /// A leader takes the answers of the others for given when it is asked for an index to read at.
    READ_WITHOUT_QUORUM,

    /// A follower applies a change of the members when it gets it: with it comes word that it is committed.
    CONFIGURATION_EARLY
}
