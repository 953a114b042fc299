package dev.cetera.node;

import dev.cetera.api.Refusal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/// Linearizable reads that wait: first for raft to confirm an index (one round is shared by all that had come
/// by then), then for that index to be applied.
///
/// Guarded by its own lock; answers are called outside of it.
final class Reads {
    /// As [Proposals#MAX_WAITING].
    static final int MAX_WAITING = 65_536;

    private record Waiting(Answer<Long> answer, long deadlineNanos) {}

    private record Confirmed(long index, List<Waiting> readers) {}

    private List<Waiting> arrived = new ArrayList<>();
    private final Map<Long, List<Waiting>> asked = new HashMap<>();
    private final ArrayDeque<Confirmed> confirmed = new ArrayDeque<>();
    private int count;
    private boolean closed;

    /// Takes a reader in. True when it is the first of a new round: then the caller must see to it that
    /// [#startRound] is called.
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

    /// All that have arrived wait for the answer to `requestId` from now on.
    synchronized void startRound(long requestId) {
        if (!arrived.isEmpty()) {
            asked.put(requestId, arrived);
            arrived = new ArrayList<>();
        }
    }

    /// Raft's answer: the reads of that round see enough once `index` is applied.
    synchronized void confirm(long requestId, long index) {
        var readers = asked.remove(requestId);
        if (readers != null) {
            confirmed.add(new Confirmed(index, readers));
        }
    }

    /// Lets those go on whose index is applied.
    void applied(long index) {
        List<Waiting> free = new ArrayList<>();
        synchronized (this) {
            // Rounds are confirmed with rising indexes, so the first that must wait holds back only those that must,
            // too.
            while (!confirmed.isEmpty() && confirmed.peek().index() <= index) {
                free.addAll(confirmed.remove().readers());
            }
            count -= free.size();
        }
        free.forEach(one -> one.answer().done(index));
    }

    void expire(long nowNanos) {
        refuse(nowNanos, Refusal.TIMED_OUT, false);
    }

    /// Refuses all that wait, and all that come later.
    void close() {
        refuse(0, Refusal.STOPPED, true);
    }

    private void refuse(long nowNanos, Refusal why, boolean all) {
        List<Waiting> late = new ArrayList<>();
        synchronized (this) {
            closed |= all;
            takeLate(arrived, nowNanos, all, late);
            asked.values().forEach(readers -> takeLate(readers, nowNanos, all, late));
            asked.values().removeIf(List::isEmpty);
            confirmed.forEach(round -> takeLate(round.readers(), nowNanos, all, late));
            count -= late.size();
        }
        late.forEach(one -> one.answer().refused(why));
    }

    private static void takeLate(List<Waiting> from, long nowNanos, boolean all, List<Waiting> into) {
        for (Iterator<Waiting> each = from.iterator(); each.hasNext(); ) {
            var one = each.next();
            if (all || nowNanos - one.deadlineNanos() >= 0) {
                each.remove();
                into.add(one);
            }
        }
    }
}
