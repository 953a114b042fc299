package dev.cetera.client.concurrency;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cetera.client.Client;
import dev.cetera.client.ClientException;
import dev.cetera.client.Compare;
import dev.cetera.client.GetOption;
import dev.cetera.client.GetOption.SortTarget;
import dev.cetera.client.Key;
import dev.cetera.client.KeyRange;
import dev.cetera.client.KeyValue;
import dev.cetera.client.KeyView;
import dev.cetera.client.Op;
import dev.cetera.client.PutOption;
import dev.cetera.client.Txn;
import dev.cetera.client.Value;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Candidates, of whom one at a time is the leader: the one that has been there longest.
public final class Election {
    private final Key queue;

    public Election(String name) {
        this.queue = Key.of(name).plus("/");
    }

    /// Waits until elected. The office lasts as long as the session.
    ///
    /// @param proclamation what others read of the leader
    public Leadership campaign(Session session, Value proclamation) {
        var patience = Patience.of(session);
        var place = Place.take(patience, queue, proclamation);
        place.awaitTurn(KeyRange.prefix(queue), patience);
        return new Leadership(place);
    }

    /// The leader's key and proclamation, now.
    public Optional<KeyValue> leader(Client client) {
        return client.kv()
                .get(KeyRange.prefix(queue), GetOption.firstBy(SortTarget.CREATE_REVISION))
                .first();
    }

    /// Tells of the leader there is, and then of each new leader and proclamation. Of those that follow one
    /// another quickly some may be left out, never the last. Goes on until the result is closed.
    public KeyView observe(Client client, Consumer<KeyValue> listener) {
        var view = client.view(KeyRange.prefix(queue));
        var observer = new Observer(view, listener);
        view.onChange(changes -> observer.look());
        observer.look();
        return view;
    }

    /// Guarded by its lock.
    private static final class Observer {
        private final KeyView view;
        private final Consumer<KeyValue> listener;
        private final ReentrantLock lock = new ReentrantLock();

        @GuardedBy("lock")
        private @Nullable KeyValue last;

        Observer(KeyView view, Consumer<KeyValue> listener) {
            this.view = view;
            this.listener = listener;
        }

        private void look() {
            lock.lock();
            try {
                var now = view.all().stream()
                        .min(Comparator.comparingLong(KeyValue::createRevision))
                        .orElse(null);
                boolean isNew = now != null && !now.equals(last);
                last = now;
                if (isNew) {
                    listener.accept(now);
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /// An office that is held, or was.
    public static final class Leadership implements AutoCloseable {
        private final Place place;

        Leadership(Place place) {
            this.place = place;
        }

        public Key key() {
            return place.key();
        }

        /// Higher than that of all leaders before.
        public long fencingToken() {
            return place.number();
        }

        /// A condition for transactions that only the leader may do.
        public Compare isLeader() {
            return place.isKept();
        }

        /// Whether the session still stands, by this side's clock.
        public boolean isAlive() {
            return place.session().isAlive();
        }

        /// Changes what others read.
        ///
        /// @throws ClientException if this is not the leader any more
        public void proclaim(Value proclamation) {
            var session = place.session();
            var put = Op.put(place.key(), proclamation, PutOption.DEFAULTS.withLease(place.leaseId()));
            var answer = Patience.of(session)
                    .insist(limit -> session.client()
                            .kv()
                            .within(limit)
                            .commit(Txn.when(isLeader()).then(put)));
            if (!answer.succeeded()) {
                throw new ClientException(ClientException.Reason.ELECTION_NOT_LEADER);
            }
        }

        /// Makes room for the next.
        public void resign() {
            place.leave();
        }

        @Override
        public void close() {
            resign();
        }
    }
}
