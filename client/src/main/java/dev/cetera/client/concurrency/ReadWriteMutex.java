package dev.cetera.client.concurrency;

import dev.cetera.client.Key;
import dev.cetera.client.KeyRange;
import dev.cetera.client.Value;

/// A lock that any number may hold to read, or one to write, in the order in which they asked: readers who
/// come after a waiting writer wait for it.
public final class ReadWriteMutex {
    private final Session session;
    private final Key queue;

    public ReadWriteMutex(Session session, String name) {
        this.session = session;
        this.queue = Key.of(name).plus("/");
    }

    /// Waits until no writer is before it.
    public Mutex.Held readLock() {
        var patience = Patience.of(session);
        var place = Place.take(patience, queue.plus("read/"), Value.EMPTY);
        place.awaitTurn(KeyRange.prefix(queue.plus("write/")), patience);
        return new Mutex.Held(place);
    }

    /// Waits until nobody is before it.
    public Mutex.Held writeLock() {
        var patience = Patience.of(session);
        var place = Place.take(patience, queue.plus("write/"), Value.EMPTY);
        place.awaitTurn(KeyRange.prefix(queue), patience);
        return new Mutex.Held(place);
    }
}
