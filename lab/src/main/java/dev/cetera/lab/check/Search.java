package dev.cetera.lab.check;

import com.google.protobuf.ByteString;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.apply.Outcome.Refused;
import dev.cetera.lab.history.History;
import dev.cetera.lab.history.Operation;
import dev.cetera.lab.model.State;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Looks for an order of all operations in which every answer is right, and which real time allows: the search
/// of Wing and Gong, depth first, with Lowe's memory of what has been tried. Confined.
///
/// An answer's header says which revision it is of. So most operations have their place, and the search has to
/// choose only
/// - what made a revision that no answered operation made: an operation of unknown outcome, a revocation, or a
///   lease that ended by itself ([Facts] leave few of them);
/// - where grants, compactions and revocations stand among the others of a revision.
///
/// What changes nothing takes its place as soon as it may: that hinders nobody. What nobody can have seen is
/// put off until something demands it: a lease without keys ends when an answer says that it is gone, a grant
/// or a compaction of unknown outcome happens when an answer is only right after it.
final class Search {
    /// What is looked at.
    enum Depth {
        /// Keys alone: every lease is there all the time, and may take its keys with it at any time; nothing
        /// is compacted, no refusal counts. Where this has no order nothing has, and that shows soon: there is
        /// little to choose.
        KEYS,
        ALL
    }

    /// What the search came to.
    sealed interface Result {
        record Found(List<Turn> turns, State last) implements Result {}

        record Impossible(String why) implements Result {}

        record Undecided(String why) implements Result {}
    }

    /// One change of the state.
    ///
    /// @param call  null when a lease ended by itself
    /// @param lease that ended, 0 for none
    record Turn(@Nullable Call call, long lease, State after) {}

    private record Move(int call, long lease) {
        static final int NOBODY = -1;

        static Move take(int call) {
            return new Move(call, 0);
        }

        static Move end(long lease) {
            return new Move(NOBODY, lease);
        }
    }

    private record Tried(long state, long done) {}

    /// A moment of the search.
    private static final class Node {
        final State state;
        final @Nullable Turn turn;
        final int progressBefore;
        List<Move> moves = List.of();
        int next;
        boolean refuted;

        Node(State state, @Nullable Turn turn, int progressBefore) {
            this.state = state;
            this.turn = turn;
            this.progressBefore = progressBefore;
        }
    }

    private final Depth depth;
    private final Timetable table;
    private final Facts facts;
    private final Facts hints;
    private final Glimpses glimpses;
    private final Set<LeaseEnd> excluded;
    private final int maxSteps;
    private final Map<Long, Integer> grants = new HashMap<>();
    private final Set<Long> mentioned = new TreeSet<>();
    private final Map<Long, Long> lastUse = new HashMap<>();
    private final Map<Integer, Long> onlyAt = new HashMap<>();
    private final Set<Tried> tried = new HashSet<>();
    private final List<Node> path = new ArrayList<>();
    private int steps;
    private int furthest = -1;
    private String complaint = "";

    /// @param facts    with which every revision must agree
    /// @param hints    with which it should, where there is a choice
    /// @param excluded what did not happen
    /// @param maxSteps after so many moves the search gives up
    Search(History history, Depth depth, Facts facts, Facts hints, Set<LeaseEnd> excluded, int maxSteps) {
        this.depth = depth;
        this.table = new Timetable(history, depth);
        this.facts = facts;
        this.hints = hints;
        this.glimpses = new Glimpses(history);
        this.excluded = excluded;
        this.maxSteps = maxSteps;
        for (var operation : history.operations()) {
            noteLeases(operation);
        }
        noteUniquePuts(history);
    }

    private State beginning() {
        var state = State.EMPTY;
        if (depth == Depth.KEYS) {
            for (long lease : mentioned) {
                state = granted(state, lease);
            }
        }
        return state;
    }

    private static State granted(State state, long lease) {
        return state.apply(LeaseGrantRequest.newBuilder().setID(lease).build()).after();
    }

    private void noteLeases(Operation operation) {
        for (var put : Requests.puts(operation.request())) {
            if (put.getLease() != 0) {
                mentioned.add(put.getLease());
            }
        }
        var call = Call.of(operation);
        if (call != null && call.request() instanceof LeaseGrantRequest grant) {
            grants.merge(grant.getID(), 1, Integer::sum);
        }
        if (call != null
                && call.kind() == Call.Kind.WRITE
                && call.request() instanceof PutRequest put
                && put.getLease() != 0) {
            lastUse.merge(put.getLease(), call.from() + 1, Math::max);
        }
    }

