package dev.cetera.client.concurrency;

import dev.cetera.client.Compare;
import dev.cetera.client.DeadlineException;
import dev.cetera.client.Key;
import dev.cetera.client.KeyRange;
import dev.cetera.client.Value;
import java.time.Duration;
import java.util.Optional;

/// A lock of the whole cluster, in the order in which it was asked for. It belongs to nobody's thread: what
/// [#lock] returns is the lock held, and whoever has that may free it. Two that lock through the same session
/// exclude each other too.
///
/// A process that stands still for longer than its lease lives believes for a moment that it holds what
/// another has. Only what is locked can tell: give it the [Held#fencingToken], and let it refuse lower ones
/// than it has seen; or write with [Held#isHeld] as a condition.
///
/// ```java
/// try (var session = Session.open(client, Duration.ofSeconds(10));
///         var held = new Mutex(session, "locks/report").lock()) {
///     kv.commit(Txn.when(held.isHeld()).then(Op.put("report", "done")));
/// }
/// ```
public final class Mutex {
    private final Session session;
    private final Key queue;

    public Mutex(Session session, String name) {
        this(session, Key.of(name));
    }

    public Mutex(Session session, Key name) {
        this.session = session;
        this.queue = name.plus("/");
    }

    /// Waits until it is had. An interrupt gives up the waiting, and the place in the queue.
    ///
    /// @throws dev.cetera.client.EtcdException if the session is lost meanwhile
    public Held lock() {
        return lock(Patience.of(session));
    }

    /// Waits so long at most, also for members that don't answer.
    public Optional<Held> tryLock(Duration limit) {
        try {
            return Optional.of(lock(Patience.of(session, limit)));
        } catch (DeadlineException e) {
            return Optional.empty();
        }
    }

    /// Takes it if it is free.
    public Optional<Held> tryLock() {
        var patience = Patience.of(session);
        var place = Place.take(patience, queue, Value.EMPTY);
        try {
            if (!place.hasPredecessor(KeyRange.prefix(queue), patience)) {
                return Optional.of(new Held(place));
            }
        } catch (RuntimeException e) {
            place.leaveLater();
            throw e;
        }
        place.leave();
        return Optional.empty();
    }

    private Held lock(Patience patience) {
        var place = Place.take(patience, queue, Value.EMPTY);
        place.awaitTurn(KeyRange.prefix(queue), patience);
        return new Held(place);
    }

    /// A lock that is held, or was.
    public static final class Held implements AutoCloseable {
        private final Place place;

        Held(Place place) {
            this.place = place;
        }

        /// Higher than that of all who held the lock before.
        public long fencingToken() {
            return place.number();
        }

        /// Exists as long as the lock is held.
        public Key key() {
            return place.key();
        }

        /// A condition for transactions that may only be done while the lock is held.
        public Compare isHeld() {
            return place.isKept();
        }

        /// Whether the session still stands, by this side's clock.
        public boolean isAlive() {
            return place.session().isAlive();
        }

        /// Frees it; returns when the members know.
        public void unlock() {
            place.leave();
        }

        @Override
        public void close() {
            unlock();
        }
    }
}
