package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.AlarmType;
import dev.cetera.api.etcdserverpb.Compare;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.cluster.ClusterVersion;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class CapabilitiesTest {
    private static final ByteString KEY = ByteString.copyFromUtf8("key");
    private static final Capabilities OF_NONE = new Capabilities(null);
    private static final Capabilities OF_32 = new Capabilities(new ClusterVersion(3, 2, 0));
    private static final Capabilities OF_33 = new Capabilities(new ClusterVersion(3, 3, 0));
    private static final Capabilities OF_34 = new Capabilities(new ClusterVersion(3, 4, 0));

    private static RequestOp put() {
        return RequestOp.newBuilder()
                .setRequestPut(PutRequest.newBuilder().setKey(KEY))
                .build();
    }

    private static RequestOp range() {
        return RequestOp.newBuilder()
                .setRequestRange(RangeRequest.newBuilder().setKey(KEY))
                .build();
    }

    private static RequestOp nested() {
        return RequestOp.newBuilder()
                .setRequestTxn(TxnRequest.newBuilder().addSuccess(put()))
                .build();
    }

    private static InternalRaftRequest.Builder of(TxnRequest.Builder txn) {
        return InternalRaftRequest.newBuilder().setTxn(txn);
    }

    private static InternalRaftRequest.Builder alarm(AlarmRequest.AlarmAction action, AlarmType type) {
        return InternalRaftRequest.newBuilder()
                .setAlarm(AlarmRequest.newBuilder().setAction(action).setAlarm(type));
    }

    private static List<InternalRaftRequest.Builder> beyond32() {
        return List.of(
                of(TxnRequest.newBuilder().addSuccess(nested())),
                of(TxnRequest.newBuilder().addSuccess(put()).addFailure(nested())),
                of(TxnRequest.newBuilder()
                        .addCompare(Compare.newBuilder().setKey(KEY).setRangeEnd(KEY))
                        .addSuccess(put())),
                of(TxnRequest.newBuilder()
                        .addCompare(Compare.newBuilder().setKey(KEY).setTarget(Compare.CompareTarget.LEASE))
                        .addSuccess(put())));
    }

    private static void assertAll(Capabilities capabilities, @Nullable Refusal expected) {
        for (var request : beyond32()) {
            assertThat(capabilities.refuses(request)).as(request.toString()).isEqualTo(expected);
        }
    }

    @Test
    void whatOldMembersWouldTakeForAnotherTransactionWaitsForTheLastOfThem() {
        assertAll(OF_NONE, Refusal.TXN_NEEDS_NEWER_CLUSTER);
        assertAll(OF_32, Refusal.TXN_NEEDS_NEWER_CLUSTER);
        assertAll(OF_33, null);
    }

    @Test
    void whatOldMembersKnowIsProposedAtOnce() {
        var plain = of(TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder().setKey(KEY).setTarget(Compare.CompareTarget.VALUE))
                .addSuccess(put())
                .addFailure(range()));
        assertThat(OF_NONE.refuses(plain)).isNull();
        assertThat(OF_32.refuses(plain)).isNull();
        assertThat(OF_32.refuses(InternalRaftRequest.newBuilder()
                        .setPut(PutRequest.newBuilder().setKey(KEY))))
                .isNull();
    }

    @Test
    void theAlarmThatOldMembersIgnoreIsNotRaised() {
        var raised = alarm(AlarmRequest.AlarmAction.ACTIVATE, AlarmType.CORRUPT);
        assertThat(OF_32.refuses(raised)).isEqualTo(Refusal.CORRUPT_ALARM_NEEDS_NEWER_CLUSTER);
        assertThat(OF_33.refuses(raised)).isNull();
        assertThat(OF_32.refuses(alarm(AlarmRequest.AlarmAction.DEACTIVATE, AlarmType.CORRUPT)))
                .isNull();
        assertThat(OF_32.refuses(alarm(AlarmRequest.AlarmAction.ACTIVATE, AlarmType.NOSPACE)))
                .isNull();
    }

    @Test
    void learnersWaitForMembersThatSurviveThem() {
        assertThat(OF_NONE.refusesLearners()).isEqualTo(Refusal.LEARNERS_NEED_NEWER_CLUSTER);
        assertThat(OF_33.refusesLearners()).isEqualTo(Refusal.LEARNERS_NEED_NEWER_CLUSTER);
        assertThat(OF_34.refusesLearners()).isNull();
    }
}
