package dev.cetera.lab.check;

import dev.cetera.lab.history.History;

/// All promises at once.
public final class Checks {
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
        var story = StrictSerializability.check(history, maxSteps);
        if (story.isDecided()) {
            WatchGuarantees.check(history, story);
            LeaseRules.check(history, story, slack);
        }
        return story;
    }
}
