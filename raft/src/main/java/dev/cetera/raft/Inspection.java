package dev.cetera.raft;

import dev.cetera.raft.Message.Ballot;
import dev.cetera.raft.Objection.Reason;
import org.jspecify.annotations.Nullable;

/// Finds what no honest member in good health would say: what contradicts itself, or what is committed here.
///
/// It looks before anything is changed, so a message is taken as a whole or not at all. A member of etcd stops
/// where a peer contradicts what it knows; this one goes on without that peer's word. Who lost a part of its
/// log that it had acknowledged refuses the heartbeats that presume it, campaigns, and so makes the others
/// elect a leader that finds out anew what it has.
///
/// What comes from outside of the configuration is no reason to object: a member that lags may not know its
/// leader yet.
final class Inspection {
    /// A term may leap up to here at once, like that of a cluster which others had driven up. From there it
    /// takes steps only, so that it never overflows.
    private static final long FARTHEST_LEAP = 1L << 62;

    private static final long LONGEST_STEP = 1L << 32;

    /// So that a log that goes on after a snapshot never overflows.
    private static final long FARTHEST_SNAPSHOT = 1L << 62;

    /// A question waits in memory until it is confirmed; those of etcd take 8 bytes.
    private static final int MOST_CONTEXT_BYTES = 1 << 10;

    private Inspection() {}

    /// Why `message` is to be refused by the member `self`, null when it is not.
    static @Nullable Objection of(Message message, long self, long term, State state, Log log) {
        var reason = reason(message, self, term, state, log);
        if (reason == null) {
            return null;
        }
        String text = "member " + Long.toUnsignedString(self, 16) + " in term " + term + " with a log of ["
                + log.firstIndex() + ", " + log.lastIndex() + "], committed " + log.committed() + ", was told "
                + description(message);
        return new Objection(reason, message.from(), text);
    }

    private static @Nullable Reason reason(Message message, long self, long term, State state, Log log) {
        if (message.to() != self || message.from() == 0) {
            return Reason.MISDIRECTED;
        }
        if (message.from() == self && !mayComeBack(message)) {
            return Reason.OWN_IDENTITY;
        }
        if (message.term() < 0 || isImpossible(message, self)) {
            return Reason.IMPOSSIBLE;
        }
        if (message.term() < term) {
            return null;
        }
        if (message.term() > term && message.term() > FARTHEST_LEAP && message.term() - term > LONGEST_STEP) {
            return Reason.TERM_OUT_OF_REACH;
        }
        if (isOfSecondLeader(message, term, state)) {
            return Reason.SECOND_LEADER;
        }
        return contradiction(message, term, state, log);
    }

    /// These keep the name of who asked first, however often they are passed on.
    private static boolean mayComeBack(Message message) {
        return message instanceof Message.Propose
                || message instanceof Message.ReadIndex
                || message instanceof Message.TransferLeader;
    }

    // ---- against itself ----

    private static boolean isImpossible(Message message, long self) {
        return switch (message) {
            case Message.Append append -> isImpossible(append);
            case Message.Heartbeat heartbeat -> heartbeat.term() < 1 || heartbeat.commit() < 0;
            case Message.InstallSnapshot install ->
                install.term() < 1 || isImpossible(install.snapshot().meta(), install.term(), self);
            // A candidate's term is newer than all that it has.
            case Message.VoteRequest request ->
                request.lastIndex() < 0 || request.lastTerm() < 0 || request.lastTerm() >= request.term();
            case Message.TimeoutNow now -> now.term() < 1;
            case Message.AppendAccepted reply -> reply.index() < 0;
            case Message.AppendRejected reply -> reply.index() < 0 || reply.hint() < 0 || reply.hintTerm() < 0;
            case Message.ReadIndexReply reply -> reply.index() < 0;
            case Message.ReadIndex question -> question.context().length > MOST_CONTEXT_BYTES;
            case Message.VoteReply _, Message.HeartbeatReply _, Message.Propose _, Message.TransferLeader _ -> false;
        };
    }

    private static boolean isImpossible(Message.Append append) {
        if (append.term() < 1 || append.prevIndex() < 0 || append.prevTerm() < 0 || append.commit() < 0) {
            return true;
        }
        long index = append.prevIndex();
        long term = append.prevTerm();
        for (var entry : append.entries()) {
            // An overflow shows as an index below the one before.
            if (entry.index() != ++index || entry.term() < term) {
                return true;
            }
            term = entry.term();
        }
        return term > append.term();
    }

