package dev.cetera.mvcc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.bolt.Bolt;
import dev.cetera.bolt.BoltOptions;
import dev.cetera.disk.CorruptionException;
import dev.cetera.disk.FakeDisk;
import dev.cetera.schema.Backend;
import dev.cetera.schema.Bucket;
import dev.cetera.schema.KeyValue;
import dev.cetera.schema.MetaKey;
import dev.cetera.schema.Revision;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Records that no member writes, in a file whose pages are sound.
class DamagedContentsTest {
    private static final Path DB = Path.of("/data/db");

    private static FakeDisk holding(Bucket bucket, byte[] key, byte[] value) throws IOException {
        var disk = new FakeDisk(1);
        disk.createDirectories(Path.of("/data"));
        try (var bolt = Bolt.open(disk, DB, BoltOptions.DEFAULTS);
                var tx = bolt.write()) {
            tx.createBucket(bucket.bytes()).put(key, value);
            tx.commit();
        }
        return disk;
    }

    private static void assertRefused(FakeDisk disk) {
        assertThatThrownBy(() -> {
                    try (var backend = Backend.open(disk, DB)) {
                        Store.restore(backend);
                    }
                })
                .isInstanceOf(CorruptionException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00",
                "00000000000000025f",
                "80000000000000025f0000000000000000",
                "7fffffffffffffff5f0000000000000000",
                "00000000000000025f8000000000000000",
                "00000000000000025f0000000020000000",
                "00000000000000025f000000000000000075"
            })
    void whatIsNoRevisionIsRefused(String key) throws IOException {
        byte[] kv = KeyValue.put(new byte[] {'k'}, 2, 2, 1, new byte[0], 0).encoded();
        assertRefused(holding(Bucket.KEY, HexFormat.of().parseHex(key), kv));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "0a026b", "0a016b0000", "0a016b10ffffffffffffffffffff7f", "0a016b8080808080808080808001"})
    void whatIsNoKeyValueIsRefused(String record) throws IOException {
        assertRefused(holding(Bucket.KEY, Revision.putKey(2, 0), HexFormat.of().parseHex(record)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00000002"})
    void aCompactionAtNoRevisionIsRefused(String revision) throws IOException {
        for (var mark : new MetaKey[] {MetaKey.SCHEDULED_COMPACTION, MetaKey.FINISHED_COMPACTION}) {
            assertRefused(holding(Bucket.META, mark.bytes(), HexFormat.of().parseHex(revision)));
        }
    }

    @Test
    void aNegativeIndexIsRefused() throws IOException {
        assertRefused(holding(
                Bucket.META, MetaKey.CONSISTENT_INDEX.bytes(), HexFormat.of().parseHex("8000000000000000")));
    }

    /// The file no longer has what the tail still has: both must have the same hash.
    @Test
    void withNothingAliveTheHashIsTheSameAfterARestart() throws IOException {
        var disk = new FakeDisk(1);
        disk.createDirectories(Path.of("/data"));
        byte[] key = "k".getBytes(StandardCharsets.UTF_8);
        try (var backend = Backend.open(disk, DB)) {
            var store = Store.restore(backend).store();
            var txn = store.begin();
            txn.put(key, key, 0);
            txn.end();
            txn = store.begin();
            txn.deleteRange(key, new byte[0]);
            txn.end();
            if (!(store.compact(3) instanceof Answer.Found<Compaction>(var compaction))) {
                throw new AssertionError("not compacted");
            }
            backend.consistentIndex(1);
            while (compaction.step()) {
                backend.commit();
            }
            var restored = Store.restore(backend).store();
            assertThat(store.hashKv(0)).isEqualTo(restored.hashKv(0));
        }
    }
}
