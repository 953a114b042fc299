package dev.cetera.client.leasing;

import dev.cetera.client.Client;
import dev.cetera.client.Code;
import dev.cetera.client.Compare;
import dev.cetera.client.DeadlineException;
import dev.cetera.client.EtcdException;
import dev.cetera.client.EtcdException.Fate;
import dev.cetera.client.Header;
import dev.cetera.client.KeepAlive;
import dev.cetera.client.Key;
import dev.cetera.client.KeyRange;
import dev.cetera.client.Lease;
import dev.cetera.client.Op;
import dev.cetera.client.PutOption;
import dev.cetera.client.Txn;
import dev.cetera.client.Value;
import dev.cetera.client.WatchBatch;
import dev.cetera.client.WatchEvent;
import dev.cetera.client.WatchListener;
import dev.cetera.client.WatchOption;
import dev.cetera.client.Watching;
import dev.cetera.client.namespace.Namespace;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// One lease, what is owned by it, and the watch of the leasing keys: when either ends nothing is owned any
/// more. Shared.
final class Tenure {
    static final Value REVOKE = Value.of("REVOKE");

    private static final Duration REQUEST = Duration.ofSeconds(5);
    private static final long PAUSE_MILLIS = 200;

    private final Client client;
    private final Namespace names;
    private final KeepAlive lease;
    private final Owned owned;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final CompletableFuture<@Nullable Void> over = new CompletableFuture<>();
    private final CompletableFuture<@Nullable Void> gone = new CompletableFuture<>();
    private volatile @Nullable Watching watching;

    private Tenure(Client client, Namespace names, LeasingOption option, Lease.GrantResponse granted) {
        this.client = client;
        this.names = names;
        this.lease = client.lease().keepAlive(granted, why -> {});
        this.owned = new Owned(option.mostKeys(), lease::isAlive, System::nanoTime);
    }

    /// Done when a member has taken the watch: of what is owned after that, every revocation will be seen.
    static CompletableFuture<Tenure> begin(Client client, Namespace names, LeasingOption option) {
        return client.lease().within(option.ttl()).async().grant(option.ttl()).thenCompose(granted -> {
            var tenure = new Tenure(client, names, option, granted);
            var unused = tenure.lease.lost().thenAccept(why -> tenure.end());
            return tenure.watch()
                    .orTimeout(option.ttl().toNanos(), TimeUnit.NANOSECONDS)
                    .handle((header, failure) -> {
                        if (failure != null) {
                            tenure.end();
                            throw new CompletionException(
                                    failure instanceof TimeoutException ? DeadlineException.of(Fate.UNKNOWN) : failure);
                        }
                        return tenure;
                    });
        });
    }

    private CompletableFuture<Header> watch() {
        var option = WatchOption.DEFAULTS.requiringLeader();
        var begun = client.watch().listen(names.outer(KeyRange.all()), option, new Wishes());
        watching = begun;
        if (ended.get()) {
            begun.close(); // the lease was lost meanwhile
        }
        return begun.created();
    }

    Owned owned() {
        return owned;
    }

    long leaseId() {
        return lease.leaseId();
    }

    /// Done when nothing is owned any more.
    CompletableFuture<@Nullable Void> over() {
        return over;
    }

    /// Forgets all and gives up the lease, and with it all leasing keys.
    void end() {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        owned.end();
        var begun = watching;
        if (begun != null) {
            begun.close();
        }
        lease.close();
        var unused = client.lease()
                .within(REQUEST)
                .async()
                .revoke(lease.leaseId())
                .whenComplete((answer, failure) -> gone.complete(null));
        over.complete(null);
    }

    /// Done when after the end the leasing keys are gone too, or nobody can say.
    CompletableFuture<@Nullable Void> gone() {
        return gone;
    }

    /// The operation that makes a key ours, if there is no leasing key yet.
    Op.Put claim(Key key) {
        return Op.put(names.outer(key), Value.EMPTY, PutOption.DEFAULTS.withLease(lease.leaseId()));
    }

    /// Deletes a leasing key of ours after the key was forgotten. Goes on until that is done, or the lease is
    /// gone and the leasing key with it.
    ///
    /// @param since its create revision
    CompletableFuture<@Nullable Void> released(Key key, long since) {
        var done = new CompletableFuture<@Nullable Void>();
        var leasingKey = names.outer(key);
        release(Txn.when(Compare.createRevision(leasingKey).equalTo(since)).then(Op.delete(leasingKey)), done);
        return done;
    }

    void release(Owned.Release given) {
        var unused = released(given.key(), given.since());
    }

    private void release(Txn txn, CompletableFuture<@Nullable Void> done) {
        if (ended.get()) {
            done.complete(null);
            return;
        }
        var unused = client.kv().within(REQUEST).async().commit(txn).whenComplete((answer, failure) -> {
            if (failure == null) {
                done.complete(null);
            } else if (mayPass(failure)) {
                CompletableFuture.delayedExecutor(PAUSE_MILLIS, TimeUnit.MILLISECONDS)
                        .execute(() -> release(txn, done));
            } else {
                end(); // so that the leasing key goes with the lease
                done.complete(null);
            }
        });
    }

    private static boolean mayPass(Throwable failure) {
        return failure instanceof EtcdException why
                && (why.code() == Code.UNAVAILABLE || why instanceof DeadlineException);
    }

    /// What others want of the leasing keys.
    private final class Wishes implements WatchListener {
        @Override
        public void onBatch(WatchBatch batch) {
            batch.events().forEach(this::seen);
        }

        private void seen(WatchEvent event) {
            var key = names.inner(event.key());
            var leasingKey = event.kv();
            if (!event.isPut()) {
                owned.forget(key, event.revision());
            } else if (leasingKey.lease() == lease.leaseId()
                    && leasingKey.value().equals(REVOKE)) {
                owned.forget(key, event.revision());
                owned.rest(key);
                release(new Owned.Release(key, leasingKey.createRevision()));
            }
        }

        /// What came after the last event nobody knows.
        @Override
        public void onEnd(EtcdException why) {
            end();
        }
    }
}
