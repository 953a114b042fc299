package dev.cetera.rpc;

import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.AlarmResponse;
import dev.cetera.api.etcdserverpb.DefragmentRequest;
import dev.cetera.api.etcdserverpb.DefragmentResponse;
import dev.cetera.api.etcdserverpb.HashKVRequest;
import dev.cetera.api.etcdserverpb.HashKVResponse;
import dev.cetera.api.etcdserverpb.HashRequest;
import dev.cetera.api.etcdserverpb.HashResponse;
import dev.cetera.api.etcdserverpb.MaintenanceGrpc;
import dev.cetera.api.etcdserverpb.MoveLeaderRequest;
import dev.cetera.api.etcdserverpb.MoveLeaderResponse;
import dev.cetera.api.etcdserverpb.StatusRequest;
import dev.cetera.api.etcdserverpb.StatusResponse;
import dev.cetera.config.Release;
import dev.cetera.logs.Log;
import dev.cetera.metrics.Histogram;
import dev.cetera.node.Answer;
import dev.cetera.node.Node;
import io.grpc.ServerServiceDefinition;
import java.util.concurrent.Executor;

/// What operators ask of one member. Shared.
final class MaintenanceService {
    private static final Log LOG = Log.of("etcdserver/api/v3rpc");

    private final Node node;
    private final Headers headers;
    private final RpcLimits limits;
    private final Histogram snapshotDurations;
    private final Executor senders;

    /// @param senders run what may wait for the disk
    MaintenanceService(Node node, RpcLimits limits, Histogram snapshotDurations, Executor senders) {
        this.node = node;
        this.headers = new Headers(node);
        this.limits = limits;
        this.snapshotDurations = snapshotDurations;
        this.senders = senders;
    }

    ServerServiceDefinition definition() {
        return new Methods(MaintenanceGrpc.getServiceDescriptor(), limits.maxMessageBytes(), node)
                        .unary(MaintenanceGrpc.getAlarmMethod(), AlarmRequest.parser(), this::alarm)
                        .unary(MaintenanceGrpc.getStatusMethod(), StatusRequest.parser(), this::status)
                        .unary(MaintenanceGrpc.getDefragmentMethod(), DefragmentRequest.parser(), this::defragment)
                        .unary(MaintenanceGrpc.getHashMethod(), HashRequest.parser(), this::hash)
                        .unary(MaintenanceGrpc.getHashKVMethod(), HashKVRequest.parser(), this::hashKv)
                        .unary(MaintenanceGrpc.getMoveLeaderMethod(), MoveLeaderRequest.parser(), this::moveLeader)
                        .stream(
                                MaintenanceGrpc.getSnapshotMethod(),
                                new SnapshotStream(node, snapshotDurations, senders))
                        .build();
    }

    private void alarm(Node node, AlarmRequest request, Answer<AlarmResponse> answer) {
        node.alarm(
                request,
                new Then<>(answer, done -> done.toBuilder().clearHeader().build()));
    }

    private void status(Node node, StatusRequest request, Answer<StatusResponse> answer) {
        node.status(new Then<>(
                answer,
                done -> done.toBuilder()
                        .setHeader(headers.complete(done.getHeader()))
                        .setVersion(Release.CURRENT.version())
                        .build()));
    }

    private void defragment(Node node, DefragmentRequest request, Answer<DefragmentResponse> answer) {
        LOG.notice("starting to defragment the storage backend...");
        node.defragment(new Answer<>() {
            @Override
            public void done(DefragmentResponse value) {
                LOG.notice("finished defragmenting the storage backend");
                answer.done(DefragmentResponse.getDefaultInstance());
            }

            @Override
            public void refused(Refusal why) {
                LOG.error("failed to defragment the storage backend (" + why.text() + ")");
                answer.refused(why);
            }
        });
    }

    private void moveLeader(Node node, MoveLeaderRequest request, Answer<MoveLeaderResponse> answer) {
        node.moveLeader(
                request,
                new Then<>(answer, done -> done.toBuilder().clearHeader().build()));
    }

    private void hash(Node node, HashRequest request, Answer<HashResponse> answer) {
        node.hash(new Then<>(
                answer,
                done -> done.toBuilder()
                        .setHeader(headers.complete(done.getHeader()))
                        .build()));
    }

    private void hashKv(Node node, HashKVRequest request, Answer<HashKVResponse> answer) {
        node.hashKv(
                request.getRevision(),
                new Then<>(
                        answer,
                        done -> done.toBuilder()
                                .setHeader(headers.complete(done.getHeader()))
                                .build()));
    }
}
