package dev.cetera.lab.check;

import com.google.protobuf.ByteString;
import dev.cetera.api.mvccpb.Event;
import java.util.HashSet;

/// Unique: no event comes twice; on a new stream neither what the client said to know already.
final class WatchUnique {
    private static final String NAME = "WatchUnique";

    private WatchUnique() {}

    static void check(Following following) {
        var known = new HashSet<Change>();
        for (var leg : following.before()) {
            for (var told : leg.told()) {
                told.response().getEventsList().stream()
                        .map(WatchUnique::change)
                        .filter(change -> change.revision() < following.first())
                        .forEach(known::add);
            }
        }
        for (var arrival : following.arrivals()) {
            if (!known.add(change(arrival.event()))) {
                throw following.violation(NAME, Transcript.event(arrival.event()) + " came twice");
            }
        }
    }

    private record Change(long revision, ByteString key, Event.EventType type) {}

    private static Change change(Event event) {
        return new Change(event.getKv().getModRevision(), event.getKv().getKey(), event.getType());
    }
}
