package dev.cetera.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.AuthGrpc;
import dev.cetera.api.etcdserverpb.AuthUserListRequest;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.LeaseGrpc;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveRequest;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveResponse;
import dev.cetera.api.etcdserverpb.MaintenanceGrpc;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.SnapshotRequest;
import dev.cetera.api.etcdserverpb.SnapshotResponse;
import dev.cetera.api.v3lockpb.LockGrpc;
import dev.cetera.api.v3lockpb.LockRequest;
import dev.cetera.metrics.Metrics;
import dev.cetera.node.FakeNode;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LocalCallsTest {
    private final FakeNode node = new FakeNode();
    private final LocalCalls calls = new LocalCalls();

    LocalCallsTest() {
        calls.serve(new Services(node, new RpcLimits(4, 1 << 20), new Metrics(Metrics.Detail.BASIC), List.of()));
    }

    @AfterEach
    void close() {
        node.close();
    }

    /// What a caller hears, one at a time.
    private static final class Heard<A> extends ClientCall.Listener<A> {
        final Semaphore messages = new Semaphore(0);
        final List<A> all = new ArrayList<>();
        final CompletableFuture<Status> end = new CompletableFuture<>();

        @Override
        public void onMessage(A message) {
            all.add(message);
            messages.release();
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            end.complete(status);
        }

        void await(int more) throws InterruptedException {
            assertThat(messages.tryAcquire(more, 20, TimeUnit.SECONDS)).isTrue();
        }

        Status end() throws Exception {
            return end.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void stubsWorkAsOverAWire() throws Exception {
        var kv = KVGrpc.newFutureStub(calls.channel());
        var key = ByteString.copyFromUtf8("a");
        kv.put(PutRequest.newBuilder().setKey(key).setValue(key).build()).get();
        var found = kv.range(RangeRequest.newBuilder().setKey(key).build()).get();
        assertThat(found.getKvs(0).getValue()).isEqualTo(key);
    }

    private static Status refusal(ListenableFuture<?> call) {
        return Status.fromThrowable(
                catchThrowableOfType(ExecutionException.class, call::get).getCause());
    }

    @Test
    void refusalsAndUnknownMethodsComeAsStatuses() {
        var nothing = RangeRequest.getDefaultInstance();
        assertThat(refusal(KVGrpc.newFutureStub(calls.channel()).range(nothing)).getDescription())
                .isEqualTo("etcdserver: key is not provided");
        assertThat(refusal(AuthGrpc.newFutureStub(new LocalCalls().channel())
                                .userList(AuthUserListRequest.getDefaultInstance()))
                        .getDescription())
                .isEqualTo("etcdserver: server stopped");
        var unknown = LockGrpc.newFutureStub(calls.channel()).lock(LockRequest.getDefaultInstance());
        assertThat(refusal(unknown).getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
    }

    @Test
    void metadataGoesAlong() {
        node.leader = false;
        var identity = new Metadata();
        identity.put(Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER), "true");
        var range =
                RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("a")).build();
        assertThat(refusal(KVGrpc.newFutureStub(calls.as(identity, Attributes.EMPTY))
                                .range(range))
                        .getDescription())
                .isEqualTo("etcdserver: no leader");
    }

    @Test
    void nothingComesThatWasNotAskedFor() throws Exception {
        node.image = new byte[300_000];
        for (int i = 0; i < node.image.length; i++) {
            node.image[i] = (byte) ((i * 31) >> 5);
        }
        var heard = new Heard<SnapshotResponse>();
        var call = calls.channel().newCall(MaintenanceGrpc.getSnapshotMethod(), CallOptions.DEFAULT);
        call.start(heard, new Metadata());
        call.sendMessage(SnapshotRequest.getDefaultInstance());
        call.halfClose();
        int asked = 0;
        while (!heard.end.isDone()) {
            assertThat(heard.all).hasSize(asked);
            call.request(1);
            if (asked < 11) {
                heard.await(1); // ten chunks and the digest
                asked++;
            } else {
                heard.end();
            }
        }
        assertThat(heard.end().isOk()).isTrue();
        var image = new ByteArrayOutputStream();
        for (var response : heard.all.subList(0, 10)) {
            response.getBlob().writeTo(image);
        }
        assertThat(image.toByteArray()).isEqualTo(node.image);
    }

    @Test
    void aStreamGoesBothWays() throws Exception {
        var heard = new Heard<LeaseKeepAliveResponse>();
        var call = calls.channel().newCall(LeaseGrpc.getLeaseKeepAliveMethod(), CallOptions.DEFAULT);
        call.start(heard, new Metadata());
        call.request(10);
        for (int id = 1; id <= 3; id++) {
            call.sendMessage(LeaseKeepAliveRequest.newBuilder().setID(id).build());
        }
        heard.await(3);
        assertThat(heard.all.stream().map(LeaseKeepAliveResponse::getID)).containsExactly(1L, 2L, 3L);
        assertThat(heard.end).isNotDone();
        call.halfClose();
        assertThat(heard.end().isOk()).isTrue();
    }

    @Test
    void whoCancelsHearsOfItOnce() throws Exception {
        node.silent = true;
        var heard = new Heard<LeaseKeepAliveResponse>();
        var call = calls.channel().newCall(LeaseGrpc.getLeaseKeepAliveMethod(), CallOptions.DEFAULT);
        call.start(heard, new Metadata());
        call.request(1);
        call.sendMessage(LeaseKeepAliveRequest.newBuilder().setID(1).build());
        call.cancel("enough", null);
        call.cancel("enough", null);
        assertThat(heard.end().getCode()).isEqualTo(Status.Code.CANCELLED);
        assertThat(heard.all).isEmpty();
    }
}
