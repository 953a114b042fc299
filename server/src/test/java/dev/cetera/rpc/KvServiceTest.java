package dev.cetera.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.Compare;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.KVGrpc.KVBlockingStub;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.http.TestServer;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class KvServiceTest {
    private TestServer server;
    private KVBlockingStub kv;

    @BeforeEach
    void start() throws Exception {
        server = new TestServer();
        kv = KVGrpc.newBlockingStub(server.channel());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static PutRequest put(String key) {
        return PutRequest.newBuilder().setKey(bytes(key)).setValue(bytes("v")).build();
    }

    private static RequestOp putOp(String key) {
        return RequestOp.newBuilder().setRequestPut(put(key)).build();
    }

    private static RequestOp deleteOp(String key, String end) {
        return RequestOp.newBuilder()
                .setRequestDeleteRange(
                        DeleteRangeRequest.newBuilder().setKey(bytes(key)).setRangeEnd(bytes(end)))
                .build();
    }

    private static RequestOp txnOp(List<RequestOp> then, List<RequestOp> otherwise) {
        return RequestOp.newBuilder()
                .setRequestTxn(TxnRequest.newBuilder().addAllSuccess(then).addAllFailure(otherwise))
                .build();
    }

    private static TxnRequest txn(RequestOp... then) {
        return TxnRequest.newBuilder().addAllSuccess(List.of(then)).build();
    }

    private static Status refusal(Runnable call) {
        return catchThrowableOfType(StatusRuntimeException.class, call::run).getStatus();
    }

    private void assertRefused(Refusal why, Runnable call) {
        var status = refusal(call);
        assertThat(status.getDescription()).isEqualTo(why.text());
        assertThat(status.getCode()).isEqualTo(why.code());
        assertThat(server.node.seen).isEmpty();
    }

    @Test
    void whatIsPutIsReadWithTheMembersHeader() {
        var written = kv.put(put("a"));
        assertThat(written.getHeader().getRevision()).isEqualTo(2);
        assertThat(written.getHeader().getClusterId()).isEqualTo(0xc1);
        assertThat(written.getHeader().getMemberId()).isEqualTo(0xa1);
        assertThat(written.getHeader().getRaftTerm()).isEqualTo(2);
        kv.put(put("b"));
        var all = kv.range(RangeRequest.newBuilder()
                .setKey(bytes("a"))
                .setRangeEnd(bytes("z"))
                .setLimit(1)
                .build());
        assertThat(all.getHeader().getRevision()).isEqualTo(3);
        assertThat(all.getCount()).isEqualTo(2);
        assertThat(all.getMore()).isTrue();
        assertThat(all.getKvs(0).getKey()).isEqualTo(bytes("a"));
        assertThat(all.getKvs(0).getValue()).isEqualTo(bytes("v"));
        assertThat(all.getKvs(0).getModRevision()).isEqualTo(2);
    }

    /// A known field of another type would make an entry that no member can read.
    @Test
    void whatIsUnknownInARequestIsDropped() throws Exception {
        var odd = UnknownFieldSet.newBuilder()
                .addField(1, UnknownFieldSet.Field.newBuilder().addVarint(7).build())
                .addField(99, UnknownFieldSet.Field.newBuilder().addFixed32(7).build())
                .build();
        var inner = put("b").toBuilder().setUnknownFields(odd).build();
        var request = TxnRequest.newBuilder()
                .setUnknownFields(odd)
                .addSuccess(RequestOp.newBuilder().setRequestPut(inner))
                .build();
        var clean = Incoming.parse(new ByteArrayInputStream(request.toByteArray()), TxnRequest.parser(), 1000);
        assertThat(clean)
                .isEqualTo(TxnRequest.newBuilder().addSuccess(putOp("b")).build());
    }

    @Test
    void keysOnlyLeavesTheValuesOut() {
        kv.put(put("a"));
        var found = kv.range(
                RangeRequest.newBuilder().setKey(bytes("a")).setKeysOnly(true).build());
        assertThat(found.getKvs(0).getValue()).isEqualTo(ByteString.EMPTY);
        assertThat(found.getKvs(0).getVersion()).isEqualTo(1);
    }

    @Test
    void anOperationWithoutRevisionOfItsOwnShowsTheCurrentOne() {
        kv.put(put("a"));
        var deleted = kv.deleteRange(
                DeleteRangeRequest.newBuilder().setKey(bytes("nope")).build());
        assertThat(deleted.getHeader().getRevision()).isEqualTo(2);
        assertThat(kv.compact(CompactionRequest.newBuilder().setRevision(2).build())
                        .getHeader()
                        .getRevision())
                .isEqualTo(2);
    }

    @Test
    void innerHeadersStayAsTheMemberMadeThem() {
        var done = kv.txn(txn(putOp("a")));
        assertThat(done.getHeader().getMemberId()).isEqualTo(0xa1);
        assertThat(done.getResponses(0).getResponsePut().getHeader().getMemberId())
                .isZero();
        assertThat(done.getResponses(0).getResponsePut().getHeader().getRevision())
                .isEqualTo(2);
    }

    @Test
    void whatTheMemberRefusesKeepsItsTextAndCode() {
        var status = refusal(() -> kv.range(
                RangeRequest.newBuilder().setKey(bytes("a")).setRevision(99).build()));
        assertThat(status.getDescription()).isEqualTo(Refusal.FUTURE_REVISION.text());
        assertThat(status.getCode()).isEqualTo(Status.Code.OUT_OF_RANGE);
    }

    @TestFactory
    Stream<DynamicTest> malformedRequestsAreRefusedBeforeTheMemberSeesThem() {
        record Case(String name, Refusal why, Runnable call) {}
        var nothing = RequestOp.getDefaultInstance();
        var comparing = Compare.newBuilder().setKey(bytes("k")).build();
        return Stream.of(
                        new Case(
                                "range without key",
                                Refusal.EMPTY_KEY,
                                () -> kv.range(RangeRequest.getDefaultInstance())),
                        new Case("put without key", Refusal.EMPTY_KEY, () -> kv.put(PutRequest.getDefaultInstance())),
                        new Case(
                                "delete without key",
                                Refusal.EMPTY_KEY,
                                () -> kv.deleteRange(DeleteRangeRequest.getDefaultInstance())),
                        new Case(
                                "value with ignore_value",
                                Refusal.VALUE_PROVIDED,
                                () -> kv.put(put("a").toBuilder()
                                        .setIgnoreValue(true)
                                        .build())),
                        new Case(
                                "lease with ignore_lease",
                                Refusal.LEASE_PROVIDED,
                                () -> kv.put(put("a").toBuilder()
                                        .setLease(1)
                                        .setIgnoreLease(true)
                                        .build())),
                        new Case("an op of no kind", Refusal.KEY_NOT_FOUND, () -> kv.txn(txn(nothing))),
                        new Case(
                                "compare without key",
                                Refusal.EMPTY_KEY,
                                () -> kv.txn(TxnRequest.newBuilder()
                                        .addCompare(Compare.getDefaultInstance())
                                        .build())),
                        new Case(
                                "too many ops",
                                Refusal.TOO_MANY_OPS,
                                () -> kv.txn(txn(putOp("1"), putOp("2"), putOp("3"), putOp("4"), putOp("5")))),
                        new Case(
                                "too many compares",
                                Refusal.TOO_MANY_OPS,
                                () -> kv.txn(TxnRequest.newBuilder()
                                        .addAllCompare(List.of(comparing, comparing, comparing, comparing, comparing))
                                        .build())),
                        new Case(
                                "more ops than the outer txn left",
                                Refusal.TOO_MANY_OPS,
                                () -> kv.txn(txn(
                                        txnOp(List.of(putOp("1"), putOp("2"), putOp("3"), putOp("4")), List.of())))),
                        new Case("a key twice", Refusal.DUPLICATE_KEY, () -> kv.txn(txn(putOp("a"), putOp("a")))),
                        new Case(
                                "a key put and deleted",
                                Refusal.DUPLICATE_KEY,
                                () -> kv.txn(txn(putOp("b"), deleteOp("a", "c")))),
                        new Case(
                                "a key put and deleted alone",
                                Refusal.DUPLICATE_KEY,
                                () -> kv.txn(txn(deleteOp("b", ""), putOp("b")))),
                        new Case(
                                "a nested key put twice",
                                Refusal.DUPLICATE_KEY,
                                () -> kv.txn(txn(putOp("a"), txnOp(List.of(), List.of(putOp("a")))))),
                        new Case(
                                "a nested key deleted outside",
                                Refusal.DUPLICATE_KEY,
                                () -> kv.txn(txn(deleteOp("a", "b"), txnOp(List.of(putOp("a")), List.of())))),
                        new Case(
                                "a key deleted inside",
                                Refusal.DUPLICATE_KEY,
                                () -> kv.txn(txn(putOp("a"), txnOp(List.of(deleteOp("a", "b")), List.of())))),
                        new Case(
                                "the failure branch too",
                                Refusal.DUPLICATE_KEY,
                                () -> kv.txn(TxnRequest.newBuilder()
                                        .addFailure(putOp("a"))
                                        .addFailure(putOp("a"))
                                        .build())),
                        new Case(
                                "too large a put",
                                Refusal.REQUEST_TOO_LARGE,
                                () -> kv.put(put("a").toBuilder()
                                        .setValue(ByteString.copyFrom(new byte[1000]))
                                        .build())),
                        new Case(
                                "too large a txn",
                                Refusal.REQUEST_TOO_LARGE,
                                () -> kv.txn(txn(RequestOp.newBuilder()
                                        .setRequestPut(
                                                put("a").toBuilder().setValue(ByteString.copyFrom(new byte[1000])))
                                        .build()))))
                .map(one -> DynamicTest.dynamicTest(one.name, () -> assertRefused(one.why, one.call)));
    }

    @TestFactory
    Stream<DynamicTest> theseTransactionsAreFine() {
        record Case(String name, TxnRequest txn) {}
        return Stream.of(
                        new Case("nothing at all", TxnRequest.getDefaultInstance()),
                        new Case("as many ops as allowed", txn(putOp("1"), putOp("2"), putOp("3"), putOp("4"))),
                        new Case(
                                "a nested txn that fills what is left",
                                txn(txnOp(List.of(putOp("1"), putOp("2"), putOp("3")), List.of()))),
                        new Case("overlapping deletions", txn(deleteOp("a", "c"), deleteOp("b", "d"))),
                        new Case(
                                "either branch of one txn puts the key",
                                txn(txnOp(List.of(putOp("a")), List.of(putOp("a"))))),
                        new Case("put beside a deleted range", txn(putOp("c"), deleteOp("a", "c"))),
                        new Case("an open end counts literally", txn(putOp("c"), deleteOp("a", "\0"))),
                        new Case(
                                "the outer branches exclude each other",
                                TxnRequest.newBuilder()
                                        .addSuccess(putOp("a"))
                                        .addFailure(putOp("a"))
                                        .build()))
                .map(one -> DynamicTest.dynamicTest(
                        one.name,
                        () -> assertThat(kv.txn(one.txn).getSucceeded()).isTrue()));
    }

    @Test
    void aMessageOverTheLimitIsRefusedInEtcdsWords() {
        int limit = TestServer.LIMITS.maxMessageBytes();
        var large = put("a").toBuilder()
                .setValue(ByteString.copyFrom(new byte[limit]))
                .build();
        var status = refusal(() -> kv.put(large));
        assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(status.getDescription())
                .isEqualTo(
                        "grpc: received message larger than max (" + large.getSerializedSize() + " vs. " + limit + ")");
    }

    @Test
    void anEnormousMessageIsRefusedToo() {
        var enormous = put("a").toBuilder()
                .setValue(ByteString.copyFrom(new byte[5 * TestServer.LIMITS.maxMessageBytes()]))
                .build();
        assertThat(refusal(() -> kv.put(enormous)).getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    }

    @Test
    void aCallThatDemandsALeaderFailsWithoutOne() {
        server.node.leader = false;
        var metadata = new Metadata();
        metadata.put(Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER), "true");
        var demanding = kv.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
        assertRefused(Refusal.NO_LEADER, () -> demanding.put(put("a")));
        assertThat(kv.put(put("a")).getHeader().getRevision()).isEqualTo(2);
    }

    @Test
    void callsAndMessagesAreCounted() {
        kv.put(put("a"));
        refusal(() -> kv.put(PutRequest.getDefaultInstance()));
        var text = server.metrics.registry().text();
        assertThat(text)
                .contains(
                        "grpc_server_started_total{grpc_method=\"Put\",grpc_service=\"etcdserverpb.KV\",grpc_type=\"unary\"} 2\n")
                .contains(
                        "grpc_server_handled_total{grpc_code=\"OK\",grpc_method=\"Put\",grpc_service=\"etcdserverpb.KV\",grpc_type=\"unary\"} 1\n")
                .contains(
                        "grpc_server_handled_total{grpc_code=\"InvalidArgument\",grpc_method=\"Put\",grpc_service=\"etcdserverpb.KV\",grpc_type=\"unary\"} 1\n")
                .contains(
                        "grpc_server_handled_total{grpc_code=\"OK\",grpc_method=\"AuthEnable\",grpc_service=\"etcdserverpb.Auth\",grpc_type=\"unary\"} 0\n")
                .contains("etcd_server_client_requests_total{client_api_version=\"unknown\",type=\"unary\"} 2\n");
        assertThat(server.metrics.server.clientReceivedBytes.value()).isEqualTo(put("a").getSerializedSize());
        assertThat(server.services.unaryInFlight()).isZero();
    }
}
