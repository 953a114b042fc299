package dev.cetera.client;

import java.util.List;

/// Events in the order of their revisions. All events of one revision are in one batch. Without events it
/// tells of progress: there are none up to the header's revision that have not come.
public record WatchBatch(Header header, List<WatchEvent> events) {
    public WatchBatch {
        events = List.copyOf(events);
    }

    public boolean isProgress() {
        return events.isEmpty();
    }
}
