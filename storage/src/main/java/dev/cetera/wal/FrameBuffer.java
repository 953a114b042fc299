package dev.cetera.wal;

import dev.cetera.disk.DiskFile;
import dev.cetera.raft.Entry;
import dev.cetera.raft.HardState;
import dev.cetera.raftpb.ProtoWriter;
import dev.cetera.raftpb.RaftCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Records on their way to a segment, as frames:
///
/// ```
/// 8 bytes  little endian: bits 0..55 length L of the record, bits 56..63 = 0x80 | pad if there is padding, else 0
/// L bytes  walpb.Record: 08 type 10 crc [1a length data]
/// pad      zeros up to a multiple of 8, so that no length word lies across two sectors
/// ```
///
/// `crc` is the checksum over the data of all records so far, this one included. Confined.
final class FrameBuffer {
    /// A record of this many bytes, its padding included, is refused by every reader.
    static final int MAX_RECORD_BYTES = 10 * 1024 * 1024;

    private static final int FRAME_OVERHEAD = 8 + 2 + 6 + 6 + 7;
    private static final int INITIAL_BYTES = 16 << 10;
    private static final int KEPT_BYTES = 2 << 20;

    private final RunningCrc crc;
    private final ProtoWriter head = new ProtoWriter(64);
    /// Outside the heap, so that the disk takes it without another copy.
    private ByteBuffer buffer = allocate(INITIAL_BYTES);

    /// @param seed the checksum over everything that the log holds already
    FrameBuffer(int seed) {
        crc = new RunningCrc(seed);
    }

    /// The records that every segment begins with: the checksum so far, who writes, and what raft must
    /// remember.
    void segmentHead(byte[] metadata, HardState state) {
        frame(RecordType.CRC, 0, Entry.NO_DATA);
        head.clear();
        frame(RecordType.METADATA, metadata.length, metadata);
        if (!state.equals(HardState.NONE)) {
            state(state);
        }
    }

    void entry(Entry entry) {
        RaftCodec.writeHead(head.clear(), entry);
        frame(RecordType.ENTRY, head.size() + entry.data().length, entry.data());
    }

    void state(HardState state) {
        RaftCodec.write(head.clear(), state);
        frame(RecordType.STATE, head.size(), Entry.NO_DATA);
    }

    void mark(Wal.SnapshotMark mark) {
        WalCodec.write(head.clear(), mark);
        frame(RecordType.SNAPSHOT, head.size(), Entry.NO_DATA);
    }

    /// The checksum over all records so far.
    int crc() {
        return crc.value();
    }

    int size() {
        return buffer.position();
    }

    /// Writes everything collected and begins anew.
    ///
    /// @return bytes written
    int drainTo(DiskFile file, long position) throws IOException {
        buffer.flip();
        int size = buffer.remaining();
        file.write(buffer, position);
        if (buffer.capacity() > KEPT_BYTES) {
            buffer = allocate(INITIAL_BYTES);
        }
        buffer.clear();
        return size;
    }

    /// A record whose data is what `head` holds, then `payload`; `dataLength` is the sum.
    private void frame(int type, int dataLength, byte[] payload) {
        boolean hasData = type != RecordType.CRC;
        if (hasData) {
            crc.update(head.buffer(), 0, head.size());
            crc.update(payload, 0, payload.length);
        }
        int sum = crc.value();
        int length = 2 + 1 + varintSize(sum) + (hasData ? 1 + varintSize(dataLength) + dataLength : 0);
        int padding = -length & 7;
        if (length >= MAX_RECORD_BYTES - padding) {
            throw new IllegalArgumentException("a record of " + length + " bytes could not be read back");
        }
        require(FRAME_OVERHEAD + dataLength);
        buffer.putLong(padding == 0 ? length : length | (0x80L | padding) << 56);
        buffer.put((byte) 0x08).put((byte) type).put((byte) 0x10);
        putVarint(sum);
        if (hasData) {
            buffer.put((byte) 0x1a);
            putVarint(dataLength);
            buffer.put(head.buffer(), 0, head.size()).put(payload);
        }
        for (int i = 0; i < padding; i++) {
            buffer.put((byte) 0);
        }
    }

    private void require(int more) {
        if (buffer.remaining() < more) {
            var larger = allocate(Math.max(buffer.position() + more, 2 * buffer.capacity()));
            buffer = larger.put(buffer.flip());
        }
    }

    private static ByteBuffer allocate(int size) {
        return ByteBuffer.allocateDirect(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /// As an unsigned number.
    private static int varintSize(int value) {
        return Math.max(1, (38 - Integer.numberOfLeadingZeros(value)) / 7);
    }

    private void putVarint(int value) {
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            buffer.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        buffer.put((byte) rest);
    }
}
