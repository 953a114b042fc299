package dev.cetera.lab.check;

/// Ordered: events come in the order of their revisions, and within one in the order of their sub-revisions.
final class WatchOrdered {
    private static final String NAME = "WatchOrdered";

    private WatchOrdered() {}

    static void check(Following following) {
        Following.Arrival before = null;
        for (var arrival : following.arrivals()) {
            if (before != null && isBehind(following, before, arrival)) {
                throw following.violation(
                        NAME, Transcript.event(arrival.event()) + " came behind " + Transcript.event(before.event()));
            }
            before = arrival;
        }
    }

    private static boolean isBehind(Following following, Following.Arrival before, Following.Arrival arrival) {
        if (before.revision() != arrival.revision()) {
            return before.revision() > arrival.revision();
        }
        int earlier = place(following, before);
        int later = place(following, arrival);
        return earlier >= 0 && later >= 0 && earlier > later;
    }

    /// Its sub-revision, -1 for one that never happened.
    private static int place(Following following, Following.Arrival arrival) {
        var events = following.wanted(arrival.revision());
        for (int i = 0; i < events.size(); i++) {
            var event = events.get(i);
            if (event.getKv().getKey().equals(arrival.key())
                    && event.getType() == arrival.event().getType()) {
                return i;
            }
        }
        return -1;
    }
}
