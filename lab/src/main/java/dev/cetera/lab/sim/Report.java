package dev.cetera.lab.sim;

import java.util.Map;
import java.util.TreeMap;

/// What one seed came to, or many together: how often each thing happened. Immutable.
///
/// @param counts    by group and name
/// @param traceHash the same for the same run
public record Report(Map<String, Map<String, Long>> counts, long traceHash) {
    static final Report NOTHING = new Report(Map.of(), 0);

    /// Gathers the counts of one run. Confined.
    static final class Counts {
        private final Map<String, Map<String, Long>> counts = new TreeMap<>();

        Counts add(String group, String name, long number) {
            counts.computeIfAbsent(group, _ -> new TreeMap<>()).merge(name, number, Long::sum);
            return this;
        }

        Report report(long traceHash) {
            return new Report(counts, traceHash);
        }
    }

    /// How often that happened.
    public long of(String group, String name) {
        return counts.getOrDefault(group, Map.of()).getOrDefault(name, 0L);
    }

    /// How often anything of a group happened.
    public long all(String group) {
        return counts.getOrDefault(group, Map.of()).values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    Report plus(Report other) {
        var sum = new Counts();
        for (var one : new Report[] {this, other}) {
            one.counts.forEach((group, names) -> names.forEach((name, number) -> sum.add(group, name, number)));
        }
        return sum.report(31 * traceHash + other.traceHash);
    }

    /// A line for each group, or a few.
    String table() {
        var text = new StringBuilder();
        counts.forEach((group, names) -> {
            int column = 0;
            text.append("  %-10s".formatted(group));
            for (var one : names.entrySet()) {
                if (column > 0 && column % 5 == 0) {
                    text.append("\n  %-10s".formatted(""));
                }
                column++;
                text.append(" %18s %8d".formatted(one.getKey(), one.getValue()));
            }
            text.append('\n');
        });
        return text.toString();
    }
}
