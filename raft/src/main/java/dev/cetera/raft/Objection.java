package dev.cetera.raft;

/// Why [Raft#step] refused a message. Nothing has changed and nothing is answered, as if it had been lost. An
/// honest member in good health never causes one, so it is worth a line in the log, though not one for each.
///
/// @param from the sender, as the message has it
/// @param text for people
public record Objection(Reason reason, long from, String text) {
    public enum Reason {
        /// It is for another member, or from nobody.
        MISDIRECTED,
        /// It claims to come from this very member: two members run under one identity.
        OWN_IDENTITY,
        /// It contradicts itself: a gap in its entries, a term that falls, a number below zero.
        IMPOSSIBLE,
        /// Its term is so far ahead that counting would come to an end.
        TERM_OUT_OF_REACH,
        /// It contradicts an entry that is committed here: one of the logs was damaged.
        CONFLICTS_WITH_COMMITTED,
        /// It says that entries are committed, or acknowledged by this member, which this member doesn't have:
        /// one of the logs was damaged or lost.
        COMMIT_OUT_OF_RANGE,
        /// It comes from a second leader in a term that has one.
        SECOND_LEADER,
        /// It acknowledges or rejects what this leader's log doesn't have.
        BEYOND_THE_LOG
    }
}
