package dev.cetera.node;

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

/// What clients ask about leases. Shared: it has no state.
final class LeaseRequests {
    private final Engine engine;
    private final Requests requests;

    LeaseRequests(Engine engine, Requests requests) {
        this.engine = engine;
        this.requests = requests;
    }

    void grant(LeaseGrantRequest request, Answer<LeaseGrantResponse> answer) {
        var complete = request.getID() != 0
                ? request
                : request.toBuilder().setID(engine.newLeaseId()).build();
        requests.propose(InternalRaftRequest.newBuilder().setLeaseGrant(complete), LeaseGrantResponse.class, answer);
    }

    void revoke(LeaseRevokeRequest request, Answer<LeaseRevokeResponse> answer) {
        requests.propose(InternalRaftRequest.newBuilder().setLeaseRevoke(request), LeaseRevokeResponse.class, answer);
    }

    void renew(long leaseId, Answer<LeaseKeepAliveResponse> answer) {
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

    void timeToLive(LeaseTimeToLiveRequest request, Answer<LeaseTimeToLiveResponse> answer) {
        engine.timeToLive(request, answer);
    }

    void list(Answer<LeaseLeasesResponse> answer) {
        var response = LeaseLeasesResponse.newBuilder();
        for (long id : engine.machine().leases().list()) {
            response.addLeases(LeaseStatus.newBuilder().setID(id));
        }
        answer.done(response.build());
    }
}
