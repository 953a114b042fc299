package dev.cetera.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.disk.DiskFile;
import dev.cetera.disk.OpenMode;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.HardState;
import dev.cetera.raftpb.MalformedException;
import dev.cetera.raftpb.RaftCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// Real files, record by record: each is what an independent reader found there, and written again it is the
/// same.
class GoldenRecordsTest {
    static final List<String> LOGS = Golden.WHOLE;

    private static final List<String> TYPES = List.of("", "META", "ENTRY", "STATE", "CRC", "SNAP");

    @ParameterizedTest
    @FieldSource("LOGS")
    void everyRecordIsWhatTheListSays(String log) throws Exception {
        var lines = new ArrayList<String>();
        for (var file : Golden.files(log)) {
            byte[] bytes = Golden.bytes(file);
            lines.add("# " + file.getFileName() + " size=" + bytes.length);
            try (var opened =
                    Golden.disk(log).open(Golden.DIR.resolve(file.getFileName().toString()), OpenMode.READ)) {
                describe(new RecordReader(List.of(opened)), bytes, lines);
            }
        }
        assertThat(lines).isEqualTo(Golden.recordLines(log));
    }

    private static void describe(RecordReader records, byte[] file, List<String> lines) throws Exception {
        while (true) {
            long at = records.offset();
            if (records.next() != RecordReader.Step.RECORD) {
                break;
            }
            long word = Long.reverseBytes(ByteBuffer.wrap(file).getLong((int) at));
            byte[] data = records.dataBytes();
            lines.add(String.format(
                    "%d\t%s\tlen=%d\tpad=%d\tcrc=%08x\tdata=%s",
                    at,
                    TYPES.get(records.type()),
                    word & 0xff_ffffL,
                    word < 0 ? word >>> 56 & 7 : 0,
                    records.crc(),
                    describe(records.type(), data)));
        }
        lines.add("# end=" + records.offset());
    }

    private static String describe(int type, byte[] data) throws NoSuchAlgorithmException {
        if (type == RecordType.CRC) {
            return "-";
        }
        var hex = HexFormat.of();
        return data.length > 160
                ? "len=" + data.length + " sha256="
                        + hex.formatHex(MessageDigest.getInstance("SHA-256").digest(data))
                : hex.formatHex(data);
    }

    @ParameterizedTest
    @FieldSource("LOGS")
    void writtenAgainEachFileIsTheSame(String log) throws Exception {
        var disk = Golden.disk(log);
        for (var path : Golden.files(log)) {
            var name = path.getFileName().toString();
            try (var file = disk.open(Golden.DIR.resolve(name), OpenMode.READ);
                    var copy = disk.open(Golden.DIR.resolve("copy"), OpenMode.CREATE)) {
                copy.truncate(0);
                long end = copyRecords(new RecordReader(List.of(file)), copy);
                assertThat(disk.bytes(Golden.DIR.resolve("copy")))
                        .as(name)
                        .isEqualTo(Arrays.copyOf(Golden.bytes(path), (int) end));
            }
        }
    }

    /// The first two records of a segment are written as one head, as a log does.
    private static long copyRecords(RecordReader records, DiskFile to) throws Exception {
        records.next();
        var frames = new FrameBuffer(records.crc());
        while (records.next() == RecordReader.Step.RECORD) {
            switch (records.type()) {
                case RecordType.METADATA -> {
                    byte[] metadata = records.dataBytes();
                    assertThat(WalCodec.encode(WalCodec.decodeMetadata(metadata)))
                            .isEqualTo(metadata);
                    frames.segmentHead(metadata, HardState.NONE);
                }
                case RecordType.ENTRY -> {
                    var entry = RaftCodec.decodeEntry(records.dataBytes());
                    assertThat(RaftCodec.encode(entry)).isEqualTo(records.dataBytes());
                    checkConfChange(entry);
                    frames.entry(entry);
                }
                case RecordType.STATE -> {
                    var state = RaftCodec.decodeHardState(records.dataBytes());
                    assertThat(RaftCodec.encode(state)).isEqualTo(records.dataBytes());
                    frames.state(state);
                }
                case RecordType.SNAPSHOT -> {
                    var mark = WalCodec.decodeSnapshotMark(records.dataBytes());
                    assertThat(WalCodec.encode(mark)).isEqualTo(records.dataBytes());
                    frames.mark(mark);
                }
                default -> throw new AssertionError("type " + records.type());
            }
        }
        return frames.drainTo(to, 0);
    }

    private static void checkConfChange(Entry entry) throws MalformedException {
        if (entry.type() == EntryType.CONF_CHANGE) {
            assertThat(RaftCodec.encode(RaftCodec.decodeConfChange(entry.data())))
                    .isEqualTo(entry.data());
        }
    }

    @Test
    void theChainOfChecksumsGoesOnOverSegments() throws IOException, BadLogException {
        var disk = Golden.disk("segments");
        var files = new ArrayList<DiskFile>();
        for (var path : Golden.files("segments")) {
            files.add(disk.open(Golden.DIR.resolve(path.getFileName().toString()), OpenMode.READ));
        }
        var records = new RecordReader(files);
        int count = 0;
        while (records.next() == RecordReader.Step.RECORD) {
            count++;
        }
        assertThat(count).isEqualTo(16 + 16 + 5);
        assertThat(records.crc()).isEqualTo(0x691e5168);
    }
}
