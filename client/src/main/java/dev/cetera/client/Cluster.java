package dev.cetera.client;

import dev.cetera.api.etcdserverpb.ClusterGrpc;
import dev.cetera.api.etcdserverpb.MemberAddRequest;
import dev.cetera.api.etcdserverpb.MemberListRequest;
import dev.cetera.api.etcdserverpb.MemberPromoteRequest;
import dev.cetera.api.etcdserverpb.MemberRemoveRequest;
import dev.cetera.api.etcdserverpb.MemberUpdateRequest;
import dev.cetera.client.transport.Repeat;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Who is a member. Blocking, as [KV] is.
public final class Cluster {
    private final Calls calls;

    Cluster(Calls calls) {
        this.calls = calls;
    }

    /// A member.
    ///
    /// @param id unsigned
    /// @param name empty before it was first started
    public record Member(long id, String name, List<String> peerUrls, List<String> clientUrls, Role role) {
        public Member {
            peerUrls = List.copyOf(peerUrls);
            clientUrls = List.copyOf(clientUrls);
        }
    }

    /// Whether a member's voice counts.
    public enum Role {
        VOTER,
        LEARNER
    }

    /// All members.
    public record ListResponse(Header header, List<Member> members) {
        public ListResponse {
            members = List.copyOf(members);
        }
    }

    /// The new one, and all.
    public record AddResponse(Header header, Member member, List<Member> members) {
        public AddResponse {
            members = List.copyOf(members);
        }
    }

    public Async async() {
        return new Async();
    }

    public Cluster within(Duration timeout) {
        return new Cluster(calls.within(timeout));
    }

    public ListResponse list() {
        return Calls.await(async().list());
    }

    public AddResponse add(List<String> peerUrls) {
        return Calls.await(async().add(peerUrls, Role.VOTER));
    }

    /// Needs a cluster that has learners.
    public AddResponse addLearner(List<String> peerUrls) {
        return Calls.await(async().add(peerUrls, Role.LEARNER));
    }

    public ListResponse remove(long id) {
        return Calls.await(async().remove(id));
    }

    public ListResponse update(long id, List<String> peerUrls) {
        return Calls.await(async().update(id, peerUrls));
    }

    /// Needs a cluster that has learners.
    public ListResponse promote(long id) {
        return Calls.await(async().promote(id));
    }

    /// The same with futures.
    public final class Async {
        private Async() {}

        public CompletableFuture<ListResponse> list() {
            return calls.call(
                    ClusterGrpc.getMemberListMethod(),
                    MemberListRequest.newBuilder().setLinearizable(true).build(),
                    Repeat.ALWAYS,
                    answer -> new ListResponse(Protos.header(answer.getHeader()), members(answer.getMembersList())));
        }

        public CompletableFuture<AddResponse> add(List<String> peerUrls, Role role) {
            return calls.call(
                    ClusterGrpc.getMemberAddMethod(),
                    MemberAddRequest.newBuilder()
                            .addAllPeerURLs(peerUrls)
                            .setIsLearner(role == Role.LEARNER)
                            .build(),
                    Repeat.IF_NOT_SENT,
                    answer -> new AddResponse(
                            Protos.header(answer.getHeader()),
                            member(answer.getMember()),
                            members(answer.getMembersList())));
        }

        public CompletableFuture<ListResponse> remove(long id) {
            return calls.call(
                    ClusterGrpc.getMemberRemoveMethod(),
                    MemberRemoveRequest.newBuilder().setID(id).build(),
                    Repeat.IF_NOT_SENT,
                    answer -> new ListResponse(Protos.header(answer.getHeader()), members(answer.getMembersList())));
        }

        public CompletableFuture<ListResponse> update(long id, List<String> peerUrls) {
            return calls.call(
                    ClusterGrpc.getMemberUpdateMethod(),
                    MemberUpdateRequest.newBuilder()
                            .setID(id)
                            .addAllPeerURLs(peerUrls)
                            .build(),
                    Repeat.IF_NOT_SENT,
                    answer -> new ListResponse(Protos.header(answer.getHeader()), members(answer.getMembersList())));
        }

        public CompletableFuture<ListResponse> promote(long id) {
            return calls.call(
                    ClusterGrpc.getMemberPromoteMethod(),
                    MemberPromoteRequest.newBuilder().setID(id).build(),
                    Repeat.IF_NOT_SENT,
                    answer -> new ListResponse(Protos.header(answer.getHeader()), members(answer.getMembersList())));
        }
    }

    private static Member member(dev.cetera.api.etcdserverpb.Member member) {
        return new Member(
                member.getID(),
                member.getName(),
                member.getPeerURLsList(),
                member.getClientURLsList(),
                member.getIsLearner() ? Role.LEARNER : Role.VOTER);
    }

    private static List<Member> members(List<dev.cetera.api.etcdserverpb.Member> members) {
        return members.stream().map(Cluster::member).toList();
    }
}
