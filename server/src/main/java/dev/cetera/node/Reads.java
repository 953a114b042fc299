package dev.cetera.node;

import dev.cetera.api.Refusal;
import dev.cetera.logs.Log;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/// Linearizable reads that wait: first for the leader to confirm an index, then for that index to be applied.
///
/// Readers share rounds. Those that come while as many rounds as may be are under way make up the next one. A
/// round that stays without an answer is asked for again under a new number; an answer to any of its numbers
/// will do, and does for all rounds before it too, since those began to wait earlier.
///
/// Guarded by its own lock; answers are given outside of it, by `reading`.
final class Reads {
    /// As [Proposals#MAX_WAITING].
    static final int MAX_WAITING = 65_536;

    /// Rounds under way at once: enough to keep the way to the leader busy, few enough that readers share
    /// them.
    static final int MAX_ROUNDS = 8;

    /// After which a round is asked for again: questions get lost with a message or a leader.
    static final long ASK_AGAIN_NANOS = 500_000_000;

    private static final Log LOG = Log.of("etcdserver");

    private record Waiting(Answer<Long> answer, long deadlineNanos) {}

    private static final class Round {
        final List<Waiting> readers;
        final List<Long> ids = new ArrayList<>();

        /// Of the moment of the first question, 0 for none.
        final long leader;

        long askedNanos;

        Round(List<Waiting> readers, long leader) {
            this.readers = readers;
            this.leader = leader;
        }
    }

    private record Confirmed(long index, List<Waiting> readers) {}

    private final Executor reading;
    private final Meters meters;
    private List<Waiting> arrived = new ArrayList<>();

    /// In the order of their first question.
    private final ArrayDeque<Round> asked = new ArrayDeque<>();

    private final Map<Long, Round> byId = new HashMap<>();
    private final PriorityQueue<Confirmed> confirmed = new PriorityQueue<>(Comparator.comparingLong(Confirmed::index));
    private long applied;
    private int count;
    private boolean closed;

    /// @param reading runs the answers
    Reads(Executor reading, Meters meters) {
        this.reading = reading;
        this.meters = meters;
    }

    /// Takes a reader in. True when it is the first of a new round: then the caller must see to it that [#ask]
    /// is called.
    boolean await(Answer<Long> answer, long deadlineNanos) {
        Refusal why;
        synchronized (this) {
            if (!closed && count < MAX_WAITING) {
                count++;
                arrived.add(new Waiting(answer, deadlineNanos));
                return arrived.size() == 1;
            }
            why = closed ? Refusal.STOPPED : Refusal.TOO_MANY_REQUESTS;
        }
        answer.refused(why);
        return false;
    }

    /// Begins a round for those that have arrived, if one may begin, and repeats what has been without an
    /// answer for too long.
    ///
    /// @param leader known at the moment, 0 for none
    /// @param ids    gives the questions' numbers
    /// @param ask    puts a question to raft
    synchronized void ask(long nowNanos, long leader, LongSupplier ids, LongConsumer ask) {
        for (var round : asked) {
            if (nowNanos - round.askedNanos >= ASK_AGAIN_NANOS) {
                ask(round, nowNanos, ids, ask);
            }
        }
        if (!arrived.isEmpty() && asked.size() < MAX_ROUNDS) {
            var round = new Round(arrived, leader);
            arrived = new ArrayList<>();
            asked.add(round);
            ask(round, nowNanos, ids, ask);
        }
    }

    private void ask(Round round, long nowNanos, LongSupplier ids, LongConsumer ask) {
        long id = ids.getAsLong();
        round.ids.add(id);
        round.askedNanos = nowNanos;
        byId.put(id, round);
        ask.accept(id);
    }

    /// A member has come to lead. A question to a leader of before is refused, as in etcd; one that found no
    /// leader is due again.
    void newLeader() {
        var lost = new ArrayList<Waiting>();
        synchronized (this) {
            for (var round : List.copyOf(asked)) {
                if (round.leader != 0) {
                    lost.addAll(round.readers);
                    forget(round);
                } else {
                    round.askedNanos -= ASK_AGAIN_NANOS;
                }
            }
            count -= lost.size();
        }
        if (!lost.isEmpty()) {
            meters.readIndexFailed();
        }
        refuse(lost, Refusal.LEADER_CHANGED);
    }

    private void forget(Round round) {
        asked.remove(round);
        round.ids.forEach(byId::remove);
    }

    /// Raft's answer: the reads of that round, and of those before, see enough once `index` is applied.
    void confirm(long requestId, long index) {
        List<Confirmed> free;
        synchronized (this) {
            var round = byId.get(requestId);
            if (round == null) {
                return;
            }
            var readers = new ArrayList<Waiting>();
            Round each;
            do {
                each = asked.getFirst();
                readers.addAll(each.readers);
                forget(each);
            } while (each != round);
            confirmed.add(new Confirmed(index, readers));
            free = takeApplied();
        }
        free.forEach(this::answer);
    }

    /// Lets those go on whose index is applied.
    void applied(long index) {
        List<Confirmed> free;
        synchronized (this) {
            applied = index;
            free = takeApplied();
        }
        free.forEach(this::answer);
    }

    private List<Confirmed> takeApplied() {
        if (confirmed.isEmpty() || confirmed.element().index() > applied) {
            return List.of();
        }
        var free = new ArrayList<Confirmed>();
        while (!confirmed.isEmpty() && confirmed.element().index() <= applied) {
            var round = confirmed.remove();
            count -= round.readers().size();
            free.add(round);
        }
        return free;
    }

    private void answer(Confirmed round) {
        try {
            reading.execute(() -> round.readers().forEach(one -> one.answer().done(round.index())));
        } catch (RejectedExecutionException _) {
            refuse(round.readers(), Refusal.STOPPED);
        }
    }

    private static void refuse(List<Waiting> readers, Refusal why) {
        readers.forEach(one -> one.answer().refused(why));
    }

    /// Gives up on those whose time is over.
    void expire(long nowNanos) {
        var late = new ArrayList<Waiting>();
        boolean unanswered;
        synchronized (this) {
            for (var round : List.copyOf(asked)) {
                takeLate(round.readers, nowNanos, late);
                if (round.readers.isEmpty()) {
                    forget(round);
                }
            }
            unanswered = !late.isEmpty();
            takeLate(arrived, nowNanos, late);
            confirmed.forEach(round -> takeLate(round.readers(), nowNanos, late));
            confirmed.removeIf(round -> round.readers().isEmpty());
            count -= late.size();
        }
        if (unanswered) {
            meters.readIndexSlow();
            LOG.warning("timed out waiting for read index response (local node might have slow network)");
        }
        refuse(late, Refusal.TIMED_OUT);
    }

    private static void takeLate(List<Waiting> from, long nowNanos, List<Waiting> into) {
        from.removeIf(one -> nowNanos - one.deadlineNanos() >= 0 && into.add(one));
    }

    /// Refuses all that wait, and all that come later.
    void close() {
        var all = new ArrayList<Waiting>();
        synchronized (this) {
            closed = true;
            all.addAll(arrived);
            arrived.clear();
            asked.forEach(round -> all.addAll(round.readers));
            asked.clear();
            byId.clear();
            confirmed.forEach(round -> all.addAll(round.readers()));
            confirmed.clear();
            count -= all.size();
        }
        refuse(all, Refusal.STOPPED);
    }
}
