package dev.cetera.lab.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.Compare;
import dev.cetera.api.etcdserverpb.Compare.CompareResult;
import dev.cetera.api.etcdserverpb.Compare.CompareTarget;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RangeRequest.SortOrder;
import dev.cetera.api.etcdserverpb.RangeRequest.SortTarget;
import dev.cetera.api.etcdserverpb.RangeResponse;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.api.etcdserverpb.TxnResponse;
import dev.cetera.api.mvccpb.Event;
import dev.cetera.api.mvccpb.KeyValue;
import dev.cetera.apply.Outcome.Done;
import dev.cetera.apply.Outcome.Refused;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class StateTest {
    private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

    private State state = State.EMPTY;

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static PutRequest put(String key, String value) {
        return PutRequest.newBuilder().setKey(bytes(key)).setValue(bytes(value)).build();
    }

    private static DeleteRangeRequest delete(String key) {
        return DeleteRangeRequest.newBuilder().setKey(bytes(key)).build();
    }

    private static RangeRequest.Builder everything() {
        return RangeRequest.newBuilder().setKey(ZERO).setRangeEnd(ZERO);
    }

    private Message does(Message request) {
        var step = state.apply(request);
        state = step.after();
        if (step.outcome() instanceof Done(var response)) {
            return response;
        }
        throw new AssertionError(step.outcome());
    }

    private Refusal refuses(Message request) {
        var step = state.apply(request);
        assertThat(step.after()).isSameAs(state);
        if (step.outcome() instanceof Refused(var why)) {
            return why;
        }
        throw new AssertionError(step.outcome());
    }

    private List<String> keys(RangeRequest.Builder request) {
        return ((RangeResponse) does(request.build()))
                .getKvsList().stream().map(kv -> kv.getKey().toStringUtf8()).toList();
    }

    @Test
    void aKeyThatWasDeletedBeginsAnew() {
        does(put("a", "1"));
        does(put("a", "2"));
        assertThat(state.keysAt(3).getFirst().getVersion()).isEqualTo(2);
        does(delete("a"));
        does(put("a", "3"));
        assertThat(state.get(bytes("a")))
                .isEqualTo(KeyValue.newBuilder()
                        .setKey(bytes("a"))
                        .setValue(bytes("3"))
                        .setCreateRevision(5)
                        .setModRevision(5)
                        .setVersion(1)
                        .build());
    }

    @Test
    void whatChangesNothingMakesNoRevision() {
        does(delete("a"));
        does(TxnRequest.getDefaultInstance());
        assertThat(state.revision()).isEqualTo(1);
    }

    @Test
    void everyRevisionCanBeRead() {
        does(put("a", "1"));
        does(put("a", "2"));
        does(delete("a"));
        assertThat(state.keysAt(2)).hasSize(1);
        assertThat(state.keysAt(4)).isEmpty();
        assertThat(keys(everything().setRevision(3))).containsExactly("a");
        assertThat(refuses(everything().setRevision(5).build())).isEqualTo(Refusal.FUTURE_REVISION);
        does(CompactionRequest.newBuilder().setRevision(3).build());
        assertThat(keys(everything().setRevision(3))).containsExactly("a");
        assertThat(refuses(everything().setRevision(2).build())).isEqualTo(Refusal.COMPACTED);
        assertThat(refuses(CompactionRequest.newBuilder().setRevision(3).build()))
                .isEqualTo(Refusal.COMPACTED);
    }

    @Test
    void aTargetWithoutAnOrderSortsOnlyWhatTheLimitLetsThrough() {
        does(put("a", "9"));
        does(put("b", "8"));
        does(put("c", "1"));
        var byValue = everything().setSortTarget(SortTarget.VALUE);
        assertThat(keys(byValue.clone())).containsExactly("c", "b", "a");
        assertThat(keys(byValue.clone().setLimit(1))).containsExactly("b");
        assertThat(keys(byValue.clone().setLimit(1).setSortOrder(SortOrder.ASCEND)))
                .containsExactly("c");
        assertThat(keys(byValue.clone().setLimit(2).setSortOrder(SortOrder.DESCEND)))
                .containsExactly("a", "b");
    }

    @Test
    void filtersComeBeforeTheLimitAndAfterTheCount() {
        does(put("a", "1"));
        does(put("b", "1"));
        does(put("c", "1"));
        var response = (RangeResponse) does(
                everything().setMinModRevision(3).setLimit(1).setKeysOnly(true).build());
        assertThat(response.getCount()).isEqualTo(3);
        assertThat(response.getMore()).isTrue();
        assertThat(response.getKvs(0).getKey()).isEqualTo(bytes("b"));
        assertThat(response.getKvs(0).getValue()).isEqualTo(ByteString.EMPTY);
    }

    @Test
    void allComparisonsSeeTheStateBeforeTheTransaction() {
        does(put("a", "1"));
        var nested = TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder()
                        .setKey(bytes("a"))
                        .setTarget(CompareTarget.VALUE)
                        .setValue(bytes("1")))
                .addSuccess(RequestOp.newBuilder()
                        .setRequestRange(RangeRequest.newBuilder().setKey(bytes("a"))));
        var response = (TxnResponse) does(TxnRequest.newBuilder()
                .addSuccess(RequestOp.newBuilder().setRequestPut(put("a", "2")))
                .addSuccess(RequestOp.newBuilder().setRequestTxn(nested))
                .build());
        var inner = response.getResponses(1).getResponseTxn();
        assertThat(inner.getSucceeded()).isTrue();
        assertThat(inner.getResponses(0).getResponseRange().getKvs(0).getValue())
                .isEqualTo(bytes("2"));
        assertThat(response.getHeader().getRevision()).isEqualTo(3);
    }

    @Test
    void aKeyThatIsMissingHasZerosAndNoValue() {
        var compare = Compare.newBuilder().setKey(bytes("a"));
        assertThat(succeeds(compare.clone().setTarget(CompareTarget.VERSION))).isTrue();
        assertThat(succeeds(compare.clone().setTarget(CompareTarget.LEASE))).isTrue();
        assertThat(succeeds(compare.clone().setTarget(CompareTarget.VALUE).setResult(CompareResult.NOT_EQUAL)))
                .isFalse();
    }

    private boolean succeeds(Compare.Builder compare) {
        return ((TxnResponse) does(TxnRequest.newBuilder().addCompare(compare).build())).getSucceeded();
    }

    @Test
    void aTransactionThatIsRefusedChangesNothing() {
        assertThat(refuses(TxnRequest.newBuilder()
                        .addSuccess(RequestOp.newBuilder().setRequestPut(put("a", "1")))
                        .addSuccess(RequestOp.newBuilder()
                                .setRequestRange(RangeRequest.newBuilder()
                                        .setKey(bytes("a"))
                                        .setRevision(2)))
                        .build()))
                .isEqualTo(Refusal.FUTURE_REVISION);
    }

    @Test
    void theEndOfALeaseTakesItsKeysInOneRevision() {
        does(LeaseGrantRequest.newBuilder().setID(7).setTTL(5).build());
        does(put("b", "1").toBuilder().setLease(7).build());
        does(put("a", "1").toBuilder().setLease(7).build());
        does(put("c", "1").toBuilder().setLease(7).build());
        does(put("c", "2"));
        state = state.endLease(7);
        assertThat(state.revision()).isEqualTo(6);
        assertThat(state.eventsOf(6))
                .extracting(Event::getKv)
                .extracting(kv -> kv.getKey().toStringUtf8())
                .containsExactly("a", "b");
        assertThat(state.hasLease(7)).isFalse();
        assertThat(refuses(put("a", "2").toBuilder().setLease(7).build())).isEqualTo(Refusal.LEASE_NOT_FOUND);
    }

    @Test
    void statesThatWereMadeInTheSameWayHaveTheSamePrint() {
        does(put("a", "1"));
        var one = state;
        does(put("a", "2"));
        assertThat(state.print()).isNotEqualTo(one.print());
        assertThat(one.apply(put("a", "2")).after().print()).isEqualTo(state.print());
        assertThat(one.apply(put("a", "3")).after().print()).isNotEqualTo(state.print());
    }

    @Test
    void theTreeAgreesWithAMap() {
        for (long seed = 0; seed < 200; seed++) {
            var random = new Random(seed);
            var tree = SortedTree.<Integer, Integer>empty(Integer::compare);
            var map = new TreeMap<Integer, Integer>();
            for (int i = 0; i < 200; i++) {
                int key = random.nextInt(60);
                if (random.nextInt(3) == 0) {
                    tree = tree.without(key);
                    map.remove(key);
                } else {
                    tree = tree.with(key, i);
                    map.put(key, i);
                }
            }
            int from = random.nextInt(60);
            int end = from + random.nextInt(60);
            assertThat(tree.size()).isEqualTo(map.size());
            assertThat(tree.values()).isEqualTo(List.copyOf(map.values()));
            assertThat(tree.between(from, end))
                    .isEqualTo(List.copyOf(map.subMap(from, end).values()));
            assertThat(tree.between(from, null))
                    .isEqualTo(List.copyOf(map.tailMap(from).values()));
        }
    }
}
