package dev.cetera.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.disk.CorruptionException;
import dev.cetera.disk.Disk;
import dev.cetera.disk.FakeDisk;
import dev.cetera.disk.Fault;
import dev.cetera.disk.LockKind;
import dev.cetera.disk.OpenMode;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.HardState;
import dev.cetera.wal.Wal.Metadata;
import dev.cetera.wal.Wal.SnapshotMark;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WalTest {
    private static final Path MEMBER = Path.of("/member");
    private static final Path DIR = MEMBER.resolve("wal");
    private static final Metadata METADATA = new Metadata(1, 2);
    private static final WalOptions SMALL = new WalOptions(1024);
    private static final RepairLog QUIET = (_, _) -> {};

    private final FakeDisk disk = newDisk();

    private static FakeDisk newDisk() {
        var disk = new FakeDisk(1);
        disk.put(MEMBER.resolve("there"), new byte[0]);
        return disk;
    }

    private static Entry entry(long term, long index, byte[] data) {
        return new Entry(term, index, EntryType.NORMAL, data);
    }

    private static List<Entry> entries(int first, int count, int size) {
        var entries = new ArrayList<Entry>();
        for (int i = 0; i < count; i++) {
            entries.add(entry(1, first + i, new byte[size]));
        }
        return entries;
    }

    private Wal open() throws IOException {
        return Wal.open(disk, DIR, SnapshotMark.NONE, QUIET, SMALL).wal();
    }

    // ---- damage that no checksum covers ----

    /// Turns the first record of one type in the last segment into another type. A record begins with it,
    /// behind 8 bytes of length.
    private void retype(int from, int to) throws IOException {
        var path = DIR.resolve(disk.list(DIR).getLast());
        var bytes = ByteBuffer.wrap(disk.bytes(path)).order(ByteOrder.LITTLE_ENDIAN);
        int at = 0;
        while (bytes.get(at + 9) != from) {
            long head = bytes.getLong(at);
            at += Math.toIntExact(8 + (head & (1L << 56) - 1) + (head >>> 56 & 7));
        }
        bytes.put(at + 9, (byte) to);
        disk.put(path, bytes.array());
    }

    @Test
    void aStateThatIsTakenForAnEntryIsNamed() throws Exception {
        try (var wal = Wal.create(disk, DIR, METADATA)) {
            wal.append(new HardState(2, 77, 5), entries(1, 5, 10));
            wal.append(new HardState(2, 77, 6), List.of(entry(2, 6, new byte[10])));
            wal.sync();
        }
        retype(RecordType.STATE, RecordType.ENTRY);
        assertThatThrownBy(this::open)
                .isInstanceOf(CorruptionException.class)
                .hasMessageContaining("entry 6 of term 2 follows one of term 77")
                .hasMessageContaining(".wal");
    }

    @Test
    void anEntryThatIsTakenForAStateIsNamed() throws Exception {
        try (var wal = Wal.create(disk, DIR, METADATA)) {
            wal.append(new HardState(2, 0, 0), List.of());
            wal.append(new HardState(2, 0, 0), List.of(entry(2, 1, new byte[10])));
            wal.sync();
        }
        retype(RecordType.ENTRY, RecordType.STATE);
        assertThatThrownBy(this::open)
                .isInstanceOf(CorruptionException.class)
                .hasMessageContaining("term 0 follows term 2")
                .hasMessageContaining(".wal");
    }

    /// It would replace all that is behind what it says is committed.
    @Test
    void aStateThatIsTakenForAChangeOfTheConfigurationIsNamed() throws Exception {
        try (var wal = Wal.create(disk, DIR, METADATA)) {
            wal.append(new HardState(1, 77, 3), entries(1, 5, 10));
            wal.sync();
        }
        retype(RecordType.STATE, RecordType.ENTRY);
        assertThatThrownBy(this::open)
                .isInstanceOf(CorruptionException.class)
                .hasMessageContaining("entry 3 of term 77 is a configuration change without content")
                .hasMessageContaining(".wal");
    }

    /// With the segments before it, the first record of a segment passes for an empty mark of a snapshot, and
    /// the second for a state: the checksums are right. Without them nothing could be read any more.
    @Test
    void aSegmentThatBeginsWithTheWrongRecordIsNamedWhileTheOnesBeforeItAreThere() throws Exception {
        try (var wal = Wal.create(disk, DIR, METADATA, SMALL)) {
            for (int i = 1; i <= 20; i++) {
                wal.append(new HardState(1, 0, 0), entries(i, 1, 100));
                wal.sync();
            }
        }
        assertThat(disk.list(DIR).stream().filter(name -> name.endsWith(".wal")))
                .hasSizeGreaterThan(1);
        retype(RecordType.CRC, RecordType.SNAPSHOT);
        assertThatThrownBy(this::open)
                .isInstanceOf(CorruptionException.class)
                .hasMessageContaining("record 1 of the segment is of type 5, not 4");
        retype(RecordType.SNAPSHOT, RecordType.CRC);
        retype(RecordType.METADATA, RecordType.STATE);
        assertThatThrownBy(this::open)
                .isInstanceOf(CorruptionException.class)
                .hasMessageContaining("record 2 of the segment is of type 3, not 1");
    }

    @Test
    void aLogThatIsCommittedBeyondItsEndIsNamed() throws Exception {
        try (var wal = Wal.create(disk, DIR, METADATA)) {
            wal.append(new HardState(1, 0, 9), entries(1, 5, 10));
            wal.sync();
        }
        assertThatThrownBy(this::open)
                .isInstanceOf(CorruptionException.class)
                .hasMessageContaining("committed up to 9, and the last entry is 5")
                .hasMessageContaining(".wal");
    }

    /// CVE-2020-15106: a length that no file can hold was allocated, or taken for a negative one.
    @Test
    void cve2020_15106NoLengthIsBelievedThatTheFileDoesNotHold() throws IOException {
        try (var wal = Wal.create(disk, DIR, METADATA, SMALL)) {
            wal.append(new HardState(1, 0, 5), entries(1, 5, 10));
            wal.sync();
        }
        var path = DIR.resolve(disk.list(DIR).getLast());
        var whole = disk.bytes(path);
        for (int bit = 0; bit < 64; bit++) {
            for (long length : new long[] {1L << bit, -1L >>> bit, -1L << bit}) {
                // The first record is whole either way; behind it everything depends on this word.
                var bytes = ByteBuffer.wrap(whole.clone()).order(ByteOrder.LITTLE_ENDIAN);
                bytes.putLong(16, length);
                disk.put(path, bytes.array());
                try {
                    assertThat(Wal.read(disk, DIR, SnapshotMark.NONE).entries())
                            .as("length %x", length)
                            .isEmpty();
                } catch (CorruptionException named) {
                    assertThat(named).hasMessageContaining(DIR.toString());
                }
            }
        }
    }

    /// CVE-2020-15112: an entry far beyond the one before it was put at its place in a list that ends before.
    @Test
    void cve2020_15112AnEntryThatStandsBeyondTheNextPlaceIsNamed() throws IOException {
        for (long index : new long[] {7, 1_000_000, Integer.MAX_VALUE + 6L, Long.MAX_VALUE}) {
            var head = new FrameBuffer(0);
            head.segmentHead(WalCodec.encode(METADATA), HardState.NONE);
            head.mark(SnapshotMark.NONE);
            entries(1, 5, 10).forEach(head::entry);
            head.entry(entry(1, index, new byte[10]));
            var path = DIR.resolve("0000000000000000-0000000000000000.wal");
            disk.put(path, new byte[0]);
            try (var file = disk.open(path, OpenMode.WRITE)) {
                head.drainTo(file, 0);
            }
            assertThatThrownBy(() -> Wal.read(disk, DIR, SnapshotMark.NONE))
                    .as("index %d", index)
                    .isInstanceOf(CorruptionException.class)
                    .hasMessageContaining(path.toString());
        }
    }

    // ---- a snapshot of another member ----

    private Wal.Replay replayFrom(SnapshotMark mark) throws IOException {
        var opened = Wal.open(disk, DIR, mark, QUIET, SMALL);
        try (var _ = opened.wal()) {
            return opened.replay();
        }
    }

    @Test
    void aLogThatGoesOnFromASnapshotIsReadFromThere() throws IOException {
        var mark = new SnapshotMark(50, 3);
        try (var wal = Wal.create(disk, DIR, METADATA, SMALL)) {
            wal.append(new HardState(1, 1, 10), entries(1, 10, 10));
            wal.goOnFrom(mark, new HardState(3, 0, 50));
            wal.append(new HardState(3, 0, 52), List.of(entry(3, 51, new byte[1]), entry(3, 52, new byte[1])));
            wal.sync();
        }
        assertThat(Wal.validSnapshots(disk, DIR)).containsExactly(SnapshotMark.NONE, mark);
        var replay = replayFrom(mark);
        assertThat(replay.hardState()).isEqualTo(new HardState(3, 0, 52));
        assertThat(replay.entries()).extracting(Entry::index).containsExactly(51L, 52L);
    }

    @Test
    void entriesBeyondASnapshotThatCameAreVoid() throws IOException {
        var mark = new SnapshotMark(50, 3);
        try (var wal = Wal.create(disk, DIR, METADATA, SMALL)) {
            wal.append(new HardState(2, 1, 10), entries(1, 80, 10));
            wal.sync();
            wal.goOnFrom(mark, new HardState(3, 0, 50));
        }
        assertThat(replayFrom(mark).entries()).isEmpty();
        try (var wal = Wal.open(disk, DIR, mark, QUIET, SMALL).wal()) {
            wal.append(new HardState(3, 0, 51), List.of(entry(3, 51, new byte[1])));
        }
        assertThat(replayFrom(mark).entries()).extracting(Entry::index).containsExactly(51L);
        assertThat(replayFrom(SnapshotMark.NONE).entries())
                .as("read from the start, as if there had been no snapshot")
                .extracting(Entry::index)
                .startsWith(1L)
                .endsWith(51L);
    }

    @Test
    void howeverFarTheRecordsReachedTheDiskTheCommitIsCovered() throws IOException {
        var mark = new SnapshotMark(50, 3);
        try (var wal = Wal.create(disk, DIR, METADATA, SMALL)) {
            wal.append(new HardState(1, 1, 10), entries(1, 10, 10));
            wal.goOnFrom(mark, new HardState(3, 0, 50));
        }
        var segment = DIR.resolve(disk.list(DIR).getFirst());
        byte[] whole = disk.bytes(segment);
        int valid = 0;
        var words = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN);
        for (int length = 0; words.getLong(length) != 0; ) {
            length += Long.BYTES + (int) ((words.getLong(length) & 0xff_ffffL) + 7) / 8 * 8;
            if (length <= 80) {
                continue;
            }
            var cut = newDisk();
            cut.put(segment, Arrays.copyOf(Arrays.copyOf(whole, length), whole.length));
            var marks = Wal.validSnapshots(cut, DIR);
            var start = marks.getLast();
            var replay = Wal.open(cut, DIR, start, QUIET, SMALL);
            try (var _ = replay.wal()) {
                long last = start.index() + replay.replay().entries().size();
                assertThat(replay.replay().hardState().commit())
                        .as("cut at " + length)
                        .isLessThanOrEqualTo(last);
            }
            valid += start.equals(mark) ? 1 : 0;
        }
        assertThat(valid).isPositive();
    }

    @Test
    void aSnapshotWhoseCommitDidNotReachTheDiskDoesNotCount() throws IOException {
        var mark = new SnapshotMark(50, 3);
        try (var wal = Wal.create(disk, DIR, METADATA, SMALL)) {
            wal.append(new HardState(1, 1, 10), entries(1, 10, 10));
            wal.saveSnapshot(mark);
        }
        assertThat(Wal.validSnapshots(disk, DIR)).containsExactly(SnapshotMark.NONE);
        assertThat(replayFrom(SnapshotMark.NONE).entries()).hasSize(10);
        try (var wal = open()) {
            wal.append(new HardState(1, 1, 11), entries(11, 1, 10));
        }
        assertThat(replayFrom(SnapshotMark.NONE).entries()).hasSize(11);
    }

    @Test
    void theSegmentsOfTheReferenceAreReproducedByteForByte() throws IOException {
        try (var wal = Wal.create(disk, DIR, METADATA, SMALL)) {
            for (int i = 1; i <= 12; i++) {
                byte[] data = Arrays.copyOf("entry-%02d-".formatted(i).getBytes(StandardCharsets.US_ASCII), 159);
                wal.append(new HardState(1, 1, i), List.of(entry(1, i, data)));
                wal.sync();
                if (i == 4 || i == 9) {
                    wal.saveSnapshot(new SnapshotMark(i, 1));
                }
            }
            byte[] rewritten = "rewritten-11".getBytes(StandardCharsets.US_ASCII);
            wal.append(new HardState(2, 2, 10), List.of(entry(2, 11, rewritten)));
            wal.sync();
        }
        var expected = Golden.files("segments");
        assertThat(disk.list(DIR))
                .isEqualTo(expected.stream()
                        .map(file -> file.getFileName().toString())
                        .toList());
        for (var file : expected) {
            var name = file.getFileName().toString();
            assertThat(disk.bytes(DIR.resolve(name))).as(name).isEqualTo(Golden.bytes(file));
        }
    }

    @Test
    void aNewLogIsTheHeadAndReservedSpace() throws IOException {
        assertThat(Wal.exists(disk, DIR)).isFalse();
        Wal.create(disk, DIR, METADATA, new WalOptions(4096)).close();
        assertThat(Wal.exists(disk, DIR)).isTrue();
        assertThat(disk.list(MEMBER)).containsExactly("there", "wal");
        assertThat(disk.list(DIR)).containsExactly("0000000000000000-0000000000000000.wal");
        byte[] bytes = disk.bytes(DIR.resolve("0000000000000000-0000000000000000.wal"));
        assertThat(bytes).hasSize(4096);
        byte[] reference = Golden.bytes(Golden.files("segments").getFirst());
        assertThat(bytes).isEqualTo(Arrays.copyOf(Arrays.copyOf(reference, 64), 4096));
    }

    @Test
    void leftoversOfAnEarlierAttemptAreRemoved() throws IOException {
        disk.put(MEMBER.resolve("wal.tmp/0000000000000000-0000000000000000.wal"), new byte[100]);
        disk.put(MEMBER.resolve("wal.tmp/below/x"), new byte[1]);
        disk.createDirectories(DIR);
        Wal.create(disk, DIR, METADATA, SMALL).close();
        assertThat(disk.list(MEMBER)).containsExactly("there", "wal");
        assertThat(Wal.read(disk, DIR, SnapshotMark.NONE).metadata()).isEqualTo(METADATA);
    }

    @Test
    void anythingInTheDirectoryCountsAsALogAndIsNotReplaced() {
        disk.put(DIR.resolve("foreign"), new byte[0]);
        assertThat(Wal.exists(disk, DIR)).isTrue();
        assertThatThrownBy(() -> Wal.create(disk, DIR, METADATA)).hasMessageStartingWith("file already exists");
        assertThatThrownBy(this::open).hasMessage("open wal error: wal: file not found");
        assertThatThrownBy(() -> Wal.read(disk, DIR, SnapshotMark.NONE)).hasMessage("wal: file not found");
    }

    @Test
    void aLogInUseIsRefused() throws IOException {
        try (var _ = Wal.create(disk, DIR, METADATA, SMALL)) {
            assertThatThrownBy(this::open).hasMessageStartingWith("open wal error: fileutil: file already locked");
        }
        open().close();
    }

    @Test
    void oneBatchIsOneWriteAndOneSync() throws IOException {
        try (var wal = Wal.create(disk, DIR, METADATA)) {
            long operations = disk.operations();
            wal.append(new HardState(1, 1, 1), entries(1, 2_000, 256));
            assertThat(disk.operations()).isEqualTo(operations);
            wal.sync();
            assertThat(disk.operations()).isEqualTo(operations + 2);
            assertThat(wal.bytesWritten()).isBetween(2_000L * 280, 2_000L * 300);
            wal.sync();
            wal.append(HardState.NONE, List.of());
            wal.append(new HardState(1, 1, 1), List.of());
            wal.sync();
            assertThat(disk.operations()).as("nothing new").isEqualTo(operations + 2);
        }
        assertThat(Wal.read(disk, DIR, SnapshotMark.NONE).entries()).hasSize(2_000);
    }

    @Test
    void aHugeBatchDoesNotPileUpInMemory() throws IOException {
        try (var wal = Wal.create(disk, DIR, METADATA)) {
            long operations = disk.operations();
            wal.append(new HardState(1, 1, 1), entries(1, 100, 100_000));
            assertThat(disk.operations() - operations).isBetween(8L, 10L);
        }
        assertThat(Wal.read(disk, DIR, SnapshotMark.NONE).entries()).hasSize(100);
    }

    @Test
    void theLargestReadableEntryCanBeWrittenAndALargerOneIsRefused() throws IOException {
        int largest = FrameBuffer.MAX_RECORD_BYTES - 40;
        var wal = Wal.create(disk, DIR, METADATA);
        wal.append(new HardState(1, 1, 1), entries(1, 1, largest));
        wal.sync();
        assertThatThrownBy(() -> wal.append(HardState.NONE, entries(2, 1, FrameBuffer.MAX_RECORD_BYTES)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(wal::sync).isInstanceOf(IOException.class);
        wal.close();
        assertThat(Wal.read(disk, DIR, SnapshotMark.NONE).entries().getFirst().data())
                .hasSize(largest);
    }

    @Test
    void whatIsAppendedAfterReopeningContinuesTheChain() throws IOException {
        var expected = new ArrayList<Entry>();
        Wal.create(disk, DIR, METADATA, SMALL).close();
        for (int i = 0; i < 40; i++) {
            try (var wal = open()) {
                var batch = entries(1 + 2 * i, 2, i);
                expected.addAll(batch);
                wal.append(new HardState(1, 3, i), batch);
            }
        }
        var replay = Wal.read(disk, DIR, SnapshotMark.NONE);
        assertThat(replay.entries()).isEqualTo(expected);
        assertThat(replay.hardState()).isEqualTo(new HardState(1, 3, 39));
    }

    @Test
    void theHardStateIsInTheHeadOfASegmentThatWasCutAfterARestart() throws IOException {
        var state = new HardState(4, 3, 1);
        try (var wal = Wal.create(disk, DIR, METADATA, SMALL)) {
            wal.append(state, entries(1, 1, 1200));
        }
        try (var wal = open()) {
            wal.append(HardState.NONE, entries(2, 1, 1));
            assertThat(disk.list(DIR)).contains("0000000000000001-0000000000000003.wal");
        }
        var last = DIR.resolve("0000000000000001-0000000000000003.wal");
        try (var file = disk.open(last, OpenMode.READ)) {
            var contents = new LogReader(new RecordReader(List.of(file)), new SnapshotMark(2, 1));
            contents.readAll();
            assertThat(contents.replay().hardState()).isEqualTo(state);
        } catch (BadLogException e) {
            throw e.corruption("%s");
        }
    }

    @Test
    void aPreparedSegmentIsTakenAndItsNamesAlternate() throws IOException {
        disk.put(Path.of("/member/x"), new byte[0]);
        var wal = Wal.create(disk, DIR, METADATA, SMALL);
        wal.prepareNext();
        wal.prepareNext();
        assertThat(disk.list(DIR)).containsExactly("0.tmp", "0000000000000000-0000000000000000.wal");
        wal.append(HardState.NONE, entries(1, 1, 1200));
        wal.sync();
        wal.append(HardState.NONE, entries(2, 1, 10));
        assertThat(disk.list(DIR))
                .containsExactly("0000000000000000-0000000000000000.wal", "0000000000000001-0000000000000003.wal");
        wal.prepareNext();
        assertThat(disk.list(DIR)).contains("1.tmp").doesNotContain("0.tmp");
        wal.close();
        assertThat(disk.list(DIR)).as("removed by a clean stop").doesNotContain("1.tmp");
    }

    @Test
    void aLeftoverSpareIsEmptiedBeforeUse() throws IOException {
        Wal.create(disk, DIR, METADATA, SMALL).close();
        byte[] garbage = new byte[3000];
        new Random(3).nextBytes(garbage);
        disk.put(DIR.resolve("0.tmp"), garbage);
        try (var wal = open()) {
            wal.append(HardState.NONE, entries(1, 1, 1200));
            wal.sync();
            wal.append(HardState.NONE, entries(2, 1, 10));
            wal.append(HardState.NONE, entries(3, 1, 10));
        }
        assertThat(disk.size(DIR.resolve("0000000000000001-0000000000000003.wal")))
                .isEqualTo(1024);
        assertThat(Wal.read(disk, DIR, SnapshotMark.NONE).entries()).hasSize(3);
    }

    @Test
    void releasedSegmentsCanBePurgedAndOthersNot() throws IOException {
        var wal = Wal.create(disk, DIR, METADATA, SMALL);
        for (int i = 1; i <= 12; i++) {
            wal.append(new HardState(1, 0, i), entries(i, 1, 600));
            wal.sync();
            wal.saveSnapshot(new SnapshotMark(i, 1));
        }
        var names = disk.list(DIR);
        assertThat(names).hasSize(5);
        assertThat(wal.purge(1)).as("nothing released yet").isEmpty();
        wal.release(8);
        assertThat(wal.purge(0)).as("0 keeps all").isEmpty();
        assertThat(wal.purge(names.size() - 1)).containsExactly(names.getFirst());
        var purged = wal.purge(1);
        assertThat(disk.list(DIR)).doesNotContainAnyElementsOf(purged);
        wal.append(new HardState(1, 0, 13), entries(13, 1, 600));
        wal.close();
        assertThat(Wal.validSnapshots(disk, DIR)).contains(new SnapshotMark(8, 1), new SnapshotMark(12, 1));
        var replay = Wal.read(disk, DIR, new SnapshotMark(8, 1));
        assertThat(replay.entries()).hasSize(5);
        assertThatThrownBy(() -> Wal.read(disk, DIR, SnapshotMark.NONE)).hasMessage("wal: file not found");
    }

    @Test
    void purgingStopsAtASegmentThatAnotherProcessHolds() throws IOException {
        var wal = Wal.create(disk, DIR, METADATA, SMALL);
        for (int i = 1; i <= 8; i++) {
            wal.append(new HardState(1, 0, i), entries(i, 1, 1200));
            wal.sync();
        }
        wal.release(8);
        var second = disk.list(DIR).get(1);
        try (var other = disk.open(DIR.resolve(second), OpenMode.WRITE)) {
            assertThat(other.tryLock(LockKind.RECORD)).isTrue();
            assertThat(wal.purge(1)).hasSize(1);
        }
        assertThat(wal.purge(1)).contains(second);
        wal.close();
    }

    @Test
    void afterAFailedWriteOrSyncEverythingIsRefused() throws IOException {
        for (int failing = 1; failing <= 2; failing++) {
            var broken = newDisk();
            var wal = Wal.create(broken, DIR, METADATA, SMALL);
            wal.append(new HardState(1, 1, 0), entries(1, 1, 10));
            broken.failAt(broken.operations() + failing, Fault.IO_ERROR);
            assertThatThrownBy(wal::sync)
                    .hasMessageContaining("Input/output error")
                    .hasMessageContaining(
                            DIR.resolve("0000000000000000-0000000000000000.wal").toString());
            long operations = broken.operations();
            assertThatThrownBy(wal::sync).hasMessageStartingWith("wal: unusable after");
            assertThatThrownBy(() -> wal.append(HardState.NONE, entries(2, 1, 1)))
                    .hasMessageStartingWith("wal: unusable after");
            assertThatThrownBy(() -> wal.saveSnapshot(new SnapshotMark(1, 1)))
                    .hasMessageStartingWith("wal: unusable after");
            wal.close();
            assertThat(broken.operations()).as("nothing is tried again").isEqualTo(operations);
        }
    }

    @Test
    void aFailureWhileCuttingIsFinalToo() throws IOException {
        for (int failing = 1; failing <= 9; failing++) {
            var broken = newDisk();
            var wal = Wal.create(broken, DIR, METADATA, SMALL);
            wal.append(new HardState(1, 1, 0), entries(1, 1, 1100));
            wal.sync();
            broken.failAt(broken.operations() + failing, Fault.NO_SPACE);
            assertThatThrownBy(() -> wal.append(HardState.NONE, entries(2, 1, 1)))
                    .as("operation %d", failing)
                    .hasMessageContaining("No space left on device");
            assertThatThrownBy(wal::sync).hasMessageStartingWith("wal: unusable after");
            wal.close();
            var opened = Wal.open(broken, DIR, SnapshotMark.NONE, QUIET, SMALL);
            assertThat(opened.replay().entries().getFirst().index()).isEqualTo(1);
            opened.wal().close();
        }
    }

    @Test
    void aSpareThatFindsNoSpaceLeavesTheLogUsable() throws IOException {
        try (var wal = Wal.create(disk, DIR, METADATA, SMALL)) {
            disk.failAt(disk.operations() + 3, Fault.NO_SPACE);
            assertThatThrownBy(wal::prepareNext).hasMessageContaining("No space left on device");
            assertThat(disk.list(DIR)).hasSize(1);
            wal.append(new HardState(1, 1, 0), entries(1, 1, 10));
            wal.sync();
            wal.prepareNext();
        }
    }

    @Test
    void anEntryThatLeavesAGapIsRefusedBeforeAnythingIsWritten() throws IOException {
        try (var wal = Wal.create(disk, DIR, METADATA, SMALL)) {
            assertThatThrownBy(() -> wal.append(HardState.NONE, entries(2, 1, 1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("entry 2 after 0");
            wal.saveSnapshot(new SnapshotMark(100, 3));
            wal.append(HardState.NONE, List.of(entry(3, 101, Entry.NO_DATA)));
        }
        var replay = Wal.read(disk, DIR, new SnapshotMark(100, 3));
        assertThat(replay.entries()).containsExactly(entry(3, 101, Entry.NO_DATA));
    }

    @Test
    void segmentNumbersMustFollowEachOther() throws IOException {
        var wal = Wal.create(disk, DIR, METADATA, SMALL);
        for (int i = 1; i <= 8; i++) {
            wal.append(new HardState(1, 0, i), entries(i, 1, 1200));
            wal.sync();
        }
        wal.close();
        var names = disk.list(DIR);
        disk.delete(DIR.resolve(names.get(2)));
        assertThatThrownBy(this::open).hasMessage("open wal error: wal: file not found");
    }

    @Test
    void aRealDiskHoldsALogTheSameWay(@TempDir Path temporary) throws IOException {
        var real = Disk.real();
        var dir = temporary.resolve("wal");
        var options = new WalOptions(1 << 20);
        try (var wal = Wal.create(real, dir, METADATA, options)) {
            for (int i = 0; i < 30; i++) {
                wal.append(new HardState(1, 1, i), entries(1 + 500 * i, 500, 256));
                wal.sync();
                wal.prepareNext();
            }
            assertThatThrownBy(() -> Wal.open(real, dir, SnapshotMark.NONE, QUIET, options))
                    .hasMessageStartingWith("open wal error: fileutil: file already locked");
        }
        var opened = Wal.open(real, dir, SnapshotMark.NONE, QUIET, options);
        assertThat(opened.replay().entries()).hasSize(15_000);
        opened.wal().close();
        try (var files = Files.list(dir)) {
            assertThat(files).hasSize(4);
        }
    }
}
