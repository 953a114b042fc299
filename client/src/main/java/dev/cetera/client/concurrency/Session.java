package dev.cetera.client.concurrency;

import dev.cetera.api.Refusal;
import dev.cetera.client.Client;
import dev.cetera.client.EtcdException;
import dev.cetera.client.KeepAlive;
import dev.cetera.client.RefusedException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/// A lease that is kept alive as long as this process runs. What is attached to it goes when the session is
/// closed, or when the process dies or loses the cluster for longer than the lease's time.
public final class Session implements AutoCloseable {
    public static final Duration DEFAULT_TTL = Duration.ofSeconds(60);

    private final Client client;
    private final Duration ttl;
    private final KeepAlive lease;
    private final AtomicInteger places = new AtomicInteger();

    private Session(Client client, Duration ttl, KeepAlive lease) {
        this.client = client;
        this.ttl = ttl;
        this.lease = lease;
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
        return lease.isAlive();
    }

    /// Done with the reason when the session is lost; that is before anybody else can have what it held.
    public CompletableFuture<EtcdException> lost() {
        return lease.lost();
    }

    /// No more renewals, but what is attached stays until the lease's time is over.
    public void orphan() {
        lease.close();
    }

    /// Ends the session, and with it all that is attached.
    @Override
    public void close() {
        orphan();
        try {
            client.lease().within(ttl).revoke(leaseId());
        } catch (RefusedException e) {
            if (!e.is(Refusal.LEASE_NOT_FOUND)) {
                throw e; // one that is gone is what was wanted
            }
        }
    }

    /// Tells keys of one session apart.
    int nextPlace() {
        return places.getAndIncrement();
    }
}
