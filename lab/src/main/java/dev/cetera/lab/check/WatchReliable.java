package dev.cetera.lab.check;

/// Reliable: between two events that come nothing is left out, nor before the first one; and in the end
/// everything has come. Resumable is the same for a stream that begins in the past.
final class WatchReliable {
    private static final String NAME = "WatchReliable";

    /// The name of the guarantee for what had happened when the stream began.
    private static final String RESUMABLE = "WatchResumable";

    private WatchReliable() {}

    static void check(Following following) {
        if (following.first() == Following.NOWHERE) {
            return;
        }
        var arrivals = following.arrivals();
        long next = following.first();
        for (var arrival : arrivals) {
            checkNothingBetween(following, next, arrival.revision() - 1);
            next = Math.max(next, arrival.revision() + 1);
        }
        if (following.isFinished()) {
            checkNothingBetween(following, next, following.story().revision());
        }
    }

    private static void checkNothingBetween(Following following, long from, long until) {
        for (long revision = from; revision <= Math.min(until, following.story().revision()); revision++) {
            var wanted = following.wanted(revision);
            if (!wanted.isEmpty()) {
                var created = following.leg().told().getFirst().response().getHeader();
                boolean inThePast =
                        following.leg().request().getStartRevision() != 0 && revision <= created.getRevision();
                throw following.violation(
                        inThePast ? RESUMABLE : NAME, Transcript.event(wanted.getFirst()) + " did not come");
            }
        }
    }
}
