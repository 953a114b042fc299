package dev.cetera.lab.check;

/// Filtered: only what was asked for comes, by range, kind and first revision.
final class WatchFiltered {
    private static final String NAME = "WatchFiltered";

    private WatchFiltered() {}

    static void check(Following following) {
        for (var arrival : following.arrivals()) {
            if (!following.wants(arrival.event())) {
                throw following.violation(NAME, Transcript.event(arrival.event()) + " was not asked for");
            }
            if (arrival.revision() < following.first()) {
                throw following.violation(
                        NAME,
                        Transcript.event(arrival.event()) + " is of a revision before " + following.first()
                                + ", where it was to begin");
            }
        }
    }
}
