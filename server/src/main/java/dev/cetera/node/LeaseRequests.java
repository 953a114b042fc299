package dev.cetera.node;

import com.google.protobuf.ByteString;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantResponse;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveResponse;
import dev.cetera.api.etcdserverpb.LeaseLeasesResponse;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.LeaseRevokeResponse;
import dev.cetera.api.etcdserverpb.LeaseStatus;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveResponse;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.auth.Authorization;
import java.util.List;

/// What clients ask about leases. Shared: it has no state.
final class LeaseRequests {
    private final Engine engine;
    private final Requests requests;

    LeaseRequests(Engine engine, Requests requests) {
        this.engine = engine;
        this.requests = requests;
    }

    void grant(Door door, LeaseGrantRequest request, Answer<LeaseGrantResponse> answer) {
        var complete = request.getID() != 0
                ? request
                : request.toBuilder().setID(engine.newLeaseId()).build();
        requests.propose(
                door, InternalRaftRequest.newBuilder().setLeaseGrant(complete), LeaseGrantResponse.class, answer);
    }

    void revoke(Door door, LeaseRevokeRequest request, Answer<LeaseRevokeResponse> answer) {
        requests.propose(
                door, InternalRaftRequest.newBuilder().setLeaseRevoke(request), LeaseRevokeResponse.class, answer);
    }

    void renew(Door door, long leaseId, Answer<LeaseKeepAliveResponse> answer) {
        requests.enter(door, needs -> needs.leaseRenew(leaseId), answer, _ -> renew(leaseId, answer));
    }

    private void renew(long leaseId, Answer<LeaseKeepAliveResponse> answer) {
        var response = LeaseKeepAliveResponse.newBuilder()
                .setID(leaseId)
                .setHeader(ResponseHeader.newBuilder()
                        .setRevision(engine.machine().store().view().revision()));
        engine.renew(leaseId, new Answer<>() {
            @Override
            public void done(Long ttlSeconds) {
                answer.done(response.setTTL(ttlSeconds).build());
            }

            @Override
            public void refused(Refusal why) {
                answer.refused(why);
            }
        });
    }

    /// The keys are looked at when they are known, which only the leader may do.
    void timeToLive(Door door, LeaseTimeToLiveRequest request, Answer<LeaseTimeToLiveResponse> answer) {
        requests.enter(
                door,
                Authorization::somebody,
                answer,
                _ -> engine.timeToLive(request, new Answer<>() {
                    @Override
                    public void done(LeaseTimeToLiveResponse response) {
                        requests.enter(
                                door, needs -> needs.leasedKeys(keys(response)), answer, _ -> answer.done(response));
                    }

                    @Override
                    public void refused(Refusal why) {
                        answer.refused(why);
                    }
                }));
    }

    private static List<byte[]> keys(LeaseTimeToLiveResponse response) {
        return response.getKeysList().stream().map(ByteString::toByteArray).toList();
    }

    /// Whoever knows a lease can end it, so all their keys must be the caller's to read.
    void list(Door door, Answer<LeaseLeasesResponse> answer) {
        var leases = engine.machine().leases();
        door.enter(
                needs -> needs.leasedKeys(() -> leases.list().stream()
                        .flatMap(id -> leases.keys(id).stream())
                        .iterator()),
                answer,
                () -> list(answer));
    }

    private void list(Answer<LeaseLeasesResponse> answer) {
        var response = LeaseLeasesResponse.newBuilder();
        for (long id : engine.machine().leases().list()) {
            response.addLeases(LeaseStatus.newBuilder().setID(id));
        }
        answer.done(response.build());
    }
}
