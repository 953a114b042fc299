package dev.cetera.lab.check;

/// Atomic: the events of one revision come in one response, all of them; or in fragments that say so, and of
/// which the last one does not.
final class WatchAtomic {
    private static final String NAME = "WatchAtomic";

    private WatchAtomic() {}

    static void check(Following following) {
        checkFragments(following);
        var arrivals = following.arrivals();
        for (int i = 0; i < arrivals.size(); i++) {
            var arrival = arrivals.get(i);
            boolean isFirst = i == 0 || arrivals.get(i - 1).revision() != arrival.revision();
            if (isFirst) {
                checkRevision(following, i);
            }
        }
    }

    private static void checkFragments(Following following) {
        var told = following.leg().told();
        for (int i = 0; i + 1 < told.size(); i++) {
            var part = told.get(i).response();
            var next = told.get(i + 1).response();
            boolean goesOn = next.getEventsCount() > 0
                    && next.getHeader().getRevision() == part.getHeader().getRevision();
            if (part.getFragment() && !goesOn) {
                throw following.violation(
                        NAME,
                        "the response of revision " + part.getHeader().getRevision() + " came in fragments and"
                                + " without an end");
            }
        }
    }

    private static void checkRevision(Following following, int first) {
        var arrivals = following.arrivals();
        var told = following.leg().told();
        long revision = arrivals.get(first).revision();
        int end = first;
        while (end < arrivals.size() && arrivals.get(end).revision() == revision) {
            int previous = arrivals.get(Math.max(first, end - 1)).response();
            if (arrivals.get(end).response() != previous
                    && !told.get(previous).response().getFragment()) {
                throw following.violation(NAME, "the events of revision " + revision + " came in two responses");
            }
            end++;
        }
        int last = arrivals.get(end - 1).response();
        boolean goesOn = told.get(last).response().getFragment() && last == told.size() - 1;
        int wanted = following.wanted(revision).size();
        if (end - first < wanted && !goesOn) {
            throw following.violation(
                    NAME, "of the " + wanted + " events of revision " + revision + " came " + (end - first));
        }
    }
}
