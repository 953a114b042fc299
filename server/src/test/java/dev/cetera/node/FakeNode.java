package dev.cetera.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
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
import dev.cetera.api.etcdserverpb.LeaseStatus;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveResponse;
import dev.cetera.api.etcdserverpb.Member;
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
import dev.cetera.api.etcdserverpb.RangeResponse;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.api.etcdserverpb.ResponseOp;
import dev.cetera.api.etcdserverpb.StatusResponse;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.api.etcdserverpb.TxnResponse;
import dev.cetera.schema.KeyValue;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// A member that is a map: enough of one to try the services and pages on. Everything answers on a thread of
/// its own, as a real member would. Guarded by itself.
public final class FakeNode implements Node, AutoCloseable {
    private static final ByteString OPEN_END = ByteString.copyFrom(new byte[1]);

    private final ExecutorService answers = Executors.newSingleThreadExecutor();
    private final TreeMap<ByteString, KeyValue> keys = new TreeMap<>(ByteString.unsignedLexicographicalComparator());
    private final TreeMap<Long, Long> leases = new TreeMap<>();
    private long revision = 1;

    /// Requests that got through to the member.
    public final List<MessageLite> seen = new CopyOnWriteArrayList<>();

    public final List<AlarmMember> alarms = new CopyOnWriteArrayList<>();
    public volatile boolean leader = true;
    public volatile byte[] image = new byte[100_000];
    public volatile List<dev.cetera.cluster.Member> members =
            List.of(new dev.cetera.cluster.Member(-1, List.of("http://p"), "s1", List.of("http://c"), false));
    /// Whether it never catches up with what is committed.
    public volatile boolean behind;
    /// Why no learner is promoted; null when it is.
    public volatile @Nullable Refusal promotion;
    /// What every range is answered with, when it is not null.
    public volatile @Nullable LongAnswer list;
    /// While true nothing is answered.
    public volatile boolean silent;

    @Override
    public void close() {
        answers.close();
    }

    private <T> void answer(Answer<T> answer, T value) {
        if (!silent) {
            answers.execute(() -> answer.done(value));
        }
    }

    private static ResponseHeader header(long revision) {
        return ResponseHeader.newBuilder().setRevision(revision).build();
    }

    @Override
    public Node as(Caller caller) {
        return this;
    }

    @Override
    public boolean asksWho() {
        return false;
    }

    @Override
    public long authRevision() {
        return 1;
    }

    @Override
    public void identify(String token, Answer<Caller> answer) {
        answer(answer, new Caller.Named(token));
    }

    @Override
    public void authenticate(AuthenticateRequest request, Answer<AuthenticateResponse> answer) {
        answer.refused(Refusal.AUTH_NOT_ENABLED);
    }

    @Override
    public <T extends Message> void account(InternalRaftRequest.Builder request, Class<T> type, Answer<T> answer) {
        answer.refused(Refusal.USER_NOT_FOUND);
    }

    @Override
    public @Nullable Refusal mayWatch(byte[] key, byte[] rangeEnd) {
        return null;
    }

    @Override
    public long clusterId() {
        return 0xc1;
    }

    @Override
    public long memberId() {
        return 0xa1;
    }

    @Override
    public long term() {
        return 2;
    }

    @Override
    public synchronized long revision() {
        return revision;
    }

    @Override
    public boolean hasLeader() {
        return leader;
    }

    @Override
    public boolean isLeader() {
        return leader;
    }

    @Override
    public String clusterVersion() {
        return "3.3.0";
    }

    @Override
    public List<AlarmMember> alarms() {
        return alarms;
    }

    @Override
    public synchronized void range(RangeRequest request, Answer<RangeAnswer> answer) {
        seen.add(request);
        if (request.getRevision() > revision) {
            answers.execute(() -> answer.refused(Refusal.FUTURE_REVISION));
            return;
        }
        answer(answer, ranged(request));
    }

    private RangeAnswer ranged(RangeRequest request) {
        var rest = list;
        if (rest != null) {
            return new RangeAnswer(revision, List.of(), rest, false, rest.number());
        }
        var found = matching(request.getKey(), request.getRangeEnd());
        boolean cut = request.getLimit() > 0 && found.size() > request.getLimit();
        var kvs =
                request.getCountOnly() ? List.<KeyValue>of() : cut ? found.subList(0, (int) request.getLimit()) : found;
        return new RangeAnswer(revision, List.copyOf(kvs), cut, found.size());
    }

