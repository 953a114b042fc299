package dev.cetera.wal;

import dev.cetera.disk.DiskFile;
import dev.cetera.raftpb.MalformedException;
import dev.cetera.raftpb.ProtoReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/// Walks over the records of consecutive segments and checks the chain of checksums. See [FrameBuffer] for the
/// form. Never needs more memory than one record that lies completely in the file. Confined.
final class RecordReader {
    /// How a step ended.
    enum Step {
        RECORD,
        /// The last segment ends here, or nothing but reserved space follows.
        END,
        /// A record that was not completely written: what etcd calls an unexpected EOF.
        TORN
    }

    static final String TORN_TEXT = "unexpected EOF";

    /// What a disk writes in one piece.
    private static final int SECTOR_BYTES = 512;

    private static final int CHUNK_BYTES = 256 << 10;

    /// What every segment begins with. No checksum covers a record's type: a first record that passes for
    /// another than it is would be found out only when the segments before it, which say where its checksum
    /// begins, are gone.
    private static final int[] BEGINNING = {RecordType.CRC, RecordType.METADATA};

    private final List<DiskFile> files;
    private final RunningCrc crc = new RunningCrc(0);
    private int current;
    private long fileSize;

    /// Where the next frame begins. Invariant: all before it in the current file is good.
    private long offset;

    /// How many records of the current file lie before it.
    private long recordsBefore;

    private ByteBuffer chunk = ByteBuffer.allocate(0);
    private long chunkStart;

    private int type;
    private int recordCrc;
    private int dataAt;
    private int dataLength;

    /// @param files consecutive segments, at least one
    RecordReader(List<DiskFile> files) throws IOException {
        this.files = files;
        fileSize = files.getFirst().size();
    }

    int type() {
        return type;
    }

    /// The data of the current record; gone with the next [#next].
    ProtoReader data(String message) {
        return new ProtoReader(message, chunk.array(), dataAt, dataLength);
    }

    byte[] dataBytes() {
        return Arrays.copyOfRange(chunk.array(), dataAt, dataAt + dataLength);
    }

    /// Where the good part of the current file ends.
    long offset() {
        return offset;
    }

    /// The checksum over all records so far.
    int crc() {
        return crc.value();
    }

    BadLogException bad(String what) {
        return new BadLogException(files.get(current).path(), offset, what);
    }

    Step next() throws IOException, BadLogException {
        while (true) {
            long rest = fileSize - offset;
            if (rest > 0 && (rest < 8 || !fetch(offset, 8))) {
                return Step.TORN;
            }
            long word = rest == 0 ? 0 : chunk.getLong((int) (offset - chunkStart));
            if (word != 0) {
                return frame(word, rest - 8);
            }
            if (current == files.size() - 1) {
                return Step.END;
            }
            current++;
            fileSize = files.get(current).size();
            offset = 0;
            recordsBefore = 0;
            chunk.limit(0);
        }
    }

    private Step frame(long word, long rest) throws IOException, BadLogException {
        long length = word & 0x00ff_ffff_ffff_ffffL;
        int padding = word < 0 ? (int) (word >>> 56) & 7 : 0;
        if (length >= FrameBuffer.MAX_RECORD_BYTES - padding) {
            throw bad("wal: max entry size limit exceeded");
        }
        int body = (int) length + padding;
        if (body > rest || !fetch(offset + 8, body)) {
            return Step.TORN;
        }
        int at = (int) (offset + 8 - chunkStart);
        try {
            parse(at, (int) length);
        } catch (MalformedException e) {
            if (isTorn(at, body)) {
                return Step.TORN;
            }
            throw bad(e.getMessage());
        }
        if (type == RecordType.CRC) {
            // A reader that began in the middle has no checksum of its own yet and takes this one on trust.
            if (crc.value() != 0 && crc.value() != recordCrc) {
                throw bad("wal: crc mismatch");
            }
            crc.restart(recordCrc);
        } else {
            crc.update(chunk.array(), dataAt, dataLength);
            if (crc.value() != recordCrc) {
                if (isTorn(at, body)) {
                    return Step.TORN;
                }
                throw bad("walpb: crc mismatch");
            }
        }
        if (recordsBefore < BEGINNING.length && type != BEGINNING[(int) recordsBefore]) {
            throw bad("wal: record " + (recordsBefore + 1) + " of the segment is of type " + type + ", not "
                    + BEGINNING[(int) recordsBefore]);
        }
        recordsBefore++;
        offset += 8 + body;
        return Step.RECORD;
    }

    private void parse(int at, int length) throws MalformedException {
        var in = new ProtoReader("Record", chunk.array(), at, length);
        long kind = 0;
        long sum = 0;
        dataAt = at;
        dataLength = 0;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> kind = in.varint("Type");
                case 2 -> sum = in.varint("Crc");
                case 3 -> {
                    dataLength = in.skipBytes("Data");
                    dataAt = in.position() - dataLength;
                }
                default -> in.skip();
            }
        }
        // An impossible number must not become a possible one by being cut to 32 bits.
        type = kind == (int) kind ? (int) kind : -1;
        recordCrc = (int) sum;
    }

    /// Whether a bad record of the last segment is one of which a power loss kept only some sectors: then one
    /// of the pieces that it has in each sector still holds the zeros of the reserved space.
    private boolean isTorn(int at, int body) {
        if (current != files.size() - 1) {
            return false;
        }
        long from = offset + 8;
        long end = from + body;
        while (from < end) {
            long sectorEnd = Math.min(end, (from / SECTOR_BYTES + 1) * SECTOR_BYTES);
            boolean allZero = true;
            for (long i = from; i < sectorEnd && allZero; i++) {
                allZero = chunk.array()[(int) (at + i - offset - 8)] == 0;
            }
            if (allZero) {
                return true;
            }
            from = sectorEnd;
        }
        return false;
    }

    /// Brings bytes of the current file into `chunk`; false when the file turns out to be shorter.
    private boolean fetch(long from, int length) throws IOException {
        if (from >= chunkStart && from + length <= chunkStart + chunk.limit()) {
            return true;
        }
        int wanted = (int) Math.min(fileSize - from, Math.max(length, CHUNK_BYTES));
        if (chunk.capacity() < wanted) {
            chunk = ByteBuffer.allocate(wanted).order(ByteOrder.LITTLE_ENDIAN);
        }
        chunk.clear().limit(wanted);
        int got = files.get(current).read(chunk, from);
        chunk.position(0).limit(Math.max(got, 0));
        chunkStart = from;
        return got >= length;
    }
}
