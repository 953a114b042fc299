package dev.cetera.lab.check;

import dev.cetera.lab.history.History;
import java.util.HashSet;
import java.util.Set;

/// All promises at once.
public final class Checks {
    private static final int MAX_DOUBTS = 20;

    private Checks() {}

    /// Holds a history against every promise.
    ///
    /// @return what happened; to be asked whether it [is decided][Story#isDecided]
    /// @throws Violation of the first promise that is found broken, with the smallest history that still
    ///     breaks it
    public static Story check(History history, Slack slack) {
        try {
            return checkOnce(history, slack);
        } catch (Violation violation) {
            throw violation.shownBy(Shrinking.shrink(violation, slack));
        }
    }

    /// As [#check], and a violation carries the whole history.
    static Story checkOnce(History history, Slack slack) {
        return checkOnce(history, slack, StrictSerializability.MAX_STEPS);
    }

    static Story checkOnce(History history, Slack slack, int maxSteps) {
        RevisionAlgebra.check(history);
        AccessRules.check(history);
        var story = StrictSerializability.check(history, Set.of(), maxSteps);
        var excluded = new HashSet<LeaseEnd>();
        while (story.isDecided()) {
            WatchGuarantees.check(history, story);
            var doubt = LeaseRules.check(history, story, slack);
            if (doubt == null) {
                return story;
            }
            // Who made a revision that nobody saw may be anybody's guess: is there a story without this one?
            if (excluded.size() == MAX_DOUBTS || !excluded.add(doubt.end())) {
                throw doubt.violation();
            }
            try {
                story = StrictSerializability.check(history, excluded, maxSteps);
            } catch (Violation _) {
                throw doubt.violation();
            }
        }
        return story;
    }
}
