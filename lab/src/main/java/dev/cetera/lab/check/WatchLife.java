package dev.cetera.lab.check;

import dev.cetera.lab.history.Watch;

/// Created once, and before anything else; cancelled at most once, and nothing comes after it. A member
/// cancels only what it must: a range without keys, a watch that needs what is compacted ([WatchCompaction]),
/// one that lacks a permission.
final class WatchLife {
    private static final String NAME = "WatchLife";

    private WatchLife() {}

    static void check(Following following) {
        var told = following.leg().told();
        if (told.isEmpty()) {
            if (following.isFinished()) {
                throw following.violation(NAME, "it was never created");
            }
            return;
        }
        for (int i = 0; i < told.size(); i++) {
            var response = told.get(i).response();
            if (response.getCreated() != (i == 0)) {
                throw following.violation(NAME, i == 0 ? "it was not created first" : "it was created twice");
            }
            if (response.getCanceled() && i < told.size() - 1) {
                throw following.violation(NAME, "something came after it was cancelled");
            }
        }
        checkIds(following);
        checkEnd(following);
    }

    private static void checkIds(Following following) {
        var told = following.leg().told();
        long id = told.getFirst().response().getWatchId();
        for (var one : told) {
            boolean isNamed = one.response().getWatchId() == id || Following.isBookmark(one.response());
            if (!isNamed) {
                throw following.violation(
                        NAME,
                        "its id was " + id + ", and then " + one.response().getWatchId());
            }
        }
    }

    private static void checkEnd(Following following) {
        var leg = following.leg();
        var last = leg.told().getLast().response();
        if (leg.end() == Watch.End.CANCELED_BY_MEMBER && !last.getCanceled()) {
            throw following.violation(NAME, "it was cancelled without a word");
        }
        if (last.getCanceled() && (leg.end() == Watch.End.HISTORY || leg.end() == Watch.End.BROKEN)) {
            throw following.violation(NAME, "it was cancelled, and goes on");
        }
        boolean canBe = !following.range().isEmpty();
        boolean forNoReason = last.getCanceled()
                && leg.end() == Watch.End.CANCELED_BY_MEMBER
                && last.getCompactRevision() == 0
                && last.getCancelReason().isEmpty();
        if (forNoReason && canBe) {
            throw following.violation(NAME, "it was cancelled for no reason");
        }
        if (!canBe && !last.getCanceled()) {
            throw following.violation(NAME, "it was created for a range without keys");
        }
    }
}
