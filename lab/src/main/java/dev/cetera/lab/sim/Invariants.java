package dev.cetera.lab.sim;

import dev.cetera.raft.Entry;
import dev.cetera.raft.HardState;
import dev.cetera.raft.Message;
import dev.cetera.raft.Role;
import dev.cetera.raftpb.MalformedException;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/// What must hold at every moment of a cluster, seen from outside: from the messages that leave, from the logs
/// on the disks, and from what the members say of themselves. Confined.
final class Invariants implements LogView.Listener {
    private record Place(long index, long term) {}

    private record Content(Entry entry, long previousTerm, long firstSeen) {}

    private record Ballot(long voter, long term) {}

    /// The last promise of a member to have an entry.
    private record Promise(long term, Entry entry) {}

    /// How far one life of a member was looked at.
    private static final class Seen {
        final int life;
        long checked;
        long applied;
        long leads;

        Seen(int life) {
            this.life = life;
        }
    }

    private final Truth truth;
    private final Timeline timeline;
    private final Trace trace;
    private final Random random;
    private final Collection<Host> hosts;
    private final Consumer<Host> elected;
    private final Map<Long, Long> leaders = new HashMap<>();
    private final Map<Ballot, Long> votes = new HashMap<>();
    private final Map<Long, Long> lastVoted = new HashMap<>();
    private final Map<Long, Promise> promises = new HashMap<>();
    private final Map<Place, Content> everywhere = new HashMap<>();
    private final Map<Host, Seen> seen = new HashMap<>();
    private long newestTerm;

    /// @param hosts   all there are, also later
    /// @param elected told of new leaders
    Invariants(
            Truth truth,
            Timeline timeline,
            Trace trace,
            Random random,
            Collection<Host> hosts,
            Consumer<Host> elected) {
        this.truth = truth;
        this.timeline = timeline;
        this.trace = trace;
        this.random = random;
        this.hosts = hosts;
        this.elected = elected;
    }

    int elections() {
        return leaders.size();
    }

    /// The highest term that ever had a leader.
    long newestTerm() {
        return newestTerm;
    }

    /// When an entry was first seen in a log, in true time.
    long firstSeen(Entry entry) {
        return Objects.requireNonNull(everywhere.get(new Place(entry.index(), entry.term())))
                .firstSeen();
    }

    // ---- messages ----

    /// A member lets a message go.
    void sent(Host host, Message message) throws IOException, MalformedException {
        switch (message) {
            case Message.VoteReply reply
            when reply.granted() && reply.ballot() == Message.Ballot.VOTE ->
                vote(reply.from(), reply.term(), reply.to());
            case Message.VoteRequest request
            when request.campaign() != Message.Campaign.PRE_VOTE ->
                vote(request.from(), request.term(), request.from());
            case Message.AppendAccepted reply
            when reply.index() > 0 && host.isUp() -> {
                host.log().follow();
                var entry = host.log().entry(reply.index());
                if (entry != null) {
                    promises.put(reply.from(), new Promise(reply.term(), entry));
                }
            }
            default -> {}
        }
    }

    private void vote(long voter, long term, long candidate) {
        var before = votes.putIfAbsent(new Ballot(voter, term), candidate);
        Truth.check(
                before == null || before == candidate,
                () -> Long.toHexString(voter) + " votes for " + Long.toHexString(candidate) + " in term " + term
                        + ", having voted for " + Long.toHexString(before));
        lastVoted.merge(voter, term, Math::max);
    }

    // ---- logs ----

    /// Two logs with an entry of the same index and term are the same up to there.
    @Override
    public void appended(Entry entry, long previousTerm) {
        var content = new Content(entry, previousTerm, timeline.now());
        var before = everywhere.putIfAbsent(new Place(entry.index(), entry.term()), content);
        if (before == null) {
            return;
        }
        Truth.check(
                before.entry().equals(entry),
                () -> "two logs differ at index " + entry.index() + " and term " + entry.term() + ": " + entry + ", "
                        + before.entry());
        if (before.previousTerm() < 0) {
            everywhere.put(
                    new Place(entry.index(), entry.term()), new Content(entry, previousTerm, before.firstSeen()));
        } else {
            Truth.check(
                    previousTerm < 0 || previousTerm == before.previousTerm(),
                    () -> "two logs with " + entry + " differ before it: term " + previousTerm + ", "
                            + before.previousTerm());
        }
    }

    @Override
    public void promised(HardState before, HardState now) {
        boolean mayBe = now.term() > before.term()
                || (now.term() == before.term() && (before.vote() == 0 || before.vote() == now.vote()));
        Truth.check(
                mayBe && now.commit() >= before.commit(),
                () -> "a member that remembered " + before + " now remembers " + now);
    }

