package dev.cetera.v2;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The latest events, for watchers that come late: a ring. Confined to the thread of its [V2Store].
///
/// It travels in snapshots, slots and all; Go insists on exactly as many slots as the capacity says.
final class V2History {
    static final int CAPACITY = 1000;

    private final @Nullable V2Event[] slots = new V2Event[CAPACITY];
    private int front;
    private int size;
    private long lastIndex;

    void add(V2Event event) {
        slots[back()] = event;
        if (size == CAPACITY) {
            front = (front + 1) % CAPACITY;
        } else {
            size++;
        }
        lastIndex = event.node().modifiedIndex();
    }

    /// Replaces everything.
    ///
    /// @param events oldest first; of too many the newest are kept
    /// @param start  slot of the oldest
    void replace(List<V2Event> events, int start, long newLastIndex) {
        Arrays.fill(slots, null);
        front = Math.floorMod(start, CAPACITY);
        size = 0;
        events.forEach(this::add);
        lastIndex = newLastIndex;
    }

    /// Oldest first.
    List<V2Event> events() {
        var events = new ArrayList<V2Event>(size);
        for (int i = 0; i < size; i++) {
            var event = slots[(front + i) % CAPACITY];
            if (event != null) {
                events.add(event);
            }
        }
        return events;
    }

    @Nullable
    V2Event slot(int i) {
        return slots[i];
    }

    int size() {
        return size;
    }

    int front() {
        return front;
    }

    int back() {
        return (front + size) % CAPACITY;
    }

    /// Index of the oldest event, 0 for none.
    long startIndex() {
        var oldest = slots[front];
        return oldest == null ? 0 : oldest.node().modifiedIndex();
    }

    /// Index of the newest event, 0 for none.
    long lastIndex() {
        return lastIndex;
    }
}
