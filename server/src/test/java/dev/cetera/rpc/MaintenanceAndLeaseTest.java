package dev.cetera.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.AuthGrpc;
import dev.cetera.api.etcdserverpb.AuthUserListRequest;
import dev.cetera.api.etcdserverpb.ClusterGrpc;
import dev.cetera.api.etcdserverpb.DefragmentRequest;
import dev.cetera.api.etcdserverpb.HashKVRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseGrpc;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveRequest;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveResponse;
import dev.cetera.api.etcdserverpb.LeaseLeasesRequest;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.MaintenanceGrpc;
import dev.cetera.api.etcdserverpb.MemberAddRequest;
import dev.cetera.api.etcdserverpb.MemberListRequest;
import dev.cetera.api.etcdserverpb.MemberPromoteRequest;
import dev.cetera.api.etcdserverpb.MemberRemoveRequest;
import dev.cetera.api.etcdserverpb.MemberUpdateRequest;
import dev.cetera.api.etcdserverpb.MoveLeaderRequest;
import dev.cetera.api.etcdserverpb.SnapshotRequest;
import dev.cetera.api.etcdserverpb.StatusRequest;
import dev.cetera.http.TestServer;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class MaintenanceAndLeaseTest {
    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = new TestServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /// The answers of one keep-alive stream, and how it ended.
    private static final class KeepAlives implements StreamObserver<LeaseKeepAliveResponse> {
        private final List<Long> ids = new ArrayList<>();
        private final List<Long> ttls = new ArrayList<>();
        private final CompletableFuture<Status> end = new CompletableFuture<>();

        @Override
        public void onNext(LeaseKeepAliveResponse value) {
            ids.add(value.getID());
            ttls.add(value.getTTL());
        }

        @Override
        public void onError(Throwable thrown) {
            end.complete(Status.fromThrowable(thrown));
        }

        @Override
        public void onCompleted() {
            end.complete(Status.OK);
        }

        Status end() throws Exception {
            return end.get(10, TimeUnit.SECONDS);
        }
    }

    private static LeaseKeepAliveRequest keepAlive(long id) {
        return LeaseKeepAliveRequest.newBuilder().setID(id).build();
    }

    @Test
    void everyKeepAliveIsAnsweredInOrder() throws Exception {
        LeaseGrpc.newBlockingStub(server.channel())
                .leaseGrant(LeaseGrantRequest.newBuilder().setID(7).setTTL(60).build());
        var answers = new KeepAlives();
        var requests = LeaseGrpc.newStub(server.channel()).leaseKeepAlive(answers);
        var expected = new ArrayList<Long>();
        for (long id = 0; id < 50; id++) {
            requests.onNext(keepAlive(id));
            expected.add(id);
        }
        requests.onCompleted();
        assertThat(answers.end().getCode()).isEqualTo(Status.Code.OK);
        assertThat(answers.ids).isEqualTo(expected);
        assertThat(answers.ttls.get(7)).isEqualTo(60);
        assertThat(answers.ttls.get(8)).isZero();
    }

    @Test
    void aRefusedKeepAliveEndsTheStream() throws Exception {
        server.node.leader = false;
        var answers = new KeepAlives();
        LeaseGrpc.newStub(server.channel()).leaseKeepAlive(answers).onNext(keepAlive(1));
        assertThat(answers.end().getDescription()).isEqualTo(Refusal.NO_LEADER.text());
    }

    @Test
    void leasesAreGrantedListedAndRevoked() {
        var lease = LeaseGrpc.newBlockingStub(server.channel());
        var granted = lease.leaseGrant(
                LeaseGrantRequest.newBuilder().setID(7).setTTL(60).build());
        assertThat(granted.getHeader().getRevision()).isEqualTo(1);
        assertThat(lease.leaseLeases(LeaseLeasesRequest.getDefaultInstance())
                        .getLeases(0)
                        .getID())
                .isEqualTo(7);
        var status = catchThrowableOfType(
                        StatusRuntimeException.class,
                        () -> lease.leaseRevoke(
                                LeaseRevokeRequest.newBuilder().setID(8).build()))
                .getStatus();
        assertThat(status.getCode()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(status.getDescription()).isEqualTo(Refusal.LEASE_NOT_FOUND.text());
    }

    @Test
    void aSnapshotComesInChunksWithItsDigestAtTheEnd() throws Exception {
        var image = new byte[1_000_003];
        new Random(1).nextBytes(image);
        server.node.image = image;
        var received = new ByteArrayOutputStream();
        var last = new byte[0];
        var chunks = MaintenanceGrpc.newBlockingStub(server.channel()).snapshot(SnapshotRequest.getDefaultInstance());
        long remaining = image.length;
        while (chunks.hasNext()) {
            var chunk = chunks.next();
            assertThat(chunk.hasHeader()).isFalse();
            assertThat(chunk.getBlob().size()).isPositive().isLessThanOrEqualTo(32768);
            last = chunk.getBlob().toByteArray();
            if (remaining > 0) {
                remaining -= last.length;
                received.writeBytes(last);
            }
            assertThat(chunk.getRemainingBytes()).isEqualTo(remaining);
        }
        assertThat(received.toByteArray()).isEqualTo(image);
        assertThat(last).isEqualTo(MessageDigest.getInstance("SHA-256").digest(image));
    }

    @Test
    void theSizeInTheLogIsInStepsOfAThousand() {
        assertThat(SnapshotStream.bytes(20480)).isEqualTo("20 kB [20480 bytes]");
        assertThat(SnapshotStream.bytes(999)).isEqualTo("999 B [999 bytes]");
        assertThat(SnapshotStream.bytes(1_500_000)).isEqualTo("1.5 MB [1500000 bytes]");
    }

    @Test
    void statusSaysTheRelease() {
        var status = MaintenanceGrpc.newBlockingStub(server.channel()).status(StatusRequest.getDefaultInstance());
        assertThat(status.getVersion()).isEqualTo("3.3.27");
        assertThat(status.getDbSize()).isEqualTo(20480);
        assertThat(status.getHeader().getRevision()).isEqualTo(1);
    }

    @Test
    void alarmAndDefragmentHaveNoHeaderAndMembersNoRevision() {
        var maintenance = MaintenanceGrpc.newBlockingStub(server.channel());
        assertThat(maintenance.alarm(AlarmRequest.getDefaultInstance()).hasHeader())
                .isFalse();
        assertThat(maintenance
                        .defragment(DefragmentRequest.getDefaultInstance())
                        .hasHeader())
                .isFalse();
        var members = ClusterGrpc.newBlockingStub(server.channel()).memberList(MemberListRequest.getDefaultInstance());
        assertThat(members.getHeader().getRevision()).isZero();
        assertThat(members.getHeader().getMemberId()).isEqualTo(0xa1);
        assertThat(members.getMembers(0).getName()).isEqualTo("s1");
    }

    @Test
    void aHashOfTheFutureIsRefused() {
        var maintenance = MaintenanceGrpc.newBlockingStub(server.channel());
        assertThat(maintenance.hashKV(HashKVRequest.getDefaultInstance()).getCompactRevision())
                .isEqualTo(-1);
        var future = HashKVRequest.newBuilder().setRevision(99).build();
        var status = catchThrowableOfType(StatusRuntimeException.class, () -> maintenance.hashKV(future))
                .getStatus();
        assertThat(status.getDescription()).isEqualTo(Refusal.FUTURE_REVISION.text());
    }

    @Test
    void changesOfTheMembershipHaveNoRevision() {
        var cluster = ClusterGrpc.newBlockingStub(server.channel());
        var headers = List.of(
                cluster.memberAdd(MemberAddRequest.getDefaultInstance()).getHeader(),
                cluster.memberRemove(MemberRemoveRequest.getDefaultInstance()).getHeader(),
                cluster.memberUpdate(MemberUpdateRequest.getDefaultInstance()).getHeader(),
                cluster.memberPromote(MemberPromoteRequest.getDefaultInstance()).getHeader());
        assertThat(headers).allSatisfy(header -> {
            assertThat(header.getMemberId()).isEqualTo(0xa1);
            assertThat(header.getClusterId()).isEqualTo(0xc1);
            assertThat(header.getRaftTerm()).isEqualTo(2);
            assertThat(header.getRevision()).isZero();
        });
        var maintenance = MaintenanceGrpc.newBlockingStub(server.channel());
        assertThat(maintenance
                        .moveLeader(MoveLeaderRequest.getDefaultInstance())
                        .hasHeader())
                .isFalse();
    }

    @Test
    void whatIsNotServedIsUnimplemented() {
        var later = AuthGrpc.getUserListMethod().toBuilder()
                .setFullMethodName("etcdserverpb.Auth/AuthStatus")
                .build();
        var status = catchThrowableOfType(
                        StatusRuntimeException.class,
                        () -> ClientCalls.blockingUnaryCall(
                                server.channel(), later, CallOptions.DEFAULT, AuthUserListRequest.getDefaultInstance()))
                .getStatus();
        assertThat(status.getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
    }
}
