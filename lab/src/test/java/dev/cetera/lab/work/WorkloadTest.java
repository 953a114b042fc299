package dev.cetera.lab.work;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.Compare;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveRequest;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveResponse;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeResponse;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.lab.history.History;
import dev.cetera.lab.history.Operation;
import dev.cetera.lab.history.Outcome;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class WorkloadTest {
    @Test
    void everyKindOfRequestOccurs() {
        var cluster = new FakeCluster(FakeCluster.usual(1).with(Kind.COMPACT, 1).withOperators(), 1).run(40);

        var tally = cluster.workload.tally();
        for (var kind : Kind.values()) {
            if (kind == Kind.COUNT) {
                assertThat(cluster.workload.counts()).isNotEmpty();
            } else if (kind == Kind.ACCOUNT) {
                assertThat(tally.row(kind).answered()).as("without users").isZero();
            } else if (kind == Kind.MOVE_LEADER) {
                assertThat(tally.row(kind).refused()).isPositive();
            } else {
                assertThat(tally.row(kind).answered()).as(kind.toString()).isPositive();
            }
        }
        assertThat(tally.events()).isPositive();
        assertThat(tally.legs()).isGreaterThan(tally.watches());
    }

    @Test
    void transactionsCompareEverythingAndNestTwoDeep() {
        var history = new FakeCluster(FakeCluster.usual(2), 2).run(20).history();
        var targets = EnumSet.noneOf(Compare.CompareTarget.class);
        var results = EnumSet.noneOf(Compare.CompareResult.class);
        var ops = EnumSet.noneOf(RequestOp.RequestCase.class);
        int deepest = 0;
        int ranges = 0;
        for (var operation : history.operations()) {
            if (operation.request() instanceof TxnRequest txn) {
                deepest = Math.max(deepest, depth(txn));
                for (var compare : txn.getCompareList()) {
                    targets.add(compare.getTarget());
                    results.add(compare.getResult());
                    ranges += compare.getRangeEnd().isEmpty() ? 0 : 1;
                }
                txn.getSuccessList().forEach(op -> ops.add(op.getRequestCase()));
            }
        }
        assertThat(targets).hasSize(5);
        assertThat(results).hasSize(4);
        assertThat(ranges).isPositive();
        assertThat(deepest).isEqualTo(2);
        assertThat(ops).hasSize(4);
    }

    private static int depth(TxnRequest txn) {
        int deepest = 0;
        for (var op : concat(txn.getSuccessList(), txn.getFailureList())) {
            deepest = Math.max(deepest, op.hasRequestTxn() ? 1 + depth(op.getRequestTxn()) : 0);
        }
        return deepest;
    }

    private static List<RequestOp> concat(List<RequestOp> some, List<RequestOp> others) {
        var all = new ArrayList<>(some);
        all.addAll(others);
        return all;
    }

    @Test
    void forEtcdNoTransactionThatMayWriteReadsThePast() {
        var usual = FakeCluster.usual(15);
        assertThat(pastReads(new FakeCluster(usual, 15).run(20).history())).isPositive();
        assertThat(pastReads(new FakeCluster(usual.forEtcd(), 15).run(20).history()))
                .isZero();
    }

    private static long pastReads(History history) {
        return history.operations().stream()
                .filter(operation -> operation.request() instanceof TxnRequest txn && !isReadOnly(txn))
                .filter(operation -> readsPast((TxnRequest) operation.request()))
                .count();
    }

    private static boolean isReadOnly(TxnRequest txn) {
        return concat(txn.getSuccessList(), txn.getFailureList()).stream().allMatch(RequestOp::hasRequestRange);
    }

    private static boolean readsPast(TxnRequest txn) {
        return concat(txn.getSuccessList(), txn.getFailureList()).stream()
                .anyMatch(op -> op.getRequestRange().getRevision() != 0 || readsPast(op.getRequestTxn()));
    }

    @Test
    void theSameSeedMakesTheSameHistory() {
        var profile = FakeCluster.usual(3).withOperators();
        var first = new FakeCluster(profile, 3).run(20).history();

        assertThat(new FakeCluster(profile, 3).run(20).history()).isEqualTo(first);
        assertThat(new FakeCluster(profile, 4).run(20).history()).isNotEqualTo(first);
    }

    @Test
    void aClientMakesOneCallAfterTheOther() {
        var history = new FakeCluster(FakeCluster.usual(5), 5).run(30).history();
        var free = new TreeMap<Integer, Long>();
        long before = 0;
        for (var operation : history.operations()) {
            assertThat(operation.called()).isGreaterThanOrEqualTo(before);
            assertThat(operation.called()).isGreaterThanOrEqualTo(free.getOrDefault(operation.client(), 0L));
            before = operation.called();
            if (!(operation.outcome() instanceof Outcome.Unknown)) {
                free.put(operation.client(), operation.ended());
            }
        }
    }

    @Test
    void whatIsNotAnsweredIsUnknownAndTheClientGoesElsewhere() {
        var cluster = new FakeCluster(FakeCluster.usual(6), 6);
        cluster.one.silent = true;
        var history = cluster.run(20).end().history();

        assertThat(cluster.workload.isIdle()).isTrue();
        assertThat(history.operations())
                .anyMatch(operation -> operation.member().equals("one"));
        for (var operation : history.operations()) {
            if (operation.member().equals("one")) {
                assertThat(operation.outcome()).isInstanceOf(Outcome.Unknown.class);
                assertThat(operation.ended()).isEqualTo(Operation.NEVER);
            }
        }
        assertThat(history.operations())
                .anyMatch(operation -> operation.outcome() instanceof Outcome.Answered
                        && operation.request() instanceof LeaseKeepAliveRequest);
    }

    @Test
    void aBrokenTransportLeavesItOpen() {
        var cluster = new FakeCluster(FakeCluster.usual(7), 7);
        cluster.one.failure = Status.UNAVAILABLE.withDescription("io exception");
        cluster.two.failure = Status.UNAVAILABLE.withDescription("io exception");
        var history = cluster.run(10).history();

        assertThat(history.operations())
                .isNotEmpty()
                .allSatisfy(operation -> assertThat(operation.outcome()).isInstanceOf(Outcome.Unknown.class));
    }

    @Test
    void aRefusalIsOneAndNothingIsMalformed() {
        var history =
                new FakeCluster(FakeCluster.usual(8).withOperators(), 8).run(40).history();
        var texts = history.operations().stream()
                .map(Operation::outcome)
                .filter(Outcome.Refused.class::isInstance)
                .map(outcome -> ((Outcome.Refused) outcome).text())
                .toList();

        assertThat(texts)
                .contains(Refusal.FUTURE_REVISION.text(), Refusal.LEASE_NOT_FOUND.text(), Refusal.LEASE_EXISTS.text())
                .doesNotContain(Refusal.EMPTY_KEY.text(), Refusal.DUPLICATE_KEY.text(), Refusal.VALUE_PROVIDED.text());
    }

    @Test
    void noValueIsWrittenTwice() {
        var history = new FakeCluster(FakeCluster.usual(9).with(Kind.COUNT, 0), 9)
                .run(20)
                .history();
        var values = new ArrayList<ByteString>();
        history.operations().forEach(operation -> gather(operation.request(), values));

        assertThat(values).hasSizeGreaterThan(100).doesNotHaveDuplicates();
    }

    private static void gather(Message request, List<ByteString> values) {
        switch (request) {
            case PutRequest put -> {
                if (!put.getIgnoreValue()) {
                    values.add(put.getValue());
                }
            }
            case TxnRequest txn ->
                concat(txn.getSuccessList(), txn.getFailureList()).forEach(op -> {
                    gather(op.getRequestPut(), values);
                    gather(op.getRequestTxn(), values);
                    if (!op.hasRequestPut()) {
                        values.remove(ByteString.EMPTY);
                    }
                });
            default -> {}
        }
    }

    @Test
    void countersAreWhatClientsMadeOfThem() {
        var cluster = new FakeCluster(FakeCluster.usual(10).with(Kind.COUNT, 40), 10);
        cluster.one.silent = true;
        cluster.run(20).end();

        assertThat(cluster.workload.counts()).isNotEmpty().allSatisfy((counter, count) -> {
            var kv = cluster.store.at(Long.MAX_VALUE).get(counter);
            long value = kv == null ? 0 : Long.parseLong(kv.getValue().toStringUtf8());
            assertThat(value).isBetween(count.acknowledged(), count.acknowledged() + count.open());
        });
    }

    @Test
    void leasesAreKeptAliveForAWhile() {
        var history = new FakeCluster(FakeCluster.usual(11).with(Kind.KEEP_ALIVE, 20), 11)
                .run(20)
                .history();
        var renewals = history.operations().stream()
                .filter(operation -> operation.request() instanceof LeaseKeepAliveRequest)
                .toList();

        assertThat(renewals).hasSizeGreaterThan(10);
        assertThat(renewals)
                .anyMatch(renewal -> renewal.outcome() instanceof Outcome.Answered(Message response)
                        && response instanceof LeaseKeepAliveResponse told
                        && told.getTTL() > 0
                        && told.getID() == ((LeaseKeepAliveRequest) renewal.request()).getID());
    }

    @Test
    void aSnapshotIsHandedOverWhole() {
        var saved = new ArrayList<String>();
        var cluster = new FakeCluster(FakeCluster.usual(12).with(Kind.SNAPSHOT, 10), 12);
        cluster.workload.onSnapshot((member, snapshot) -> saved.add(member + " " + snapshot.toStringUtf8()));
        cluster.run(20);

        assertThat(saved).contains("one databasechecksum", "two databasechecksum");
    }

    @Test
    void atTheEndEverythingIsReadUntilSomebodyAnswers() {
        var cluster = new FakeCluster(FakeCluster.usual(14), 14).run(5).end();
        cluster.one.failure = Status.UNAVAILABLE;
        cluster.two.failure = Status.UNAVAILABLE;
        cluster.workload.readAll();
        cluster.stage.pass(5 * FakeStage.SECOND);
        assertThat(cluster.workload.isIdle()).isFalse();

        cluster.one.failure = null;
        cluster.stage.pass(5 * FakeStage.SECOND);
        assertThat(cluster.workload.isIdle()).isTrue();
        assertThat(cluster.history().operations().getLast().outcome())
                .isInstanceOfSatisfying(
                        Outcome.Answered.class,
                        answer -> assertThat(((RangeResponse) answer.response()).getKvsList())
                                .isEqualTo(List.copyOf(
                                        cluster.store.at(Long.MAX_VALUE).values())));
    }

    @Test
    void afterTheEndNothingBegins() {
        var cluster = new FakeCluster(FakeCluster.usual(13).withOperators(), 13)
                .run(10)
                .end();
        var history = cluster.history();
        cluster.stage.pass(20 * FakeStage.SECOND);

        assertThat(cluster.workload.isSettled()).isTrue();
        assertThat(cluster.history().operations()).isEqualTo(history.operations());
        assertThat(cluster.history().watches()).hasSameSizeAs(history.watches());
    }
}
