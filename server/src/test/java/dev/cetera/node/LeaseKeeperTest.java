package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveResponse;
import dev.cetera.node.HandTurned.Kept;
import dev.cetera.raft.Role;
import org.junit.jupiter.api.Test;

class LeaseKeeperTest {
    private static final long LEASE = 7;
    private static final long TTL = 10;

    /// A cluster in which the lease has just been granted, with a key on it.
    private static Several withLease() throws Exception {
        var cluster = Several.started("a", "b", "c");
        var granted = new Kept<dev.cetera.apply.Outcome<? extends com.google.protobuf.Message>>();
        cluster.leader().engine().propose(HandTurned.grant(LEASE, TTL), granted);
        cluster.settle();
        cluster.leader().engine().propose(HandTurned.put("key", "value", LEASE), granted);
        cluster.settle();
        assertThat(granted.values).hasSize(2);
        return cluster;
    }

    private static Kept<Long> renew(Several.One one) {
        return renew(one, LEASE);
    }

    private static Kept<Long> renew(Several.One one, long lease) {
        var kept = new Kept<Long>();
        one.engine().renew(lease, kept);
        return kept;
    }

    private static Kept<LeaseTimeToLiveResponse> timeToLive(Several.One one, long lease) {
        var kept = new Kept<LeaseTimeToLiveResponse>();
        one.engine()
                .timeToLive(
                        LeaseTimeToLiveRequest.newBuilder()
                                .setID(lease)
                                .setKeys(true)
                                .build(),
                        kept);
        return kept;
    }

    private static boolean exists(Several cluster) {
        return cluster.leader().engine().machine().leases().exists(LEASE);
    }

    @Test
    void aKeepAliveAtAnyMemberReachesTheLeader() throws Exception {
        try (var cluster = withLease()) {
            for (var one : cluster.all.values()) {
                cluster.pass(8_000);
                var renewed = renew(one);
                cluster.settle();
                assertThat(renewed.values).containsExactly(TTL);
            }
            cluster.pass(8_000);
            assertThat(exists(cluster)).isTrue();
            cluster.pass(3_000);
            assertThat(exists(cluster)).isFalse();
            assertThat(cluster.leader().get("key")).isNull();
        }
    }

    @Test
    void aLeaseThatThereIsNotIsSaidToBeGone() throws Exception {
        try (var cluster = withLease()) {
            for (var one : cluster.all.values()) {
                var renewed = renew(one, 99);
                var left = timeToLive(one, 99);
                cluster.settle();
                assertThat(renewed.values).containsExactly(0L);
                assertThat(left.values.getFirst().getTTL()).isEqualTo(-1);
                assertThat(left.values.getFirst().getID()).isEqualTo(99);
            }
        }
    }

    @Test
    void whatIsLeftIsToldByTheLeadersClock() throws Exception {
        try (var cluster = withLease()) {
            cluster.pass(4_000);
            for (var one : cluster.all.values()) {
                var left = timeToLive(one, LEASE);
                cluster.settle();
                var told = left.values.getFirst();
                assertThat(told.getTTL()).isBetween(5L, 6L);
                assertThat(told.getGrantedTTL()).isEqualTo(TTL);
                assertThat(told.getKeys(0).toStringUtf8()).isEqualTo("key");
            }
        }
    }

    @Test
    void aKeepAliveWaitsForALeader() throws Exception {
        try (var cluster = withLease()) {
            var follower = cluster.follower();
            cluster.cutOff(follower);
            cluster.pass(4_000);
            assertThat(follower.engine().status().leader()).isZero();
            var renewed = renew(follower);
            var left = timeToLive(follower, LEASE);
            cluster.pass(1_000);
            assertThat(renewed.isOpen() && left.isOpen()).isTrue();
            cluster.heal();
            cluster.pass(5_000);
            assertThat(renewed.values).containsExactly(TTL);
            assertThat(left.values).hasSize(1);
        }
    }

    @Test
    void aLeaderThatNobodyHearsRenewsNothing() throws Exception {
        try (var cluster = withLease()) {
            var old = cluster.leader();
            cluster.cutOff(old);
            var renewed = renew(old);
            cluster.settle();
            assertThat(old.engine().status().role()).isEqualTo(Role.LEADER);
            assertThat(renewed.isOpen()).isTrue();
            cluster.pass(3_000);
            cluster.heal();
            cluster.pass(1_000);
            assertThat(cluster.leader()).isNotSameAs(old);
            assertThat(renewed.values).as("by its successor").containsExactly(TTL);
        }
    }

    @Test
    void whoFindsNoLeaderInTimeIsToldSo() throws Exception {
        try (var cluster = withLease()) {
            var follower = cluster.follower();
            cluster.cutOff(follower);
            cluster.pass(4_000);
            var renewed = renew(follower);
            cluster.pass(6_500);
            assertThat(renewed.isOpen()).isTrue();
            cluster.pass(1_000);
            assertThat(renewed.refusals).containsExactly(Refusal.NO_LEADER);
        }
    }

