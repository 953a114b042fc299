package dev.cetera.lab.campaign;

import dev.cetera.lab.work.Kind;
import dev.cetera.lab.work.Tally;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/// A [Tale] as a table.
final class Report {
    private Report() {}

    static String of(Tale tale) {
        var text = new StringBuilder();
        text.append(String.format(Locale.ROOT, "%n%-28s %10s %10s %10s%n", "calls", "answered", "refused", "unknown"));
        var all = new Tally.Row(0, 0, 0);
        for (var entry : new EnumMap<Kind, Tally.Row>(tale.calls()).entrySet()) {
            Tally.Row row = entry.getValue();
            line(text, entry.getKey().toString().toLowerCase(Locale.ROOT).replace('_', ' '), row);
            all = new Tally.Row(
                    all.answered() + row.answered(), all.refused() + row.refused(), all.unknown() + row.unknown());
        }
        line(text, "all", all);
        text.append(String.format(Locale.ROOT, "%n%-28s %10s%n", "faults", "times"));
        new TreeMap<>(tale.faults())
                .forEach((fault, count) -> text.append(String.format(Locale.ROOT, "%-28s %,10d%n", fault, count)));
        text.append(String.format(Locale.ROOT, "%-28s %,10d%n", "all", tale.faultCount()));
        text.append(String.format(
                Locale.ROOT,
                "%nelections: %s%nno write for more than an election timeout: %s%n"
                        + "watches: %,d events over %,d streams; snapshots to members: %,d; databases compared: %,d%n"
                        + "%d %s: all promises kept%s%n",
                spread(tale.elections()),
                spread(tale.outages()),
                tale.events(),
                tale.legs(),
                tale.snapshots(),
                tale.compared(),
                tale.rounds(),
                tale.rounds() == 1 ? "round" : "rounds",
                tale.undecided() == 0 ? "" : "; " + tale.undecided() + " too tangled to be judged in full"));
        return text.toString();
    }

    private static void line(StringBuilder text, String name, Tally.Row row) {
        text.append(String.format(
                Locale.ROOT, "%-28s %,10d %,10d %,10d%n", name, row.answered(), row.refused(), row.unknown()));
    }

    private static String spread(List<Duration> values) {
        if (values.isEmpty()) {
            return "none";
        }
        List<Duration> sorted = values.stream().sorted().toList();
        return sorted.size() + ", least " + text(sorted.getFirst()) + ", half " + text(sorted.get(sorted.size() / 2))
                + ", 90 % " + text(sorted.get((sorted.size() * 9 - 1) / 10)) + ", most " + text(sorted.getLast());
    }

    private static String text(Duration duration) {
        return String.format(Locale.ROOT, "%.2f s", duration.toNanos() / 1e9);
    }
}
