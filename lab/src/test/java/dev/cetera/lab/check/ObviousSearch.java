package dev.cetera.lab.check;

import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.apply.Outcome.Done;
import dev.cetera.apply.Outcome.Refused;
import dev.cetera.lab.history.History;
import dev.cetera.lab.history.Operation;
import dev.cetera.lab.history.Outcome;
import dev.cetera.lab.model.State;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The slow twin of [Search]: tries every order of a handful of operations, with any of unknown outcome left
/// out, and a lease's end at any place. It takes nothing from headers but that the answers must be right.
final class ObviousSearch {
    private record Tried(long state, int done) {}

    private final List<Operation> operations;
    private final long newest;
    private final Set<Tried> tried = new HashSet<>();

    private ObviousSearch(History history) {
        operations = history.operations();
        newest = operations.stream().mapToLong(ObviousSearch::shown).max().orElse(1);
    }

    static boolean hasOrder(History history) {
        return new ObviousSearch(history).goesOn(State.EMPTY, 0);
    }

    private static long shown(Operation operation) {
        return operation.outcome() instanceof Outcome.Answered(var response)
                ? Requests.header(response).getRevision()
                : 1;
    }

    private boolean goesOn(State state, int done) {
        if (isEnd(done) && state.revision() >= newest) {
            return true;
        }
        if (!tried.add(new Tried(state.print(), done))) {
            return false;
        }
        for (int i = 0; i < operations.size(); i++) {
            if (!isDone(done, i) && mayBeNext(i, state, done)) {
                var step = state.apply(operations.get(i).request());
                if (isRight(operations.get(i), step) && goesOn(step.after(), done | (1 << i))) {
                    return true;
                }
            }
        }
        for (long lease : state.leases().keySet()) {
            if (goesOn(state.endLease(lease), done)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isDone(int done, int number) {
        return (done & (1 << number)) != 0;
    }

    private boolean isEnd(int done) {
        for (int i = 0; i < operations.size(); i++) {
            if (!isDone(done, i) && !(operations.get(i).outcome() instanceof Outcome.Unknown)) {
                return false;
            }
        }
        return true;
    }

    /// Nobody is left who had ended before, and what anybody was shown before is there.
    private boolean mayBeNext(int next, State state, int done) {
        for (int i = 0; i < operations.size(); i++) {
            var other = operations.get(i);
            if (other.ended() < operations.get(next).called()
                    && (!isDone(done, i) || shown(other) > state.revision())) {
                return false;
            }
        }
        return true;
    }

    private static boolean isRight(Operation operation, State.Step step) {
        return switch (operation.outcome()) {
            case Outcome.Unknown _ -> step.outcome() instanceof Done;
            case Outcome.Refused refused ->
                step.outcome() instanceof Refused(var why) && why.text().equals(refused.text());
            case Outcome.Answered(var response) -> {
                boolean isOfLease = operation.request() instanceof LeaseGrantRequest
                        || operation.request() instanceof LeaseRevokeRequest;
                yield step.outcome() instanceof Done(var expected)
                        && (isOfLease
                                ? step.after().revision() <= shown(operation)
                                : expected.equals(Requests.bare(response)));
            }
        };
    }
}
