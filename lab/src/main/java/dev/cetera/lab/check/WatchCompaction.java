package dev.cetera.lab.check;

import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.lab.history.Operation;
import dev.cetera.lab.history.Outcome;

/// Whoever begins below the compacted revision, or has fallen behind it, is cancelled and told that revision;
/// and nobody else is.
final class WatchCompaction {
    private static final String NAME = "WatchCompaction";

    private WatchCompaction() {}

    static void check(Following following) {
        var told = following.leg().told();
        if (told.isEmpty()) {
            return;
        }
        var last = told.getLast();
        long compacted = last.response().getCompactRevision();
        if (compacted != 0) {
            checkCancelled(following, compacted, last.at());
        } else if (following.isFinished() || !following.arrivals().isEmpty()) {
            checkNotCompacted(following);
        }
    }

    private static void checkCancelled(Following following, long compacted, long at) {
        if (!following.leg().told().getLast().response().getCanceled()) {
            throw following.violation(NAME, "a compaction was told of, and it goes on");
        }
        if (following.compactionsBy(at).noneMatch(compaction -> compaction.getRevision() == compacted)) {
            throw following.violation(NAME, "revision " + compacted + " was never compacted");
        }
        long asked = following.leg().request().getStartRevision();
        long next = asked != 0 ? asked : following.first();
        for (var told : following.leg().told()) {
            for (var event : told.response().getEventsList()) {
                next = Math.max(next, event.getKv().getModRevision() + 1);
            }
            if (Following.isBookmark(told.response())) {
                next = Math.max(next, told.response().getHeader().getRevision() + 1);
            }
        }
        if (next >= compacted) {
            throw following.violation(
                    NAME, "it was cancelled for revision " + compacted + ", and needed only " + next + " and later");
        }
    }

    /// A member that has answered a compaction no longer begins below it, as long as it lives.
    private static void checkNotCompacted(Following following) {
        var leg = following.leg();
        long start = leg.request().getStartRevision();
        if (start == 0) {
            return;
        }
        var lives = new Lives(following.history()).of(leg.member());
        for (var operation : following.history().operations()) {
            boolean compacts = operation.outcome() instanceof Outcome.Answered
                    && operation.request() instanceof CompactionRequest compaction
                    && compaction.getRevision() > start
                    && isBefore(operation, following);
            if (compacts
                    && lives.stream()
                            .anyMatch(life -> life.from() <= operation.called() && leg.asked() <= life.until())) {
                throw following.violation(
                        NAME, "it was not cancelled, and its beginning was gone: " + Transcript.line(operation));
            }
        }
    }

    private static boolean isBefore(Operation operation, Following following) {
        return operation.member().equals(following.leg().member())
                && operation.ended() < following.leg().asked();
    }
}
