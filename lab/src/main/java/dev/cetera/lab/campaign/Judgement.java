package dev.cetera.lab.campaign;

import dev.cetera.api.etcdserverpb.DeleteRangeResponse;
import dev.cetera.api.etcdserverpb.PutResponse;
import dev.cetera.api.etcdserverpb.TxnResponse;
import dev.cetera.lab.check.Checks;
import dev.cetera.lab.check.Slack;
import dev.cetera.lab.check.Story;
import dev.cetera.lab.history.History;
import dev.cetera.lab.history.Operation;
import dev.cetera.lab.history.Outcome;
import dev.cetera.lab.history.Watch;
import dev.cetera.lab.work.Tally;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Holds the history of a round against all promises, and counts what is in it.
final class Judgement {
    private final Settings settings;
    private final History history;
    private final Slack slack;

    Judgement(Settings settings, History history, Slack slack) {
        this.settings = settings;
        this.history = history;
        this.slack = slack;
    }

    /// Throws a [dev.cetera.lab.check.Violation] when a promise was broken.
    Tale tale(Tally calls, Map<String, Integer> faults, List<Duration> elections, int compared, int snapshots) {
        Story story = Checks.check(history, slack);
        long events = 0;
        int legs = 0;
        for (Watch watch : history.watches()) {
            for (Watch.Leg leg : watch.legs()) {
                legs++;
                events += leg.told().stream()
                        .mapToInt(told -> told.response().getEventsCount())
                        .sum();
            }
        }
        return new Tale(
                1,
                story.isDecided() ? 0 : 1,
                calls.rows(),
                faults,
                elections,
                outages(),
                events,
                legs,
                compared,
                snapshots);
    }

    /// Between two acknowledged writes, by the times of their acknowledgements.
    private List<Duration> outages() {
        long[] acknowledged = history.operations().stream()
                .filter(Judgement::isWrite)
                .mapToLong(Operation::ended)
                .sorted()
                .toArray();
        var found = new ArrayList<Duration>();
        for (int i = 1; i < acknowledged.length; i++) {
            Duration gap = Duration.ofNanos(acknowledged[i] - acknowledged[i - 1]);
            if (gap.compareTo(settings.electionTimeout()) > 0) {
                found.add(gap);
            }
        }
        return found;
    }

    private static boolean isWrite(Operation operation) {
        return operation.outcome() instanceof Outcome.Answered(var response)
                && (response instanceof PutResponse
                        || response instanceof DeleteRangeResponse
                        || response instanceof TxnResponse);
    }
}
