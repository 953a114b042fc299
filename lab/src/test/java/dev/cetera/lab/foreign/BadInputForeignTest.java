package dev.cetera.lab.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.Compare;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.HashKVRequest;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseGrpc;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.MaintenanceGrpc;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.lab.cluster.Direct;
import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.cluster.Program;
import dev.cetera.testkit.Evidence;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Requests that no proper client sends: each gets etcd's code and words, changes nothing, and leaves a member
/// that goes on and starts again.
class BadInputForeignTest {
    private static final String FUTURE = "OUT_OF_RANGE: etcdserver: mvcc: required revision is a future revision";
    private static final String COMPACTED = "OUT_OF_RANGE: etcdserver: mvcc: required revision has been compacted";
    private static final String NO_KEY = "INVALID_ARGUMENT: etcdserver: key is not provided";
    private static final String DUPLICATE = "INVALID_ARGUMENT: etcdserver: duplicate key given in txn request";
    private static final String TOO_MANY = "INVALID_ARGUMENT: etcdserver: too many operations in txn request";
    private static final String NO_LEASE = "NOT_FOUND: etcdserver: requested lease not found";
    private static final String NO_SUCH_KEY = "INVALID_ARGUMENT: etcdserver: key not found";
    private static final long REVISION = 5;

    @RegisterExtension
    final Evidence evidence = new Evidence();

    private Member member;
    private Direct direct;
    private KVGrpc.KVBlockingStub kv;

    private final SoftAssertions softly = new SoftAssertions();

    @BeforeEach
    void start() throws IOException, InterruptedException {
        member = evidence.closing(Member.in(evidence.directory(), "solo"));
        member.start(Program.underTest());
        direct = evidence.closing(new Direct(member));
        kv = KVGrpc.newBlockingStub(direct.channel());
        for (int i = 0; i < REVISION - 1; i++) {
            var _ = kv.put(put("a").setValue(key("v" + i)).build());
        }
        var _ = kv.compact(CompactionRequest.newBuilder().setRevision(3).build());
    }

    @Test
    void noKindOfBadRequestChangesAnything() {
        int hash = direct.hash().getHash();
        badReads();
        badWrites();
        badTransactions();
        badLeasesAndMaintenance();
        softly.assertAll();
        assertThat(direct.hash().getHash()).isEqualTo(hash);
        assertThat(direct.hash().getHeader().getRevision()).isEqualTo(REVISION);
    }

    private void badReads() {
        refused(NO_KEY, () -> kv.range(RangeRequest.getDefaultInstance()));
        refused(FUTURE, () -> kv.range(range().setRevision(99).build()));
        refused(FUTURE, () -> kv.range(range().setRevision(Long.MAX_VALUE).build()));
        refused(COMPACTED, () -> kv.range(range().setRevision(2).build()));
        // As etcd: no revision at all.
        softly.assertThat(kv.range(range().setRevision(-5).build()).getCount()).isEqualTo(1);
        softly.assertThat(kv.range(range().setRevision(Long.MIN_VALUE).build()).getCount())
                .isEqualTo(1);
        // etcd 3.3 dies of it.
        softly.assertThat(kv.range(range().setSortTargetValue(7)
                                .setSortOrderValue(7)
                                .build())
                        .getCount())
                .isEqualTo(1);
        softly.assertThat(kv.range(range().setLimit(-1).build()).getKvsCount()).isEqualTo(1);
        softly.assertThat(kv.range(range().setRangeEnd(key("A")).build()).getCount())
                .isZero();
    }

    private void badWrites() {
        refused(NO_KEY, () -> kv.put(PutRequest.getDefaultInstance()));
        refused(
                "INVALID_ARGUMENT: etcdserver: value is provided",
                () -> kv.put(put("a").setValue(key("x")).setIgnoreValue(true).build()));
        refused(
                "INVALID_ARGUMENT: etcdserver: lease is provided",
                () -> kv.put(put("a").setLease(5).setIgnoreLease(true).build()));
        refused(NO_SUCH_KEY, () -> kv.put(put("none").setIgnoreValue(true).build()));
        refused(NO_SUCH_KEY, () -> kv.put(put("none").setIgnoreLease(true).build()));
        refused(NO_LEASE, () -> kv.put(put("a").setLease(77).build()));
        refused(NO_LEASE, () -> kv.put(put("a").setLease(-1).build()));
        refused(
                "INVALID_ARGUMENT: etcdserver: request is too large",
                () -> kv.put(put("a").setValue(zeros(1_572_864)).build()));
        refused(
                "RESOURCE_EXHAUSTED: grpc: received message larger than max (3000008 vs. 2097152)",
                () -> kv.put(put("a").setValue(zeros(3_000_000)).build()));
        refused(NO_KEY, () -> kv.deleteRange(DeleteRangeRequest.getDefaultInstance()));
        refused(FUTURE, () -> kv.compact(compaction(99)));
        refused(COMPACTED, () -> kv.compact(compaction(3)));
        refused(COMPACTED, () -> kv.compact(compaction(-1)));
        for (byte[] cut : List.of(new byte[] {10, 50, 1}, new byte[] {-1, -1, -1})) {
            String answer = answer(() -> unparsed("etcdserverpb.KV/Put", cut));
            softly.assertThat(answer).startsWith("INTERNAL: grpc: error unmarshalling request: ");
        }
        softly.assertThat(answer(() -> unparsed("etcdserverpb.KV/Nothing", new byte[0])))
                .startsWith("UNIMPLEMENTED: ");
    }

