package dev.cetera.node;

import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.AlarmMember;
import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.AlarmResponse;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.CompactionResponse;
import dev.cetera.api.etcdserverpb.DefragmentResponse;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.DeleteRangeResponse;
import dev.cetera.api.etcdserverpb.HashKVResponse;
import dev.cetera.api.etcdserverpb.HashResponse;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantResponse;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveResponse;
import dev.cetera.api.etcdserverpb.LeaseLeasesResponse;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.LeaseRevokeResponse;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveResponse;
import dev.cetera.api.etcdserverpb.MemberAddRequest;
import dev.cetera.api.etcdserverpb.MemberAddResponse;
import dev.cetera.api.etcdserverpb.MemberListResponse;
import dev.cetera.api.etcdserverpb.MemberPromoteRequest;
import dev.cetera.api.etcdserverpb.MemberPromoteResponse;
import dev.cetera.api.etcdserverpb.MemberRemoveRequest;
import dev.cetera.api.etcdserverpb.MemberRemoveResponse;
import dev.cetera.api.etcdserverpb.MemberUpdateRequest;
import dev.cetera.api.etcdserverpb.MemberUpdateResponse;
import dev.cetera.api.etcdserverpb.MoveLeaderRequest;
import dev.cetera.api.etcdserverpb.MoveLeaderResponse;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.PutResponse;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.StatusResponse;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.api.etcdserverpb.TxnResponse;
import dev.cetera.raft.Role;
import java.util.List;

/// One member's side of [Node]: what is asked of it goes to an [Engine], from whichever thread it comes, and
/// what may take long is put into other hands. It has no thread and no clock of its own, so it serves in a
/// simulation as it does in a process.
///
/// Shared: any thread may call any method.
public final class Desk implements Node {
    private final Engine engine;
    private final MemberChanges changes;
    private final KeyRequests keys;
    private final LeaseRequests leases;
    private final Maintenance maintenance;

    /// @param work for what may take long
    public Desk(Engine engine, LongWork work) {
        this.engine = engine;
        var requests = new Requests(engine);
        this.changes = new MemberChanges(engine, engine.config(), engine.link(), engine.time());
        this.keys = new KeyRequests(engine.machine(), requests, work, engine.time(), engine.meters());
        this.leases = new LeaseRequests(engine, requests);
        this.maintenance = new Maintenance(engine, requests, work);
    }

    // ---- who answers ----

    @Override
    public long clusterId() {
        return engine.clusterId();
    }

    @Override
    public long memberId() {
        return engine.memberId();
    }

    @Override
    public long term() {
        return engine.status().term();
    }

    @Override
    public long revision() {
        return engine.machine().store().view().revision();
    }

    @Override
    public boolean hasLeader() {
        return engine.status().leader() != 0;
    }

    @Override
    public boolean isLeader() {
        return engine.status().role() == Role.LEADER;
    }

    @Override
    public String clusterVersion() {
        var version = engine.machine().members().now().version();
        return version == null ? "not_decided" : version.text();
    }

    @Override
    public List<AlarmMember> alarms() {
        return engine.machine().alarms().list();
    }

    // ---- key-value ----

    @Override
    public void range(RangeRequest request, Answer<RangeAnswer> answer) {
        keys.range(request, answer);
    }

    @Override
    public void put(PutRequest request, Answer<PutResponse> answer) {
        keys.put(request, answer);
    }

    @Override
    public void deleteRange(DeleteRangeRequest request, Answer<DeleteRangeResponse> answer) {
        keys.deleteRange(request, answer);
    }

    @Override
    public void txn(TxnRequest request, Answer<TxnResponse> answer) {
        keys.txn(request, answer);
    }

    @Override
    public void compact(CompactionRequest request, Answer<CompactionResponse> answer) {
        keys.compact(request, answer);
    }

    @Override
    public void linearize(Answer<Long> answer) {
        keys.linearize(answer);
    }

    // ---- leases ----

    @Override
    public void leaseGrant(LeaseGrantRequest request, Answer<LeaseGrantResponse> answer) {
        leases.grant(request, answer);
    }

    @Override
    public void leaseRevoke(LeaseRevokeRequest request, Answer<LeaseRevokeResponse> answer) {
        leases.revoke(request, answer);
    }

    @Override
    public void leaseRenew(long leaseId, Answer<LeaseKeepAliveResponse> answer) {
        leases.renew(leaseId, answer);
    }

    @Override
    public void leaseTimeToLive(LeaseTimeToLiveRequest request, Answer<LeaseTimeToLiveResponse> answer) {
        leases.timeToLive(request, answer);
    }

    @Override
    public void leaseLeases(Answer<LeaseLeasesResponse> answer) {
        leases.list(answer);
    }

    // ---- what other members ask ----

    @Override
    public List<dev.cetera.cluster.Member> members() {
        return engine.machine().members().now().members();
    }

    @Override
    public void caughtUp(Answer<Long> answer) {
        engine.caughtUp(answer);
    }

    @Override
    public void renewAsPrimary(long lease, Answer<Long> answer) {
        engine.renewAsPrimary(lease, answer);
    }

    @Override
    public LeaseTimeToLiveResponse timeToLiveHere(LeaseTimeToLiveRequest request) {
        return engine.timeToLiveHere(request);
    }

    // ---- cluster and maintenance ----

    @Override
    public void alarm(AlarmRequest request, Answer<AlarmResponse> answer) {
        maintenance.alarm(request, answer);
    }

    @Override
    public void status(Answer<StatusResponse> answer) {
        maintenance.status(answer);
    }

    @Override
    public void defragment(Answer<DefragmentResponse> answer) {
        maintenance.defragment(answer);
    }

    @Override
    public void hash(Answer<HashResponse> answer) {
        maintenance.hash(answer);
    }

    @Override
    public void hashKv(long revision, Answer<HashKVResponse> answer) {
        maintenance.hashKv(revision, answer);
    }

    @Override
    public void snapshot(Answer<SnapshotSource> answer) {
        maintenance.snapshot(answer);
    }

    @Override
    public void memberList(Answer<MemberListResponse> answer) {
        answer.done(MemberListResponse.newBuilder()
                .addAllMembers(MemberChanges.list(engine.membership()))
                .build());
    }

    @Override
    public void memberAdd(MemberAddRequest request, Answer<MemberAddResponse> answer) {
        changes.add(request, answer);
    }

    @Override
    public void memberRemove(MemberRemoveRequest request, Answer<MemberRemoveResponse> answer) {
        changes.remove(request, answer);
    }

    @Override
    public void memberUpdate(MemberUpdateRequest request, Answer<MemberUpdateResponse> answer) {
        changes.update(request, answer);
    }

    @Override
    public void memberPromote(MemberPromoteRequest request, Answer<MemberPromoteResponse> answer) {
        changes.promote(request, answer);
    }

    @Override
    public void moveLeader(MoveLeaderRequest request, Answer<MoveLeaderResponse> answer) {
        var target = engine.membership().member(request.getTargetID());
        if (isLeader() && (target == null || target.learner())) {
            answer.refused(Refusal.BAD_TRANSFEREE);
            return;
        }
        engine.transferLeader(request.getTargetID(), new Answer<>() {
            @Override
            public void done(Long leader) {
                answer.done(MoveLeaderResponse.getDefaultInstance());
            }

            @Override
            public void refused(Refusal why) {
                answer.refused(why);
            }
        });
    }
}
