package dev.cetera.rpc;

import dev.cetera.api.etcdserverpb.ClusterGrpc;
import dev.cetera.api.etcdserverpb.MemberAddRequest;
import dev.cetera.api.etcdserverpb.MemberAddResponse;
import dev.cetera.api.etcdserverpb.MemberListRequest;
import dev.cetera.api.etcdserverpb.MemberListResponse;
import dev.cetera.api.etcdserverpb.MemberPromoteRequest;
import dev.cetera.api.etcdserverpb.MemberPromoteResponse;
import dev.cetera.api.etcdserverpb.MemberRemoveRequest;
import dev.cetera.api.etcdserverpb.MemberRemoveResponse;
import dev.cetera.api.etcdserverpb.MemberUpdateRequest;
import dev.cetera.api.etcdserverpb.MemberUpdateResponse;
import dev.cetera.node.Answer;
import dev.cetera.node.Node;
import io.grpc.ServerServiceDefinition;

/// The list of members, and what changes it. Headers have no revision, as etcd's. Shared.
final class ClusterService {
    private final Node node;
    private final Headers headers;
    private final RpcLimits limits;

    ClusterService(Node node, RpcLimits limits) {
        this.node = node;
        this.headers = new Headers(node);
        this.limits = limits;
    }

    ServerServiceDefinition definition() {
        return new Methods(ClusterGrpc.getServiceDescriptor(), limits.maxMessageBytes(), node)
                .unary(ClusterGrpc.getMemberAddMethod(), MemberAddRequest.parser(), this::add)
                .unary(ClusterGrpc.getMemberRemoveMethod(), MemberRemoveRequest.parser(), this::remove)
                .unary(ClusterGrpc.getMemberUpdateMethod(), MemberUpdateRequest.parser(), this::update)
                .unary(ClusterGrpc.getMemberListMethod(), MemberListRequest.parser(), this::list)
                .unary(ClusterGrpc.getMemberPromoteMethod(), MemberPromoteRequest.parser(), this::promote)
                .build();
    }

    private void add(Node node, MemberAddRequest request, Answer<MemberAddResponse> answer) {
        node.memberAdd(
                request,
                new Then<>(
                        answer,
                        done -> done.toBuilder()
                                .setHeader(headers.withoutRevision())
                                .build()));
    }

    private void remove(Node node, MemberRemoveRequest request, Answer<MemberRemoveResponse> answer) {
        node.memberRemove(
                request,
                new Then<>(
                        answer,
                        done -> done.toBuilder()
                                .setHeader(headers.withoutRevision())
                                .build()));
    }

    private void update(Node node, MemberUpdateRequest request, Answer<MemberUpdateResponse> answer) {
        node.memberUpdate(
                request,
                new Then<>(
                        answer,
                        done -> done.toBuilder()
                                .setHeader(headers.withoutRevision())
                                .build()));
    }

    private void promote(Node node, MemberPromoteRequest request, Answer<MemberPromoteResponse> answer) {
        node.memberPromote(
                request,
                new Then<>(
                        answer,
                        done -> done.toBuilder()
                                .setHeader(headers.withoutRevision())
                                .build()));
    }

    private void list(Node node, MemberListRequest request, Answer<MemberListResponse> answer) {
        node.memberList(new Then<>(
                answer,
                done -> done.toBuilder().setHeader(headers.withoutRevision()).build()));
    }
}
