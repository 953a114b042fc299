package dev.cetera.lab.check;

/// Bookmarkable: a response without events, a note of progress, says that everything up to its revision has
/// come. And no response has events beyond the revision in its header.
final class WatchBookmarkable {
    private static final String NAME = "WatchBookmarkable";

    private WatchBookmarkable() {}

    static void check(Following following) {
        if (following.first() == Following.NOWHERE) {
            return;
        }
        long next = following.first();
        long marked = 0;
        for (var told : following.leg().told()) {
            var response = told.response();
            long shown = response.getHeader().getRevision();
            for (var event : response.getEventsList()) {
                long revision = event.getKv().getModRevision();
                if (revision <= marked) {
                    throw following.violation(
                            NAME, Transcript.event(event) + " came after a note of progress to revision " + marked);
                }
                if (revision > shown) {
                    throw following.violation(NAME, Transcript.event(event) + " came under the revision " + shown);
                }
                next = Math.max(next, revision + 1);
            }
            if (Following.isBookmark(response)) {
                checkNothingIsLeft(following, next, shown);
                marked = Math.max(marked, shown);
                next = Math.max(next, shown + 1);
            }
        }
    }

    private static void checkNothingIsLeft(Following following, long from, long marked) {
        if (marked > following.story().revision()) {
            throw following.violation(NAME, "progress to revision " + marked + ", which nobody else knows");
        }
        for (long revision = from; revision <= marked; revision++) {
            var wanted = following.wanted(revision);
            if (!wanted.isEmpty()) {
                throw following.violation(
                        NAME,
                        "progress to revision " + marked + ", and " + Transcript.event(wanted.getFirst())
                                + " had not come");
            }
        }
    }
}
