package dev.cetera.lab.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.lab.cluster.Cluster;
import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.cluster.Program;
import dev.cetera.lab.cluster.Writers;
import dev.cetera.lab.cluster.Writers.Pace;
import dev.cetera.testkit.Evidence;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Members come, go and change hands while the cluster is written to.
class MembershipForeignTest {
    private static final Program OURS = Program.underTest();
    private static final Program ETCD = Program.etcd();
    private static final int SOME = 50;

    @RegisterExtension
    final Evidence evidence = new Evidence();

    /// An etcd is replaced by a new member of ours, then one of ours by a new etcd.
    @Test
    void membersAreReplaced() throws Exception {
        Cluster cluster = evidence.closing(Cluster.of(evidence.directory(), 3)).start(List.of(ETCD, OURS, ETCD));
        try (Writers writers = Writers.start(cluster.members(), Pace.GENTLE, 2)) {
            Member first = cluster.member(0);
            replace(cluster, first, cluster.member(1), "m4", OURS);
            assertSaysThatItIsRemoved(first);
            writers.awaitMore(SOME);

            Member ours = cluster.member(0);
            assertThat(ours.program()).isEqualTo(OURS);
            replace(cluster, ours, cluster.member(1), "m5", ETCD);
            assertSaysThatItIsRemoved(ours);
            writers.awaitMore(SOME);

            writers.stop();
            cluster.awaitSame();
            cluster.members().forEach(writers::verify);
        }
    }

    /// Out with `old`, who ends by itself with exit code 0, in with a new one.
    private static void replace(Cluster cluster, Member old, Member through, String name, Program program)
            throws Exception {
        cluster.remove(old, through);
        assertThat(old.awaitExit()).as(old.logTail()).isZero();
        cluster.add(name, through).start(program);
    }

    private static void assertSaysThatItIsRemoved(Member member) throws Exception {
        assertThat(Files.readString(member.log()))
                .contains("the member has been permanently removed from the cluster")
                .contains("the data-dir used by this member must be removed");
    }

    /// One process stops, another program goes on with its directory: both ways, while the others are written
    /// to.
    @Test
    void directoriesAreHandedOverInsideALiveCluster() throws Exception {
        Cluster cluster = evidence.closing(Cluster.of(evidence.directory(), 3)).start(List.of(ETCD, OURS, OURS));
        try (Writers writers = Writers.start(cluster.members(), Pace.GENTLE, 3)) {
            for (int place = 0; place < 2; place++) {
                Member member = cluster.member(place);
                Program next = member.program().equals(OURS) ? ETCD : OURS;
                writers.awaitMore(SOME);
                member.terminate();
                member.start(next);
                cluster.moveLeader(member);
                writers.awaitMore(SOME);
            }
            Member killed = cluster.member(1);
            killed.kill();
            killed.start(OURS);
            writers.awaitMore(SOME);

            writers.stop();
            cluster.awaitSame();
            cluster.members().forEach(writers::verify);
        }
    }
}
