package dev.cetera.lab.work;

import dev.cetera.lab.history.Outcome;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeSet;

/// How many calls of each kind had which outcome, and what watches were told. Immutable. Its text is a table.
///
/// @param watches of clients
/// @param legs    streams of those watches
/// @param events  on all of them
public record Tally(Map<Kind, Row> rows, int watches, int legs, long events) {
    /// That nothing was done.
    public static final Tally NONE = new Tally(new EnumMap<>(Kind.class), 0, 0, 0);

    /// Calls of one kind; those under way are in none of the numbers.
    public record Row(int answered, int refused, int unknown) {
        static Row of(Outcome outcome) {
            return switch (outcome) {
                case Outcome.Answered _ -> new Row(1, 0, 0);
                case Outcome.Refused _ -> new Row(0, 1, 0);
                case Outcome.Unknown _ -> new Row(0, 0, 1);
            };
        }

        Row plus(Row other) {
            return new Row(answered + other.answered, refused + other.refused, unknown + other.unknown);
        }
    }

    public Tally {
        var ordered = new EnumMap<Kind, Row>(Kind.class);
        ordered.putAll(rows);
        rows = Collections.unmodifiableMap(ordered);
    }

    /// Of both together.
    public Tally plus(Tally other) {
        var sum = new EnumMap<Kind, Row>(Kind.class);
        var kinds = new TreeSet<>(rows.keySet());
        kinds.addAll(other.rows.keySet());
        for (var kind : kinds) {
            sum.put(kind, row(kind).plus(other.row(kind)));
        }
        return new Tally(sum, watches + other.watches, legs + other.legs, events + other.events);
    }

    /// Of a kind, all 0 if it never occurred.
    public Row row(Kind kind) {
        return rows.getOrDefault(kind, new Row(0, 0, 0));
    }

    /// Of all kinds together.
    public Row total() {
        return rows.values().stream().reduce(new Row(0, 0, 0), Row::plus);
    }

    @Override
    public String toString() {
        var text = new StringBuilder(String.format("%-13s%10s%10s%10s%n", "", "answered", "refused", "unknown"));
        rows.forEach((kind, row) -> line(text, kind.toString(), row));
        line(text, "all", total());
        return text.append(String.format("%d watches on %d streams: %d events%n", watches, legs, events))
                .toString();
    }

    private static void line(StringBuilder text, String name, Row row) {
        text.append(String.format("%-13s%10d%10d%10d%n", name, row.answered(), row.refused(), row.unknown()));
    }
}