    /// A member has started: what it told others before must be there.
    private void checkPromises(Host host) {
        long member = host.engine().memberId();
        var log = host.log();
        long term = log.hardState().term();
        long voted = lastVoted.getOrDefault(member, 0L);
        Truth.check(term >= voted, () -> host + " voted in term " + voted + " and is in " + term + " now");
        var candidate = votes.get(new Ballot(member, term));
        if (candidate != null) {
            Truth.check(
                    log.hardState().vote() == candidate,
                    () -> host + " voted for " + Long.toHexString(candidate) + " in term " + term + " and remembers "
                            + log.hardState());
        }
        var promise = promises.get(member);
        // A later leader may have overwritten it; where there was none, it must be there.
        if (promise != null && promise.term() == term) {
            var entry = promise.entry();
            Truth.check(
                    entry.index() <= log.baseIndex() || entry.equals(log.entry(entry.index())),
                    () -> host + " has told its leader that it has " + entry + ", and has " + log.entry(entry.index())
                            + " there now");
        }
    }

    // ---- members ----

    /// Looks at a member after it did something.
    void look(Host host) throws IOException, MalformedException {
        var log = host.log();
        log.follow();
        var now = seen.get(host);
        if (now == null || now.life != host.life()) {
            now = new Seen(host.life());
            seen.put(host, now);
            checkPromises(host);
        }
        lookAtCommitted(host, now);
        lookAtLeader(host, now);
        long applied = host.engine().appliedIndex();
        if (applied != now.applied) {
            long before = now.applied;
            Truth.check(applied > before, () -> host + " had applied " + before + ", and now " + applied);
            now.applied = applied;
            if (host.engine().machine().backend().consistentIndex() != applied) {
                return; // the file holds more than what was applied again so far
            }
            if (random.nextInt(16) == 0) {
                truth.checkAll(host, applied);
            } else {
                truth.checkQuickly(host, applied);
            }
        }
    }

    private void lookAtCommitted(Host host, Seen now) throws IOException, MalformedException {
        var log = host.log();
        long known = Math.max(log.hardState().commit(), host.engine().appliedIndex());
        for (long index = Math.max(now.checked, log.baseIndex()) + 1; index <= known; index++) {
            var entry = log.entry(index);
            if (entry == null) {
                break;
            }
            if (truth.commit(host.name, entry)) {
                checkQuorum(host, entry);
            }
            now.checked = index;
        }
    }

    /// What is committed is in most logs. Who is down gets the benefit of the doubt; so does a leader that
    /// counted by the configuration before the last change.
    private void checkQuorum(Host host, Entry entry) throws IOException, MalformedException {
        if (entry.term() == 1) {
            return; // what a cluster is founded with
        }
        Set<Long> lacking = new HashSet<>();
        for (var other : hosts) {
            if (other.isUp()) {
                other.log().follow();
                var theirs = other.log().entry(entry.index());
                if (other.log().baseIndex() < entry.index() && !entry.equals(theirs)) {
                    lacking.add(other.engine().memberId());
                }
            }
        }
        Truth.check(
                truth.configurations().stream().anyMatch(voters -> mayBeMost(voters, lacking)),
                () -> host + " knows as committed " + entry + ", and " + lacking.size() + " of "
                        + truth.members().size() + " members don't have it");
    }

    private static boolean mayBeMost(Set<Long> voters, Set<Long> lacking) {
        long having = voters.stream().filter(voter -> !lacking.contains(voter)).count();
        return having > voters.size() / 2;
    }

    /// One leader for each term, and it has all that was committed before.
    private void lookAtLeader(Host host, Seen now) {
        var status = host.engine().status();
        if (status.role() != Role.LEADER || status.term() == now.leads) {
            return;
        }
        now.leads = status.term();
        newestTerm = Math.max(newestTerm, status.term());
        trace.add(host.name, "leads term", status.term());
        var other = leaders.putIfAbsent(status.term(), host.engine().memberId());
        Truth.check(
                other == null || other == host.engine().memberId(),
                () -> host + " and " + Long.toHexString(other) + " both lead term " + status.term());
        elected.accept(host);
        var log = host.log();
        for (long index = log.baseIndex() + 1; index <= truth.lastIndex(); index++) {
            var own = log.entry(index);
            var wanted = truth.entry(index);
            Truth.check(
                    wanted.equals(own) || wanted.term() >= status.term(),
                    () -> host + " leads term " + status.term() + " without " + wanted + ", it has " + own);
        }
    }
}
