package dev.cetera.mvcc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.api.Refusal;
import dev.cetera.disk.FakeDisk;
import dev.cetera.schema.Backend;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// Files that etcd wrote, restored and hashed as etcd does.
class GoldenBackendTest {
    private static final Path DIRECTORY = Path.of("/data");
    private static final Path DB = DIRECTORY.resolve("db");

    private static Backend open(String name) throws IOException {
        var disk = new FakeDisk(1);
        disk.createDirectories(DIRECTORY);
        try (var golden = GoldenBackendTest.class.getResourceAsStream("/golden/" + name)) {
            disk.put(DB, Objects.requireNonNull(golden, name).readAllBytes());
        }
        return Backend.open(disk, DB);
    }

    private static KvHash hash(Store store, long revision) throws IOException {
        return ((Answer.Found<KvHash>) store.hashKv(revision)).value();
    }

    private static List<String> keys(Store store) throws IOException {
        var all = (Answer.Found<RangeResult>) store.range(RangeQuery.between(new byte[1], new byte[1]));
        return all.value().kvs().stream()
                .map(kv -> new String(kv.key(), StandardCharsets.US_ASCII))
                .toList();
    }

    @Test
    void richFilesRestoreToWhatEtcdServes() throws IOException {
        for (var version : List.of("3.2", "3.3", "3.4")) {
            var backend = open("rich-" + version + ".db");
            var restored = Store.restore(backend);
            var store = restored.store();
            assertThat(store.view().revision()).isEqualTo(14);
            assertThat(store.view().compactRevision()).isEqualTo(9);
            assertThat(backend.consistentIndex()).isEqualTo(39);
            assertThat(keys(store)).containsExactly("bin", "dir/b", "fill1", "fill2", "foo", "lk", "t2");
            assertThat(restored.unfinished()).isNull();
            assertThat(restored.leases()).hasSize(1);
            assertThat(restored.leases().firstEntry().getValue())
                    .containsExactly("lk".getBytes(StandardCharsets.US_ASCII));
        }
    }

    @Test
    void theKvHashIsEtcds() throws IOException {
        assertThat(hash(Store.restore(open("rich-3.3.snapshot.db")).store(), 14))
                .isEqualTo(new KvHash((int) 3421074416L, 14, 9));
        assertThat(hash(Store.restore(open("rich-3.4.snapshot.db")).store(), 0))
                .isEqualTo(new KvHash((int) 4043228027L, 14, 9));
        assertThat(hash(Store.restore(open("v2data-3.3.snapshot.db")).store(), 0))
                .isEqualTo(new KvHash((int) 1718341533L, 29, -1));
    }

    @Test
    void theKvHashRefusesWhatIsCompactedOrNotThere() throws IOException {
        var store = Store.restore(open("rich-3.3.db")).store();
        assertThat(store.hashKv(9)).isEqualTo(new Answer.Refused<KvHash>(Refusal.COMPACTED));
        assertThat(store.hashKv(15)).isEqualTo(new Answer.Refused<KvHash>(Refusal.FUTURE_REVISION));
    }

    @Test
    void aRestoredClustersFileEndsAtItsTombstone() throws IOException {
        var store = Store.restore(open("restored-2-members-3.3.db")).store();
        assertThat(store.view().revision()).isEqualTo(30);
    }
}
