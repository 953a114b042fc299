package dev.cetera.schema;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.disk.FakeDisk;
import dev.cetera.disk.Fault;
import dev.cetera.disk.SimulatedCrash;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class BackendTest {
    private static final Path DIRECTORY = Path.of("/data");
    private static final Path DB = DIRECTORY.resolve("db");

    private static FakeDisk disk(long seed) throws IOException {
        var disk = new FakeDisk(seed);
        disk.createDirectories(DIRECTORY);
        disk.syncDirectory(Path.of("/"));
        return disk;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(US_ASCII);
    }

    private static byte[] golden(String name) throws IOException {
        try (var golden = BackendTest.class.getResourceAsStream("/golden/" + name)) {
            return Objects.requireNonNull(golden, name).readAllBytes();
        }
    }

    @Test
    void aNewFileHasAllBuckets() throws IOException {
        try (var backend = Backend.open(disk(1), DB);
                var file = backend.snapshot()) {
            assertThat(file.bucketNames().stream().map(name -> new String(name, US_ASCII)))
                    .containsExactly(
                            "alarm",
                            "auth",
                            "authRoles",
                            "authUsers",
                            "cluster",
                            "key",
                            "lease",
                            "members",
                            "members_removed",
                            "meta");
            assertThat(backend.consistentIndex()).isZero();
        }
    }

    @Test
    void aCommitTakesWholeEntriesWithTheirIndex() throws IOException {
        var disk = disk(1);
        var backend = Backend.open(disk, DB);
        backend.put(Bucket.LEASE, bytes("a"), bytes("1"));
        backend.consistentIndex(7);
        backend.put(Bucket.LEASE, bytes("b"), bytes("2"));
        assertThat(backend.pendingChanges()).isEqualTo(1);
        assertThat(backend.pendingBytes()).isEqualTo(2);
        backend.commit();
        assertThat(backend.get(Bucket.LEASE, bytes("b"))).isEqualTo(bytes("2"));

        var after = Backend.open(disk.crash(), DB);
        assertThat(after.consistentIndex()).isEqualTo(7);
        assertThat(after.get(Bucket.LEASE, bytes("a"))).isEqualTo(bytes("1"));
        assertThat(after.get(Bucket.LEASE, bytes("b"))).isNull();
    }

    @Test
    void readsSeeTheFileUnderWhatIsNotCommitted() throws IOException {
        for (var seed = 0L; seed < 200; seed++) {
            var random = new Random(seed);
            var twin = new TreeMap<String, String>();
            try (var backend = Backend.open(disk(seed), DB)) {
                for (var i = 1; i < 100; i++) {
                    var key = "k" + random.nextInt(10);
                    if (random.nextInt(3) == 0) {
                        backend.delete(Bucket.AUTH_USERS, bytes(key));
                        twin.remove(key);
                    } else {
                        backend.put(Bucket.AUTH_USERS, bytes(key), bytes("v" + i));
                        twin.put(key, "v" + i);
                    }
                    if (random.nextInt(3) == 0) {
                        backend.consistentIndex(i);
                    }
                    if (random.nextInt(10) == 0) {
                        backend.commit();
                    }
                    var value = backend.get(Bucket.AUTH_USERS, bytes(key));
                    assertThat(value == null ? null : new String(value, US_ASCII))
                            .as("seed %s", seed)
                            .isEqualTo(twin.get(key));
                }
                var all = new TreeMap<String, String>();
                backend.forEach(
                        Bucket.AUTH_USERS,
                        (key, value) -> all.put(new String(key, US_ASCII), new String(value, US_ASCII)));
                assertThat(all).as("seed %s", seed).isEqualTo(twin);
            }
        }
    }

    @Test
    void hashesAreThoseOfSnapshotStatus() throws IOException {
        var expected = List.of(618166007L, 50274052L, 2640348750L);
        var names = List.of("rich-3.3.snapshot.db", "rich-3.4.snapshot.db", "v2data-3.3.snapshot.db");
        for (var i = 0; i < names.size(); i++) {
            var disk = disk(1);
            disk.put(DB, golden(names.get(i)));
            try (var backend = Backend.open(disk, DB);
                    var file = backend.snapshot()) {
                assertThat(Integer.toUnsignedLong(file.statusHash())).isEqualTo(expected.get(i));
                assertThat(backend.hash()).isEqualTo(file.hash()).isNotEqualTo(file.statusHash());
            }
        }
    }

    @Test
    void goldenFilesHoldWhatTheirDumpsSay() throws IOException {
        for (var name : List.of("fresh-3.3", "rich-3.2", "rich-3.3", "rich-3.4", "restored-2-members-3.3")) {
            var disk = disk(1);
            disk.put(DB, golden(name + ".db"));
            var found = new ArrayList<String>();
            try (var backend = Backend.open(disk, DB);
                    var file = backend.snapshot()) {
                for (var bucket : Bucket.values()) {
                    var cursor = file.cursor(bucket);
                    for (var more = cursor.first(); more; more = cursor.next()) {
                        var hex = HexFormat.of();
                        found.add(new String(bucket.bytes(), US_ASCII) + "\t" + hex.formatHex(cursor.key()) + "\t"
                                + (cursor.value().length > 1000 ? "big" : hex.formatHex(cursor.value())));
                    }
                }
            }
            var dump = new String(golden(name + ".db.dump.txt"), US_ASCII)
                    .lines()
                    .filter(line -> line.startsWith("kv\t"))
                    .map(line -> line.substring(3).replaceFirst("\tlen=.*", "\tbig"))
                    .toList();
            assertThat(found).as(name).isEqualTo(dump);
        }
    }

    @Test
    void recordsOfGoldenFilesAreEncodedAsWeWould() throws IOException {
        for (var name : List.of("fresh-3.3", "rich-3.3")) {
            var disk = disk(1);
            disk.put(DB, golden(name + ".db"));
            try (var backend = Backend.open(disk, DB);
                    var file = backend.snapshot()) {
                var cursor = file.cursor(Bucket.KEY);
                for (var more = cursor.first(); more; more = cursor.next()) {
                    var kv = KeyValue.of(cursor.value());
                    assertThat(kv.isSound()).isTrue();
                    assertThat(KeyValue.put(
                                            kv.key(),
                                            kv.createRevision(),
                                            kv.modRevision(),
                                            kv.version(),
                                            kv.value(),
                                            kv.lease())
                                    .encoded())
                            .isEqualTo(cursor.value());
                }
            }
        }
    }

    @Test
    void aCrashDuringDefragmentationLeavesTheOldFileOrTheNew() throws IOException {
        for (var seed = 0L; seed < 300; seed++) {
            var random = new Random(seed);
            var disk = disk(seed);
            var backend = Backend.open(disk, DB);
            for (var i = 0; i < 200; i++) {
                backend.put(Bucket.MEMBERS, bytes("m" + i), new byte[random.nextInt(100)]);
            }
            backend.consistentIndex(1);
            backend.commit();
            var hash = backend.hash();
            disk.failAt(disk.operations() + 1 + random.nextInt(25), Fault.CRASH);
            var index = 1;
            try {
                backend.defragment();
                backend.put(Bucket.ALARM, bytes("later"), bytes(""));
                backend.consistentIndex(2);
                backend.commit();
                index = 2;
            } catch (SimulatedCrash _) {
                // as ordered
            }
            var disk2 = disk.crash();
            var after = Backend.open(disk2, DB);
            assertThat(after.consistentIndex()).as("seed %s", seed).isGreaterThanOrEqualTo(index);
            if (after.consistentIndex() == 1) {
                assertThat(after.hash()).as("seed %s", seed).isEqualTo(hash);
            } else {
                assertThat(after.get(Bucket.ALARM, bytes("later"))).isNotNull();
            }
            // What the crash left behind is in nobody's way.
            after.defragment();
            assertThat(disk2.list(DIRECTORY)).as("seed %s", seed).containsExactly("db");
        }
    }

    @Test
    void defragmentationFreesPagesAndSnapshotsOfTheOldFileStayGood() throws IOException {
        var backend = Backend.open(disk(1), DB);
        for (var i = 0; i < 500; i++) {
            backend.put(Bucket.MEMBERS, bytes("m" + i), new byte[100]);
        }
        backend.consistentIndex(1);
        backend.commit();
        for (var i = 0; i < 490; i++) {
            backend.delete(Bucket.MEMBERS, bytes("m" + i));
        }
        backend.consistentIndex(2);
        backend.commit();
        var before = backend.size();
        try (var old = backend.snapshot()) {
            backend.defragment();
            assertThat(backend.size()).isLessThan(before / 2);
            assertThat(old.get(Bucket.MEMBERS, bytes("m495"))).hasSize(100);
            var copy = new ByteArrayOutputStream();
            old.copy(copy);
            assertThat(copy.size()).isEqualTo(old.size());
        }
        assertThat(backend.get(Bucket.MEMBERS, bytes("m495"))).hasSize(100);
    }

    @Test
    void anExchangeThatIsNotDurableEndsAllWriting() throws IOException {
        var disk = disk(1);
        var backend = Backend.open(disk, DB);
        var probe = disk(1);
        var operations = probe.operations();
        try (var other = Backend.open(probe, DB)) {
            operations = probe.operations();
            other.defragment();
        }
        // The last operation of a defragmentation is the sync of the directory.
        disk.failAt(disk.operations() + probe.operations() - operations, Fault.IO_ERROR);
        assertThatThrownBy(backend::defragment).isInstanceOf(IOException.class);
        backend.put(Bucket.ALARM, bytes("a"), bytes(""));
        backend.consistentIndex(1);
        assertThatThrownBy(backend::commit).isInstanceOf(IOException.class);
    }

    @Test
    void aCommitThatFindsTheDiskFullCanBeTriedAgain() throws IOException {
        var disk = disk(1);
        var backend = Backend.open(disk, DB);
        backend.put(Bucket.LEASE, bytes("a"), bytes("1"));
        backend.consistentIndex(1);
        disk.failAt(disk.operations() + 1, Fault.NO_SPACE);
        assertThatThrownBy(backend::commit).isInstanceOf(IOException.class);
        backend.put(Bucket.LEASE, bytes("b"), bytes("2"));
        backend.consistentIndex(2);
        assertThat(backend.pendingChanges()).isEqualTo(2);
        assertThat(backend.committedIndex()).isZero();
        backend.commit();

        var after = Backend.open(disk.crash(), DB);
        assertThat(after.consistentIndex()).isEqualTo(2);
        assertThat(after.get(Bucket.LEASE, bytes("a"))).isEqualTo(bytes("1"));
        assertThat(after.get(Bucket.LEASE, bytes("b"))).isEqualTo(bytes("2"));
    }

    @Test
    void bytesThatAreNoRecordAreNotSound() {
        assertThat(KeyValue.put(bytes("k"), 2, 3, 1, bytes("v"), -1).isSound()).isTrue();
        assertThat(KeyValue.put(bytes("k"), 2, 3, 1, bytes("v"), -1).lease()).isEqualTo(-1);
        for (var wrong : List.of("", "0a", "0a05", "0a0161ff", "0a016110", "0a01611080", "0a01610b", "1001")) {
            assertThat(KeyValue.of(HexFormat.of().parseHex(wrong)).isSound())
                    .as(wrong)
                    .isFalse();
        }
    }

    @Test
    void revisionKeysOrderAsRevisions() {
        assertThat(HexFormat.of().formatHex(Revision.tombstoneKey(7, 2)))
                .isEqualTo("00000000000000075f000000000000000274");
        assertThat(Arrays.compareUnsigned(Revision.putKey(7, 255), Revision.putKey(8, 0)))
                .isNegative();
        assertThat(Revision.of(Revision.putKey(7, 1))).isEqualTo(new Revision(7, 1));
        assertThat(Revision.isKey(bytes("not a revision key"))).isFalse();
    }
}
