package dev.cetera.lab.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.lab.cluster.Cluster;
import dev.cetera.lab.cluster.Encryption;
import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.cluster.Program;
import dev.cetera.testkit.Evidence;
import dev.cetera.tls.TestAuthority;
import dev.cetera.tls.TestAuthority.Wish;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Members that speak TLS alone to each other, and demand each other's certificates: a newcomer of another
/// kind than the leader's is brought up to date by a snapshot, leads, and comes back after it was killed.
class EncryptedClusterForeignTest {
    private static final Program OURS = Program.underTest();
    private static final Program ETCD = Program.etcd();

    /// More than the 5000 entries that etcd keeps behind its snapshot, and the steps between snapshots.
    private static final int BEFORE = 5600;

    @RegisterExtension
    final Evidence evidence = new Evidence();

    @Test
    void oursIsCaughtUpByAnEtcd() throws Exception {
        // The second one is ours so that the cluster stays at the version that both know.
        var joined = joins(OURS, ETCD, OURS);
        assertThat(Files.readString(joined.log()))
                .contains("successfully received and saved database snapshot")
                .contains("applied incoming snapshot at index");
    }

    @Test
    void oursCatchesAnEtcdUp() throws Exception {
        var joined = joins(ETCD, OURS);
        assertThat(Files.readString(joined.log())).contains("successfully received and saved database snapshot");
    }

    /// @param there the founders; the first one leads
    private Member joins(Program newcomer, Program... there) throws Exception {
        var authority = new TestAuthority(evidence.directory(), "authority");
        var signed = authority.sign("member", Wish.of("member", "IP:127.0.0.1"));
        var encryption = new Encryption(authority.file(), signed.certificate(), signed.key());
        var cluster = evidence.closing(
                Cluster.encrypted(encryption, evidence.directory(), there.length, "--snapshot-count=200"));
        cluster.start(List.of(there));
        var first = cluster.member(0);
        cluster.moveLeader(first);
        cluster.direct(first).putAll(BEFORE, i -> put("before/" + i % 1000, i));

        var joined = cluster.add("joined", first);
        joined.start(newcomer);
        cluster.awaitSame();
        cluster.moveLeader(joined);
        cluster.direct(joined).putAll(100, i -> put("after/" + i, i));
        cluster.awaitSame();
        joined.kill();
        joined.start(newcomer);
        cluster.direct(first).putAll(100, i -> put("later/" + i, i));
        cluster.awaitSame();
        return joined;
    }

    private static PutRequest put(String key, long value) {
        return PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setValue(ByteString.copyFromUtf8("value " + value))
                .build();
    }
}
