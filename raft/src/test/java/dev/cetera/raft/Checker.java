package dev.cetera.raft;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What must hold whatever happens. Knows the whole history, as no member does; any breach is an
/// [AssertionError]. Confined to the test's thread.
final class Checker {
    private record Place(long term, long index) {}

    private record Content(Entry entry, long termBefore) {}

    private record Ballot(long voter, long term) {}

    private record Question(long member, long requestId) {}

    private final FakeCluster cluster;
    private final Trust trust;
    private final Map<Long, Long> leaders = new HashMap<>();
    private final Map<Place, Content> written = new HashMap<>();
    private final Map<Ballot, Long> votes = new HashMap<>();
    private final Map<Long, Long> committedTerms = new HashMap<>();
    private final Map<Long, Entry> applied = new HashMap<>();
    private final Map<Long, Long> digests = new HashMap<>();
    private final Map<Question, Long> questions = new HashMap<>();
    private final Map<Long, Long> looked = new HashMap<>();

    /// How long the log of a term's leader was when it was last seen to lead.
    private final Map<Long, Long> leadersLast = new HashMap<>();

    private long committed;
    private int answers;
    private int restored;
    private int overwritten;
    private int joint;
    private int pairs;

    Checker(FakeCluster cluster, Trust trust) {
        this.cluster = cluster;
        this.trust = trust;
    }

    /// Whether all members are honest. If not, nothing that takes several of them can be promised, nor
    /// checked.
    enum Trust {
        FULL,
        NONE
    }

    /// What has happened, to see whether a run was worth it.
    record Tally(long committed, int answers, int leaders, int restored, int overwritten, int joint, int pairs) {
        static final Tally NONE = new Tally(0, 0, 0, 0, 0, 0, 0);

        Tally plus(Tally other) {
            return new Tally(
                    committed + other.committed,
                    answers + other.answers,
                    leaders + other.leaders,
                    restored + other.restored,
                    overwritten + other.overwritten,
                    joint + other.joint,
                    pairs + other.pairs);
        }
    }

    Tally tally() {
        return new Tally(committed, answers, leaders.size(), restored, overwritten, joint, pairs);
    }

    long committed() {
        return committed;
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /// Votes are given once per term.
    void sent(Message message) {
        if (trust == Trust.NONE) {
            return;
        }
        if (message instanceof Message.VoteReply(long to, long from, long term, var ballot, boolean granted)
                && granted
                && ballot == Message.Ballot.VOTE) {
            Long before = votes.putIfAbsent(new Ballot(from, term), to);
            require(before == null || before == to, from + " votes for " + to + " and " + before + " in " + term);
        }
    }

    /// Log matching: the same place holds the same entry after the same predecessor, in every log that ever
    /// was.
    void written(FakeMember member, Ready.Write write) {
        if (trust == Trust.NONE) {
            return;
        }
        var last = member.outstanding.peekLast();
        if (!write.entries().isEmpty()
                && last != null
                && write.entries().getFirst().index() <= last.done().index()) {
            overwritten++;
        }
        for (var entry : write.entries()) {
            long termBefore = member.raft().termAt(entry.index() - 1);
            var content = new Content(entry, termBefore);
            var before = written.putIfAbsent(new Place(entry.term(), entry.index()), content);
            require(
                    before == null || before.equals(content),
                    "member " + member.id + " has " + content + ", was " + before);
        }
    }

    void check(FakeMember member) {
        if (trust == Trust.NONE || !member.isUp()) {
            return;
        }
        var status = member.raft().status();
        if (status.role() == Role.LEADER) {
            leads(member, status);
        }
        if (status.commit() > committed) {
            commits(member, status);
        }
        checkCommitted(member, status);
    }

    /// One leader per term, it has all that was ever committed, and its log only grows.
    private void leads(FakeMember member, Status status) {
        Long last = leadersLast.put(status.term(), status.lastIndex());
        require(last == null || last <= status.lastIndex(), "leader " + member.id + " shortens its log");
        Long other = leaders.putIfAbsent(status.term(), member.id);
        require(other == null || other == member.id, member.id + " and " + other + " lead term " + status.term());
        if (other == null) {
            require(status.lastIndex() >= committed, "leader " + member.id + " lacks committed entries");
            for (long index = member.raft().firstIndex(); index <= committed; index++) {
                sameAsCommitted(member, index);
            }
        }
    }

    /// What is committed for the first time is durable on a quorum of the disks.
    private void commits(FakeMember member, Status status) {
        for (long index = committed + 1; index <= status.commit(); index++) {
            committedTerms.put(index, member.raft().termAt(index));
        }
        long last = status.commit();
        long term = member.raft().termAt(last);
        var conf = member.raft().confState();
        requireQuorum(last, term, conf.voters());
        requireQuorum(last, term, conf.votersOutgoing());
        joint += conf.votersOutgoing().isEmpty() ? 0 : 1;
        pairs += conf.voters().size() == 2 ? 1 : 0;
        committed = last;
    }

    private void requireQuorum(long index, long term, List<Long> voters) {
        long having = voters.stream()
                .filter(id -> cluster.member(id).hasDurable(index, term))
                .count();
        // The entries that a cluster is founded with are committed before anybody votes.
        require(
                voters.isEmpty() || having > voters.size() / 2,
                "entry " + index + " of term " + term + " is committed and durable on " + having + " of " + voters);
    }

    private void checkCommitted(FakeMember member, Status status) {
        long from =
                Math.max(looked.getOrDefault(member.id, 0L) + 1, member.raft().firstIndex());
        for (long index = from; index <= status.commit(); index++) {
            sameAsCommitted(member, index);
        }
        looked.put(member.id, Math.min(status.commit(), status.applied()));
    }

    private void sameAsCommitted(FakeMember member, long index) {
        Long term = committedTerms.get(index);
        require(
                term != null && term == member.raft().termAt(index),
                "member " + member.id + " has term " + member.raft().termAt(index) + " at " + index + ", committed was "
                        + term);
    }

    /// All members apply the same, and nothing before it is durable with them.
    void applied(FakeMember member, Entry entry) {
        if (trust == Trust.NONE) {
            return;
        }
        var before = applied.putIfAbsent(entry.index(), entry);
        require(
                before == null || before.equals(entry),
                "member " + member.id + " applies " + entry + ", was " + before);
        require(
                member.hasDurable(entry.index(), entry.term()),
                "member " + member.id + " applies " + entry + " before it is durable");
        sameDigest(member);
    }

    void restored(FakeMember member) {
        if (trust == Trust.NONE) {
            return;
        }
        restored++;
        sameDigest(member);
    }

    private void sameDigest(FakeMember member) {
        Long before = digests.putIfAbsent(member.applied, member.digest);
        require(before == null || before == member.digest, "state of " + member.id + " differs at " + member.applied);
    }

    /// A read sees all that was committed before it was asked for.
    void asked(FakeMember member, long requestId) {
        questions.put(new Question(member.id, requestId), committed);
    }

    void answered(FakeMember member, ReadState read) {
        if (trust == Trust.NONE) {
            return;
        }
        Long least = questions.get(new Question(member.id, read.requestId()));
        require(least != null, "an answer to a question that " + member.id + " never asked: " + read);
        require(
                least == null || read.index() >= least,
                "member " + member.id + " reads at " + read + ", committed was " + least);
        answers++;
    }
}
