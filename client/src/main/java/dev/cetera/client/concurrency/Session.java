package dev.cetera.client.concurrency;

import dev.cetera.api.Refusal;
import dev.cetera.client.Client;
import dev.cetera.client.EtcdException;
import dev.cetera.client.KeepAlive;
import dev.cetera.client.RefusedException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/// A lease that is kept alive as long as this process runs. What is attached to it goes when the session is
/// closed, or when the process dies or loses the cluster for longer than the lease's time.
///
/// Locks and elections have leases of their own beside it, as many as are had at the same time, which share
/// the session's time and fate: one that is lost is the session's loss.
public final class Session implements AutoCloseable {
    public static final Duration DEFAULT_TTL = Duration.ofSeconds(60);

    private final Client client;
    private final Duration ttl;
    private final KeepAlive lease;
    private final PlaceLeases places;
    private final CompletableFuture<EtcdException> lost = new CompletableFuture<>();

    private Session(Client client, Duration ttl, KeepAlive lease) {
        this.client = client;
        this.ttl = ttl;
        this.lease = lease;
        this.places = new PlaceLeases(client, ttl, this::lose);
        var unused = lease.lost().thenAccept(this::lose);
    }

    public static Session open(Client client) {
        return open(client, DEFAULT_TTL);
    }

    /// Grants a lease and keeps it alive.
    ///
    /// @param ttl how long others wait after this process has died
    public static Session open(Client client, Duration ttl) {
        return new Session(client, ttl, client.lease().hold(ttl, why -> {}));
    }

    /// On a lease that is there.
    ///
    /// @param ttl that of the leases of locks and elections
    public static Session on(Client client, long leaseId, Duration ttl) {
        return new Session(client, ttl, client.lease().keepAlive(leaseId, why -> {}));
    }

    public Client client() {
        return client;
    }

    public long leaseId() {
        return lease.leaseId();
    }

    /// Whether it may be relied upon, by this side's clock: false before the members give anything of it to
    /// others.
    public boolean isAlive() {
        return !lost.isDone() && lease.isAlive() && places.areAlive();
    }

    /// Done with the reason when the session is lost; that is before anybody else can have what it held.
    public CompletableFuture<EtcdException> lost() {
        return lost.copy();
    }

    /// Places that are still there go when their holders let go of them, or when their time is over; not at
    /// once, as their holders have only now been told.
    private void lose(EtcdException why) {
        if (lost.complete(why)) {
            places.release();
        }
    }

    /// No more renewals, but what is attached stays until the leases' time is over.
    public void orphan() {
        lease.close();
        places.release();
    }

    /// Ends the session, and with it all that is attached.
    @Override
    public void close() {
        lease.close();
        var gone = places.close();
        try {
            client.lease().within(ttl).revoke(leaseId());
        } catch (RefusedException e) {
            if (!e.is(Refusal.LEASE_NOT_FOUND)) {
                throw e; // one that is gone is what was wanted
            }
        }
        Place.await(gone);
    }

    PlaceLeases places() {
        return places;
    }
}
