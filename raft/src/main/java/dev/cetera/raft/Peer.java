package dev.cetera.raft;

/// What the leader knows of one other member. Confined to its machine.
final class Peer {
    final long id;

    /// Highest index at which the peer's durable log is known to equal the leader's. Never falls.
    long match;

    Replication mode;

    /// Heard of since the last check of the quorum.
    boolean active;

    /// Highest commit index sent along with an append.
    long toldCommit;

    /// Highest round of reads that the peer has echoed.
    long echoedRound;

    Peer(long id, long next) {
        this.id = id;
        this.mode = new Replication.Probe(next);
    }
}
