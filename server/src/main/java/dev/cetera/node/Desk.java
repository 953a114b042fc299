package dev.cetera.node;

import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.AlarmMember;
import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.AlarmResponse;
import dev.cetera.api.etcdserverpb.AuthenticateRequest;
import dev.cetera.api.etcdserverpb.AuthenticateResponse;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.CompactionResponse;
import dev.cetera.api.etcdserverpb.DefragmentResponse;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.DeleteRangeResponse;
import dev.cetera.api.etcdserverpb.HashKVResponse;
import dev.cetera.api.etcdserverpb.HashResponse;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
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
import dev.cetera.auth.Authorization;
import dev.cetera.raft.Role;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One member's side of [Node]: what is asked of it goes to an [Engine], from whichever thread it comes, and
/// what may take long is put into other hands. It has no thread and no clock of its own, so it serves in a
/// simulation as it does in a process.
///
/// A desk serves one caller; the first one is the member's own, and the others are made by [#as]. What they
/// share has no caller.
///
/// Shared: any thread may call any method.
public final class Desk implements Node {
    /// What the desks of all callers have in common.
    private record Counter(
            Engine engine,
            MemberChanges changes,
            KeyRequests keys,
            LeaseRequests leases,
            Maintenance maintenance,
            AccountRequests accounts,
            Authentication authentication) {}

    private final Engine engine;
    private final Counter counter;
    private final Door door;
    private final Desk nobodys;

    /// The member's own.
    ///
    /// @param work for what may take long
    public Desk(Engine engine, LongWork work) {
        this(engine, work, work);
    }

    /// As above.
    ///
    /// @param passwords for what must not take the place of other long work
    public Desk(Engine engine, LongWork work, LongWork passwords) {
        var requests = new Requests(engine);
        this.engine = engine;
        this.counter = new Counter(
                engine,
                new MemberChanges(engine, engine.config(), engine.link(), engine.time()),
                new KeyRequests(engine.machine(), requests, work, engine.time(), engine.meters()),
                new LeaseRequests(engine, requests),
                new Maintenance(engine, requests, work),
                new AccountRequests(engine, requests, passwords),
                new Authentication(engine, passwords));
        this.door = new Door(engine.machine(), new Caller.Member());
        this.nobodys = new Desk(counter);
    }

    /// Nobody's.
    private Desk(Counter counter) {
        this.engine = counter.engine();
        this.counter = counter;
        this.door = new Door(engine.machine(), new Caller.Nobody());
        this.nobodys = this;
    }

    private Desk(Counter counter, Caller caller, Desk nobodys) {
        this.engine = counter.engine();
        this.counter = counter;
        this.door = new Door(engine.machine(), caller);
        this.nobodys = nobodys;
    }

    // ---- who asks ----

    @Override
    public Node as(Caller caller) {
        return caller instanceof Caller.Nobody ? nobodys : new Desk(counter, caller, nobodys);
    }

    @Override
    public boolean asksWho() {
        return door.rights().enabled();
    }

    @Override
    public long authRevision() {
        return door.rights().revision();
    }

    @Override
    public void identify(String token, Answer<Caller> answer) {
        counter.authentication().identify(token, answer);
    }

    @Override
    public void authenticate(AuthenticateRequest request, Answer<AuthenticateResponse> answer) {
        counter.authentication().authenticate(request, answer);
    }

    @Override
    public <T extends Message> void account(InternalRaftRequest.Builder request, Class<T> type, Answer<T> answer) {
        counter.accounts().propose(door, request, type, answer);
    }

    @Override
    public @Nullable Refusal mayWatch(byte[] key, byte[] rangeEnd) {
        return door.refuses(needs -> needs.watch(key, rangeEnd));
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
        counter.keys().range(door, request, answer);
    }

    @Override
    public void put(PutRequest request, Answer<PutResponse> answer) {
        counter.keys().put(door, request, answer);
    }

