package dev.cetera.watch;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/// The events of one response, in order, encoded; one value shared by all watchers that are sent the same.
/// Immutable.
public final class Events {
    static final Events NONE = new Events(List.of());

    private final List<EncodedEvent> list;
    private final long size;

    Events(List<EncodedEvent> list) {
        this.list = List.copyOf(list);
        long sum = 0;
        for (var event : this.list) {
            sum += event.size();
        }
        this.size = sum;
    }

    public int count() {
        return list.size();
    }

    public boolean isEmpty() {
        return list.isEmpty();
    }

    /// Bytes of the encoded `events` fields.
    public long size() {
        return size;
    }

    /// Writes the repeated field `events` of a `WatchResponse`.
    public void writeTo(OutputStream out) throws IOException {
        for (var event : list) {
            event.writeTo(out);
        }
    }

    /// The same events in parts that each stay below `limit` bytes, except that a part has at least one event.
    List<Events> split(long limit) {
        var parts = new ArrayList<Events>();
        var part = new ArrayList<EncodedEvent>();
        long bytes = 0;
        for (var event : list) {
            if (!part.isEmpty() && bytes + event.size() >= limit) {
                parts.add(new Events(part));
                part.clear();
                bytes = 0;
            }
            part.add(event);
            bytes += event.size();
        }
        parts.add(new Events(part));
        return parts;
    }
}
