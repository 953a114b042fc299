package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.api.Refusal;
import dev.cetera.node.HandTurned.Kept;
import dev.cetera.raft.Role;
import org.junit.jupiter.api.Test;

/// Who leads, for how long, and what becomes of proposals meanwhile.
class LeadershipTest {
    @Test
    void threeFoundersElectOneOfThemAndReplicate() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var put = cluster.follower().put("key", "value");
            cluster.settle();
            assertThat(put.values).hasSize(1);
            cluster.pass(100);
            for (var one : cluster.all.values()) {
                assertThat(one.get("key")).isEqualTo("value");
                assertThat(one.engine().membership().members())
                        .extracting(dev.cetera.cluster.Member::name)
                        .containsExactlyInAnyOrder("a", "b", "c");
                assertThat(one.engine().membership().version()).hasToString("3.3.0");
                assertThat(one.published).isEqualTo(1);
            }
        }
    }

    @Test
    void aDeadLeaderIsReplacedWithinTwoElectionTimeoutsAndComesBackAsAFollower() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var old = cluster.leader();
            var acknowledged = old.put("key", "value");
            cluster.settle();
            assertThat(acknowledged.values).hasSize(1);
            old.kill();

            cluster.pass(2_000);

            var put = cluster.leader().put("other", "value");
            cluster.settle();
            assertThat(put.values).hasSize(1);
            assertThat(cluster.leader().get("key")).isEqualTo("value");

            old.start();
            cluster.untilLed();
            assertThat(old.engine().status().role()).isEqualTo(Role.FOLLOWER);
            assertThat(old.get("other")).isEqualTo("value");
        }
    }

    @Test
    void aLeaderWhoseDiskHangsStepsDownWhileItsTicksGoOn() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var hung = cluster.leader();
            hung.stuck.add(Engine.Stage.WAL);
            var put = hung.put("key", "value");
            cluster.pass(3_000);

            assertThat(hung.leads()).isFalse();
            assertThat(cluster.leader()).isNotSameAs(hung);
            var other = cluster.leader().put("other", "value");
            cluster.settle();
            assertThat(other.values).hasSize(1);

            hung.stuck.clear();
            cluster.pass(1_000);
            assertThat(hung.get("other")).isEqualTo("value");
            assertThat(put.values.size() + put.refusals.size())
                    .as("whatever became of it, it is told at most once")
                    .isLessThanOrEqualTo(1);
        }
    }

    @Test
    void aMemberThatIsAloneKeepsLeadingWithAHungDisk() throws Exception {
        try (var cluster = Several.started("a")) {
            var only = cluster.one("a");
            only.stuck.add(Engine.Stage.WAL);
            var put = only.put("key", "value");
            cluster.pass(5_000);
            assertThat(only.leads()).isTrue();
            assertThat(put.isOpen()).isTrue();
            only.stuck.clear();
            cluster.settle();
            assertThat(put.values).hasSize(1);
        }
    }

    @Test
    void aFollowerWithASlowDiskDoesNotHoldUpTheQuorum() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            cluster.follower().stuck.add(Engine.Stage.WAL);
            var put = cluster.leader().put("key", "value");
            cluster.settle();
            assertThat(put.values).hasSize(1);
        }
    }

    @Test
    void ticksThatPileUpWhileTheLoopIsBusyCountOnce() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var follower = cluster.follower();
            long term = follower.engine().status().term();
            for (int i = 0; i < 200; i++) {
                follower.engine().tick();
            }
            cluster.settle();
            assertThat(follower.engine().status().term()).isEqualTo(term);
            assertThat(follower.engine().status().leader())
                    .isEqualTo(cluster.leader().id());
        }
    }

    @Test
    void aStoppedMemberThatGoesOnDoesNotDisturbTheLeader() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var leader = cluster.leader();
            var follower = cluster.follower();
            long term = leader.engine().status().term();
            follower.paused = true;
            cluster.pass(10_000);
            follower.paused = false;
            cluster.pass(1_000);
            assertThat(leader.leads()).isTrue();
            assertThat(leader.engine().status().term()).isEqualTo(term);
        }
    }

    // ---- proposals that wait ----

    @Test
    void aProposalWaitsForALeader() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var old = cluster.leader();
            var follower = cluster.follower();
            old.kill();
            cluster.pass(600);
            // The leader may still be the one that it knows of; what was sent there is lost, and only that.
            cluster.passOnly(_ -> false);
            cluster.pass(3_000);
            var put = follower.put("key", "value");
            cluster.settle();
            assertThat(follower.engine().status().leader()).isZero();
            assertThat(put.isOpen()).isTrue();

            cluster.heal();
            cluster.pass(3_000);

            assertThat(put.values).hasSize(1);
            assertThat(follower.get("key")).isEqualTo("value");
        }
    }

    @Test
    void proposalsThatWaitKeepTheirOrder() throws Exception {
        try (var cluster = new Several("a", "b", "c")) {
            for (var one : cluster.all.values()) {
                one.start();
            }
            var one = cluster.one("a");
            for (int i = 0; i < 20; i++) {
                one.put("key", "value" + i);
                if (i == 10) {
                    cluster.settle();
                }
            }
            cluster.untilLed();
            cluster.settle();
            assertThat(one.get("key")).isEqualTo("value19");
            assertThat(one.engine().machine().store().view().revision()).isEqualTo(21);
        }
    }

    @Test
    void withoutALeaderAProposalIsGivenUpInTheEndAndNeverProposedLater() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var follower = cluster.follower();
            cluster.passOnly(_ -> false);
            cluster.pass(3_000);
            var put = follower.put("key", "value");
            cluster.pass(7_500);
            assertThat(put.refusals).containsExactly(Refusal.TIMED_OUT);

            cluster.heal();
            cluster.pass(3_000);
            assertThat(follower.get("key")).isNull();
        }
    }

    @Test
    void aProposalThatAnotherMemberPassesOnWaitsForALeaderToo() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var leader = cluster.leader();
            var follower = cluster.follower();
            var put = new Kept<Long>();
            // While leadership moves nothing is appended, and the follower still sends to the leader of before.
            cluster.passOnly(way -> way.from() == follower && way.to() == leader);
            leader.engine().transferLeader(follower.id(), put);
            leader.engine().turn(Engine.Stage.RAFT);
            var passedOn = follower.put("key", "value");
            cluster.settle();
            assertThat(passedOn.isOpen()).isTrue();

            cluster.heal();
            cluster.pass(3_000);
            assertThat(passedOn.values).hasSize(1);
        }
    }

    @Test
    void nothingIsProposedTwice() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            for (int i = 0; i < 20; i++) {
                var key = "key" + i;
                var old = cluster.leader();
                var puts = cluster.all.values().stream()
                        .map(one -> one.put(key, "value"))
                        .toList();
                for (int turns = 0; turns < i; turns++) {
                    cluster.turnOnce();
                }
                cluster.cutOff(old);
                cluster.pass(2_500);
                cluster.heal();
                cluster.pass(2_500);
                long acknowledged =
                        puts.stream().filter(put -> !put.values.isEmpty()).count();
                assertThat(cluster.leader().versionOf(key)).isBetween(acknowledged, 3L);
            }
        }
    }

    // ---- handing over ----

    @Test
    void leadershipMovesToTheMemberThatWasChosen() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            for (var target : cluster.all.values()) {
                var moved = new Kept<Long>();
                cluster.leader().engine().transferLeader(target.id(), moved);
                cluster.settle();
                assertThat(moved.values).containsExactly(target.id());
                assertThat(target.leads()).isTrue();
            }
        }
    }

    @Test
    void onlyTheLeaderHandsOver() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var moved = new Kept<Long>();
            cluster.follower().engine().transferLeader(cluster.follower().id(), moved);
            assertThat(moved.refusals).containsExactly(Refusal.NOT_LEADER);
        }
    }

    @Test
    void aTransferToAMemberThatIsDownIsGivenUpAndTheLeaderGoesOn() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var leader = cluster.leader();
            var down = cluster.follower();
            long id = down.id();
            down.kill();
            var moved = new Kept<Long>();
            leader.engine().transferLeader(id, moved);
            cluster.settle();
            var put = leader.put("key", "value");
            cluster.settle();
            assertThat(put.isOpen())
                    .as("while leadership moves, proposals wait")
                    .isTrue();

            cluster.pass(1_100);
            assertThat(put.values).as("and go on when it doesn't").hasSize(1);
            assertThat(leader.leads()).isTrue();
            cluster.pass(7_000);
            assertThat(moved.refusals).containsExactly(Refusal.TIMED_OUT_TRANSFER);
        }
    }

    // ---- why it took too long ----

    @Test
    void aProposalOfALeaderWithoutAQuorumTimesOutForLackOfAConnection() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var leader = cluster.leader();
            cluster.cutOff(leader);
            var put = leader.put("key", "value");
            cluster.time.advance(7_000);
            leader.engine().sweep();
            assertThat(leader.engine().status().role()).isEqualTo(Role.LEADER);
            assertThat(put.refusals).containsExactly(Refusal.TIMED_OUT_CONNECTION_LOST);
        }
    }

    @Test
    void aProposalFromBeforeTheElectionIsSaidToHaveMetAFailedLeader() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var old = cluster.leader();
            var next = cluster.follower();
            old.kill();
            // It goes to the leader that is no more, and is lost.
            var put = next.put("key", "value");
            for (int i = 0; !next.leads(); i++) {
                assertThat(i).isLessThan(30);
                if (i > 2) {
                    next.engine().campaign();
                }
                cluster.pass(100);
            }
            cluster.pass(7_500);
            assertThat(put.refusals).containsExactly(Refusal.TIMED_OUT_LEADER_FAILED);
        }
    }
}