    private List<KeyValue> matching(ByteString key, ByteString end) {
        if (end.isEmpty()) {
            var one = keys.get(key);
            return one == null ? List.of() : List.of(one);
        }
        var tail = keys.tailMap(key, true);
        return new ArrayList<>((end.equals(OPEN_END) ? tail : tail.headMap(end, false)).values());
    }

    @Override
    public synchronized void put(PutRequest request, Answer<PutResponse> answer) {
        seen.add(request);
        if (request.getLease() != 0 && !leases.containsKey(request.getLease())) {
            answers.execute(() -> answer.refused(Refusal.LEASE_NOT_FOUND));
            return;
        }
        revision++;
        putting(request);
        answer(answer, PutResponse.newBuilder().setHeader(header(revision)).build());
    }

    private void putting(PutRequest request) {
        var before = keys.get(request.getKey());
        var kv = KeyValue.put(
                request.getKey().toByteArray(),
                before == null ? revision : before.createRevision(),
                revision,
                before == null ? 1 : before.version() + 1,
                request.getValue().toByteArray(),
                request.getLease());
        keys.put(request.getKey(), kv);
    }

    @Override
    public synchronized void deleteRange(DeleteRangeRequest request, Answer<DeleteRangeResponse> answer) {
        seen.add(request);
        var found = matching(request.getKey(), request.getRangeEnd());
        if (!found.isEmpty()) {
            revision++;
        }
        found.forEach(kv -> keys.remove(ByteString.copyFrom(kv.key())));
        answer(answer, DeleteRangeResponse.newBuilder().setDeleted(found.size()).build());
    }

    @Override
    public synchronized void txn(TxnRequest request, Answer<TxnResponse> answer) {
        seen.add(request);
        revision++;
        var response = TxnResponse.newBuilder().setSucceeded(true).setHeader(header(revision));
        for (RequestOp op : request.getSuccessList()) {
            var answered = ResponseOp.newBuilder();
            if (op.hasRequestPut()) {
                putting(op.getRequestPut());
                answered.setResponsePut(PutResponse.newBuilder().setHeader(header(revision)));
            } else if (op.hasRequestRange()) {
                answered.setResponseRange(RangeResponse.newBuilder().setHeader(header(revision)));
            }
            response.addResponses(answered);
        }
        answer(answer, response.build());
    }

    @Override
    public synchronized void compact(CompactionRequest request, Answer<CompactionResponse> answer) {
        if (request.getRevision() > revision) {
            answers.execute(() -> answer.refused(Refusal.FUTURE_REVISION));
            return;
        }
        answer(answer, CompactionResponse.getDefaultInstance());
    }

    @Override
    public void linearize(Answer<Long> answer) {
        answer(answer, revision());
    }

    @Override
    public synchronized void leaseGrant(LeaseGrantRequest request, Answer<LeaseGrantResponse> answer) {
        leases.put(request.getID(), request.getTTL());
        answer(
                answer,
                LeaseGrantResponse.newBuilder()
                        .setID(request.getID())
                        .setTTL(request.getTTL())
                        .build());
    }

    @Override
    public synchronized void leaseRevoke(LeaseRevokeRequest request, Answer<LeaseRevokeResponse> answer) {
        if (leases.remove(request.getID()) == null) {
            answers.execute(() -> answer.refused(Refusal.LEASE_NOT_FOUND));
            return;
        }
        answer(answer, LeaseRevokeResponse.getDefaultInstance());
    }

    @Override
    public synchronized void leaseRenew(long leaseId, Answer<LeaseKeepAliveResponse> answer) {
        if (!leader) {
            answers.execute(() -> answer.refused(Refusal.NO_LEADER));
            return;
        }
        answer(
                answer,
                LeaseKeepAliveResponse.newBuilder()
                        .setID(leaseId)
                        .setTTL(leases.getOrDefault(leaseId, 0L))
                        .build());
    }

    @Override
    public synchronized void leaseTimeToLive(LeaseTimeToLiveRequest request, Answer<LeaseTimeToLiveResponse> answer) {
        answer(
                answer,
                LeaseTimeToLiveResponse.newBuilder()
                        .setID(request.getID())
                        .setTTL(leases.getOrDefault(request.getID(), -1L))
                        .build());
    }

    @Override
    public List<dev.cetera.cluster.Member> members() {
        return members;
    }