    @Override
    public void deleteRange(DeleteRangeRequest request, Answer<DeleteRangeResponse> answer) {
        counter.keys().deleteRange(door, request, answer);
    }

    @Override
    public void txn(TxnRequest request, Answer<TxnResponse> answer) {
        counter.keys().txn(door, request, answer);
    }

    @Override
    public void compact(CompactionRequest request, Answer<CompactionResponse> answer) {
        counter.keys().compact(door, request, answer);
    }

    @Override
    public void linearize(Answer<Long> answer) {
        counter.keys().linearize(answer);
    }

    // ---- leases ----

    @Override
    public void leaseGrant(LeaseGrantRequest request, Answer<LeaseGrantResponse> answer) {
        counter.leases().grant(door, request, answer);
    }

    @Override
    public void leaseRevoke(LeaseRevokeRequest request, Answer<LeaseRevokeResponse> answer) {
        counter.leases().revoke(door, request, answer);
    }

    @Override
    public void leaseRenew(long leaseId, Answer<LeaseKeepAliveResponse> answer) {
        counter.leases().renew(door, leaseId, answer);
    }

    @Override
    public void leaseTimeToLive(LeaseTimeToLiveRequest request, Answer<LeaseTimeToLiveResponse> answer) {
        counter.leases().timeToLive(door, request, answer);
    }

    @Override
    public void leaseLeases(Answer<LeaseLeasesResponse> answer) {
        counter.leases().list(door, answer);
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
        counter.maintenance().alarm(door, request, answer);
    }

    @Override
    public void status(Answer<StatusResponse> answer) {
        counter.maintenance().status(answer);
    }

    @Override
    public void defragment(Answer<DefragmentResponse> answer) {
        ifOperator(answer, () -> counter.maintenance().defragment(answer));
    }

    @Override
    public void hash(Answer<HashResponse> answer) {
        ifOperator(answer, () -> counter.maintenance().hash(answer));
    }

    @Override
    public void hashKv(long revision, Answer<HashKVResponse> answer) {
        ifOperator(answer, () -> counter.maintenance().hashKv(revision, answer));
    }

    @Override
    public void snapshot(Answer<SnapshotSource> answer) {
        ifOperator(answer, () -> counter.maintenance().snapshot(answer));
    }

    @Override
    public void memberList(Answer<MemberListResponse> answer) {
        answer.done(MemberListResponse.newBuilder()
                .addAllMembers(MemberChanges.list(engine.membership()))
                .build());
    }

    @Override
    public void memberAdd(MemberAddRequest request, Answer<MemberAddResponse> answer) {
        ifRoot(answer, () -> counter.changes().add(request, answer));
    }

    @Override
    public void memberRemove(MemberRemoveRequest request, Answer<MemberRemoveResponse> answer) {
        ifRoot(answer, () -> counter.changes().remove(request, answer));
    }

    @Override
    public void memberUpdate(MemberUpdateRequest request, Answer<MemberUpdateResponse> answer) {
        ifRoot(answer, () -> counter.changes().update(request, answer));
    }

    @Override
    public void memberPromote(MemberPromoteRequest request, Answer<MemberPromoteResponse> answer) {
        ifRoot(answer, () -> counter.changes().promote(request, answer));
    }

    @Override
    public void moveLeader(MoveLeaderRequest request, Answer<MoveLeaderResponse> answer) {
        ifRoot(answer, () -> transfer(request, answer));
    }

    private void transfer(MoveLeaderRequest request, Answer<MoveLeaderResponse> answer) {
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

    private void ifRoot(Answer<?> answer, Runnable then) {
        door.enter(Authorization::root, answer, then);
    }

    /// As [#ifRoot], in the words that maintenance has for it.
    private void ifOperator(Answer<?> answer, Runnable then) {
        var why = door.refuses(Authorization::root);
        if (why == null) {
            then.run();
        } else {
            answer.refused(why.raw());
        }
    }
}
