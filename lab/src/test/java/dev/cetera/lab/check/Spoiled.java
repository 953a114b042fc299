package dev.cetera.lab.check;

import com.google.protobuf.Message;
import dev.cetera.api.etcdserverpb.WatchResponse;
import dev.cetera.lab.history.History;
import dev.cetera.lab.history.Operation;
import dev.cetera.lab.history.Outcome;
import dev.cetera.lab.history.Watch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// A right history with something wrong put in.
final class Spoiled {
    private Spoiled() {}

    /// The answer to one operation becomes another one.
    static History answer(History history, Operation operation, Message response) {
        return operation(history, with(operation, new Outcome.Answered(response)));
    }

    static Operation with(Operation operation, Outcome outcome) {
        long ended = outcome instanceof Outcome.Unknown
                ? Operation.NEVER
                : operation.ended() == Operation.NEVER ? operation.called() + 1 : operation.ended();
        return new Operation(
                operation.number(),
                operation.client(),
                operation.member(),
                operation.request(),
                operation.called(),
                ended,
                outcome);
    }

    /// At another time.
    static Operation at(Operation operation, long called, long ended) {
        return new Operation(
                operation.number(),
                operation.client(),
                operation.member(),
                operation.request(),
                called,
                ended,
                operation.outcome());
    }

    /// Replaces the one with the same number.
    static History operation(History history, Operation changed) {
        return operations(
                history,
                operations -> operations.stream()
                        .map(one -> one.number() == changed.number() ? changed : one)
                        .toList());
    }

    static History operations(History history, UnaryOperator<List<Operation>> change) {
        return new History(change.apply(history.operations()), history.watches(), history.settled(), history.members());
    }

    /// Replaces what one stream of a watch was told.
    static History told(History history, int watch, int leg, Function<List<Watch.Told>, List<Watch.Told>> change) {
        var watches = new ArrayList<>(history.watches());
        var legs = new ArrayList<>(watches.get(watch).legs());
        var old = legs.get(leg);
        legs.set(leg, new Watch.Leg(old.member(), old.request(), old.asked(), change.apply(old.told()), old.end()));
        watches.set(watch, new Watch(watches.get(watch).number(), legs));
        return new History(history.operations(), watches, history.settled(), history.members());
    }

    /// Replaces one response.
    static List<Watch.Told> response(List<Watch.Told> told, int number, UnaryOperator<WatchResponse.Builder> change) {
        var changed = new ArrayList<>(told);
        var old = told.get(number);
        changed.set(
                number,
                new Watch.Told(
                        old.at(), change.apply(old.response().toBuilder()).build()));
        return changed;
    }
}
