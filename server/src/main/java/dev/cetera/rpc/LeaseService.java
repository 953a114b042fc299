package dev.cetera.rpc;

import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantResponse;
import dev.cetera.api.etcdserverpb.LeaseGrpc;
import dev.cetera.api.etcdserverpb.LeaseLeasesRequest;
import dev.cetera.api.etcdserverpb.LeaseLeasesResponse;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.LeaseRevokeResponse;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveResponse;
import dev.cetera.node.Answer;
import dev.cetera.node.Node;
import io.grpc.ServerServiceDefinition;

/// Grant, revoke, keep alive, time to live, list. Shared.
final class LeaseService {
    private final Node node;
    private final Headers headers;
    private final RpcLimits limits;

    LeaseService(Node node, RpcLimits limits) {
        this.node = node;
        this.headers = new Headers(node);
        this.limits = limits;
    }

    ServerServiceDefinition definition() {
        return new Methods(LeaseGrpc.getServiceDescriptor(), limits.maxMessageBytes(), node)
                        .unary(LeaseGrpc.getLeaseGrantMethod(), LeaseGrantRequest.parser(), this::grant)
                        .unary(LeaseGrpc.getLeaseRevokeMethod(), LeaseRevokeRequest.parser(), this::revoke)
                        .stream(
                                LeaseGrpc.getLeaseKeepAliveMethod(),
                                new KeepAliveStream(node, limits.maxMessageBytes()))
                        .unary(LeaseGrpc.getLeaseTimeToLiveMethod(), LeaseTimeToLiveRequest.parser(), this::timeToLive)
                        .unary(LeaseGrpc.getLeaseLeasesMethod(), LeaseLeasesRequest.parser(), this::leases)
                        .build();
    }

    private void grant(Node node, LeaseGrantRequest request, Answer<LeaseGrantResponse> answer) {
        node.leaseGrant(
                request,
                new Then<>(
                        answer,
                        done -> done.toBuilder()
                                .setHeader(headers.complete(done.getHeader()))
                                .build()));
    }

    private void revoke(Node node, LeaseRevokeRequest request, Answer<LeaseRevokeResponse> answer) {
        node.leaseRevoke(
                request,
                new Then<>(
                        answer,
                        done -> done.toBuilder()
                                .setHeader(headers.complete(done.getHeader()))
                                .build()));
    }

    private void timeToLive(Node node, LeaseTimeToLiveRequest request, Answer<LeaseTimeToLiveResponse> answer) {
        node.leaseTimeToLive(
                request,
                new Then<>(
                        answer,
                        done -> done.toBuilder()
                                .setHeader(headers.complete(done.getHeader()))
                                .build()));
    }

    private void leases(Node node, LeaseLeasesRequest request, Answer<LeaseLeasesResponse> answer) {
        node.leaseLeases(new Then<>(
                answer,
                done -> done.toBuilder()
                        .setHeader(headers.complete(done.getHeader()))
                        .build()));
    }
}
