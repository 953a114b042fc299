package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.AlarmType;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.apply.StateMachine;
import dev.cetera.node.Several.One;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SnapshotTest {
    /// Three members, one of which has missed so much that the log no longer has it.
    private static Several oneFarBehind() throws Exception {
        var cluster = new Several("a", "b", "c");
        for (var one : cluster.all.values()) {
            one.config = HandTurned.Settings.DEFAULTS
                    .withSnapshotCount(20)
                    .withInitialCluster("a=http://a:2380,b=http://b:2380,c=http://c:2380")
                    .config(one.name, one.peerUrl);
            one.logLimits = new LogLimits(10, 1 << 20, 1 << 20, 40_000, 1 << 20);
            one.start();
        }
        cluster.untilLed();
        var behind = cluster.follower();
        cluster.leader().put("before", "1");
        cluster.pass(200);
        cluster.cutOff(behind);
        for (int i = 0; i < 60; i++) {
            cluster.leader().put("key" + i, "value" + i);
            cluster.settle();
        }
        return cluster;
    }

    private static One behind(Several cluster) {
        return cluster.all.values().stream()
                .min(java.util.Comparator.comparingLong(one -> one.engine().appliedIndex()))
                .orElseThrow();
    }

    @Test
    void aMemberFarBehindIsSentASnapshotAndFollowsAgain() throws Exception {
        try (var cluster = oneFarBehind()) {
            var behind = behind(cluster);
            cluster.heal();
            cluster.pass(3_000);
            assertThat(cluster.databasesDelivered).isEqualTo(1);
            var leader = cluster.leader();
            assertThat(behind.engine().appliedIndex()).isEqualTo(leader.engine().appliedIndex());
            assertThat(behind.get("key59")).isEqualTo("value59");
            assertThat(behind.get("before")).isEqualTo("1");
            var put = behind.put("after", "2");
            cluster.pass(200);
            assertThat(put.values).hasSize(1);
            assertThat(behind.get("after")).isEqualTo("2");
            assertThat(behind.engine().machine().store().hashKv(0))
                    .isEqualTo(leader.engine().machine().store().hashKv(0));
            assertThat(behind.disk.list(HandTurned.SNAP)).noneMatch(name -> name.endsWith(".snap.db"));
        }
    }

    @Test
    void whatWasReplacedIsReplacedInAllItsParts() throws Exception {
        try (var cluster = oneFarBehind()) {
            var behind = behind(cluster);
            cluster.leader().propose(HandTurned.grant(77, 500));
            cluster.leader().propose(HandTurned.put("leased", "x", 77));
            cluster.leader()
                    .propose(InternalRaftRequest.newBuilder()
                            .setAlarm(AlarmRequest.newBuilder()
                                    .setAction(AlarmRequest.AlarmAction.ACTIVATE)
                                    .setAlarm(AlarmType.CORRUPT)
                                    .setMemberID(5)));
            cluster.pass(200);
            assertThat(behind.engine().machine().alarms().list()).isEmpty();
            cluster.heal();
            cluster.pass(3_000);
            var machine = behind.engine().machine();
            var leaders = cluster.leader().engine().machine();
            assertThat(machine.alarms().list())
                    .hasSize(1)
                    .isEqualTo(leaders.alarms().list());
            assertThat(machine.leases().list()).containsExactly(77L);
            assertThat(machine.leases().timeToLiveWithKeys(77, 0).keys())
                    .containsExactly("leased".getBytes(StandardCharsets.UTF_8));
            assertThat(machine.members().now()).isEqualTo(leaders.members().now());
            assertThat(tree(machine)).isEqualTo(tree(leaders));
        }
    }

    /// Without the counters of how often it was asked.
    private static String tree(StateMachine machine) {
        var json = new String(machine.saveLegacy(), StandardCharsets.UTF_8);
        return json.substring(0, json.indexOf("\"Stats\""));
    }

    @Test
    void watchersAreToldWhereTheStoreStandsNow() throws Exception {
        try (var cluster = oneFarBehind()) {
            var behind = behind(cluster);
            cluster.heal();
            cluster.pass(3_000);
            assertThat(behind.restartedAt)
                    .containsExactly(
                            cluster.leader().engine().machine().store().view().revision());
            cluster.leader().put("later", "1");
            cluster.pass(200);
            assertThat(behind.changed.getLast().revision())
                    .isEqualTo(behind.engine().machine().store().view().revision());
        }
    }

    @Test
    void aLinearizableReadThatWaitsForWhatTheSnapshotCoversIsAnswered() throws Exception {
        try (var cluster = oneFarBehind()) {
            var behind = behind(cluster);
            behind.stuck.add(Engine.Stage.APPLY);
            cluster.heal();
            cluster.pass(1_000);
            var read = behind.linearize();
            cluster.pass(1_000);
            assertThat(read.isOpen()).isTrue();
            behind.stuck.clear();
            cluster.pass(1_000);
            assertThat(read.values).hasSize(1);
            assertThat(behind.get("key59")).isEqualTo("value59");
        }
    }

    @Test
    void aSnapshotThatGetsLostIsSentAgain() throws Exception {
        try (var cluster = oneFarBehind()) {
            var behind = behind(cluster);
            cluster.databasesLost = 2;
            cluster.heal();
            cluster.pass(5_000);
            assertThat(cluster.databasesLost).isZero();
            assertThat(behind.get("key59")).isEqualTo("value59");
        }
    }

    @Test
    void theLogIsHeldBackWhileASnapshotIsUnderWay() throws Exception {
        try (var cluster = oneFarBehind()) {
            cluster.databasesHeld = true;
            cluster.heal();
            cluster.pass(1_000);
            var leader = cluster.leader();
            long first = leader.engine().firstIndex();
            many(cluster, 100);
            assertThat(leader.engine().firstIndex()).as("one is under way").isEqualTo(first);
            cluster.databasesHeld = false;
            cluster.pass(1_000);
            assertThat(cluster.databasesDelivered).isEqualTo(1);
            many(cluster, 100);
            assertThat(leader.engine().firstIndex()).as("it has just arrived").isEqualTo(first);
            cluster.pass(31_000);
            many(cluster, 100);
            assertThat(leader.engine().firstIndex()).isGreaterThan(first + 200);
        }
    }

    @Test
    void aLogThatGrowsTooLargeIsNotHeldBack() throws Exception {
        try (var cluster = oneFarBehind()) {
            cluster.databasesHeld = true;
            cluster.heal();
            cluster.pass(1_000);
            var leader = cluster.leader();
            long first = leader.engine().firstIndex();
            for (int i = 0; i < 60; i++) {
                leader.put("big", "x".repeat(1_000));
                cluster.settle();
            }
            assertThat(leader.engine().firstIndex()).isGreaterThan(first + 30);
        }
    }

    @Test
    void largeEntriesBringASnapshotEarlierAndFewerOfThemStay() throws Exception {
        try (var cluster = new Several("a")) {
            var one = cluster.one("a");
            one.logLimits = new LogLimits(1_000, 5_000, 20_000, 1_000_000, 1 << 20);
            one.start();
            cluster.pass(1_000);
            long before = one.engine().status().lastIndex();
            for (int i = 0; i < 50; i++) {
                one.put("big", "x".repeat(1_000));
                cluster.settle();
            }
            long last = one.engine().status().lastIndex();
            assertThat(last - before).isEqualTo(50);
            assertThat(last - one.engine().firstIndex()).isLessThan(30);
            assertThat(one.disk.list(HandTurned.SNAP))
                    .as("though 1000 entries may come between two")
                    .filteredOn(name -> name.endsWith(".snap"))
                    .hasSize(2);
        }
    }

    private static void many(Several cluster, int puts) throws Exception {
        for (int i = 0; i < puts; i++) {
            cluster.leader().put("many" + i, "value");
            cluster.settle();
        }
    }
}
