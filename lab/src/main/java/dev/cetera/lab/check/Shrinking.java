package dev.cetera.lab.check;

import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.lab.history.History;
import dev.cetera.lab.history.Operation;
import dev.cetera.lab.history.Outcome;
import dev.cetera.lab.history.Watch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Looks for a smaller history that still breaks the same promise: the shortest beginning that does, then
/// without watches, without operations that change nothing, and with changes whose outcome is forgotten.
/// Confined.
///
/// It may take only so much work: each try costs as many steps as the history has operations and responses.
final class Shrinking {
    private static final long BUDGET = 400_000;
    private static final int MAX_TRIES = 300;

    /// Of one search: a history that takes longer to judge is no use.
    private static final int MAX_STEPS = 20_000;

    private final Slack slack;
    private Violation best;
    private long budget = BUDGET;
    private int tries = MAX_TRIES;

    private Shrinking(Violation violation, Slack slack) {
        this.best = violation;
        this.slack = slack;
    }

    static Violation shrink(Violation violation, Slack slack) {
        var shrinking = new Shrinking(violation, slack);
        shrinking.cutTheEnd();
        shrinking.dropWatches();
        shrinking.dropOperations(Shrinking::without);
        shrinking.dropOperations(Shrinking::forgotten);
        shrinking.dropOperations(Shrinking::without);
        return shrinking.best;
    }

    /// Whether this one breaks the promise, too. If so it is the best by now.
    private boolean isWorth(History smaller) {
        long cost = smaller.operations().size() + 10L;
        for (var watch : smaller.watches()) {
            cost += watch.legs().stream().mapToInt(leg -> leg.told().size()).sum();
        }
        budget -= cost;
        tries--;
        if (budget < 0 || tries < 0) {
            return false;
        }
        try {
            Checks.checkOnce(smaller, slack, MAX_STEPS);
            return false;
        } catch (Violation violation) {
            if (!violation.guarantee().equals(best.guarantee())) {
                return false;
            }
            best = violation;
            return true;
        }
    }

    // ---- a beginning ----

    private void cutTheEnd() {
        var whole = best.history();
        int enough = whole.operations().size();
        int tooFew = 0;
        while (enough - tooFew > 1) {
            int half = (enough + tooFew) / 2;
            if (isWorth(beginning(whole, whole.operations().get(half - 1).called()))) {
                enough = half;
            } else {
                tooFew = half;
            }
        }
        var at = whole.operations().isEmpty()
                ? 0
                : whole.operations().get(Math.max(0, enough - 1)).called();
        cutWatches(at);
    }

    /// Of what the watches were told, too, only the beginning: by the time of each response.
    private void cutWatches(long from) {
        var whole = best.history();
        var times = whole.watches().stream()
                .flatMap(watch -> watch.legs().stream())
                .flatMap(leg -> leg.told().stream())
                .map(Watch.Told::at)
                .filter(at -> at >= from)
                .sorted()
                .toList();
        int enough = times.size();
        int tooFew = 0;
        while (enough - tooFew > 1) {
            int half = (enough + tooFew) / 2;
            if (isWorth(beginning(whole, times.get(half - 1)))) {
                enough = half;
            } else {
                tooFew = half;
            }
        }
    }

    private static History beginning(History whole, long until) {
        var operations = whole.operations().stream()
                .filter(operation -> operation.called() <= until)
                .map(operation -> operation.ended() <= until ? operation : forget(operation))
                .toList();
        var watches = new ArrayList<Watch>();
        for (var watch : whole.watches()) {
            var legs = new ArrayList<Watch.Leg>();
            for (var leg : watch.legs()) {
                if (leg.asked() <= until) {
                    legs.add(beginning(leg, until));
                }
            }
            if (!legs.isEmpty()) {
                watches.add(new Watch(watch.number(), legs));
            }
        }
        return new History(operations, watches, false, whole.members());
    }

    private static Watch.Leg beginning(Watch.Leg leg, long until) {
        var told = leg.told().stream().filter(one -> one.at() <= until).toList();
        return new Watch.Leg(
                leg.member(),
                leg.request(),
                leg.asked(),
                told,
                told.size() == leg.told().size() ? leg.end() : Watch.End.HISTORY);
    }

    private static Operation forget(Operation operation) {
        return operation.with(Operation.NEVER, new Outcome.Unknown("forgotten"));
    }

    // ---- less ----

    private void dropWatches() {
        for (int size = best.history().watches().size(); size >= 1; size /= 2) {
            for (int from = 0; from < best.history().watches().size(); ) {
                var history = best.history();
                var watches = new ArrayList<>(history.watches());
                watches.subList(from, Math.min(from + size, watches.size())).clear();
                if (!isWorth(new History(history.operations(), watches, history.settled(), history.members()))) {
                    from += size;
                }
            }
        }
    }

    /// Takes away ever smaller pieces, as long as that goes well.
    private void dropOperations(UnaryOperator<@Nullable Operation> change) {
        for (int size = best.history().operations().size(); size >= 1; size /= 2) {
            for (int from = 0; from < best.history().operations().size() && tries > 0 && budget > 0; ) {
                var history = best.history();
                var changed = changed(history.operations(), from, from + size, change);
                boolean isLess = !changed.equals(history.operations());
                if (isLess && isWorth(new History(changed, history.watches(), history.settled(), history.members()))) {
                    from += size - (history.operations().size() - changed.size());
                } else {
                    from += size;
                }
            }
        }
    }

    private static List<Operation> changed(
            List<Operation> operations, int from, int until, UnaryOperator<@Nullable Operation> change) {
        var changed = new ArrayList<Operation>();
        for (int i = 0; i < operations.size(); i++) {
            var operation = operations.get(i);
            var now = from <= i && i < until ? change.apply(operation) : operation;
            if (now != null) {
                changed.add(now);
            }
        }
        return changed;
    }

    /// Whatever may have made a revision stays: without it, that revision would be what is wrong.
    private static @Nullable Operation without(@Nullable Operation operation) {
        if (operation == null || operation.outcome() instanceof Outcome.Refused) {
            return null;
        }
        if (Requests.isAboutAccounts(operation.request())) {
            return operation; // without it, what somebody was allowed would be what is wrong
        }
        return switch (operation.request()) {
            case PutRequest _, DeleteRangeRequest _, LeaseGrantRequest _, LeaseRevokeRequest _, CompactionRequest _ ->
                operation;
            case TxnRequest txn -> Requests.isReadOnly(txn) ? null : operation;
            default -> null;
        };
    }

    /// But for the number of a lease that the member chose: others may use it.
    private static @Nullable Operation forgotten(@Nullable Operation operation) {
        if (operation == null || operation.outcome() instanceof Outcome.Unknown) {
            return operation;
        }
        boolean stays = operation.request() instanceof LeaseGrantRequest grant && grant.getID() == 0;
        return stays ? operation : forget(operation);
    }
}