    /// Whoever alone puts a value to a key made the revision where it was seen.
    private void noteUniquePuts(History history) {
        record Value(ByteString key, ByteString value) {}
        var counts = new HashMap<Value, Integer>();
        var copied = new HashSet<ByteString>();
        for (var operation : history.operations()) {
            for (var put : Requests.puts(operation.request())) {
                counts.merge(new Value(put.getKey(), put.getValue()), 1, Integer::sum);
                if (put.getIgnoreValue()) {
                    copied.add(put.getKey());
                }
            }
        }
        var seen = new HashMap<Value, TreeSet<Long>>();
        facts.puts()
                .forEach((revision, keys) -> keys.values()
                        .forEach(kv -> seen.computeIfAbsent(new Value(kv.getKey(), kv.getValue()), _ -> new TreeSet<>())
                                .add(revision)));
        for (int number : table.unknowns()) {
            for (var put : Requests.puts(table.call(number).request())) {
                var value = new Value(put.getKey(), put.getValue());
                var at = seen.get(value);
                if (at != null
                        && at.size() == 1
                        && counts.getOrDefault(value, 0) == 1
                        && !copied.contains(put.getKey())) {
                    onlyAt.put(number, at.first());
                }
            }
        }
    }

    Result run() {
        enter(new Node(beginning(), null, 0));
        while (!path.isEmpty()) {
            var node = path.getLast();
            if (!node.refuted && isComplete(node.state)) {
                var turns = path.stream()
                        .map(one -> one.turn)
                        .filter(turn -> turn != null)
                        .toList();
                return new Result.Found(turns, node.state);
            }
            if (node.next == node.moves.size()) {
                leave();
                continue;
            }
            if (++steps > maxSteps) {
                return new Result.Undecided(
                        "no order was found in " + maxSteps + " steps; the furthest way ends so: " + complaint);
            }
            var move = node.moves.get(node.next++);
            var before = table.progress();
            var turn = carryOut(node.state, move);
            if (move.call() != Move.NOBODY) {
                table.take(move.call());
            }
            enter(new Node(turn.after(), turn, before));
        }
        return new Result.Impossible(complaint);
    }

    private boolean isComplete(State state) {
        return table.isComplete() && state.revision() >= facts.newest();
    }

    private Turn carryOut(State state, Move move) {
        if (move.call() == Move.NOBODY) {
            var after = state.endLease(move.lease());
            return new Turn(null, move.lease(), depth == Depth.KEYS ? granted(after, move.lease()) : after);
        }
        var call = table.call(move.call());
        long lease = call.request() instanceof LeaseRevokeRequest revoke ? revoke.getID() : 0;
        return new Turn(call, lease, state.apply(call.request()).after());
    }

    private void enter(Node node) {
        boolean isNewRevision = path.isEmpty() || path.getLast().state.revision() < node.state.revision();
        path.add(node);
        if (isNewRevision && !agreesWithGlimpses(node.state)) {
            node.refuted = true;
            return;
        }
        if (settle(node.state) && (isComplete(node.state) || isNew(node.state))) {
            node.moves = moves(node.state);
        }
    }

    private boolean agreesWithGlimpses(State state) {
        var wrong = glimpses.complaint(state);
        if (wrong != null && table.progress() > furthest) {
            furthest = table.progress();
            complaint = wrong;
        }
        return wrong == null;
    }

    private boolean isNew(State state) {
        return tried.add(new Tried(state.print(), table.print()));
    }

    private void leave() {
        var node = path.removeLast();
        table.backTo(node.progressBefore);
    }

    private long limit(State state) {
        return Math.min(table.limit(), facts.knownBy(state.revision() + 1));
    }

    // ---- what changes nothing ----