    @Override
    public void caughtUp(Answer<Long> answer) {
        if (behind) {
            answers.execute(() -> answer.refused(Refusal.TIMED_OUT));
        } else {
            answer(answer, 9L);
        }
    }

    @Override
    public synchronized void renewAsPrimary(long lease, Answer<Long> answer) {
        if (!leader) {
            answers.execute(() -> answer.refused(Refusal.NOT_LEADER));
        } else {
            answer(answer, leases.getOrDefault(lease, 0L));
        }
    }

    @Override
    public synchronized LeaseTimeToLiveResponse timeToLiveHere(LeaseTimeToLiveRequest request) {
        return LeaseTimeToLiveResponse.newBuilder()
                .setID(request.getID())
                .setTTL(leases.getOrDefault(request.getID(), -1L))
                .setGrantedTTL(leases.getOrDefault(request.getID(), 0L))
                .build();
    }

    @Override
    public synchronized void leaseLeases(Answer<LeaseLeasesResponse> answer) {
        var response = LeaseLeasesResponse.newBuilder();
        leases.keySet()
                .forEach(id -> response.addLeases(LeaseStatus.newBuilder().setID(id)));
        answer(answer, response.build());
    }

    @Override
    public void alarm(AlarmRequest request, Answer<AlarmResponse> answer) {
        answer(answer, AlarmResponse.newBuilder().addAllAlarms(alarms).build());
    }

    @Override
    public void memberList(Answer<MemberListResponse> answer) {
        var member = Member.newBuilder()
                .setID(-1)
                .setName("s1")
                .addPeerURLs("http://p")
                .addClientURLs("http://c");
        answer(answer, MemberListResponse.newBuilder().addMembers(member).build());
    }

    @Override
    public void memberAdd(MemberAddRequest request, Answer<MemberAddResponse> answer) {
        seen.add(request);
        answer(answer, MemberAddResponse.getDefaultInstance());
    }

    @Override
    public void memberRemove(MemberRemoveRequest request, Answer<MemberRemoveResponse> answer) {
        seen.add(request);
        answer(answer, MemberRemoveResponse.getDefaultInstance());
    }

    @Override
    public void memberUpdate(MemberUpdateRequest request, Answer<MemberUpdateResponse> answer) {
        seen.add(request);
        answer(answer, MemberUpdateResponse.getDefaultInstance());
    }

    @Override
    public void memberPromote(MemberPromoteRequest request, Answer<MemberPromoteResponse> answer) {
        seen.add(request);
        var why = promotion;
        if (why != null) {
            answers.execute(() -> answer.refused(why));
        } else {
            answer(answer, MemberPromoteResponse.getDefaultInstance());
        }
    }

    @Override
    public void moveLeader(MoveLeaderRequest request, Answer<MoveLeaderResponse> answer) {
        seen.add(request);
        answer(answer, MoveLeaderResponse.getDefaultInstance());
    }

    @Override
    public void status(Answer<StatusResponse> answer) {
        answer(
                answer,
                StatusResponse.newBuilder()
                        .setDbSize(20480)
                        .setLeader(memberId())
                        .setRaftIndex(9)
                        .setRaftTerm(2)
                        .build());
    }

    @Override
    public void defragment(Answer<DefragmentResponse> answer) {
        answer(answer, DefragmentResponse.getDefaultInstance());
    }

    @Override
    public void hash(Answer<HashResponse> answer) {
        answer(answer, HashResponse.newBuilder().setHash(7).build());
    }

    @Override
    public void hashKv(long atRevision, Answer<HashKVResponse> answer) {
        if (atRevision > revision()) {
            answers.execute(() -> answer.refused(Refusal.FUTURE_REVISION));
            return;
        }
        answer(
                answer,
                HashKVResponse.newBuilder().setHash(8).setCompactRevision(-1).build());
    }

    @Override
    public void snapshot(Answer<SnapshotSource> answer) {
        var rest = ByteBuffer.wrap(image);
        answer(answer, new SnapshotSource() {
            @Override
            public long size() {
                return image.length;
            }

            @Override
            public int read(ByteBuffer into) {
                if (!rest.hasRemaining()) {
                    return -1;
                }
                int length = Math.min(1000, Math.min(rest.remaining(), into.remaining()));
                into.put(rest.slice(rest.position(), length));
                rest.position(rest.position() + length);
                return length;
            }

            @Override
            public void close() {
                rest.position(rest.limit());
            }
        });
    }
}
