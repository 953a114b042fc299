package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.AlarmType;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.CompactionResponse;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.PutResponse;
import dev.cetera.apply.Outcome;
import dev.cetera.disk.FakeDisk;
import dev.cetera.disk.Fault;
import dev.cetera.node.Engine.Stage;
import dev.cetera.node.HandTurned.Kept;
import dev.cetera.node.HandTurned.Settings;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class EngineTest {
    private final FakeDisk disk = new FakeDisk(1);

    @Test
    void aNewMemberLeadsPublishesItselfAndSetsTheVersion() throws Exception {
        try (var member = HandTurned.started(disk)) {
            assertThat(member.published).isEqualTo(1);
            var members = member.engine.machine().members().now();
            assertThat(members.ids()).containsExactly(member.engine.memberId());
            assertThat(members.members().getFirst().name()).isEqualTo("one");
            assertThat(members.version()).hasToString("3.3.0");
            assertThat(member.engine.status().leader()).isEqualTo(member.engine.memberId());
        }
    }

    @Test
    void aPutIsAnsweredOnceWhenItIsDurableAndApplied() throws Exception {
        try (var member = HandTurned.started(disk)) {
            var answer = member.put("a", "1");
            assertThat(member.engine.turn(Stage.RAFT)).isTrue();
            member.engine.turn(Stage.APPLY);
            assertThat(answer.isOpen()).as("nothing is synced yet").isTrue();

            member.settle();

            assertThat(answer.refusals).isEmpty();
            assertThat(answer.values).hasSize(1);
            assertThat(answer.values.getFirst())
                    .isInstanceOfSatisfying(
                            Outcome.Done.class,
                            done -> assertThat(((PutResponse) done.response())
                                            .getHeader()
                                            .getRevision())
                                    .isEqualTo(2));
            assertThat(member.get("a")).isEqualTo("1");
        }
    }

    @Test
    void whatIsAcknowledgedIsThereAfterAPowerLoss() throws Exception {
        var member = HandTurned.started(disk);
        var answer = member.put("a", "1");
        member.settle();
        assertThat(answer.values).hasSize(1);

        try (var again = HandTurned.started(disk.crash())) {
            assertThat(again.get("a")).isEqualTo("1");
        }
    }

    @Test
    void beforeThereIsALeaderProposalsAndReadsWait() throws Exception {
        try (var member = new HandTurned(disk, Settings.DEFAULTS)) {
            var put = member.put("a", "1");
            var read = new Kept<Long>();
            member.engine.linearize(read);
            member.engine.turn(Stage.RAFT);
            assertThat(put.isOpen()).isTrue();
            assertThat(read.isOpen()).isTrue();

            member.pass(7_001);
            member.engine.sweep();
            assertThat(put.refusals).containsExactly(Refusal.TIMED_OUT);
            assertThat(read.refusals).containsExactly(Refusal.TIMED_OUT);

            member.settle();
            assertThat(member.get("a")).as("what was given up is not proposed").isNull();
        }
    }

    @Test
    void readsOfALoneLeaderAreAnsweredAtOnce() throws Exception {
        try (var member = HandTurned.started(disk)) {
            var read = new Kept<Long>();
            member.engine.linearize(read);
            assertThat(read.values).containsExactly(member.engine.appliedIndex());
        }
    }

    @Test
    void aRequestThatIsTooLargeIsRefused() throws Exception {
        try (var member = HandTurned.started(disk, Settings.DEFAULTS.withMaxRequestBytes(200))) {
            assertThat(member.put("a", "x".repeat(200)).refusals).containsExactly(Refusal.REQUEST_TOO_LARGE);
            var small = member.put("a", "x");
            member.settle();
            assertThat(small.values).hasSize(1);
        }
    }

    @Test
    void beyondTheQuotaTheAlarmIsRaisedBeforeTheClientIsToldThatThereIsNoSpace() throws Exception {
        try (var member = HandTurned.started(disk, Settings.DEFAULTS.withQuotaBytes(50_000))) {
            var answer = member.put("a", "x".repeat(50_000));
            assertThat(answer.isOpen()).isTrue();
            member.settle();
            assertThat(answer.refusals).containsExactly(Refusal.NO_SPACE);
            assertThat(member.engine.machine().alarms().raised(AlarmType.NOSPACE))
                    .isTrue();

            long applied = member.engine.appliedIndex();
            assertThat(member.put("a", "x".repeat(50_000)).refusals)
                    .as("at once, the alarm is known")
                    .containsExactly(Refusal.NO_SPACE);
            member.settle();
            assertThat(member.engine.appliedIndex()).as("and raised only once").isEqualTo(applied);

            var small = member.put("a", "x");
            member.settle();
            assertThat(small.values).containsExactly(new Outcome.Refused<>(Refusal.NO_SPACE));
            assertThat(member.get("a")).isNull();
        }
    }

    @Test
    void aRequestThatTakesTooLongIsGivenUpAndItsLateResultIsNotTold() throws Exception {
        try (var member = HandTurned.started(disk)) {
            var answer = member.put("a", "1");
            member.pass(6_999);
            member.engine.sweep();
            assertThat(answer.isOpen()).isTrue();
            member.pass(1);
            member.engine.sweep();
            assertThat(answer.refusals).containsExactly(Refusal.TIMED_OUT);

            member.settle();

            assertThat(member.get("a")).isEqualTo("1");
            assertThat(answer.values).isEmpty();
            assertThat(answer.refusals).hasSize(1);
        }
    }

    @Test
    void anEndedLeaseIsRevokedWithItsKeysAndItsLateKeepAliveHearsOfItThen() throws Exception {
        try (var member = HandTurned.started(disk)) {
            member.propose(HandTurned.grant(7, 5));
            member.propose(HandTurned.put("a", "1", 7));
            member.settle();
            var early = new Kept<Long>();
            member.pass(4_000);
            member.engine.renew(7, early);
            assertThat(early.values).containsExactly(5L);

            member.pass(5_001);
            var late = new Kept<Long>();
            member.engine.renew(7, late);
            assertThat(late.isOpen()).isTrue();
            member.engine.sweep();
            member.engine.sweep();
            assertThat(late.isOpen()).isTrue();
            member.settle();

            assertThat(late.values).containsExactly(0L);
            assertThat(member.get("a")).isNull();
            assertThat(member.engine.machine().store().view().revision())
                    .as("revoked once")
                    .isEqualTo(3);
            var unknown = new Kept<Long>();
            member.engine.renew(7, unknown);
            assertThat(unknown.values).containsExactly(0L);
        }
    }

    @Test
    void aLateKeepAliveIsGivenUpWhenTheRevocationHangs() throws Exception {
        try (var member = HandTurned.started(disk)) {
            member.propose(HandTurned.grant(7, 5));
            member.settle();
            member.pass(5_001);
            var late = new Kept<Long>();
            member.engine.renew(7, late);
            member.pass(7_000);
            member.engine.sweep();
            assertThat(late.refusals).containsExactly(Refusal.TIMED_OUT);
        }
    }

    @Test
    void aPhysicalCompactionIsAnsweredAtItsEndHoweverLongItTakes() throws Exception {
        try (var member = HandTurned.started(disk)) {
            member.put("a", "1");
            member.put("a", "2");
            member.settle();
            var answer = member.propose(InternalRaftRequest.newBuilder()
                    .setCompaction(CompactionRequest.newBuilder().setRevision(3).setPhysical(true)));
            while (member.engine.machine().store().view().compactRevision() < 3) {
                member.engine.turn(Stage.RAFT);
                member.engine.turn(Stage.WAL);
                member.engine.turn(Stage.APPLY);
            }
            member.pass(60_000);
            member.engine.sweep();
            assertThat(answer.isOpen()).isTrue();
            member.engine.turn(Stage.BOLT);
            member.settle();
            assertThat(answer.values).hasSize(1);
            assertThat(((Outcome.Done<?>) answer.values.getFirst()).response()).isInstanceOf(CompactionResponse.class);
        }
    }

    @Test
    void whatWaitsAtTheEndIsRefusedAndSoIsWhatComesLater() throws Exception {
        var member = HandTurned.started(disk);
        member.propose(HandTurned.grant(7, 5));
        member.settle();
        member.pass(5_001);
        var keepAlive = new Kept<Long>();
        member.engine.renew(7, keepAlive);
        var put = member.put("a", "1");

        member.engine.refuseAll();

        assertThat(put.refusals).containsExactly(Refusal.STOPPED);
        assertThat(keepAlive.refusals).containsExactly(Refusal.STOPPED);
        assertThat(member.put("a", "2").refusals).containsExactly(Refusal.STOPPED);
        var read = new Kept<Long>();
        member.engine.linearize(read);
        assertThat(read.refusals).containsExactly(Refusal.STOPPED);
        member.engine.close();
    }

    @Test
    void afterASnapshotTheMemberGoesOnFromIt() throws Exception {
        var settings = Settings.DEFAULTS.withSnapshotCount(20);
        var member = HandTurned.started(disk, settings);
        member.propose(HandTurned.grant(7, 50));
        for (int i = 0; i < 100; i++) {
            member.propose(HandTurned.put("key" + i % 10, "value" + i, i % 2 == 0 ? 7 : 0));
            member.settle();
            member.pass(100);
            member.engine.commit();
        }
        member.engine.purge();
        member.settle();
        assertThat(disk.list(HandTurned.SNAP).stream().filter(name -> name.endsWith(".snap")))
                .hasSizeBetween(2, 5);

        var after = disk.crash();
        try (var again = new HandTurned(after, settings)) {
            assertThat(again.engine.appliedIndex()).as("from the snapshot").isGreaterThan(80);
            again.engine.tick();
            again.settle();
            assertThat(again.get("key9")).isEqualTo("value99");
            assertThat(again.engine.machine().store().view().revision()).isEqualTo(101);
            assertThat(again.engine.machine().leases().timeToLiveWithKeys(7, 0).keys())
                    .hasSize(5);
            var more = again.put("more", "1");
            again.settle();
            assertThat(more.values).hasSize(1);
        }
    }

    @Test
    void memoryOfCompactedRevisionsIsFreedWhenTheApplierIsIdle() throws Exception {
        try (var member = HandTurned.started(disk)) {
            for (int i = 0; i < 200; i++) {
                member.put("key" + i, "x");
                member.put("key" + i, "y");
            }
            member.settle();
            member.propose(InternalRaftRequest.newBuilder()
                    .setCompaction(CompactionRequest.newBuilder().setRevision(401)));
            member.settle();
            member.engine.commit();
            member.settle();
            assertThat(member.engine.machine().store().tidy(1_000))
                    .as("nothing is left to tidy")
                    .isFalse();
        }
    }

    @Test
    void aSyncOfTheLogThatFailsEndsTheMemberAndAcknowledgesNothing() throws Exception {
        var member = HandTurned.started(disk);
        var before = member.put("a", "1");
        member.settle();
        assertThat(before.values).hasSize(1);
        var answer = member.put("b", "1");
        member.engine.turn(Stage.RAFT);
        disk.failAt(disk.operations() + 2, Fault.IO_ERROR); // the write, then the sync

        assertThatThrownBy(() -> member.engine.turn(Stage.WAL)).isInstanceOf(IOException.class);
        member.engine.fail(new IOException("sync"));
        member.settle();

        assertThat(answer.values).isEmpty();
        assertThat(answer.refusals).containsExactly(Refusal.STOPPED);
        assertThat(member.put("c", "1").refusals).containsExactly(Refusal.STOPPED);
        assertThat(member.fatal).hasSize(1);
        member.engine.close();
    }

    @Test
    void aFailureIsToldOnceAndNothingAppliedLaterIsAcknowledged() throws Exception {
        var member = HandTurned.started(disk);
        var answer = member.put("a", "1");
        member.engine.turn(Stage.RAFT);
        member.engine.turn(Stage.WAL);
        member.engine.turn(Stage.RAFT);

        member.engine.fail(new IOException("first"));
        member.engine.fail(new IOException("second"));
        member.engine.turn(Stage.APPLY);

        assertThat(member.fatal).singleElement().hasToString("java.io.IOException: first");
        assertThat(answer.values).isEmpty();
        assertThat(answer.refusals).containsExactly(Refusal.STOPPED);
        long operations = disk.operations();
        member.engine.close();
        assertThat(disk.operations()).as("nothing is written after a failure").isLessThanOrEqualTo(operations + 1);
    }

    @Test
    void aFullDiskDelaysTheBackendAndLosesNothing() throws Exception {
        var member = HandTurned.started(disk);
        member.engine.commit();
        member.settle();
        var answer = member.put("a", "1");
        member.settle();
        disk.failAt(disk.operations() + 1, Fault.NO_SPACE);
        member.engine.commit();
        member.settle();
        assertThat(member.fatal).isEmpty();
        assertThat(answer.values).hasSize(1);

        member.engine.commit();
        member.settle();
        var backend = member.engine.machine().backend();
        assertThat(backend.committedIndex()).isEqualTo(backend.consistentIndex());
    }

    @Test
    void aRevocationOfALeaseThatIsGoneIsRefused() throws Exception {
        try (var member = HandTurned.started(disk)) {
            var answer = member.propose(InternalRaftRequest.newBuilder()
                    .setLeaseRevoke(LeaseRevokeRequest.newBuilder().setID(9)));
            member.settle();
            assertThat(answer.values).containsExactly(new Outcome.Refused<>(Refusal.LEASE_NOT_FOUND));
        }
    }
}