    /// Gives its place to all that changes nothing and fits here.
    ///
    /// @return false when an answer of this revision is wrong
    private boolean settle(State state) {
        boolean more = true;
        while (more) {
            more = false;
            long limit = limit(state);
            for (int number : table.readsAt(state.revision())) {
                var call = table.call(number);
                if (call.called() > limit) {
                    break;
                }
                if (!table.isDone(number)) {
                    if (!call.fits(state.apply(call.request()))) {
                        complain(state, call);
                        return false;
                    }
                    table.take(number);
                    more = true;
                }
            }
            for (int number : table.others(limit)) {
                var call = table.call(number);
                if (call.kind() == Call.Kind.REFUSED && call.fits(state.apply(call.request()))) {
                    table.take(number);
                    more = true;
                }
            }
        }
        return true;
    }

    private void complain(State state, Call call) {
        if (table.progress() > furthest) {
            furthest = table.progress();
            complaint = Transcript.line(call.operation()) + " does not fit at revision " + state.revision()
                    + ": there it would be "
                    + Transcript.outcome(state.apply(call.request()).outcome());
        }
    }

    // ---- what changes something ----

    private List<Move> moves(State state) {
        long limit = limit(state);
        var open = table.others(limit);
        var moves = new ArrayList<Move>();
        addGrants(state, open, moves);
        boolean mayLeave = table.mayLeave(state.revision());
        int write = table.writeOf(state.revision() + 1);
        boolean isKnown = state.revision() < facts.newest();
        if (mayLeave && write >= 0) {
            addWrite(state, write, limit, moves);
        }
        for (int number : open) {
            var call = table.call(number);
            switch (call.kind()) {
                case COMPACTION -> {
                    if (call.from() == state.revision()) {
                        if (call.fits(state.apply(call.request()))) {
                            moves.add(Move.take(number));
                        } else {
                            complain(state, call);
                        }
                    }
                }
                case REVOCATION -> addSilentRevocation(state, number, limit, moves);
                case REFUSED -> addDemands(state, call, limit, moves);
                default -> {}
            }
        }
        // After what others demand: until that has its place, requests that were sent later can't be looked at, and
        // only leases that end could have made the revision. One that nobody was shown is only to make an answer
        // right.
        if (mayLeave && (write < 0 || !isKnown)) {
            addUnanswered(state, open, limit, moves);
        }
        if (moves.isEmpty()) {
            complainOfNothing(state);
        }
        return moves;
    }

    private void complainOfNothing(State state) {
        var urgent = table.mostUrgent();
        if (urgent != null && urgent.kind() == Call.Kind.REFUSED) {
            complain(state, urgent);
        }
        if (table.progress() > furthest) {
            furthest = table.progress();
            long next = state.revision() + 1;
            int write = table.writeOf(next);
            complaint = "after revision " + state.revision() + " "
                    + (write >= 0
                            ? Transcript.line(table.call(write).operation()) + " would have to come"
                            : "nothing can have made revision " + next)
                    + (urgent == null ? "" : ", and before it " + Transcript.line(urgent.operation()));
        }
    }

    private void addGrants(State state, List<Integer> open, List<Move> moves) {
        for (int number : open) {
            var call = table.call(number);
            if (call.kind() == Call.Kind.GRANT && state.revision() <= call.until()) {
                if (call.fits(state.apply(call.request()))) {
                    moves.add(Move.take(number));
                } else if (call.request() instanceof LeaseGrantRequest grant) {
                    addSilentEnd(state, grant.getID(), moves);
                }
            }
        }
    }

    private void addWrite(State state, int number, long limit, List<Move> moves) {
        var call = table.call(number);
        if (call.called() > limit) {
            return;
        }
        var step = state.apply(call.request());
        // What it did depends on what was there, and may have been shown where its answer does not tell.
        if (call.fits(step)
                && facts.allow(
                        step.after().revision(),
                        step.after().eventsOf(step.after().revision()))) {
            moves.add(Move.take(number));
            return;
        }
        if (step.outcome() instanceof Refused(var why) && why == Refusal.LEASE_NOT_FOUND) {
            addUnknownGrants(state, call, limit, moves);
        }
        complain(state, call);
    }

