package dev.cetera.rpc;

import dev.cetera.api.etcdserverpb.ClusterGrpc;
import dev.cetera.api.etcdserverpb.MemberListRequest;
import dev.cetera.api.etcdserverpb.MemberListResponse;
import dev.cetera.node.Answer;
import dev.cetera.node.Node;
import io.grpc.ServerServiceDefinition;

/// The list of members; the methods that change it are not there. Shared.
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
        return new Methods(ClusterGrpc.getServiceDescriptor(), limits.maxMessageBytes())
                .unary(ClusterGrpc.getMemberListMethod(), MemberListRequest.parser(), this::list)
                .build();
    }

    private void list(MemberListRequest request, Answer<MemberListResponse> answer) {
        node.memberList(new Then<>(
                answer,
                done -> done.toBuilder().setHeader(headers.withoutRevision()).build()));
    }
}
