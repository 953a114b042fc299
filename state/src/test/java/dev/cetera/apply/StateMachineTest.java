package dev.cetera.apply;

import static dev.cetera.apply.Machine.ask;
import static dev.cetera.apply.Machine.bytes;
import static dev.cetera.apply.Machine.compact;
import static dev.cetera.apply.Machine.compare;
import static dev.cetera.apply.Machine.delete;
import static dev.cetera.apply.Machine.grant;
import static dev.cetera.apply.Machine.op;
import static dev.cetera.apply.Machine.put;
import static dev.cetera.apply.Machine.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.AlarmRequest.AlarmAction;
import dev.cetera.api.etcdserverpb.AlarmResponse;
import dev.cetera.api.etcdserverpb.AlarmType;
import dev.cetera.api.etcdserverpb.CompactionResponse;
import dev.cetera.api.etcdserverpb.Compare.CompareResult;
import dev.cetera.api.etcdserverpb.Compare.CompareTarget;
import dev.cetera.api.etcdserverpb.DeleteRangeResponse;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.LeaseCheckpointRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantResponse;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.LeaseRevokeResponse;
import dev.cetera.api.etcdserverpb.PutResponse;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.api.etcdserverpb.TxnResponse;
import dev.cetera.cluster.Member;
import dev.cetera.disk.CorruptionException;
import dev.cetera.disk.FakeDisk;
import dev.cetera.mvcc.Answer;
import dev.cetera.raft.ConfChange;
import dev.cetera.raft.ConfChangeV2;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raftpb.RaftCodec;
import dev.cetera.schema.Backend;
import dev.cetera.schema.Bucket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StateMachineTest {
    private final Machine machine;

    StateMachineTest() throws IOException {
        machine = new Machine();
    }

    private static TxnRequest.Builder txn() {
        return TxnRequest.newBuilder();
    }

    private static InternalRaftRequest.Builder revoke(long id) {
        return InternalRaftRequest.newBuilder()
                .setLeaseRevoke(LeaseRevokeRequest.newBuilder().setID(id));
    }

    private static InternalRaftRequest.Builder alarm(AlarmAction action, int alarm, long member) {
        return InternalRaftRequest.newBuilder()
                .setAlarm(AlarmRequest.newBuilder()
                        .setAction(action)
                        .setAlarmValue(alarm)
                        .setMemberID(member));
    }

    // ---- put ----

    @Test
    void aPutTellsItsRevisionAndWhatWasThereIfAsked() throws IOException {
        var first = machine.done(ask(put("a", "1").setPrevKv(true)), PutResponse.class);
        assertThat(first.getHeader().getRevision()).isEqualTo(2);
        assertThat(first.hasPrevKv()).isFalse();

        var second = machine.done(ask(put("a", "2").setPrevKv(true)), PutResponse.class);
        assertThat(second.getHeader().getRevision()).isEqualTo(3);
        assertThat(second.getPrevKv().getValue()).isEqualTo(bytes("1"));
        assertThat(machine.told).hasSize(2);
    }

    @Test
    void aPutOnAMissingLeaseIsRefusedBeforeItsKeyIsLookedFor() throws IOException {
        assertThat(machine.refused(ask(put("a", "").setLease(9).setIgnoreValue(true))))
                .isEqualTo(Refusal.LEASE_NOT_FOUND);
        assertThat(machine.refused(ask(put("a", "").setIgnoreValue(true)))).isEqualTo(Refusal.KEY_NOT_FOUND);
        assertThat(machine.refused(ask(put("a", "1").setIgnoreLease(true)))).isEqualTo(Refusal.KEY_NOT_FOUND);
        assertThat(machine.revision()).isEqualTo(1);
        assertThat(machine.told).isEmpty();
    }

    @Test
    void aPutKeepsWhatItIsToIgnoreAndMovesTheKeyBetweenLeases() throws IOException {
        machine.entry(grant(7, 60));
        machine.entry(grant(8, 60));
        machine.entry(ask(put("a", "1").setLease(7)));
        machine.entry(ask(put("a", "2").setIgnoreLease(true)));
        assertThat(machine.state.leases().leaseOf("a".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(7);

        machine.entry(ask(put("a", "").setIgnoreValue(true).setLease(8)));
        assertThat(machine.state.leases().leaseOf("a".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(8);
        var last = machine.done(ask(put("a", "3").setPrevKv(true)), PutResponse.class);
        assertThat(last.getPrevKv().getValue()).isEqualTo(bytes("2"));
        assertThat(last.getPrevKv().getLease()).isEqualTo(8);
        assertThat(machine.state.leases().leaseOf("a".getBytes(StandardCharsets.UTF_8)))
                .isZero();
    }

    // ---- delete ----

    @Test
    void aDeletionCountsAndShowsWhatItTookInKeyOrder() throws IOException {
        machine.entry(grant(7, 60));
        machine.entry(ask(put("b", "2").setLease(7)));
        machine.entry(ask(put("a", "1")));
        machine.entry(ask(put("c", "3")));

        var response = machine.done(ask(delete("a", "c").setPrevKv(true)), DeleteRangeResponse.class);

        assertThat(response.getDeleted()).isEqualTo(2);
        assertThat(response.getHeader().getRevision()).isEqualTo(5);
        assertThat(response.getPrevKvsList())
                .extracting(kv -> kv.getKey().toStringUtf8())
                .containsExactly("a", "b");
        assertThat(machine.state.leases().leaseOf("b".getBytes(StandardCharsets.UTF_8)))
                .isZero();
    }

    @Test
    void aDeletionOfNothingDoesNotRaiseTheRevision() throws IOException {
        var response = machine.done(ask(delete("a", "")), DeleteRangeResponse.class);
        assertThat(response.getDeleted()).isZero();
        assertThat(response.getHeader().getRevision()).isEqualTo(1);
        assertThat(machine.told).isEmpty();
    }

    // ---- txn ----

    @Test
    void aTransactionTakesOneRevisionAndItsOperationsSeeThoseBefore() throws IOException {
        var response = machine.done(
                ask(txn().addSuccess(op(put("a", "1")))
                        .addSuccess(op(range("a")))
                        .addSuccess(op(delete("a", "")))
                        .addSuccess(op(range("a")))),
                TxnResponse.class);
        assertThat(response.getSucceeded()).isTrue();
        assertThat(response.getHeader().getRevision()).isEqualTo(2);
        assertThat(response.getResponses(0).getResponsePut().getHeader().getRevision())
                .isEqualTo(2);
        assertThat(response.getResponses(1).getResponseRange().getKvs(0).getValue())
                .isEqualTo(bytes("1"));
        assertThat(response.getResponses(1).getResponseRange().getHeader().getRevision())
                .isEqualTo(2);
        assertThat(response.getResponses(2).getResponseDeleteRange().getDeleted())
                .isEqualTo(1);
        assertThat(response.getResponses(3).getResponseRange().getCount()).isZero();
        assertThat(machine.told)
                .singleElement()
                .satisfies(changes -> assertThat(changes.events()).hasSize(2));
    }

    @Test
    void aTransactionThatChangesNothingKeepsTheRevision() throws IOException {
        var response =
                machine.done(ask(txn().addSuccess(op(delete("a", ""))).addSuccess(op(range("a")))), TxnResponse.class);
        assertThat(response.getHeader().getRevision()).isEqualTo(1);
        assertThat(machine.told).isEmpty();
    }

    @Test
    void nestedComparisonsAreMadeBeforeAnythingChangesAndTheirHeaderIsEmpty() throws IOException {
        var inner = txn().addCompare(compare("a", CompareTarget.VERSION, CompareResult.EQUAL))
                .addSuccess(op(put("b", "absent")))
                .addFailure(op(put("b", "present")));
        var response = machine.done(ask(txn().addSuccess(op(put("a", "1"))).addSuccess(op(inner))), TxnResponse.class);
        var nested = response.getResponses(1).getResponseTxn();
        assertThat(nested.getSucceeded()).isTrue();
        assertThat(nested.hasHeader()).isTrue();
        assertThat(nested.getHeader().getRevision()).isZero();
        assertThat(machine.revision()).isEqualTo(2);
    }

    @Test
    void whateverIsRefusedInATransactionLeavesNothingBehind() throws IOException {
        var fine = op(put("a", "1"));
        assertThat(machine.refused(
                        ask(txn().addSuccess(fine).addSuccess(op(put("b", "1").setLease(9))))))
                .isEqualTo(Refusal.LEASE_NOT_FOUND);
        assertThat(machine.refused(
                        ask(txn().addSuccess(fine).addSuccess(op(put("b", "").setIgnoreValue(true))))))
                .isEqualTo(Refusal.KEY_NOT_FOUND);
        assertThat(machine.refused(ask(txn().addSuccess(fine)
                        .addSuccess(op(txn().addSuccess(op(put("b", "1").setLease(9))))))))
                .isEqualTo(Refusal.LEASE_NOT_FOUND);
        assertThat(machine.refused(
                        ask(txn().addSuccess(fine).addSuccess(op(range("a").setRevision(2))))))
                .as("its own revision is still the future")
                .isEqualTo(Refusal.FUTURE_REVISION);
        assertThat(machine.revision()).isEqualTo(1);
        assertThat(machine.told).isEmpty();
    }

    @Test
    void inATransactionTheKeyIsLookedForBeforeTheLeaseAndPutsBeforeRanges() throws IOException {
        assertThat(machine.refused(ask(
                        txn().addSuccess(op(put("a", "").setIgnoreValue(true).setLease(9))))))
                .isEqualTo(Refusal.KEY_NOT_FOUND);
        assertThat(machine.refused(ask(txn().addSuccess(op(range("a").setRevision(99)))
                        .addSuccess(op(put("a", "").setLease(9))))))
                .isEqualTo(Refusal.LEASE_NOT_FOUND);
    }

    @Test
    void onlyTheBranchThatIsTakenIsChecked() throws IOException {
        var response = machine.done(
                ask(txn().addCompare(compare("a", CompareTarget.VERSION, CompareResult.GREATER))
                        .addSuccess(op(put("a", "1").setLease(9)))
                        .addFailure(op(put("a", "2")))),
                TxnResponse.class);
        assertThat(response.getSucceeded()).isFalse();
    }

    @Test
    void rangesBelowACompactionAreRefusedInATransaction() throws IOException {
        machine.entry(ask(put("a", "1")));
        machine.entry(ask(put("a", "2")));
        machine.entry(compact(3));
        assertThat(machine.refused(ask(txn().addSuccess(op(put("b", "1")))
                        .addSuccess(op(range("a").setRevision(2))))))
                .isEqualTo(Refusal.COMPACTED);
        assertThat(machine.refused(ask(txn().addSuccess(op(put("b", "1")))
                        .addSuccess(op(range("a").setRevision(-2))))))
                .isEqualTo(Refusal.COMPACTED);
    }

    @Test
    void comparisonsOfAMissingKeyAreWithZerosButItsValueFailsAlways() throws IOException {
        for (var target :
                new CompareTarget[] {CompareTarget.VERSION, CompareTarget.CREATE, CompareTarget.MOD, CompareTarget.LEASE
                }) {
            assertThat(succeeds(txn().addCompare(compare("x", target, CompareResult.EQUAL))))
                    .isTrue();
        }
        for (var result : new CompareResult[] {CompareResult.EQUAL, CompareResult.NOT_EQUAL, CompareResult.LESS}) {
            assertThat(succeeds(txn().addCompare(compare("x", CompareTarget.VALUE, result))))
                    .isFalse();
        }
    }

    @Test
    void aComparisonOfARangeMustHoldForEveryKey() throws IOException {
        machine.entry(ask(put("a1", "x")));
        machine.entry(ask(put("a2", "y")));
        var compare = compare("a", CompareTarget.VERSION, CompareResult.EQUAL)
                .setRangeEnd(bytes("b"))
                .setVersion(1);
        assertThat(succeeds(txn().addCompare(compare))).isTrue();
        machine.entry(ask(put("a2", "z")));
        assertThat(succeeds(txn().addCompare(compare))).isFalse();
    }

    private boolean succeeds(TxnRequest.Builder txn) throws IOException {
        if (machine.state.read(txn.build()) instanceof Answer.Found<TxnResponse>(var response)) {
            return response.getSucceeded();
        }
        throw new AssertionError("refused");
    }

    // ---- compaction ----

    @Test
    void aCompactionIsRefusedAtOrBelowTheLastOneAndInTheFuture() throws IOException {
        machine.entry(ask(put("a", "1")));
        machine.entry(ask(put("a", "2")));
        assertThat(machine.refused(compact(4))).isEqualTo(Refusal.FUTURE_REVISION);
        assertThat(machine.refused(compact(Long.MAX_VALUE))).isEqualTo(Refusal.FUTURE_REVISION);
        assertThat(machine.refused(compact(-1))).isEqualTo(Refusal.COMPACTED);
        assertThat(machine.refused(compact(Long.MIN_VALUE))).isEqualTo(Refusal.COMPACTED);
        assertThat(machine.done(compact(0), CompactionResponse.class)
                        .getHeader()
                        .getRevision())
                .isEqualTo(3);
        assertThat(machine.refused(compact(0))).isEqualTo(Refusal.COMPACTED);
        machine.done(compact(3), CompactionResponse.class);
        assertThat(machine.refused(compact(3))).isEqualTo(Refusal.COMPACTED);
    }

    // ---- leases ----

    @Test
    void leasesAreGrantedAtLeastTheMinimumAndRevokedWithTheirKeys() throws IOException {
        var granted = machine.done(grant(-7, -5), LeaseGrantResponse.class);
        assertThat(granted.getID()).isEqualTo(-7);
        assertThat(granted.getTTL()).isEqualTo(2);
        assertThat(machine.refused(grant(-7, 5))).isEqualTo(Refusal.LEASE_EXISTS);
        assertThat(machine.refused(grant(8, Long.MAX_VALUE))).isEqualTo(Refusal.LEASE_TTL_TOO_LARGE);
        machine.entry(ask(put("b", "1").setLease(-7)));
        machine.entry(ask(put("a", "1").setLease(-7)));

        machine.done(revoke(-7), LeaseRevokeResponse.class);

        assertThat(machine.revision()).isEqualTo(4);
        assertThat(machine.told.getLast().events())
                .extracting(event -> new String(event.kv().key(), StandardCharsets.UTF_8))
                .containsExactly("a", "b");
        assertThat(machine.refused(revoke(-7))).isEqualTo(Refusal.LEASE_NOT_FOUND);
        machine.done(grant(-7, 5), LeaseGrantResponse.class);
    }

    // ---- alarms ----

    @Test
    void alarmsAreRaisedListedAndDisarmed() throws IOException {
        machine.done(alarm(AlarmAction.ACTIVATE, AlarmType.NOSPACE_VALUE, 5), AlarmResponse.class);
        var again = machine.done(alarm(AlarmAction.ACTIVATE, AlarmType.NOSPACE_VALUE, 5), AlarmResponse.class);
        assertThat(again.getAlarmsList()).hasSize(1);
        machine.done(alarm(AlarmAction.ACTIVATE, AlarmType.CORRUPT_VALUE, 6), AlarmResponse.class);
        assertThat(machine.done(alarm(AlarmAction.GET, 0, 0), AlarmResponse.class)
                        .getAlarmsList())
                .hasSize(2);
        assertThat(machine.done(alarm(AlarmAction.GET, AlarmType.CORRUPT_VALUE, 0), AlarmResponse.class)
                        .getAlarmsList())
                .hasSize(1);
        assertThat(machine.done(alarm(AlarmAction.DEACTIVATE, AlarmType.NOSPACE_VALUE, 5), AlarmResponse.class)
                        .getAlarmsList())
                .hasSize(1);
        assertThat(machine.done(alarm(AlarmAction.DEACTIVATE, AlarmType.NOSPACE_VALUE, 5), AlarmResponse.class)
                        .getAlarmsList())
                .isEmpty();
    }

    @Test
    void anAlarmOfAKindThatNobodyKnowsDoesNoHarm() throws IOException {
        var raised = machine.done(alarm(AlarmAction.ACTIVATE, 99, 5), AlarmResponse.class);
        assertThat(raised.getAlarms(0).getAlarmValue()).isEqualTo(99);
        assertThat(machine.done(alarm(AlarmAction.GET, 98, 0), AlarmResponse.class)
                        .getAlarmsList())
                .isEmpty();
        machine.done(ask(put("a", "1")), PutResponse.class);
        assertThat(machine.done(alarm(AlarmAction.DEACTIVATE, 99, 5), AlarmResponse.class)
                        .getAlarmsList())
                .hasSize(1);
    }

    @Test
    void underTheSpaceAlarmNothingMayGrow() throws IOException {
        machine.entry(ask(put("a", "1")));
        machine.entry(alarm(AlarmAction.ACTIVATE, AlarmType.NOSPACE_VALUE, 5));
        assertThat(machine.refused(ask(put("a", "1")))).isEqualTo(Refusal.NO_SPACE);
        assertThat(machine.refused(ask(txn().addFailure(op(put("a", "1")))))).isEqualTo(Refusal.NO_SPACE);
        assertThat(machine.refused(grant(7, 60))).isEqualTo(Refusal.NO_SPACE);
        machine.done(ask(txn().addSuccess(op(delete("x", "")))), TxnResponse.class);
        machine.done(ask(delete("a", "")), DeleteRangeResponse.class);
        machine.done(compact(2), CompactionResponse.class);
        machine.entry(alarm(AlarmAction.DEACTIVATE, AlarmType.NOSPACE_VALUE, 5));
        machine.done(ask(put("a", "1")), PutResponse.class);
    }

    @Test
    void aCorruptClusterChangesNothing() throws IOException {
        machine.entry(grant(7, 60));
        machine.entry(ask(put("a", "1").setLease(7)));
        machine.entry(alarm(AlarmAction.ACTIVATE, AlarmType.CORRUPT_VALUE, 5));
        assertThat(machine.refused(ask(put("a", "1")))).isEqualTo(Refusal.CORRUPT);
        assertThat(machine.refused(ask(delete("a", "")))).isEqualTo(Refusal.CORRUPT);
        assertThat(machine.refused(ask(txn().addSuccess(op(delete("x", "")))))).isEqualTo(Refusal.CORRUPT);
        assertThat(machine.refused(compact(2))).isEqualTo(Refusal.CORRUPT);
        assertThat(machine.refused(grant(8, 60))).isEqualTo(Refusal.CORRUPT);
        assertThat(machine.refused(revoke(7))).isEqualTo(Refusal.CORRUPT);
        assertThat(succeeds(txn())).isTrue();
        assertThat(machine.revision()).isEqualTo(2);
    }

    @Test
    void whatExceedsTheQuotaIsAppliedAndAnsweredWithTheSpaceError() throws IOException {
        var small = new Machine(new FakeDisk(1), 100_000);
        assertThat(small.entry(ask(put("a", "x".repeat(100_000)))))
                .isEqualTo(new Applied.Request(77, new Outcome.Refused<>(Refusal.NO_SPACE), true));
        assertThat(small.revision()).isEqualTo(2);
        assertThat(small.entry(ask(put("a", "x".repeat(100_000)).setLease(9))))
                .as("a refusal of its own is not the quota's")
                .isEqualTo(new Applied.Request(77, new Outcome.Refused<>(Refusal.LEASE_NOT_FOUND), false));
    }

    // ---- replay ----

    @Test
    void entriesThatTheBackendContainsAreNotAppliedTwice() throws IOException {
        var disk = new FakeDisk(1);
        var first = new Machine(disk, Long.MAX_VALUE);
        var entries = new ArrayList<Entry>();
        for (int i = 1; i <= 4; i++) {
            var request = ask(put("a", "v" + i)).build();
            entries.add(new Entry(1, i, EntryType.NORMAL, request.toByteArray()));
        }
        for (var entry : entries.subList(0, 2)) {
            first.state.apply(entry, 0, 0);
        }
        first.state.backend().commit();
        first.state.apply(entries.get(2), 0, 0);
        first.state.backend().close();

        var again = new Machine(disk, Long.MAX_VALUE);
        assertThat(again.state.apply(entries.get(0), 0, 0)).isEqualTo(new Applied.Nothing());
        assertThat(again.state.apply(entries.get(1), 0, 0)).isEqualTo(new Applied.Nothing());
        assertThat(again.revision()).isEqualTo(3);
        assertThat(again.state.apply(entries.get(2), 0, 0)).isInstanceOf(Applied.Request.class);
        again.state.apply(entries.get(3), 0, 0);
        assertThat(again.revision()).isEqualTo(5);
    }

    @Test
    void whatThisVersionDoesNotKnowStopsTheMemberInPlainWords() {
        var request = InternalRaftRequest.newBuilder().setLeaseCheckpoint(LeaseCheckpointRequest.getDefaultInstance());
        assertThatThrownBy(() -> machine.entry(request))
                .isInstanceOf(IOException.class)
                .hasMessage("entry 1 of the log (lease_checkpoint) asks for what this version does not implement");
    }

    // ---- changes of several members at once ----

    private Applied reconfigure(long index, String context, ConfChangeV2.Single... changes) throws IOException {
        var change = new ConfChangeV2(
                ConfChangeV2.Transition.AUTO, List.of(changes), context.getBytes(StandardCharsets.UTF_8));
        return machine.state.apply(new Entry(1, index, EntryType.CONF_CHANGE_V2, RaftCodec.encode(change)), 0, 0);
    }

    private static ConfChangeV2.Single add(long id) {
        return new ConfChangeV2.Single(ConfChange.Type.ADD_NODE, id);
    }

    private static ConfChangeV2.Single remove(long id) {
        return new ConfChangeV2.Single(ConfChange.Type.REMOVE_NODE, id);
    }

    private static String described(long id) {
        return Member.of(id, List.of("http://10.0.0." + id + ":2380"), "").json();
    }

    @Test
    void severalChangesAreMadeTogetherOrNotAtAll() throws IOException {
        reconfigure(1, described(1), add(1));
        reconfigure(2, described(2), add(2));
        assertThat(reconfigure(3, described(3), add(3), remove(9)))
                .isEqualTo(new Applied.Reconfiguration(ConfChangeV2.NOTHING));
        assertThat(ids()).containsExactly(1L, 2L);
        assertThat(reconfigure(4, described(3), add(3), remove(2)))
                .isInstanceOfSatisfying(
                        Applied.Reconfiguration.class,
                        it -> assertThat(it.change().changes()).containsExactly(add(3), remove(2)));
        assertThat(ids()).containsExactly(1L, 3L);
    }

    private List<Long> ids() {
        return machine.state.members().now().members().stream().map(Member::id).toList();
    }

    @Test
    void leavingAJointConfigurationIsForTheRaftMachineAlone() throws IOException {
        assertThat(machine.state.apply(new Entry(1, 1, EntryType.CONF_CHANGE_V2, Entry.NO_DATA), 0, 0))
                .isEqualTo(new Applied.Reconfiguration(ConfChangeV2.LEAVE));
        assertThat(ids()).isEmpty();
    }

    @Test
    void aMemberThatNothingDescribesCannotBeAdded() {
        assertThatThrownBy(() -> reconfigure(1, "", add(4))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> reconfigure(1, described(4), add(4), add(5))).isInstanceOf(IOException.class);
    }

    @Test
    void aDamagedLeaseStopsTheStartAndTheFileIsNamed() throws IOException {
        var disk = new FakeDisk(1);
        try (var backend = Backend.open(disk, Machine.DB)) {
            backend.put(Bucket.LEASE, new byte[Long.BYTES], new byte[] {8, 7});
            backend.consistentIndex(1);
            backend.commit();
        }
        assertThatThrownBy(() -> new Machine(disk, Long.MAX_VALUE))
                .isInstanceOf(CorruptionException.class)
                .hasMessageContaining(Machine.DB.toString())
                .hasMessageContaining("lease 7 is stored under another key");
    }
}