    /// Who can have made the next revision, which no answered write made.
    private void addUnanswered(State state, List<Integer> open, long limit, List<Move> moves) {
        var likely = new ArrayList<Move>();
        var others = new ArrayList<Move>();
        for (int number : open) {
            var call = table.call(number);
            if (call.kind() == Call.Kind.REVOCATION && state.revision() < call.until()) {
                addIfAllowed(state, Move.take(number), likely, others);
            }
        }
        for (int number : table.unknowns()) {
            var call = table.call(number);
            if (call.called() > limit) {
                break;
            }
            if (!table.isDone(number) && onlyAt.getOrDefault(number, state.revision() + 1) == state.revision() + 1) {
                var step = state.apply(call.request());
                if (step.after().revision() > state.revision()) {
                    addIfAllowed(state, Move.take(number), likely, others);
                } else if (step.outcome() instanceof Refused(var why) && why == Refusal.LEASE_NOT_FOUND) {
                    addUnknownGrants(state, call, limit, others);
                }
            }
        }
        for (long lease : leasesWithKeys(state)) {
            boolean usedLater =
                    grants.getOrDefault(lease, 0) == 1 && lastUse.getOrDefault(lease, 0L) > state.revision() + 1;
            if (!usedLater && !excluded.contains(new LeaseEnd(lease, state.revision() + 1))) {
                addIfAllowed(state, Move.end(lease), likely, others);
            }
        }
        moves.addAll(likely);
        moves.addAll(others);
    }

    private static Set<Long> leasesWithKeys(State state) {
        var leases = new TreeSet<Long>(Comparator.naturalOrder());
        for (var kv : state.keysAt(state.revision())) {
            if (kv.getLease() != 0 && state.hasLease(kv.getLease())) {
                leases.add(kv.getLease());
            }
        }
        return leases;
    }

    private void addIfAllowed(State state, Move move, List<Move> likely, List<Move> others) {
        var after = carryOut(state, move).after();
        if (after.revision() == state.revision()) {
            return;
        }
        var events = after.eventsOf(after.revision());
        if (facts.allow(after.revision(), events)) {
            (hints.allow(after.revision(), events) ? likely : others).add(move);
        }
    }

    /// A revocation of a lease without keys makes no revision.
    private void addSilentRevocation(State state, int number, long limit, List<Move> moves) {
        var call = table.call(number);
        var step = state.apply(call.request());
        if (!call.fits(step)) {
            complain(state, call);
            if (call.request() instanceof LeaseRevokeRequest revoke) {
                addUnknownGrant(state, revoke.getID(), limit, moves);
            }
        } else if (step.after().revision() == state.revision() && state.revision() <= call.until()) {
            moves.add(Move.take(number));
        }
    }

    // ---- what is put off until it is demanded ----

    /// What would make a refusal right.
    private void addDemands(State state, Call refused, long limit, List<Move> moves) {
        if (refused.isRefusedFor(Refusal.LEASE_NOT_FOUND)) {
            for (var put : Requests.puts(refused.request())) {
                addSilentEnd(state, put.getLease(), moves);
            }
        } else {
            // The reason was another than that a lease is missing.
            addUnknownGrants(state, refused, limit, moves);
        }
        switch (refused.request()) {
            case LeaseRevokeRequest revoke -> addSilentEnd(state, revoke.getID(), moves);
            case LeaseGrantRequest grant -> addUnknownGrant(state, grant.getID(), limit, moves);
            default -> {}
        }
        for (int number : table.unknowns()) {
            var call = table.call(number);
            if (call.called() > limit) {
                break;
            }
            if (!table.isDone(number)
                    && call.request() instanceof CompactionRequest
                    && call.fits(state.apply(call.request()))) {
                moves.add(Move.take(number));
            }
        }
    }

    private static void addSilentEnd(State state, long lease, List<Move> moves) {
        var move = Move.end(lease);
        if (lease != 0 && state.hasLease(lease) && state.attached(lease).isEmpty() && !moves.contains(move)) {
            moves.add(move);
        }
    }

    private void addUnknownGrants(State state, Call call, long limit, List<Move> moves) {
        for (var put : Requests.puts(call.request())) {
            if (put.getLease() != 0) {
                addUnknownGrant(state, put.getLease(), limit, moves);
            }
        }
    }

    private void addUnknownGrant(State state, long lease, long limit, List<Move> moves) {
        for (int number : table.unknowns()) {
            var move = Move.take(number);
            if (!table.isDone(number)
                    && !state.hasLease(lease)
                    && table.call(number).called() <= limit
                    && table.call(number).request() instanceof LeaseGrantRequest grant
                    && grant.getID() == lease
                    && !moves.contains(move)) {
                moves.add(move);
            }
        }
    }
}
