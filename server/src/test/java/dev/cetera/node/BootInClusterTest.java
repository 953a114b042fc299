package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.cluster.Member;
import dev.cetera.cluster.Members;
import dev.cetera.config.Clustering;
import dev.cetera.disk.Fault;
import dev.cetera.disk.SimulatedCrash;
import dev.cetera.node.HandTurned.Kept;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.HardState;
import dev.cetera.raft.Recovered;
import dev.cetera.raftpb.RaftCodec;
import dev.cetera.wal.Wal;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// How a member of several begins: founds, joins, goes on, or is made to go on alone.
class BootInClusterTest {
    private static final String THREE = "a=http://a:2380,b=http://b:2380,c=http://c:2380";

    private static Wal.Replay log(Several.One one) throws Exception {
        return Wal.read(one.disk, HandTurned.WAL, Wal.SnapshotMark.NONE);
    }

    // ---- founding ----

    @Test
    void allFoundersBeginWithTheSameEntries() throws Exception {
        try (var cluster = new Several("a", "b", "c")) {
            for (var one : cluster.all.values()) {
                one.start();
                one.stop();
            }
            var first = log(cluster.one("a"));
            assertThat(first.hardState()).isEqualTo(new HardState(1, 0, 3));
            assertThat(first.entries()).hasSize(3).allSatisfy(entry -> {
                assertThat(entry.term()).isEqualTo(1);
                assertThat(entry.type()).isEqualTo(EntryType.CONF_CHANGE);
            });
            var ids = new ArrayList<Long>();
            for (var entry : first.entries()) {
                ids.add(RaftCodec.decodeConfChange(entry.data()).nodeId());
            }
            assertThat(ids).isSortedAccordingTo(Long::compareUnsigned);
            for (var one : cluster.all.values()) {
                assertThat(log(one).entries()).usingRecursiveComparison().isEqualTo(first.entries());
                assertThat(ids).contains(log(one).metadata().nodeId());
                assertThat(log(one).metadata().clusterId())
                        .isEqualTo(first.metadata().clusterId());
            }
        }
    }

