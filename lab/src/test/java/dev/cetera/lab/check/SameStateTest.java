package dev.cetera.lab.check;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.cetera.api.mvccpb.KeyValue;
import dev.cetera.disk.FakeDisk;
import dev.cetera.schema.Backend;
import dev.cetera.schema.Bucket;
import dev.cetera.schema.MetaKey;
import dev.cetera.schema.Revision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class SameStateTest {
    private static final Path FILE = Path.of("/db");

    private interface Filling {
        void fill(Backend backend) throws IOException;
    }

    private static SameState.Digest digest(String member, long index, Filling filling) throws IOException {
        var disk = new FakeDisk(1);
        try (var backend = Backend.open(disk, FILE)) {
            filling.fill(backend);
            backend.consistentIndex(index);
            backend.commit();
            return SameState.of(member, backend);
        }
    }

    private static void put(Backend backend, long main, String key, String value) {
        var kv = KeyValue.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setValue(ByteString.copyFromUtf8(value))
                .build();
        backend.put(Bucket.KEY, Revision.putKey(main, 0), kv.toByteArray());
    }

    private static void delete(Backend backend, long main, String key) {
        var kv = KeyValue.newBuilder().setKey(ByteString.copyFromUtf8(key)).build();
        backend.put(Bucket.KEY, Revision.tombstoneKey(main, 0), kv.toByteArray());
    }

    @Test
    void theSameEntriesMakeTheSameState() throws IOException {
        var one = digest("m1", 7, backend -> put(backend, 2, "a", "1"));
        var other = digest("m2", 7, backend -> put(backend, 2, "a", "1"));
        assertThat(SameState.difference(List.of(one, other))).isEmpty();
    }

    @Test
    void aDifferenceNamesBucketAndKey() throws IOException {
        var one = digest("m1", 7, backend -> put(backend, 2, "a", "1"));
        var other = digest("m2", 7, backend -> put(backend, 2, "a", "2"));
        assertThat(SameState.difference(List.of(one, other)).orElseThrow())
                .contains("KEY", "2_0", "m1", "m2", "entry 7");
    }

    @Test
    void aMissingRowIsADifference() throws IOException {
        var one = digest("m1", 7, _ -> {});
        var other = digest("m2", 7, backend -> backend.put(Bucket.LEASE, new byte[] {1}, new byte[] {2}));
        assertThat(SameState.difference(List.of(one, other)).orElseThrow()).contains("LEASE", "nothing");
    }

    @Test
    void longValuesAreComparedToo() throws IOException {
        var one = digest("m1", 7, backend -> put(backend, 2, "a", "x".repeat(5_000)));
        var other = digest("m2", 7, backend -> put(backend, 2, "a", "x".repeat(4_999) + "y"));
        assertThat(SameState.difference(List.of(one, other))).isPresent();
    }

    @Test
    void membersAtDifferentIndexesAreNotCompared() throws IOException {
        var one = digest("m1", 7, backend -> put(backend, 2, "a", "1"));
        var other = digest("m2", 8, backend -> put(backend, 2, "a", "2"));
        assertThat(SameState.difference(List.of(one, other))).isEmpty();
    }

    @Test
    void howFarTheCompactionIsDoesNotCount() throws IOException {
        var accepted = Revision.putKey(5, 0);
        var one = digest("m1", 7, backend -> {
            put(backend, 2, "a", "1");
            put(backend, 3, "b", "1");
            put(backend, 4, "a", "2");
            delete(backend, 5, "b");
            put(backend, 6, "a", "3");
            backend.put(Bucket.META, MetaKey.SCHEDULED_COMPACTION.bytes(), accepted);
        });
        var other = digest("m2", 7, backend -> {
            put(backend, 4, "a", "2");
            put(backend, 6, "a", "3");
            backend.put(Bucket.META, MetaKey.SCHEDULED_COMPACTION.bytes(), accepted);
            backend.put(Bucket.META, MetaKey.FINISHED_COMPACTION.bytes(), accepted);
        });
        assertThat(SameState.difference(List.of(one, other))).isEmpty();
        var without = digest("m3", 7, backend -> {
            put(backend, 6, "a", "3");
            backend.put(Bucket.META, MetaKey.SCHEDULED_COMPACTION.bytes(), accepted);
        });
        assertThat(SameState.difference(List.of(one, without)).orElseThrow()).contains("4_0");
    }

    @Test
    void theNameOfAMemberThatHasNotPublishedItselfDoesNotCount() throws IOException {
        var one = digest("m1", 7, backend -> member(backend, "{\"id\":1,\"name\":\"a\",\"peerURLs\":[\"x\"]}"));
        var other = digest("m2", 7, backend -> member(backend, "{\"id\":1,\"peerURLs\":[\"x\"]}"));
        assertThat(SameState.difference(List.of(one, other))).isEmpty();
    }

    private static void member(Backend backend, String json) {
        backend.put(Bucket.MEMBERS, "1".getBytes(UTF_8), json.getBytes(UTF_8));
    }

    @Test
    void aFileIsReadWithoutABackend() throws IOException {
        var disk = new FakeDisk(1);
        try (var backend = Backend.open(disk, FILE)) {
            put(backend, 2, "a", "1");
            backend.consistentIndex(7);
            backend.commit();
        }
        var one = SameState.of("m1", disk, FILE);
        assertThat(one.index()).isEqualTo(7);
        assertThat(SameState.difference(List.of(one, digest("m2", 7, backend -> put(backend, 2, "a", "1")))))
                .isEmpty();
    }
}
