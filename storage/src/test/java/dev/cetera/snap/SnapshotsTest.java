package dev.cetera.snap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.disk.CorruptionException;
import dev.cetera.disk.FakeDisk;
import dev.cetera.disk.Fault;
import dev.cetera.disk.SimulatedCrash;
import dev.cetera.raft.ConfState;
import dev.cetera.raft.Snapshot;
import dev.cetera.raft.SnapshotMeta;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SnapshotsTest {
    private static final Path DIR = Path.of("/member/snap");

    private final FakeDisk disk = new FakeDisk(1);
    private final List<String> lines = new ArrayList<>();
    private final Snapshots snapshots = new Snapshots(disk, DIR, (level, text) -> lines.add(level + " " + text));

    SnapshotsTest() throws IOException {
        disk.put(DIR.resolve("db"), new byte[0]);
    }

    private static Snapshot snapshot(long term, long index) {
        var meta = new SnapshotMeta(index, term, ConfState.of(List.of(1L, -2L)));
        return new Snapshot(meta, ("{\"index\":" + index + "}").getBytes(UTF_8));
    }

    private static Path golden(String name) {
        try {
            var dir = requireNonNull(SnapshotsTest.class.getResource("/golden/snap/" + name));
            try (var files = Files.list(Path.of(dir.toURI()))) {
                return files.findFirst().orElseThrow();
            }
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path putGolden(String name) throws IOException {
        var file = golden(name);
        var path = DIR.resolve(file.getFileName().toString());
        disk.put(path, Files.readAllBytes(file));
        return path;
    }

    @ParameterizedTest
    @CsvSource({
        "rich-3.2, 39, 2, 0, -1",
        "rich-3.3, 39, 2, e2e0e794749e66f6, 7090",
        "rich-3.4, 39, 2, 0, -1",
        "v2data-removed-member-3.3, 99, 31, 0, -1",
        "restored-2-members-3.3, 2, 1, 0, -1",
        "restored-2-members-3.4, 2, 1, 0, -1"
    })
    void aFileOfTheReferenceIsReadAndWrittenAgain(String name, long index, long term, String node, int bytes)
            throws IOException {
        var path = putGolden(name);
        var found = Snapshots.load(disk, path);
        assertThat(found.meta().index()).isEqualTo(index);
        assertThat(found.meta().term()).isEqualTo(term);
        assertThat(new String(found.data(), UTF_8)).startsWith("{\"Root\":").endsWith("}");
        if (bytes >= 0) {
            assertThat(found.data()).hasSize(bytes);
            assertThat(found.meta().conf()).isEqualTo(ConfState.of(List.of(Long.parseUnsignedLong(node, 16))));
        }
        assertThat(snapshots.file(found.meta())).isEqualTo(path);
        if (name.endsWith("3.3")) {
            byte[] before = disk.bytes(path);
            snapshots.save(found);
            assertThat(disk.bytes(path)).isEqualTo(before);
        }
    }

    @Test
    void aFileWithABadChecksumIsSetAsideAndTheOneBeforeItUsed() throws IOException {
        snapshots.save(snapshot(1, 5));
        var bad = putGolden("bad-crc");
        assertThatThrownBy(() -> Snapshots.load(disk, bad))
                .isInstanceOf(CorruptionException.class)
                .hasMessage("snap: crc mismatch (" + bad + ")");
        assertThat(snapshots.newest(_ -> true)).isEqualTo(snapshot(1, 5));
        assertThat(lines).containsExactly("ERROR corrupted snapshot file " + bad + ": crc mismatch");
        assertThat(disk.list(DIR))
                .containsExactly("0000000000000001-0000000000000005.snap", bad.getFileName() + ".broken", "db");
    }

    @Test
    void anEmptyFileIsSetAside() throws IOException {
        var bad = putGolden("bad-empty");
        assertThatThrownBy(() -> Snapshots.load(disk, bad)).hasMessage("snap: empty snapshot (" + bad + ")");
        assertThat(snapshots.newest(_ -> true)).isNull();
        assertThat(lines).containsExactly("ERROR unexpected empty snapshot");
        assertThat(disk.list(DIR)).containsExactly(bad.getFileName() + ".broken", "db");
    }

    @Test
    void theNewestThatIsValidIsChosenAndOthersStay() throws IOException {
        for (long index = 10; index <= 40; index += 10) {
            snapshots.save(snapshot(index == 10 ? 3 : 2, index));
        }
        assertThat(snapshots.newest(_ -> true)).as("term comes first").isEqualTo(snapshot(3, 10));
        assertThat(snapshots.newest(meta -> meta.index() == 30)).isEqualTo(snapshot(2, 30));
        assertThat(snapshots.newest(_ -> false)).isNull();
        assertThat(disk.list(DIR)).hasSize(5);
        assertThat(lines).isEmpty();
    }

    @Test
    void foreignFilesAreNamedAndNothingIsDeletedBeforeTheLocksAreHeld() throws IOException {
        for (var name : List.of("tmp123", "db.tmp.123", "0000000000000005.snap.db", "x.snap.broken")) {
            disk.put(DIR.resolve(name), new byte[1]);
        }
        assertThat(snapshots.newest(_ -> true)).isNull();
        assertThat(lines)
                .containsExactly(
                        "WARNING skipped unexpected non snapshot file 0000000000000005.snap.db",
                        "WARNING skipped unexpected non snapshot file tmp123",
                        "WARNING skipped unexpected non snapshot file x.snap.broken");
        assertThat(disk.list(DIR)).hasSize(5);
    }

    @Test
    void whatAnEarlierRunHasLeftIsRemoved() throws IOException {
        for (var name : List.of("tmp123", "tmpfoo", "db.tmp.123", "x.snap.broken")) {
            disk.put(DIR.resolve(name), new byte[1]);
        }
        for (long index : new long[] {5, 7, 8, 9}) {
            disk.put(snapshots.database(index), new byte[1]);
        }
        snapshots.save(snapshot(1, 5));
        snapshots.save(snapshot(2, 9));
        snapshots.removeLeftovers(7);
        assertThat(lines)
                .containsExactly(
                        "INFO found orphaned defragmentation file; deleting: db.tmp.123",
                        "INFO found orphaned database snapshot; deleting: tmp123");
        assertThat(disk.list(DIR))
                .as("a log may still come to count the snapshot at 9")
                .containsExactly(
                        "0000000000000001-0000000000000005.snap",
                        "0000000000000002-0000000000000009.snap",
                        "0000000000000009.snap.db",
                        "db",
                        "tmpfoo",
                        "x.snap.broken");
    }

    @Test
    void theOldestSnapshotsArePurgedAndDatabasesAsTold() throws IOException {
        for (long index = 1; index <= 4; index++) {
            snapshots.save(snapshot(1, index));
            disk.put(snapshots.database(index), new byte[1]);
        }
        assertThat(snapshots.purge(0, null)).isEmpty();
        assertThat(snapshots.purge(3, null)).containsExactly("0000000000000001-0000000000000001.snap");
        snapshots.deleteDatabases(index -> index < 4);
        assertThat(disk.list(DIR)).contains("0000000000000004.snap.db", "db").hasSize(5);
    }

    @Test
    void theSnapshotThatTheLogGoesOnFromIsNeverPurged() throws IOException {
        for (long index = 1; index <= 4; index++) {
            snapshots.save(snapshot(1, index));
        }
        var counted = snapshot(1, 2).meta();
        snapshots.purge(1, snapshots.file(counted));
        assertThat(snapshots.newest(counted::equals)).isNotNull();
        assertThat(disk.list(DIR)).filteredOn(name -> name.endsWith(".snap")).hasSize(2);
    }

    @Test
    void aSnapshotThatCouldNotBeWrittenLeavesNothing() {
        for (int failing = 1; failing <= 5; failing++) {
            disk.failAt(disk.operations() + failing, Fault.NO_SPACE);
            assertThatThrownBy(() -> snapshots.save(snapshot(1, 1))).hasMessageContaining("No space left on device");
            assertThat(disk.exists(snapshots.file(snapshot(1, 1).meta()))).isFalse();
        }
    }

    @Test
    void afterAPowerLossWhatWasSavedIsThereAndNothingIsHalf() throws IOException {
        for (long seed = 0; seed < 300; seed++) {
            var before = new FakeDisk(seed);
            before.put(DIR.resolve("db"), new byte[0]);
            var saving = new Snapshots(before, DIR, (_, _) -> {});
            saving.save(snapshot(1, 1));
            before.failAt(before.operations() + 1 + seed % 12, Fault.CRASH);
            long saved = 1;
            try {
                saving.save(snapshot(1, 2));
                saved = 2;
                saving.save(snapshot(1, 3));
                saved = 3;
            } catch (SimulatedCrash crash) {
                assertThat(saved).isLessThan(3);
            }
            var after = new Snapshots(before.crash(), DIR, (_, _) -> {});
            var newest = after.newest(_ -> true);
            assertThat(newest).as("seed %d", seed).isNotNull();
            long index = requireNonNull(newest).meta().index();
            assertThat(newest).isEqualTo(snapshot(1, index));
            assertThat(index).as("seed %d", seed).isGreaterThanOrEqualTo(saved);
        }
    }

    @Test
    void damageIsAlwaysNoticed() throws IOException {
        var path = putGolden("rich-3.3");
        byte[] good = disk.bytes(path);
        var expected = Snapshots.load(disk, path);
        for (long seed = 0; seed < 1_000; seed++) {
            var random = new Random(seed);
            byte[] bytes = good.clone();
            if (random.nextBoolean()) {
                bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            } else {
                bytes[random.nextInt(random.nextBoolean() ? 10 : bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            disk.put(path, bytes);
            try {
                assertThat(Snapshots.load(disk, path)).as("seed %d", seed).isEqualTo(expected);
            } catch (CorruptionException named) {
                assertThat(named).hasMessageContaining(path.toString());
            }
        }
    }
}
