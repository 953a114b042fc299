package dev.cetera.lab.campaign;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What a campaign saw, all promises kept.
///
/// @param elections from the death (or freezing) of a leader until another member leads, one for each time
/// @param outages the same until a write was acknowledged that was sent after it
/// @param writes one line about them
public record Report(
        Campaign.Settings settings,
        Map<Fault, Integer> faults,
        List<Duration> elections,
        List<Duration> outages,
        String writes) {
    public Report {
        faults = Map.copyOf(faults);
        elections = List.copyOf(elections);
        outages = List.copyOf(outages);
    }

    /// How many elections took at most `timeouts` election timeouts.
    public long electionsWithin(int timeouts) {
        Duration bound = settings.electionTimeout().multipliedBy(timeouts);
        return elections.stream().filter(took -> took.compareTo(bound) <= 0).count();
    }

    @Override
    public String toString() {
        int count = faults.values().stream().mapToInt(Integer::intValue).sum();
        return """
                seed %d: all promises kept
                %s
                %d faults: %s
                elections: %s; %d of %d within two election timeouts of %s
                first write after: %s
                """.formatted(
                        settings.seed(),
                        writes,
                        count,
                        faults,
                        spread(elections),
                        electionsWithin(2),
                        elections.size(),
                        text(settings.electionTimeout()),
                        spread(outages));
    }

    private static String spread(List<Duration> values) {
        if (values.isEmpty()) {
            return "none";
        }
        List<Duration> sorted = values.stream().sorted().toList();
        return "least " + text(sorted.getFirst()) + ", half " + text(sorted.get(sorted.size() / 2)) + ", 90 % "
                + text(sorted.get((sorted.size() * 9 - 1) / 10)) + ", most " + text(Collections.max(sorted));
    }

    static String text(Duration duration) {
        return String.format(Locale.ROOT, "%.2f s", duration.toNanos() / 1e9);
    }
}
