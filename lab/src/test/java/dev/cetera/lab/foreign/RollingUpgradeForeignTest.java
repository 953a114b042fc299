package dev.cetera.lab.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.lab.cluster.Cluster;
import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.cluster.Program;
import dev.cetera.lab.cluster.Watching;
import dev.cetera.lab.cluster.Writers;
import dev.cetera.lab.cluster.Writers.Pace;
import dev.cetera.testkit.Evidence;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A cluster under constant writes whose processes are replaced one by one, as etcd's upgrade guide has it:
/// ours by the etcd 3.4 of the path, and every etcd of 3.2 or 3.3 that `CETERA_ETCD_BINARIES` names by ours.
class RollingUpgradeForeignTest {
    private static final long LONGEST_GAP_NANOS = 2_000_000_000;
    private static final int SOME = 100;

    @RegisterExtension
    final Evidence evidence = new Evidence();

    /// One way, with what the programs say of themselves: server versions as x.y.z, cluster versions as x.y.
    record Way(Program from, Program to, String fromVersion, String toVersion) {
        static Way of(Program from, Program to) {
            return new Way(from, to, from.version(), to.version());
        }

        String before() {
            return minor(fromVersion);
        }

        String after() {
            return minor(toVersion);
        }

        private static String minor(String version) {
            return version.substring(0, version.lastIndexOf('.'));
        }

        @Override
        public String toString() {
            return from.name() + " " + fromVersion + " to " + to.name() + " " + toVersion;
        }
    }

    static Stream<Way> ways() {
        Program ours = Program.underTest();
        return Stream.concat(
                Stream.of(Way.of(ours, Program.etcd())),
                Program.moreEtcds().stream()
                        .map(etcd -> Way.of(etcd, ours))
                        .filter(way ->
                                way.before().equals("3.2") || way.before().equals("3.3")));
    }

    @ParameterizedTest
    @MethodSource("ways")
    void membersAreReplacedOneByOneUnderConstantWrites(Way way) throws Exception {
        Cluster cluster =
                evidence.closing(Cluster.of(evidence.directory(), 3)).start(Collections.nCopies(3, way.from()));
        Writers writers = evidence.closing(Writers.start(cluster.members(), Pace.GENTLE, 4));
        Watching watching = evidence.closing(Watching.start(cluster.members(), 2));
        awaitClusterVersion(cluster, way.before());
        long begin = System.nanoTime();

        Member leader = cluster.leader();
        List<Member> followers = cluster.others(leader);
        replace(cluster, followers.getFirst(), way, way.to(), writers);
        assertTheOldLeaderSaysWhoIsNewer(cluster, leader, followers.getFirst(), way);
        replace(cluster, followers.getLast(), way, way.to(), writers);
        replace(cluster, followers.getLast(), way, way.from(), writers);
        replace(cluster, followers.getLast(), way, way.to(), writers);
        cluster.moveLeader(leader);
        List<Long> logLengths = new ArrayList<>();
        for (Member follower : followers) {
            logLengths.add(follower.logLength());
        }
        replace(cluster, leader, way, way.to(), writers);
        assertOneOfThemWasHandedLeadership(followers, logLengths, cluster.idOf(leader, followers.getFirst()));

        awaitClusterVersion(cluster, way.after());
        writers.awaitMore(SOME);
        for (Member member : cluster.members()) {
            assertSaysThatTheVersionRose(member, way);
        }
        writers.stop();
        cluster.awaitSame();
        for (Member member : cluster.members()) {
            writers.verify(member);
        }
        watching.verify(leader, writers.timeline().newestRevision());
        assertThat(writers.timeline().longestGapNanos(begin))
                .as("longest time without an acknowledged write, ns; %s", writers.timeline())
                .isLessThan(LONGEST_GAP_NANOS);
    }

    /// Steps 2 to 4 of the guide.
    private static void replace(Cluster cluster, Member member, Way way, Program next, Writers writers)
            throws Exception {
        Member witness = cluster.others(member).getFirst();
        long id = cluster.idOf(member, witness);
        long witnessed = witness.logLength();
        member.terminate();
        cluster.eventually(
                witness.name() + " says that it lost a peer",
                () -> witness.logFrom(witnessed).contains("peer " + Long.toHexString(id) + " became inactive"));
        long logged = member.logLength();
        member.start(next);
        writers.awaitMore(SOME);
        String published = "published {Name:" + member.name() + " ClientURLs:[" + member.endpoint() + "]} to cluster "
                + Long.toHexString(cluster.status(member).getHeader().getClusterId());
        cluster.eventually(
                "the log says: " + published, () -> member.logFrom(logged).contains(published));
        boolean finished =
                cluster.members().stream().allMatch(one -> one.program().equals(way.to()));
        if (!finished) {
            for (Member one : cluster.members()) {
                String server = one.program().equals(way.to()) ? way.toVersion() : way.fromVersion();
                assertThat(one.get("/version").body())
                        .as(one.name())
                        .isEqualTo("{\"etcdserver\":\"" + server + "\",\"etcdcluster\":\"" + way.before() + ".0\"}");
            }
        }
    }

    private static void assertTheOldLeaderSaysWhoIsNewer(Cluster cluster, Member leader, Member newer, Way way) {
        if (way.before().equals(way.after())) {
            return;
        }
        String id = Long.toHexString(cluster.idOf(newer, leader));
        cluster.eventually("the old leader says who has a higher version", () -> {
            String log = leader.logFrom(0);
            return log.contains("the local etcd version " + way.fromVersion() + " is not up-to-date")
                    && log.contains("member " + id + " has a higher version " + way.toVersion());
        });
    }

    private static void assertOneOfThemWasHandedLeadership(List<Member> members, List<Long> logLengths, long old)
            throws Exception {
        var since = new StringBuilder();
        for (int i = 0; i < members.size(); i++) {
            since.append(members.get(i).logFrom(logLengths.get(i)));
        }
        assertThat(since)
                .containsPattern("\\[term \\d+\\] received MsgTimeoutNow from " + Long.toHexString(old)
                        + " and starts an election to get leadership\\.")
                .containsPattern("became candidate at term \\d+")
                .containsPattern("became leader at term \\d+")
                .containsPattern("raft.node: ([0-9a-f]+) elected leader \\1 at term \\d+");
    }

    private static void assertSaysThatTheVersionRose(Member member, Way way) throws Exception {
        assertThat(member.logFrom(0)).contains("enabled capabilities for version " + way.after());
        if (!way.before().equals(way.after())) {
            assertThat(member.logFrom(0))
                    .contains("updated the cluster version from " + way.before() + " to " + way.after());
        }
    }

    private static void awaitClusterVersion(Cluster cluster, String version) {
        cluster.eventually("the cluster version is " + version, () -> {
            for (Member member : cluster.members()) {
                if (!member.get("/version").body().contains("\"etcdcluster\":\"" + version + ".0\"")) {
                    return false;
                }
            }
            return true;
        });
    }
}