    @Test
    void aFounderThatHasLostItsDataDoesNotBeginAgain() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var lost = cluster.follower();
            long id = lost.id();
            lost.engine = null;
            lost.disk = new dev.cetera.disk.FakeDisk(2);
            assertThatThrownBy(lost::start)
                    .isInstanceOf(StartException.class)
                    .hasMessage("member " + Long.toHexString(id) + " has already been bootstrapped");
        }
    }

    @Test
    void afterAPowerLossOfAllTheClusterGoesOn() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var put = cluster.leader().put("key", "value");
            cluster.settle();
            assertThat(put.values).hasSize(1);
            for (var one : cluster.all.values()) {
                one.kill();
            }
            for (var one : cluster.all.values()) {
                one.start();
            }
            cluster.untilLed();
            for (var one : cluster.all.values()) {
                assertThat(one.get("key")).isEqualTo("value");
            }
        }
    }

    // ---- joining ----

    /// Told to the cluster, and ready to be started.
    private static Several.One newcomer(Several cluster, String flag) throws Exception {
        var member = Member.of(77, List.of("http://d:2380"), "");
        var added = new Kept<Reconfigured>();
        cluster.leader().engine().reconfigure(id -> Members.add(id, member), added);
        cluster.pass(200);
        assertThat(added.values).hasSize(1);
        var one = cluster.add("d", flag);
        one.config = one.config.withClustering(Clustering.DEFAULTS.withBeginning(Clustering.Beginning.JOIN));
        return one;
    }

    @Test
    void aMemberThatWasAddedJoinsUnderTheIdentityThatItWasGiven() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            cluster.leader().put("key", "value");
            cluster.settle();
            var joins = newcomer(cluster, THREE + ",d=http://d:2380");
            joins.start();
            assertThat(joins.id()).isEqualTo(77);
            assertThat(joins.engine().clusterId())
                    .isEqualTo(cluster.leader().engine().clusterId());
            assertThat(joins.remotes).extracting(Member::id).hasSize(3).doesNotContain(77L);

            cluster.untilLed();
            assertThat(joins.get("key")).isEqualTo("value");
            cluster.pass(200);
            assertThat(cluster.leader().engine().membership().member(77))
                    .satisfies(member -> assertThat(member.name()).isEqualTo("d"));
        }
    }

    @Test
    void joiningThatIsCutShortAnywhereIsTakenUpAgain() throws Exception {
        long operations;
        try (var cluster = Several.started("a", "b", "c")) {
            var joins = newcomer(cluster, THREE + ",d=http://d:2380");
            joins.start();
            operations = joins.disk.operations();
        }
        for (long operation = 1; operation <= operations; operation++) {
            try (var cluster = Several.started("a", "b", "c")) {
                var joins = newcomer(cluster, THREE + ",d=http://d:2380");
                joins.disk.failAt(operation, Fault.CRASH);
                try {
                    joins.start();
                } catch (SimulatedCrash expected) {
                    // that is what it is for
                }
                joins.kill();
                joins.start();
                cluster.untilLed();
                assertThat(joins.id()).as("cut at operation " + operation).isEqualTo(77);
            }
        }
    }

    @Test
    void nobodyJoinsAClusterThatTheFlagsDoNotDescribe() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var fewer = newcomer(cluster, "a=http://a:2380,b=http://b:2380,d=http://d:2380");
            assertThatThrownBy(fewer::start)
                    .isInstanceOf(StartException.class)
                    .hasMessageStartingWith("error validating peerURLs {ClusterID:"
                            + Long.toHexString(cluster.leader().engine().clusterId()) + " Members:[&{ID:")
                    .hasMessageContaining(
                            "&{ID:4d RaftAttributes:{PeerURLs:[http://d:2380]} Attributes:{Name: ClientURLs:[]}}")
                    .hasMessageEndingWith("] RemovedMemberIDs:[]}: member count is unequal");
        }
        try (var cluster = Several.started("a", "b", "c")) {
            var other = newcomer(cluster, "a=http://a:2380,b=http://b:2380,x=http://x:2380,d=http://d:2380");
            assertThatThrownBy(other::start)
                    .isInstanceOf(StartException.class)
                    .hasMessageEndingWith("unmatched member while checking PeerURLs (\"http://c:2380\"(resolved from"
                            + " \"http://c:2380\") != \"http://d:2380\"(resolved from \"http://d:2380\"))");
        }
    }

    @Test
    void nobodyJoinsWhereNobodyAnswers() throws Exception {
        try (var cluster = new Several("a")) {
            var alone = cluster.add("d", "a=http://a:2380,d=http://d:2380");
            alone.config = alone.config.withClustering(Clustering.DEFAULTS.withBeginning(Clustering.Beginning.JOIN));
            assertThatThrownBy(alone::start)
                    .isInstanceOf(StartException.class)
                    .hasMessage("cannot fetch cluster info from peer urls: could not retrieve cluster information"
                            + " from the given urls");
        }
    }

    @Test
    void nobodyJoinsAClusterOfANewerVersion() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var joins = newcomer(cluster, THREE + ",d=http://d:2380");
            cluster.clusterVersion = "3.4.0";
            assertThatThrownBy(joins::start)
                    .isInstanceOf(StartException.class)
                    .hasMessage("incompatible with current running cluster");
            cluster.clusterVersion = "not_decided";
            assertThatThrownBy(joins::start)
                    .isInstanceOf(StartException.class)
                    .hasMessage("incompatible with current running cluster");
            cluster.clusterVersion = "3.2.0";
            joins.start();
        }
    }

    // ---- going on alone ----

    @Test
    void aMemberForcedToBeAloneKeepsWhatWasCommittedAndItsIdentity() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var put = cluster.leader().put("key", "value");
            cluster.pass(100);
            assertThat(put.values).hasSize(1);
            var survivor = cluster.leader();
            cluster.cutOff(survivor);
            survivor.put("key", "uncommitted");
            survivor.turn();
            long clusterId = survivor.engine().clusterId();
            long id = survivor.id();
            for (var one : cluster.all.values()) {
                one.stop();
            }

            survivor.config = survivor.config.withClustering(Clustering.DEFAULTS.withRestart(Clustering.Restart.ALONE));
            survivor.start();
            cluster.untilLed();

            assertThat(survivor.id()).isEqualTo(id);
            assertThat(survivor.engine().clusterId()).isEqualTo(clusterId);
            assertThat(survivor.get("key")).isEqualTo("value");
            assertThat(survivor.engine().membership().ids()).containsExactly(id);
            assertThat(survivor.engine().confState().voters()).containsExactly(id);
            var more = survivor.put("more", "value");
            cluster.settle();
            assertThat(more.values).hasSize(1);

            survivor.kill();
            survivor.config = survivor.config.withClustering(Clustering.DEFAULTS);
            survivor.start();
            cluster.untilLed();
            assertThat(survivor.engine().membership().ids()).containsExactly(id);
            assertThat(survivor.get("more")).isEqualTo("value");
        }
    }

    @Test
    void forcingDropsTheUncommittedTailAndRemovesTheOthersInOrder() throws Exception {
        var entries = new ArrayList<dev.cetera.raft.Entry>();
        for (long id : List.of(-1L, 5L, 3L)) {
            var change = Members.add(0, Member.of(id, List.of("http://m" + id + ":1"), ""));
            entries.add(
                    new dev.cetera.raft.Entry(1, entries.size() + 1, EntryType.CONF_CHANGE, RaftCodec.encode(change)));
        }
        entries.add(new dev.cetera.raft.Entry(4, 4, EntryType.NORMAL, new byte[] {1}));
        entries.add(new dev.cetera.raft.Entry(4, 5, EntryType.NORMAL, new byte[] {2}));
        var before = new Recovered(new HardState(4, 3, 4), dev.cetera.raft.SnapshotMeta.NONE, entries, 0);

        var forced = ForcedAlone.force(5, before);

        assertThat(forced.appended())
                .hasSize(2)
                .allSatisfy(entry -> assertThat(entry.term()).isEqualTo(4));
        assertThat(RaftCodec.decodeConfChange(forced.appended().get(0).data())).isEqualTo(Members.remove(0, 3));
        assertThat(RaftCodec.decodeConfChange(forced.appended().get(1).data())).isEqualTo(Members.remove(0, -1));
        assertThat(forced.recovered().entries()).hasSize(6);
        assertThat(forced.recovered().entries().get(4).index()).isEqualTo(5);
        assertThat(forced.recovered().hardState()).isEqualTo(new HardState(4, 3, 6));

        var stranger = ForcedAlone.force(9, before);
        var added = RaftCodec.decodeConfChange(stranger.appended().getLast().data());
        assertThat(added).isEqualTo(Members.add(0, Member.of(9, List.of("http://localhost:2380"), "")));
    }
}
