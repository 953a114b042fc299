package dev.cetera.lab.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.lab.cluster.Cluster;
import dev.cetera.lab.cluster.Contents;
import dev.cetera.lab.cluster.Direct;
import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.cluster.Program;
import dev.cetera.testkit.Evidence;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A member was away for so long that the leader no longer has the entries that it missed: it gets a snapshot.
class SnapshotForeignTest {
    private static final Program OURS = Program.underTest();
    private static final Program ETCD = Program.etcd();
    private static final Duration CALL = Duration.ofSeconds(10);

    /// More than the 5000 entries that etcd keeps behind its snapshot, and the steps between snapshots.
    private static final int MISSED = 5600;

    private static final String EVERY = "--snapshot-count=200";

    @RegisterExtension
    final Evidence evidence = new Evidence();

    @Test
    void oursIsCaughtUpByAnEtcd() throws Exception {
        Cluster cluster = cluster(List.of(ETCD, OURS, ETCD));
        catchesUp(cluster, cluster.member(1), cluster.member(0));
        assertThat(Files.readString(cluster.member(1).log()))
                .contains("successfully received and saved database snapshot")
                .contains("applied incoming snapshot at index");
    }

    @Test
    void oursCatchesAnEtcdUp() throws Exception {
        Cluster cluster = cluster(List.of(OURS, ETCD, OURS));
        catchesUp(cluster, cluster.member(1), cluster.member(0));
        assertThat(Files.readString(cluster.member(0).log())).contains("sent out successfully");
    }

    @Test
    void oursCatchesOursUp() throws Exception {
        Cluster cluster = cluster(List.of(OURS, OURS, OURS));
        catchesUp(cluster, cluster.member(1), cluster.member(0));
    }

    private Cluster cluster(List<Program> programs) throws Exception {
        return evidence.closing(Cluster.of(evidence.directory(), programs.size(), EVERY))
                .start(programs);
    }

    /// Afterwards `late` leads and serves what it got, and restarts from its own files.
    private void catchesUp(Cluster cluster, Member late, Member leader) throws Exception {
        Direct direct = cluster.direct(leader);
        long lease = direct.lease(CALL)
                .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(3600).build())
                .getID();
        cluster.moveLeader(leader);
        direct.putAll(100, i -> put("before/" + i, i, 0));
        late.kill();
        direct.putAll(MISSED, i -> put("missed/" + i % 1000, i, i == 7 ? lease : 0));
        assertThat(cluster.leader()).isSameAs(leader);

        late.start(late.program());
        cluster.awaitSame();
        cluster.moveLeader(late);
        Direct caughtUp = cluster.direct(late);
        caughtUp.putAll(100, i -> put("after/" + i, i, 0));
        assertThat(caughtUp.lease(CALL)
                        .leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder()
                                .setID(lease)
                                .setKeys(true)
                                .build())
                        .getGrantedTTL())
                .isEqualTo(3600);
        Contents all = cluster.awaitSame();
        late.kill();
        late.start(late.program());
        assertThat(cluster.awaitSame()).isEqualTo(all);
    }

    private static PutRequest put(String key, long value, long lease) {
        return PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setValue(ByteString.copyFromUtf8("value " + value))
                .setLease(lease)
                .build();
    }
}
