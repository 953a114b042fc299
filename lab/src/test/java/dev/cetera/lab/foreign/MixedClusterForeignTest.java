package dev.cetera.lab.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.lab.cluster.Cluster;
import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.cluster.Program;
import dev.cetera.lab.cluster.Watching;
import dev.cetera.lab.cluster.Writers;
import dev.cetera.lab.cluster.Writers.Pace;
import dev.cetera.testkit.Evidence;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Ours and real etcds as members of one cluster, written to and watched all the time: each of them leads,
/// each of them is killed, and no promise is broken.
class MixedClusterForeignTest {
    private static final Program OURS = Program.underTest();
    private static final Program ETCD = Program.etcd();

    /// Enough to see that a change of leaders did not end the service.
    private static final int SOME = 50;

    @RegisterExtension
    final Evidence evidence = new Evidence();

    @Test
    void oursAmongTwoEtcds() throws Exception {
        everyMemberLeadsAndEveryMemberIsKilled(List.of(ETCD, OURS, ETCD));
    }

    @Test
    void oneEtcdAmongTwoOfOurs() throws Exception {
        everyMemberLeadsAndEveryMemberIsKilled(List.of(OURS, ETCD, OURS));
    }

    @Test
    void threeOfOurs() throws Exception {
        everyMemberLeadsAndEveryMemberIsKilled(List.of(OURS, OURS, OURS));
    }

    private void everyMemberLeadsAndEveryMemberIsKilled(List<Program> programs) throws Exception {
        Cluster cluster = evidence.closing(Cluster.of(evidence.directory(), programs.size()));
        cluster.start(programs);
        Writers writers = evidence.closing(Writers.start(cluster.members(), Pace.GENTLE, 1));
        Watching watching = evidence.closing(Watching.start(cluster.members(), 0));

        for (Member member : cluster.members()) {
            cluster.moveLeader(member);
            writers.awaitMore(SOME);
        }
        for (Member member : cluster.members()) {
            member.kill();
            cluster.leader();
            writers.awaitMore(SOME);
            member.start(member.program());
        }

        for (Member member : cluster.members()) {
            assertThat(member.get("/version").body()).contains("\"etcdcluster\":\"3.3.0\"");
        }
        writers.stop();
        cluster.awaitSame();
        for (Member member : cluster.members()) {
            writers.verify(member);
        }
        watching.verify(cluster.member(0), writers.timeline().newestRevision());
        assertThat(watching.streams()).as("streams of the watch").isGreaterThan(1);
    }
}
