package dev.cetera.client;

import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseGrpc;
import dev.cetera.api.etcdserverpb.LeaseLeasesRequest;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.LeaseStatus;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.client.transport.Repeat;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Leases: keys attached to one go when it is revoked or not kept alive. Blocking, as [KV] is.
public final class Lease {
    private final Calls calls;
    private final KeepAlives keepAlives;

    Lease(Calls calls, KeepAlives keepAlives) {
        this.calls = calls;
        this.keepAlives = keepAlives;
    }

    /// What was granted.
    ///
    /// @param ttl in seconds; the server may give more than was asked for
    /// @param askedNanos [System#nanoTime] before the request left: the lease lives at least `ttl` from then
    ///     on
    public record GrantResponse(Header header, long id, long ttl, long askedNanos) {}

    /// The lease and its keys are gone.
    public record RevokeResponse(Header header) {}

    /// What is left of a lease.
    ///
    /// @param ttl remaining seconds; -1 if there is no such lease
    /// @param grantedTtl seconds
    /// @param keys attached to it, if they were asked for
    public record TimeToLiveResponse(Header header, long id, long ttl, long grantedTtl, List<Key> keys) {
        public TimeToLiveResponse {
            keys = List.copyOf(keys);
        }

        public boolean expired() {
            return ttl < 0;
        }
    }

    /// All leases of the cluster.
    public record LeasesResponse(Header header, List<Long> ids) {
        public LeasesResponse {
            ids = List.copyOf(ids);
        }
    }

    /// A lease was renewed.
    ///
    /// @param ttl in seconds, from when the renewal was asked for
    public record KeepAliveResponse(Header header, long id, long ttl) {}

    /// Whether the keys of a lease are listed.
    public enum Keys {
        LEFT_OUT,
        LISTED
    }

    public Async async() {
        return new Async();
    }

    public Lease within(Duration timeout) {
        return new Lease(calls.within(timeout), keepAlives);
    }

    /// Grants a lease with an id of the server's choice.
    ///
    /// @param ttl at least a second; fractions count as a whole one
    public GrantResponse grant(Duration ttl) {
        return Calls.await(async().grant(ttl));
    }

    /// Grants a lease with a given id.
    ///
    /// @param id not 0; refused if there is such a lease
    public GrantResponse grant(Duration ttl, long id) {
        return Calls.await(async().grant(ttl, id));
    }

    public RevokeResponse revoke(long id) {
        return Calls.await(async().revoke(id));
    }

    public TimeToLiveResponse timeToLive(long id) {
        return timeToLive(id, Keys.LEFT_OUT);
    }

    public TimeToLiveResponse timeToLive(long id, Keys keys) {
        return Calls.await(async().timeToLive(id, keys));
    }

    public LeasesResponse leases() {
        return Calls.await(async().leases());
    }

    /// Renews once; refused with "requested lease not found" if it is gone.
    public KeepAliveResponse keepAliveOnce(long id) {
        return Calls.await(async().keepAliveOnce(id));
    }

    /// Renews a lease until it is closed or lost. `granted` tells from when the lease has lived, so that its
    /// loss is noticed even if no renewal ever gets through.
    public KeepAlive keepAlive(GrantResponse granted, LeaseListener listener) {
        return keepAlives.keep(granted.id(), granted.askedNanos(), granted.ttl(), listener);
    }

    /// Renews a lease that somebody else granted. Until the first renewal nobody here knows how long it lives.
    public KeepAlive keepAlive(long id, LeaseListener listener) {
        return keepAlives.keep(id, listener);
    }

    /// Grants a lease and keeps it alive.
    public KeepAlive hold(Duration ttl, LeaseListener listener) {
        return keepAlive(grant(ttl), listener);
    }

    /// The same with futures.
    public final class Async {
        private Async() {}

        public CompletableFuture<GrantResponse> grant(Duration ttl) {
            return grant(ttl, 0);
        }

        public CompletableFuture<GrantResponse> grant(Duration ttl, long id) {
            var request = LeaseGrantRequest.newBuilder()
                    .setTTL(ttl.getSeconds() + (ttl.getNano() > 0 ? 1 : 0))
                    .setID(id)
                    .build();
            long asked = System.nanoTime();
            // A grant whose answer was lost leaves a lease that nobody keeps alive: it goes by itself. But one with
            // a name must not be refused for its own sake.
            return calls.call(
                    LeaseGrpc.getLeaseGrantMethod(),
                    request,
                    id == 0 ? Repeat.ALWAYS : Repeat.IF_NOT_SENT,
                    answer -> new GrantResponse(
                            Protos.header(answer.getHeader()), answer.getID(), answer.getTTL(), asked));
        }

        public CompletableFuture<RevokeResponse> revoke(long id) {
            return calls.call(
                    LeaseGrpc.getLeaseRevokeMethod(),
                    LeaseRevokeRequest.newBuilder().setID(id).build(),
                    Repeat.ALWAYS,
                    answer -> new RevokeResponse(Protos.header(answer.getHeader())));
        }

        public CompletableFuture<TimeToLiveResponse> timeToLive(long id, Keys keys) {
            return calls.call(
                    LeaseGrpc.getLeaseTimeToLiveMethod(),
                    LeaseTimeToLiveRequest.newBuilder()
                            .setID(id)
                            .setKeys(keys == Keys.LISTED)
                            .build(),
                    Repeat.ALWAYS,
                    answer -> new TimeToLiveResponse(
                            Protos.header(answer.getHeader()),
                            answer.getID(),
                            answer.getTTL(),
                            answer.getGrantedTTL(),
                            answer.getKeysList().stream().map(Key::new).toList()));
        }

        public CompletableFuture<LeasesResponse> leases() {
            return calls.call(
                    LeaseGrpc.getLeaseLeasesMethod(),
                    LeaseLeasesRequest.getDefaultInstance(),
                    Repeat.ALWAYS,
                    answer -> new LeasesResponse(
                            Protos.header(answer.getHeader()),
                            answer.getLeasesList().stream()
                                    .map(LeaseStatus::getID)
                                    .toList()));
        }

        public CompletableFuture<KeepAliveResponse> keepAliveOnce(long id) {
            return new KeepAliveOnce(calls, id).start();
        }
    }
}
