package dev.cetera.raft;

/// How the leader feeds one peer; each mode holds only what means something in it. Confined to its machine.
///
///               rejected, unreachable
///      Probe <------------------------- Stream
///      |  ^  -------------------------> ^
///      |  |          accepted           | accepted, and the log goes on from there
///      |  +----- snapshot sent or failed|
///      +-------> Snapshot --------------+
///       the log begins too late
sealed interface Replication {
    /// Looking for the point up to which the logs agree: one message, then wait.
    final class Probe implements Replication {
        long next;
        boolean awaitingReply;

        Probe(long next) {
            this.next = next;
        }
    }

    /// The logs agree up to `match`; entries are sent ahead without waiting for replies.
    final class Stream implements Replication {
        long next;
        final Window inFlight;

        /// Send something even if there is nothing new: a reply to it will show whether the last append was
        /// lost.
        boolean nudge;

        Stream(long next, int maxInFlight) {
            this.next = next;
            this.inFlight = new Window(maxInFlight);
        }
    }

    /// The peer needs entries that are gone; nothing is sent until it has a snapshot at `index` or later.
    record Snapshot(long index) implements Replication {}
}
