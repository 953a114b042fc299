package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.api.Refusal;
import dev.cetera.cluster.Member;
import dev.cetera.cluster.Members;
import dev.cetera.cluster.MembershipRefusal;
import dev.cetera.node.HandTurned.Kept;
import dev.cetera.raft.ConfChange;
import java.util.List;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

/// Members that come and go, as raft and everybody else gets to know.
class ReconfigurationInClusterTest {
    private static Kept<Reconfigured> change(Several.One at, LongFunction<ConfChange> change) {
        var answer = new Kept<Reconfigured>();
        at.engine().reconfigure(change, answer);
        return answer;
    }

    private static Kept<Reconfigured> remove(Several.One at, long member) {
        return change(at, id -> Members.remove(id, member));
    }

    @Test
    void aChangeThroughAnyMemberIsAnsweredWithTheMembersAfterItAndEverybodyIsTold() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var follower = cluster.follower();
            var added = change(follower, id -> Members.add(id, Member.of(77, List.of("http://d:2380"), "")));
            cluster.settle();
            assertThat(added.values)
                    .singleElement()
                    .isInstanceOfSatisfying(
                            Reconfigured.Done.class,
                            done -> assertThat(done.now().ids()).contains(77L).hasSize(4));
            cluster.pass(100);
            for (var one : cluster.all.values()) {
                assertThat(one.told.getLast().member(77)).isNotNull();
                assertThat(one.engine().confState().voters()).hasSize(4).contains(77L);
            }
        }
    }

    @Test
    void aChangeThatAllRefuseIsAnsweredWithTheReasonAndChangesNothing() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var leader = cluster.leader();
            var twice = change(leader, id -> Members.add(id, Member.of(77, List.of("http://a:2380"), "")));
            cluster.settle();
            assertThat(twice.values).containsExactly(new Reconfigured.Refused(MembershipRefusal.PEER_URL_EXISTS));
            var unknown = remove(leader, 99);
            cluster.settle();
            assertThat(unknown.values).containsExactly(new Reconfigured.Refused(MembershipRefusal.ID_NOT_FOUND));
            cluster.pass(100);
            for (var one : cluster.all.values()) {
                assertThat(one.engine().confState().voters()).hasSize(3);
                assertThat(one.told).hasSameSizeAs(cluster.one("a").told);
            }
            var put = leader.put("key", "value");
            cluster.settle();
            assertThat(put.values).hasSize(1);
        }
    }

    @Test
    void aRemovedMemberStopsASecondAfterItHasLearnedSoAndTheOthersNoLongerListen() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var gone = cluster.follower();
            var removed = remove(cluster.leader(), gone.id());
            cluster.settle();
            assertThat(removed.values).hasSize(1);
            cluster.pass(500);
            assertThat(gone.removed).isZero();
            cluster.pass(1_000);
            assertThat(gone.removed).isEqualTo(1);
            cluster.pass(5_000);
            assertThat(gone.removed).isEqualTo(1);
            var message =
                    new dev.cetera.raft.Message.TimeoutNow(cluster.leader().id(), gone.id(), 99);
            assertThat(cluster.leader().engine().receive(message)).isFalse();
        }
    }

    @Test
    void aRemovedMemberThatWasNotThereLearnsItFromTheOthersAndWhenItStartsAgainFromItsOwnLog() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var gone = cluster.follower();
            gone.engine().removed();
            gone.engine().removed();
            assertThat(gone.removed).isEqualTo(1);

            remove(cluster.leader(), gone.id());
            cluster.pass(1_500);
            gone.removed = 0;
            gone.stop();
            gone.start();
            cluster.pass(1_500);
            assertThat(gone.removed).isEqualTo(1);
        }
    }

    @Test
    void aLeaderThatIsRemovedHandsOverAndStops() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var gone = cluster.leader();
            var removed = remove(gone, gone.id());
            cluster.settle();
            assertThat(removed.values).hasSize(1);
            cluster.pass(2_000);
            assertThat(gone.removed).isEqualTo(1);
            assertThat(cluster.leader()).isNotSameAs(gone);
            var put = cluster.leader().put("key", "value");
            cluster.settle();
            assertThat(put.values).hasSize(1);
        }
    }

    @Test
    void oneOfTwoCanBeRemovedAndTheOtherGoesOnAlone() throws Exception {
        try (var cluster = Several.started("a", "b")) {
            var stays = cluster.leader();
            var gone = cluster.follower();
            var removed = remove(stays, gone.id());
            cluster.pass(3_000);
            assertThat(removed.values).hasSize(1);
            assertThat(gone.removed).isEqualTo(1);
            assertThat(stays.linearize().values).as("it answers by itself now").hasSize(1);
        }
    }

    @Test
    void aSecondChangeWhileOneIsUnderWayIsRefused() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var leader = cluster.leader();
            var first = change(leader, id -> Members.add(id, Member.of(77, List.of("http://d:2380"), "")));
            var second = change(leader, id -> Members.add(id, Member.of(78, List.of("http://e:2380"), "")));
            cluster.settle();
            assertThat(first.values).hasSize(1);
            assertThat(second.refusals).containsExactly(Refusal.TOO_MANY_REQUESTS);
        }
    }

    @Test
    void aChangeWaitsForALeaderAndIsGivenUpWithoutOne() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var follower = cluster.follower();
            cluster.passOnly(_ -> false);
            cluster.pass(3_000);
            var late = change(follower, id -> Members.update(id, follower.id(), List.of("http://x:2380")));
            cluster.pass(7_500);
            assertThat(late.refusals).containsExactly(Refusal.TIMED_OUT);
            var inTime = change(follower, id -> Members.update(id, follower.id(), List.of("http://y:2380")));
            cluster.heal();
            cluster.pass(3_000);
            assertThat(inTime.values).hasSize(1);
            assertThat(cluster.leader().engine().membership().member(follower.id()))
                    .satisfies(member -> assertThat(member.peerUrls()).containsExactly("http://y:2380"));
        }
    }

    @Test
    void aSnapshotHoldsRaftsOwnConfiguration() throws Exception {
        try (var cluster = Several.started("a")) {
            var first = cluster.one("a");
            var learner = new Member(77, List.of("http://b:2380"), "", List.of(), true);
            change(first, id -> Members.add(id, learner));
            for (int i = 0; i < 1_100; i++) {
                first.put("key", "value" + i);
            }
            cluster.settle();
            first.kill();
            first.start();
            assertThat(first.engine().appliedIndex()).as("from a snapshot").isGreaterThan(1_000);
            assertThat(first.engine().confState().voters()).containsExactly(first.id());
            assertThat(first.engine().confState().learners()).containsExactly(77L);
        }
    }

    @Test
    void messagesThatMakeNoSenseHereDoNotComeIn() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var leader = cluster.leader();
            var follower = cluster.follower();
            assertThat(leader.engine().receive(new dev.cetera.raft.Message.TimeoutNow(99, follower.id(), 50)))
                    .isFalse();
            assertThat(leader.engine().receive(new dev.cetera.raft.Message.TimeoutNow(leader.id(), leader.id(), 50)))
                    .isFalse();
            cluster.settle();
            assertThat(leader.leads()).isTrue();
        }
    }
}
