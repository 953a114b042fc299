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
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One member as the services see it.
///
/// Every operation returns at once, never blocks the caller (a Netty event loop), and answers exactly once,
/// from any thread. Requests arrive already checked for form (empty keys, duplicate keys, too many operations,
/// sizes); what depends on state is checked behind this door.
///
/// **Headers.** An answer that is a message carries a header with `revision` alone; a revision of 0 (or no
/// header) means "none of its own", and the service then writes the current one. The service adds cluster,
/// member and term. Answers without a revision by nature (member list, alarm, defragment) need no header at
/// all. Inner headers of a transaction come complete.
///
/// **Deadlines.** The member gives up on a proposal or a linearizable read after its own request timeout and
/// refuses with `TIMED_OUT`. It refuses with `STOPPED` what is outstanding when it closes.
///
/// Shared: any thread may call any method.
public interface Node extends Inquiries {
    // ---- who asks ----

    /// The same member, as one caller may use it. While access control is off, everybody may use all of it.
    /// The node that a member hands out is its own, which is asked for nothing: a service that works for
    /// clients goes through here first.
    Node as(Caller caller);

    /// Whether access control is on.
    boolean asksWho();

    /// Of users, roles and permissions; rises with every change of them.
    long authRevision();

    /// Finds out whom a token was given to.
    ///
    /// @param answer refused with `INVALID_TOKEN`
    void identify(String token, Answer<Caller> answer);

    /// Gives a token for a password.
    void authenticate(AuthenticateRequest request, Answer<AuthenticateResponse> answer);

    /// Asks for something about users and roles: one of the fields `auth_...`.
    ///
    /// @param type of the response to it
    <T extends Message> void account(InternalRaftRequest.Builder request, Class<T> type, Answer<T> answer);

    /// Why this caller may not watch a range, written as in a request; null when it may.
    @Nullable
    Refusal mayWatch(byte[] key, byte[] rangeEnd);

    // ---- who answers: plain reads of memory ----

    long clusterId();

    long memberId();

    /// The raft term, as this member knows it.
    long term();

    /// The store's current revision.
    long revision();

    /// Whether some member is known to lead.
    boolean hasLeader();

    /// Whether this member leads.
    boolean isLeader();

    /// `3.3.0` and the like, or `not_decided` before the cluster has agreed on it.
    String clusterVersion();

    /// The alarms that are raised, in a stable order.
    List<AlarmMember> alarms();

    // ---- key-value ----

    /// Linearizable unless the request says serializable.
    void range(RangeRequest request, Answer<RangeAnswer> answer);

    void put(PutRequest request, Answer<PutResponse> answer);

    void deleteRange(DeleteRangeRequest request, Answer<DeleteRangeResponse> answer);

    /// A transaction of ranges alone is a read: linearizable unless every range in it is serializable.
    void txn(TxnRequest request, Answer<TxnResponse> answer);

    /// `physical` answers when the old data has left the backend file.
    void compact(CompactionRequest request, Answer<CompactionResponse> answer);

    /// Answers the store's revision once this member has applied everything that was committed when it was
    /// asked: what a linearizable read waits for, with nothing read.
    void linearize(Answer<Long> answer);

    // ---- leases ----

    void leaseGrant(LeaseGrantRequest request, Answer<LeaseGrantResponse> answer);

    void leaseRevoke(LeaseRevokeRequest request, Answer<LeaseRevokeResponse> answer);

    /// Renews one lease. An unknown or expired lease is no refusal: the answer has TTL 0. The header is taken
    /// before the renewal. Calls may overlap; each is answered in its own time.
    void leaseRenew(long leaseId, Answer<LeaseKeepAliveResponse> answer);

    /// An unknown lease is no refusal: the answer has TTL -1.
    void leaseTimeToLive(LeaseTimeToLiveRequest request, Answer<LeaseTimeToLiveResponse> answer);

    void leaseLeases(Answer<LeaseLeasesResponse> answer);

    // ---- cluster and maintenance ----

    void alarm(AlarmRequest request, Answer<AlarmResponse> answer);

    void memberList(Answer<MemberListResponse> answer);

    /// Adds a member with these peer URLs. Answers with the new member, whose process starts only now, and the
    /// list after it.
    void memberAdd(MemberAddRequest request, Answer<MemberAddResponse> answer);

    /// Removes a member for ever. Its process stops by itself.
    void memberRemove(MemberRemoveRequest request, Answer<MemberRemoveResponse> answer);

    /// Gives a member other peer URLs.
    void memberUpdate(MemberUpdateRequest request, Answer<MemberUpdateResponse> answer);

    /// Makes a voter of a learner.
    void memberPromote(MemberPromoteRequest request, Answer<MemberPromoteResponse> answer);

    /// Hands leadership to another member and answers once that leads. Refused where this member doesn't lead.
    void moveLeader(MoveLeaderRequest request, Answer<MoveLeaderResponse> answer);

    /// Everything of a status but the version, which the service knows.
    void status(Answer<StatusResponse> answer);

    void defragment(Answer<DefragmentResponse> answer);

    void hash(Answer<HashResponse> answer);

    /// The receiver of the answer closes it.
    void snapshot(Answer<SnapshotSource> answer);
}
