package dev.cetera.client.concurrency;

import dev.cetera.api.Refusal;
import dev.cetera.client.CanceledException;
import dev.cetera.client.ClientException;
import dev.cetera.client.CompactedException;
import dev.cetera.client.Compare;
import dev.cetera.client.EtcdException;
import dev.cetera.client.GetOption;
import dev.cetera.client.GetOption.SortTarget;
import dev.cetera.client.KV;
import dev.cetera.client.KeepAlive;
import dev.cetera.client.Key;
import dev.cetera.client.KeyRange;
import dev.cetera.client.Op;
import dev.cetera.client.PutOption;
import dev.cetera.client.RefusedException;
import dev.cetera.client.Txn;
import dev.cetera.client.Value;
import dev.cetera.client.WatchOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// A place in a queue: a key of this session, whose create revision is its number. Whoever has no key before
/// his own has his turn. Numbers rise, so the number is a fencing token: whoever comes later has a higher one.
///
/// Taking and leaving a place may be done again, since the key is this place's own, so both insist while the
/// session lives, whatever becomes of single requests. One that was given up may be carried out at any time
/// after. A late leave finds another number and does nothing. A late take would make the key again, after the
/// place was left, and nobody would leave it; so its lease is revoked with the place, and without a lease a
/// member refuses it.
final class Place {
    private static final long SLICE_NANOS = TimeUnit.SECONDS.toNanos(1);
    /// After so long the queue is looked at again, whatever the watch has said.
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Session session;
    private final KeepAlive lease;
    private final Key key;
    private final long number;
    private final boolean mayComeAgain;
    private final AtomicBoolean left = new AtomicBoolean();

    /// @param mayComeAgain a request for it was given up, and may still be carried out
    private Place(Session session, KeepAlive lease, Key key, long number, boolean mayComeAgain) {
        this.session = session;
        this.lease = lease;
        this.key = key;
        this.number = number;
        this.mayComeAgain = mayComeAgain;
    }

    /// @param queue the keys of this queue begin with it
    static Place take(Patience patience, Key queue, Value value) {
        var leases = patience.session().places();
        try {
            return take(patience, patience.insist(leases::take), queue, value);
        } catch (RefusedException e) {
            if (!e.is(Refusal.LEASE_NOT_FOUND)) {
                throw e;
            }
            // Somebody has revoked a lease that was kept for later.
            return take(patience, patience.insist(leases::fresh), queue, value);
        }
    }

    private static Place take(Patience patience, KeepAlive lease, Key queue, Value value) {
        var session = patience.session();
        var key = queue.plus(Long.toHexString(lease.leaseId()));
        var put = Op.put(key, value, PutOption.DEFAULTS.withLease(lease.leaseId()));
        var txn = Txn.when(Compare.missing(key)).then(put).otherwise(Op.get(key));
        var doubt = new AtomicBoolean();
        try {
            var answer = patience.insist(limit -> {
                try {
                    return session.client().kv().within(limit).commit(txn);
                } catch (EtcdException e) {
                    doubt.compareAndSet(false, e.fate() == EtcdException.Fate.UNKNOWN);
                    throw e;
                }
            });
            long number = answer.succeeded()
                    ? answer.header().revision()
                    : answer.get(0).first().orElseThrow().createRevision();
            return new Place(session, lease, key, number, doubt.get());
        } catch (RuntimeException e) {
            // It may be there all the same, and would be in everybody's way.
            var unused = session.places().end(lease);
            throw e;
        }
    }

    private KV kv(Duration limit) {
        return session.client().kv().within(limit);
    }

    Key key() {
        return key;
    }

    long number() {
        return number;
    }

    long leaseId() {
        return lease.leaseId();
    }

    Session session() {
        return session;
    }

    /// Holds as long as the place is kept.
    Compare isKept() {
        return Compare.createRevision(key).equalTo(number);
    }

    /// Whether some key of `before` has a lower number.
    boolean hasPredecessor(KeyRange before, Patience patience) {
        return predecessor(before, patience).isPresent();
    }

    private Optional<Predecessor> predecessor(KeyRange before, Patience patience) {
        var option = GetOption.lastBy(SortTarget.CREATE_REVISION).withCreateRevisions(0, number - 1);
        var answer = patience.insist(limit -> kv(limit).get(before, option));
        return answer.first()
                .map(kv -> new Predecessor(kv.key(), answer.header().revision()));
    }

    private record Predecessor(Key key, long seenAt) {}

    /// Waits until no key of `before` has a lower number. If it doesn't come to that, the place is left.
    void awaitTurn(KeyRange before, Patience patience) {
        try {
            for (var next = predecessor(before, patience); next.isPresent(); next = predecessor(before, patience)) {
                awaitDeletion(next.get(), patience);
            }
            // The turn counts only if the key has outlasted the waiting.
            var own = patience.insist(limit -> kv(limit).get(key));
            if (own.first().filter(kv -> kv.createRevision() == number).isEmpty() || !session.isAlive()) {
                throw new ClientException(ClientException.Reason.LOCK_LOST);
            }
        } catch (RuntimeException e) {
            leaveLater();
            throw e;
        }
    }

    private void awaitDeletion(Predecessor predecessor, Patience patience) {
        var option = WatchOption.DEFAULTS
                .withStartRevision(predecessor.seenAt() + 1)
                .withOnly(WatchOption.Events.DELETES)
                .requiringLeader();
        try (var events = session.client().watch().begin(KeyRange.of(predecessor.key()), option)) {
            var end = session.lost().thenRun(events::close);
            long looked = System.nanoTime();
            try {
                while (System.nanoTime() - looked < LOOK_NANOS) {
                    if (events.poll(patience.left(SLICE_NANOS)).isPresent()) {
                        return;
                    }
                }
            } catch (CompactedException e) {
                return; // what it waits for may have been in the history that is gone
            } finally {
                end.cancel(false);
            }
        }
    }

    /// Gives the place up; returns when it is gone, or the session is.
    void leave() {
        if (!left.compareAndSet(false, true)) {
            return;
        }
        if (mayComeAgain) {
            await(session.places().end(lease));
            return;
        }
        var txn = Txn.when(isKept()).then(Op.delete(key));
        try {
            Patience.of(session).insist(limit -> kv(limit).commit(txn));
        } catch (RuntimeException e) {
            var unused = session.places().end(lease);
            if (e instanceof ClientException over && over.reason() == ClientException.Reason.LOCK_LOST) {
                return;
            }
            throw e;
        }
        session.places().giveBack(lease);
    }

    /// Gives the place up without waiting, for those who can't: the thread may have been interrupted.
    void leaveLater() {
        if (left.compareAndSet(false, true)) {
            var unused = session.places().end(lease);
        }
    }

    /// Waits for what goes on in the background anyway; an interrupt ends the waiting.
    static void await(CompletableFuture<?> gone) {
        try {
            gone.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CanceledException.of(EtcdException.Fate.UNKNOWN);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }
}
