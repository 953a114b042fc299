package dev.cetera.lab.check;

import dev.cetera.lab.history.History;
import dev.cetera.lab.history.Operation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The calls of a history, sorted in the ways that a search asks for them, and which of them have their place
/// in the order by now. Confined to one search.
///
/// Real time comes in by one rule: a call may have its place when no other call had ended before it began that
/// has no place yet. What is called after [#limit] has to wait.
final class Timetable {
    private final List<Call> calls = new ArrayList<>();
    private final BitSet done = new BitSet();

    /// Those done, in order, so that the newest can be undone.
    private final int[] trail;

    private int trailSize;

    /// Those that must be done, the one that ended first in front.
    private final int[] byEnd;

    /// Where each call stands in `byEnd`, and in `others`; behind the end when it doesn't.
    private final int[] rankByEnd;

    private final int[] rankOfOther;

    /// Invariant: all before are done.
    private int firstByEnd;
    private int undone;

    private final Map<Long, Integer> writes = new HashMap<>();
    private final Map<Long, int[]> reads = new HashMap<>();

    /// Neither write nor read, but must be done: by the time of the call.
    private final int[] others;

    private int firstOther;
    private final int[] unknowns;

    /// How many calls have to be done before the store leaves a revision.
    private final Map<Long, int[]> due = new HashMap<>();

    private final long[] salts;
    private long print;

    /// @param depth which calls have a place
    Timetable(History history, Search.Depth depth) {
        for (var operation : history.operations()) {
            var call = Call.of(operation);
            if (call != null && (depth == Search.Depth.ALL || call.isOfKeys())) {
                calls.add(call);
            }
        }
        trail = new int[calls.size()];
        salts = new SplittableRandom(4711).longs(calls.size()).toArray();
        byEnd = sorted(call -> call.kind() != Call.Kind.UNKNOWN, Comparator.comparingLong(Call::ended));
        undone = byEnd.length;
        var byCall = Comparator.comparingLong(Call::called);
        unknowns = sorted(call -> call.kind() == Call.Kind.UNKNOWN, byCall);
        others = sorted(
                call -> switch (call.kind()) {
                    case GRANT, REVOCATION, COMPACTION, REFUSED -> true;
                    case WRITE, READ, UNKNOWN -> false;
                },
                byCall);
        rankByEnd = ranks(byEnd);
        rankOfOther = ranks(others);
        var readsByRevision = new HashMap<Long, List<Integer>>();
        for (int i : sorted(call -> call.kind() == Call.Kind.READ, byCall)) {
            readsByRevision
                    .computeIfAbsent(calls.get(i).from(), _ -> new ArrayList<>())
                    .add(i);
        }
        readsByRevision.forEach((revision, list) ->
                reads.put(revision, list.stream().mapToInt(i -> i).toArray()));
        for (int i = 0; i < calls.size(); i++) {
            var call = calls.get(i);
            if (call.kind() == Call.Kind.WRITE) {
                writes.put(call.from() + 1, i);
            } else if (call.until() != Long.MAX_VALUE) {
                due.computeIfAbsent(call.until(), _ -> new int[1])[0]++;
            }
        }
    }

    private int[] sorted(Predicate<Call> which, Comparator<Call> order) {
        return IntStream.range(0, calls.size())
                .filter(i -> which.test(calls.get(i)))
                .boxed()
                .sorted((a, b) -> order.compare(calls.get(a), calls.get(b)))
                .mapToInt(i -> i)
                .toArray();
    }

    private int[] ranks(int[] sorted) {
        var ranks = new int[calls.size()];
        Arrays.fill(ranks, sorted.length);
        for (int rank = 0; rank < sorted.length; rank++) {
            ranks[sorted[rank]] = rank;
        }
        return ranks;
    }

    // ---- what there is ----

    Call call(int number) {
        return calls.get(number);
    }

    /// The answered operation that made a revision, -1 for none.
    int writeOf(long revision) {
        return writes.getOrDefault(revision, -1);
    }

    int[] readsAt(long revision) {
        return reads.getOrDefault(revision, new int[0]);
    }

    int[] unknowns() {
        return unknowns;
    }

    boolean isDone(int number) {
        return done.get(number);
    }

    /// All that must be done are.
    boolean isComplete() {
        return undone == 0;
    }

    /// How many are done.
    int progress() {
        return trailSize;
    }

    /// Whether nothing has to come before the store leaves this revision.
    boolean mayLeave(long revision) {
        var left = due.get(revision);
        return left == null || left[0] == 0;
    }

    /// Who is called later has to wait.
    long limit() {
        while (firstByEnd < byEnd.length && done.get(byEnd[firstByEnd])) {
            firstByEnd++;
        }
        return firstByEnd < byEnd.length ? calls.get(byEnd[firstByEnd]).ended() : Operation.NEVER;
    }

    /// The one that all others wait for; null when none is left.
    @Nullable
    Call mostUrgent() {
        return limit() == Operation.NEVER ? null : calls.get(byEnd[firstByEnd]);
    }

    /// Grants, revocations, compactions and refusals that may have their place now.
    List<Integer> others(long limit) {
        while (firstOther < others.length && done.get(others[firstOther])) {
            firstOther++;
        }
        var open = new ArrayList<Integer>();
        for (int i = firstOther; i < others.length && calls.get(others[i]).called() <= limit; i++) {
            if (!done.get(others[i])) {
                open.add(others[i]);
            }
        }
        return open;
    }

    /// Nearly certainly another number when other calls are done.
    long print() {
        return print;
    }

    // ---- the order grows and shrinks ----

    void take(int number) {
        done.set(number);
        trail[trailSize++] = number;
        count(number, -1);
    }

    /// Back to when so many were done.
    void backTo(int progress) {
        while (trailSize > progress) {
            int number = trail[--trailSize];
            done.clear(number);
            count(number, 1);
            firstByEnd = Math.min(firstByEnd, rankByEnd[number]);
            firstOther = Math.min(firstOther, rankOfOther[number]);
        }
    }

    private void count(int number, int change) {
        print ^= salts[number];
        var call = calls.get(number);
        if (call.kind() != Call.Kind.UNKNOWN) {
            undone += change;
        }
        if (call.kind() != Call.Kind.WRITE && call.until() != Long.MAX_VALUE) {
            var left = due.get(call.until());
            if (left != null) {
                left[0] += change;
            }
        }
    }
}