    @Test
    void aLeaderThatDoesNotAnswerIsAskedAtEachTickUntilTheTimeIsOver() throws Exception {
        try (var cluster = withLease()) {
            cluster.asking = _ -> false;
            var renewed = renew(cluster.follower());
            cluster.pass(6_500);
            assertThat(renewed.isOpen()).isTrue();
            assertThat(cluster.questions).isBetween(60, 66);
            cluster.pass(1_000);
            assertThat(renewed.refusals).containsExactly(Refusal.TIMED_OUT);
            int asked = cluster.questions;
            cluster.pass(1_000);
            assertThat(cluster.questions).isEqualTo(asked);
        }
    }

    @Test
    void aLeaderThatLagsBehindItsOwnLogSaysNothingOfALease() throws Exception {
        try (var cluster = withLease()) {
            var leader = cluster.leader();
            leader.stuck.add(Engine.Stage.APPLY);
            cluster.pass(11_000);
            var renewed = renew(cluster.follower());
            cluster.pass(3_000);
            assertThat(renewed.isOpen())
                    .as("it has ended, but its keys can still be seen")
                    .isTrue();
            leader.stuck.clear();
            cluster.pass(2_000);
            assertThat(renewed.values).containsExactly(0L);
            assertThat(exists(cluster)).isFalse();
        }
    }

    @Test
    void aNewLeaderGivesEveryLeaseItsWholeTimeAgain() throws Exception {
        try (var cluster = withLease()) {
            cluster.pass(9_000);
            var old = cluster.leader();
            cluster.cutOff(old);
            cluster.pass(4_000);
            var leader = cluster.leader();
            assertThat(leader).isNotSameAs(old);
            long promoted = cluster.time.nanos();
            cluster.heal();
            cluster.pass(5_500);
            assertThat(exists(cluster)).as("not revoked early").isTrue();
            var renewed = renew(old);
            cluster.settle();
            assertThat(renewed.values).as("asked at the one that led before").containsExactly(TTL);
            cluster.pass(9_500);
            assertThat(exists(cluster)).isTrue();
            cluster.pass(2_000);
            assertThat(exists(cluster)).isFalse();
            assertThat(cluster.time.nanos()).isGreaterThan(promoted);
            assertThat(old.get("key")).isNull();
        }
    }

    @Test
    void aLeaderThatWasStoppedForAWhileRevokesNothingThatWasRenewedMeanwhile() throws Exception {
        try (var cluster = withLease()) {
            var old = cluster.leader();
            var other = cluster.follower();
            old.paused = true;
            for (int i = 0; i < 4; i++) {
                cluster.pass(5_000);
                var renewed = renew(other);
                cluster.settle();
                assertThat(renewed.values).containsExactly(TTL);
            }
            old.paused = false;
            old.engine().sweep();
            cluster.pass(5_000);
            assertThat(exists(cluster)).isTrue();
            assertThat(cluster.leader().get("key")).isEqualTo("value");
        }
    }

    @Test
    void aKeepAliveThatWaitsForTheRevocationGoesToTheNextLeader() throws Exception {
        try (var cluster = withLease()) {
            var old = cluster.leader();
            old.stuck.add(Engine.Stage.WAL);
            old.stuck.add(Engine.Stage.APPLY);
            cluster.cutOff(old);
            cluster.time.skip(11_000);
            var renewed = renew(old);
            assertThat(renewed.isOpen()).isTrue();
            old.stuck.clear();
            cluster.pass(4_000);
            assertThat(renewed.isOpen())
                    .as("it leads no more, and knows no other")
                    .isTrue();
            cluster.heal();
            cluster.pass(2_000);
            assertThat(renewed.values).containsExactly(TTL);
            assertThat(exists(cluster)).isTrue();
        }
    }

    @Test
    void aMemberThatStopsRefusesWhatWaits() throws Exception {
        try (var cluster = withLease()) {
            var follower = cluster.follower();
            cluster.asking = _ -> false;
            var renewed = renew(follower);
            var left = timeToLive(follower, LEASE);
            follower.engine().refuseAll();
            assertThat(renewed.refusals).containsExactly(Refusal.STOPPED);
            assertThat(left.refusals).containsExactly(Refusal.STOPPED);
            assertThat(renew(follower).refusals).containsExactly(Refusal.STOPPED);
        }
    }

    @Test
    void aQuestionWaitsForWhatIsCommitted() {
        var catchingUp = new CatchingUp();
        catchingUp.applied(5);
        var reached = new Kept<Long>();
        var ahead = new Kept<Long>();
        var far = new Kept<Long>();
        catchingUp.await(5, 0, reached);
        catchingUp.await(7, 0, ahead);
        catchingUp.await(9, 500_000_000, far);
        assertThat(reached.values).containsExactly(5L);
        catchingUp.applied(7);
        assertThat(ahead.values).containsExactly(7L);
        catchingUp.expire(1_400_000_000);
        assertThat(far.isOpen()).isTrue();
        catchingUp.expire(1_500_000_000);
        assertThat(far.refusals).containsExactly(Refusal.TIMED_OUT);
        var late = new Kept<Long>();
        catchingUp.await(9, 0, late);
        catchingUp.close();
        assertThat(late.refusals).containsExactly(Refusal.STOPPED);
        var after = new Kept<Long>();
        catchingUp.await(1, 0, after);
        assertThat(after.refusals).containsExactly(Refusal.STOPPED);
    }
}