    private void badTransactions() {
        RequestOp putX = op(put("x"));
        RequestOp deleteX = RequestOp.newBuilder()
                .setRequestDeleteRange(
                        DeleteRangeRequest.newBuilder().setKey(key("w")).setRangeEnd(key("z")))
                .build();
        RequestOp rangeA = RequestOp.newBuilder().setRequestRange(range()).build();
        refused(DUPLICATE, () -> kv.txn(txn(putX, putX)));
        refused(DUPLICATE, () -> kv.txn(txn(putX, deleteX)));
        refused(DUPLICATE, () -> kv.txn(txn(putX, nested(txn(putX)))));
        refused(
                DUPLICATE,
                () -> kv.txn(TxnRequest.newBuilder()
                        .addFailure(putX)
                        .addFailure(putX)
                        .build()));
        refused(TOO_MANY, () -> kv.txn(txn(repeated(rangeA, 129))));
        refused(TOO_MANY, () -> kv.txn(txn(nested(txn(repeated(rangeA, 129))))));
        refused(NO_KEY, () -> kv.txn(txn(op(PutRequest.newBuilder()))));
        refused(
                NO_KEY,
                () -> kv.txn(TxnRequest.newBuilder()
                        .addCompare(Compare.newBuilder().setVersion(1))
                        .build()));
        refused(NO_LEASE, () -> kv.txn(txn(putX, op(put("y").setLease(99)))));
        refused(NO_SUCH_KEY, () -> kv.txn(txn(putX, op(put("y").setIgnoreValue(true)))));
        var future = RequestOp.newBuilder().setRequestRange(range().setRevision(99));
        refused(FUTURE, () -> kv.txn(txn(putX, future.build())));
        var past = RequestOp.newBuilder().setRequestRange(range().setRevision(2));
        refused(COMPACTED, () -> kv.txn(txn(putX, past.build())));
    }

    private void badLeasesAndMaintenance() {
        var leases = LeaseGrpc.newBlockingStub(direct.channel());
        var maintenance = MaintenanceGrpc.newBlockingStub(direct.channel());
        refused(
                "OUT_OF_RANGE: etcdserver: too large lease TTL",
                () -> leases.leaseGrant(
                        LeaseGrantRequest.newBuilder().setTTL(Long.MAX_VALUE).build()));
        refused(
                NO_LEASE,
                () -> leases.leaseRevoke(
                        LeaseRevokeRequest.newBuilder().setID(4242).build()));
        refused(
                FUTURE,
                () -> maintenance.hashKV(
                        HashKVRequest.newBuilder().setRevision(99).build()));
        refused(
                COMPACTED,
                () -> maintenance.hashKV(
                        HashKVRequest.newBuilder().setRevision(2).build()));
    }

    /// Entries in the log are met again at every start: one that stops the member stops it for good.
    @Test
    void alarmsThatDoNotExistStopNeitherTheMemberNorItsNextStart() throws Exception {
        var maintenance = MaintenanceGrpc.newBlockingStub(direct.channel());
        for (int type : List.of(0, 9, -1)) {
            for (int action : List.of(0, 1, 2, 7)) {
                var _ = maintenance.alarm(AlarmRequest.newBuilder()
                        .setActionValue(action)
                        .setAlarmValue(type)
                        .build());
            }
        }
        assertThat(maintenance.alarm(AlarmRequest.getDefaultInstance()).getAlarmsCount())
                .isZero();
        member.kill();
        member.start(Program.underTest());
        assertThat(member.get("/health").body()).contains("true");
    }

    private void refused(String expected, Runnable request) {
        softly.assertThat(answer(request)).isEqualTo(expected);
    }

    private static String answer(Runnable request) {
        try {
            request.run();
            return "accepted";
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode() + ": " + e.getStatus().getDescription();
        }
    }

    private void unparsed(String method, byte[] body) {
        var descriptor = MethodDescriptor.<byte[], byte[]>newBuilder(new Bytes(), new Bytes())
                .setFullMethodName(method)
                .setType(MethodDescriptor.MethodType.UNARY)
                .build();
        var _ = ClientCalls.blockingUnaryCall(direct.channel(), descriptor, CallOptions.DEFAULT, body);
    }

    private record Bytes() implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static ByteString key(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static ByteString zeros(int count) {
        return ByteString.copyFrom(new byte[count]);
    }

    private static RangeRequest.Builder range() {
        return RangeRequest.newBuilder().setKey(key("a"));
    }

    private static PutRequest.Builder put(String key) {
        return PutRequest.newBuilder().setKey(key(key));
    }

    private static CompactionRequest compaction(long revision) {
        return CompactionRequest.newBuilder().setRevision(revision).build();
    }

    private static RequestOp op(PutRequest.Builder put) {
        return RequestOp.newBuilder().setRequestPut(put).build();
    }

    private static RequestOp nested(TxnRequest txn) {
        return RequestOp.newBuilder().setRequestTxn(txn).build();
    }

    private static TxnRequest txn(RequestOp... operations) {
        return TxnRequest.newBuilder().addAllSuccess(List.of(operations)).build();
    }

    private static RequestOp[] repeated(RequestOp operation, int count) {
        var all = new ArrayList<RequestOp>();
        IntStream.range(0, count).forEach(_ -> all.add(operation));
        return all.toArray(RequestOp[]::new);
    }
}
