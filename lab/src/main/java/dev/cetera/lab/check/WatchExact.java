package dev.cetera.lab.check;

import dev.cetera.api.mvccpb.Event;
import org.jspecify.annotations.Nullable;

/// Exact: an event is what happened, not before it happened; and where it was asked for, `prev_kv` is the
/// key-value just before it. That may be missing when it was compacted.
final class WatchExact {
    private static final String NAME = "WatchExact";

    private WatchExact() {}

    static void check(Following following) {
        for (var arrival : following.arrivals()) {
            var event = happened(following, arrival);
            if (event == null) {
                throw following.violation(NAME, Transcript.event(arrival.event()) + " never happened");
            }
            if (arrival.at() < following.story().chapter(arrival.revision()).notBefore()) {
                throw following.violation(
                        NAME, Transcript.event(arrival.event()) + " was told before it can have happened");
            }
            var complaint = checkBefore(following, arrival, event);
            if (complaint != null) {
                throw following.violation(NAME, Transcript.event(arrival.event()) + ": " + complaint);
            }
        }
    }

    private static @Nullable Event happened(Following following, Following.Arrival arrival) {
        return following.wanted(arrival.revision()).stream()
                .filter(event -> event.getType() == arrival.event().getType()
                        && event.getKv().equals(arrival.event().getKv()))
                .findFirst()
                .orElse(null);
    }

    private static @Nullable String checkBefore(Following following, Following.Arrival arrival, Event happened) {
        boolean asked = following.leg().request().getPrevKv();
        if (!arrival.event().hasPrevKv()) {
            boolean mayBeMissing = !asked
                    || !happened.hasPrevKv()
                    || following
                            .compactionsBy(arrival.at())
                            .anyMatch(compaction -> compaction.getRevision() >= arrival.revision());
            return mayBeMissing ? null : "there was " + Transcript.kv(happened.getPrevKv()) + " before";
        }
        if (!asked) {
            return "nobody asked for what was before";
        }
        return arrival.event().getPrevKv().equals(happened.getPrevKv())
                ? null
                : "there was " + (happened.hasPrevKv() ? Transcript.kv(happened.getPrevKv()) : "nothing") + " before";
    }
}
