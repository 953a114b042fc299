package dev.cetera.client.leasing;

import dev.cetera.client.CanceledException;
import dev.cetera.client.Client;
import dev.cetera.client.EtcdException.Fate;
import dev.cetera.client.KV;
import dev.cetera.client.Key;
import dev.cetera.client.namespace.Namespace;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/// Keys that are read often and written seldom, kept here without ever being stale. A linearizable read of a
/// single key that was read before costs nothing, and goes on while no member can be reached, for as long as
/// the lease lives; whoever else writes such a key waits until this side has given it up.
///
/// ```java
/// try (var leasing = Leasing.open(client, "leasing/")) {
///     var kv = leasing.kv();
///     kv.get("config"); // from the members
///     kv.get("config"); // from here, until somebody writes it
/// }
/// ```
///
/// All who write keys that may be cached must write them through a leasing client on the same prefix, in Java
/// or Go. Keys that are attached to a lease are not cached. Ranges, and reads at a revision, are for the
/// members.
///
/// When the lease is lost, or may be, by this side's clock, the cache is empty; it begins anew by itself.
/// Shared by any threads.
public final class Leasing implements AutoCloseable {
    private static final long PAUSE_MILLIS = 500;

    private final Client client;
    private final Namespace names;
    private final LeasingOption option;
    private final AtomicReference<Tenure> tenure;
    private volatile boolean closed;

    private Leasing(Client client, Namespace names, LeasingOption option, Tenure first) {
        this.client = client;
        this.names = names;
        this.option = option;
        this.tenure = new AtomicReference<>(first);
    }

    /// With [LeasingOption#DEFAULTS].
    ///
    /// @param prefix what all leasing keys begin with, and nothing else
    public static Leasing open(Client client, String prefix) {
        return open(client, Key.of(prefix), LeasingOption.DEFAULTS);
    }

    /// Grants a lease, and waits until a member has taken the watch of the leasing keys.
    ///
    /// @param prefix what all leasing keys begin with, and nothing else; not empty
    /// @throws dev.cetera.client.EtcdException if the members refuse that, or don't answer for as long as the
    ///     lease would live
    public static Leasing open(Client client, Key prefix, LeasingOption option) {
        var names = new Namespace(prefix);
        var leasing = new Leasing(client, names, option, await(Tenure.begin(client, names, option)));
        leasing.follow(leasing.tenure());
        return leasing;
    }

    private static Tenure await(CompletableFuture<Tenure> beginning) {
        try {
            return beginning.get();
        } catch (InterruptedException e) {
            var unused = beginning.thenAccept(Tenure::end);
            Thread.currentThread().interrupt();
            throw CanceledException.of(Fate.UNKNOWN);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e.getCause());
        }
    }

    /// The client's keys and values, through the cache. Writes of the leasing keys themselves, or of ranges
    /// with some of them, fail with an [IllegalArgumentException].
    public KV kv() {
        var timeout = client.config().timeout();
        return KV.over(new LeasingKV(this, client.kv().async(), timeout.isZero() ? Limit.NONE : timeout.toNanos()));
    }

    /// How many keys are owned now.
    public int size() {
        return tenure().owned().size();
    }

    /// Gives up all keys, so that nobody need wait for them; if no member answers they are free when the
    /// lease's time is over. What reads and writes from then on does so without a cache.
    @Override
    public void close() {
        closed = true;
        var last = tenure();
        last.end();
        last.gone().join();
    }

    /// The present one; or the last one, which owns nothing, while there is none.
    Tenure tenure() {
        return tenure.get();
    }

    Client client() {
        return client;
    }

    Namespace names() {
        return names;
    }

    private void follow(Tenure present) {
        var unused = present.over().thenRun(this::beginLater);
    }

    private void beginLater() {
        if (!closed && !client.isClosed()) {
            CompletableFuture.delayedExecutor(PAUSE_MILLIS, TimeUnit.MILLISECONDS)
                    .execute(this::beginAgain);
        }
    }

    private void beginAgain() {
        if (closed || client.isClosed()) {
            return;
        }
        var unused = Tenure.begin(client, names, option).whenComplete((next, failure) -> {
            if (failure != null) {
                beginLater();
                return;
            }
            tenure.set(next);
            follow(next);
            if (closed) { // meanwhile: whoever closed it has not seen this one
                next.end();
            }
        });
    }
}