    private static boolean isImpossible(SnapshotMeta meta, long leaderTerm, long self) {
        var conf = meta.conf();
        boolean has = conf.voters().contains(self)
                || conf.learners().contains(self)
                || conf.votersOutgoing().contains(self);
        boolean inRange =
                meta.index() >= 1 && meta.index() <= FARTHEST_SNAPSHOT && meta.term() >= 1 && meta.term() <= leaderTerm;
        return !inRange || conf.voters().isEmpty() || !has;
    }

    // ---- against what is known here ----

    private static boolean isOfSecondLeader(Message message, long term, State state) {
        boolean ofLeader = message instanceof Message.Append
                || message instanceof Message.Heartbeat
                || message instanceof Message.InstallSnapshot
                || message instanceof Message.TimeoutNow;
        return ofLeader
                && message.term() == term
                && switch (state) {
                    case Leader _ -> true;
                    case State.Follower(long leader) -> leader != 0 && leader != message.from();
                    case State.Candidate _ -> false;
                };
    }

    private static @Nullable Reason contradiction(Message message, long term, State state, Log log) {
        return switch (message) {
            case Message.Append append when conflicts(append, log) -> Reason.CONFLICTS_WITH_COMMITTED;
            case Message.Heartbeat heartbeat when heartbeat.commit() > log.lastIndex() -> Reason.COMMIT_OUT_OF_RANGE;
            case Message.InstallSnapshot install
            when conflicts(install.snapshot().meta(), log) -> Reason.CONFLICTS_WITH_COMMITTED;
            // In a newer term this member never asked for votes: it would remember.
            case Message.VoteReply reply
            when reply.ballot() == Ballot.VOTE && reply.granted() && reply.term() > term -> Reason.IMPOSSIBLE;
            case Message.AppendAccepted reply
            when state instanceof Leader && reply.term() == term && reply.index() > log.lastIndex() ->
                Reason.BEYOND_THE_LOG;
            case Message.AppendRejected reply
            when state instanceof Leader && reply.term() == term && reply.index() > log.lastIndex() ->
                Reason.BEYOND_THE_LOG;
            default -> null;
        };
    }

    /// Every leader of this term or a later one has what is committed here (§5.4).
    private static boolean conflicts(Message.Append append, Log log) {
        if (append.prevIndex() >= log.committed()) {
            return append.prevIndex() == log.committed() && !log.matches(append.prevIndex(), append.prevTerm());
        }
        if (append.prevIndex() >= log.base() && !log.matches(append.prevIndex(), append.prevTerm())) {
            return true;
        }
        for (var entry : append.entries()) {
            if (entry.index() > log.committed()) {
                break;
            }
            if (entry.index() >= log.base() && !log.matches(entry.index(), entry.term())) {
                return true;
            }
        }
        return false;
    }

    private static boolean conflicts(SnapshotMeta meta, Log log) {
        if (meta.index() > log.committed()) {
            return meta.term() < log.termAt(log.committed());
        }
        return meta.index() >= log.base() && !log.matches(meta.index(), meta.term());
    }

    /// Without its contents, which may be secret or long.
    private static String description(Message message) {
        String what = switch (message) {
            case Message.Append m ->
                "to append " + m.entries().size() + " entries after " + m.prevTerm() + "/" + m.prevIndex()
                        + ", committed " + m.commit();
            case Message.Heartbeat m -> "that " + m.commit() + " is committed";
            case Message.InstallSnapshot m ->
                "to install a snapshot at " + m.snapshot().meta().term() + "/"
                        + m.snapshot().meta().index();
            case Message.VoteRequest m -> "to vote for a log that ends at " + m.lastTerm() + "/" + m.lastIndex();
            case Message.AppendAccepted m -> "that " + m.index() + " is there";
            case Message.AppendRejected m -> "that " + m.index() + " doesn't fit, after " + m.hint();
            default -> "a " + message.getClass().getSimpleName();
        };
        return what + ", by " + Long.toUnsignedString(message.from(), 16) + " in term "
                + Long.toUnsignedString(message.term()) + " for " + Long.toUnsignedString(message.to(), 16);
    }
}
