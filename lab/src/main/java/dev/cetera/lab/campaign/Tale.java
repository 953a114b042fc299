package dev.cetera.lab.campaign;

import dev.cetera.lab.work.Kind;
import dev.cetera.lab.work.Tally;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What was seen in one round, or in several. Immutable.
///
/// @param rounds     that kept all promises
/// @param undecided  of them, those whose history was too tangled to be judged in full
/// @param elections  from the end of a leader until another one leads
/// @param outages    times without a single acknowledged write that were longer than an election timeout
/// @param events     that watches were told
/// @param legs       streams that watches took
/// @param compared   databases that were found to be the same as another one
/// @param snapshots  that were begun to be sent to members
record Tale(
        int rounds,
        int undecided,
        Map<Kind, Tally.Row> calls,
        Map<String, Integer> faults,
        List<Duration> elections,
        List<Duration> outages,
        long events,
        int legs,
        int compared,
        int snapshots) {
    static final Tale NONE = new Tale(0, 0, Map.of(), Map.of(), List.of(), List.of(), 0, 0, 0, 0);

    Tale {
        calls = Map.copyOf(calls);
        faults = Map.copyOf(faults);
        elections = List.copyOf(elections);
        outages = List.copyOf(outages);
    }

    Tale plus(Tale more) {
        var allCalls = new EnumMap<Kind, Tally.Row>(Kind.class);
        allCalls.putAll(calls);
        more.calls.forEach((kind, row) -> allCalls.merge(
                kind,
                row,
                (one, other) -> new Tally.Row(
                        one.answered() + other.answered(),
                        one.refused() + other.refused(),
                        one.unknown() + other.unknown())));
        var allFaults = new TreeMap<>(faults);
        more.faults.forEach((fault, count) -> allFaults.merge(fault, count, Integer::sum));
        return new Tale(
                rounds + more.rounds,
                undecided + more.undecided,
                allCalls,
                allFaults,
                joined(elections, more.elections),
                joined(outages, more.outages),
                events + more.events,
                legs + more.legs,
                compared + more.compared,
                snapshots + more.snapshots);
    }

    private static <T> List<T> joined(List<T> one, List<T> other) {
        var all = new ArrayList<>(one);
        all.addAll(other);
        return all;
    }

    /// Of all kinds.
    int faultCount() {
        return faults.values().stream().mapToInt(Integer::intValue).sum();
    }

    int callCount() {
        return calls.values().stream()
                .mapToInt(row -> row.answered() + row.refused() + row.unknown())
                .sum();
    }
}
