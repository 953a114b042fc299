package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.cetera.apply.Outcome;
import dev.cetera.node.HandTurned.Kept;
import org.junit.jupiter.api.Test;

/// Leases over changes of leader: none is lost, and none ends before its time.
class LeasesInClusterTest {
    private static void grantTo(Several cluster, long lease, long seconds, String key) throws Exception {
        var granted = new Kept<Outcome<? extends Message>>();
        cluster.leader().engine().propose(HandTurned.grant(lease, seconds), granted);
        cluster.settle();
        cluster.leader().engine().propose(HandTurned.put(key, "value", lease), new Kept<>());
        cluster.settle();
        assertThat(granted.values).hasSize(1);
        assertThat(cluster.leader().get(key)).isEqualTo("value");
    }

    private static boolean has(Several.One one, long lease) {
        return one.engine().machine().leases().exists(lease);
    }

    @Test
    void onlyTheLeaderCountsAndEverybodyRevokes() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            grantTo(cluster, 7, 5, "key");
            for (var one : cluster.all.values()) {
                assertThat(one.engine().machine().leases().isPrimary()).isEqualTo(one.leads());
            }
            cluster.pass(4_500);
            assertThat(has(cluster.follower(), 7)).isTrue();
            cluster.pass(1_500);
            for (var one : cluster.all.values()) {
                assertThat(has(one, 7)).isFalse();
                assertThat(one.get("key")).isNull();
            }
        }
    }

    @Test
    void aNewLeaderStartsEveryLeaseAfreshWithAnElectionTimeoutMore() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            grantTo(cluster, 7, 5, "key");
            cluster.pass(4_000);
            var next = cluster.follower();
            var moved = new Kept<Long>();
            cluster.leader().engine().transferLeader(next.id(), moved);
            cluster.settle();
            assertThat(next.leads()).isTrue();

            cluster.pass(5_900);
            assertThat(has(next, 7)).isTrue();
            cluster.pass(1_000);
            assertThat(has(next, 7)).isFalse();
        }
    }

    @Test
    void aLeaderThatIsOneNoMoreStopsCountingAtOnce() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            grantTo(cluster, 7, 50, "key");
            var old = cluster.leader();
            var next = cluster.follower();
            old.engine().transferLeader(next.id(), new Kept<>());
            cluster.settle();
            assertThat(old.engine().machine().leases().isPrimary()).isFalse();
            assertThat(next.engine().machine().leases().isPrimary()).isTrue();
        }
    }

    @Test
    void aLeaderThatWasStoppedRevokesNothingByItsOldClock() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            grantTo(cluster, 7, 5, "key");
            var old = cluster.leader();
            old.paused = true;
            for (int i = 0; i < 20; i++) {
                cluster.pass(1_000);
                var next = cluster.leader();
                if (next != old) {
                    next.engine().renew(7, new Kept<>());
                }
            }
            assertThat(has(cluster.leader(), 7)).isTrue();

            // It goes on, still takes itself for the leader, and sees by its clock that the lease has ended long ago.
            old.paused = false;
            assertThat(old.leads()).isTrue();
            assertThat(old.engine().machine().leases().isPrimary()).isTrue();
            old.engine().sweep();
            cluster.pass(500);
            old.engine().sweep();
            cluster.pass(2_000);

            for (var one : cluster.all.values()) {
                assertThat(has(one, 7)).isTrue();
                assertThat(one.get("key")).isEqualTo("value");
            }
        }
    }

    @Test
    void aRevocationThatComesTooLateForItsTermGoesNowhere() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            grantTo(cluster, 7, 5, "key");
            var old = cluster.leader();
            var next = cluster.follower();
            // It is asked for while this member leads, and comes to be proposed when it follows.
            old.engine().transferLeader(next.id(), new Kept<>());
            cluster.time.advance(5_100);
            old.engine().sweep();
            cluster.settle();
            assertThat(next.leads()).isTrue();
            assertThat(has(next, 7)).isTrue();
        }
    }
}
