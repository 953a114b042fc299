package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.AlarmRequest.AlarmAction;
import dev.cetera.api.etcdserverpb.AlarmType;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.apply.Outcome;
import dev.cetera.disk.FakeDisk;
import dev.cetera.node.HandTurned.Kept;
import dev.cetera.node.HandTurned.Settings;
import org.junit.jupiter.api.Test;

/// Without room, what makes room goes on.
class NoSpaceTest {
    private static final ByteString KEY = ByteString.copyFromUtf8("key");

    private static RequestOp put() {
        return RequestOp.newBuilder()
                .setRequestPut(PutRequest.newBuilder().setKey(KEY))
                .build();
    }

    private static RequestOp delete() {
        return RequestOp.newBuilder()
                .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(KEY))
                .build();
    }

    private static RequestOp read() {
        return RequestOp.newBuilder()
                .setRequestRange(RangeRequest.newBuilder().setKey(KEY))
                .build();
    }

    private static InternalRaftRequest.Builder txn(RequestOp... ops) {
        return InternalRaftRequest.newBuilder().setTxn(TxnRequest.newBuilder().addAllSuccess(java.util.List.of(ops)));
    }

    private static RequestOp nested(RequestOp... ops) {
        return RequestOp.newBuilder()
                .setRequestTxn(TxnRequest.newBuilder().addAllFailure(java.util.List.of(ops)))
                .build();
    }

    private static Kept<Outcome<? extends Message>> ask(HandTurned member, InternalRaftRequest.Builder request)
            throws Exception {
        var kept = member.propose(request);
        member.settle();
        assertThat(kept.isOpen()).isFalse();
        return kept;
    }

    private static boolean hasRoom(Kept<Outcome<? extends Message>> kept) {
        boolean refusedLater = kept.values.stream()
                .anyMatch(outcome -> outcome instanceof Outcome.Refused<?>(var why) && why == Refusal.NO_SPACE);
        return !refusedLater && !kept.refusals.contains(Refusal.NO_SPACE);
    }

    private static void expectThatOnlyGrowthIsRefused(HandTurned member) throws Exception {
        assertThat(hasRoom(ask(member, HandTurned.put("key", "value", 0)))).isFalse();
        assertThat(hasRoom(ask(member, HandTurned.grant(7, 60)))).isFalse();
        assertThat(hasRoom(ask(member, txn(delete(), put())))).isFalse();
        assertThat(hasRoom(ask(member, txn(nested(put()))))).isFalse();
        assertThat(hasRoom(ask(member, txn(nested(read(), nested(put())))))).isFalse();

        assertThat(hasRoom(ask(member, txn(delete(), read())))).isTrue();
        assertThat(hasRoom(ask(member, txn(nested(delete()))))).isTrue();
        assertThat(hasRoom(ask(
                        member,
                        InternalRaftRequest.newBuilder()
                                .setDeleteRange(DeleteRangeRequest.newBuilder().setKey(KEY)))))
                .isTrue();
        var compacted = member.compact(2);
        member.settle();
        assertThat(hasRoom(compacted)).isTrue();
    }

    @Test
    void underTheAlarmOnlyGrowthIsRefused() throws Exception {
        try (var member = HandTurned.started(new FakeDisk(1))) {
            assertThat(hasRoom(ask(member, HandTurned.put("key", "value", 0)))).isTrue();
            assertThat(ask(member, alarm(AlarmAction.ACTIVATE)).values).hasSize(1);
            expectThatOnlyGrowthIsRefused(member);
        }
    }

    private static InternalRaftRequest.Builder alarm(AlarmAction action) {
        return InternalRaftRequest.newBuilder()
                .setAlarm(AlarmRequest.newBuilder()
                        .setAction(action)
                        .setAlarm(AlarmType.NOSPACE)
                        .setMemberID(-5));
    }

    @Test
    void thatAnAlarmIsOverIsSaidInEtcdsWords() throws Exception {
        try (var member = HandTurned.started(new FakeDisk(1));
                var log = new LogLines("etcdserver")) {
            ask(member, alarm(AlarmAction.ACTIVATE));
            ask(member, alarm(AlarmAction.DEACTIVATE));
            assertThat(log.lines)
                    .filteredOn(line -> line.startsWith("alarm disarmed"))
                    .containsExactly("alarm disarmed action:DEACTIVATE memberID:18446744073709551611 alarm:NOSPACE ");
        }
    }

    @Test
    void beyondTheQuotaOnlyGrowthIsRefusedAndTheAlarmIsRaised() throws Exception {
        try (var member = HandTurned.started(new FakeDisk(1), Settings.DEFAULTS.withQuotaBytes(1))) {
            expectThatOnlyGrowthIsRefused(member);
            assertThat(member.engine.machine().alarms().raised(AlarmType.NOSPACE))
                    .isTrue();
        }
    }
}
