package dev.cetera.lab.check;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.cetera.api.mvccpb.KeyValue;
import dev.cetera.cluster.Member;
import dev.cetera.disk.FakeDisk;
import dev.cetera.schema.Backend;
import dev.cetera.schema.Bucket;
import dev.cetera.schema.MetaKey;
import dev.cetera.schema.Revision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OwnFileTest {
    private Backend backend;

    @BeforeEach
    void open() throws IOException {
        backend = Backend.open(new FakeDisk(1), Path.of("/db"));
        backend.put(Bucket.META, MetaKey.FINISHED_COMPACTION.bytes(), Revision.putKey(5, 0));
    }

    @AfterEach
    void close() throws IOException {
        backend.close();
    }

    private void put(long main, String key) {
        backend.put(Bucket.KEY, Revision.putKey(main, 0), record(key));
    }

    private void delete(long main, String key) {
        backend.put(Bucket.KEY, Revision.tombstoneKey(main, 0), record(key));
    }

    private static byte[] record(String key) {
        return KeyValue.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .build()
                .toByteArray();
    }

    private Optional<String> fault(Member... members) throws IOException {
        backend.consistentIndex(7);
        backend.commit();
        return OwnFile.fault(backend, List.of(members));
    }

    private static Member member(long id) {
        return Member.of(id, List.of("http://m" + id), "m" + id);
    }

    @Test
    void whatACompactionLeavesIsRight() throws IOException {
        put(4, "a");
        delete(5, "b");
        put(6, "a");
        put(7, "a");
        delete(8, "a");
        assertThat(fault()).isEmpty();
    }

    @Test
    void aSupersededRevisionIsNoticed() throws IOException {
        put(3, "a");
        put(5, "a");
        assertThat(fault()).contains("the compaction at 5 has left revision 3 of a beside 5");
    }

    @Test
    void aDeletionIsNoticed() throws IOException {
        delete(4, "a");
        assertThat(fault()).contains("the compaction at 5 has left the deletion of a at 4");
    }

    @Test
    void theMembersAreThoseOfTheCluster() throws IOException {
        backend.put(Bucket.MEMBERS, "a1".getBytes(UTF_8), new byte[] {1});
        assertThat(fault(member(0xa1))).isEmpty();
        assertThat(fault()).contains("bucket members has [a1], and members are []");
        assertThat(fault(member(0xa1), member(2))).isPresent();
    }
}
