package dev.cetera.lab.sim;

import dev.cetera.disk.FakeDisk;
import dev.cetera.raft.Entry;
import dev.cetera.raft.HardState;
import dev.cetera.raftpb.MalformedException;
import dev.cetera.raftpb.ProtoReader;
import dev.cetera.raftpb.RaftCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A member's log as somebody sees it who looks at the disk: he follows the segments while they are written,
/// and knows nothing of what the member thinks. Begins anew with each life of the member. Confined.
final class LogView {
    /// Told of each record, in order.
    interface Listener {
        /// An entry now stands at the end of the log.
        ///
        /// @param previousTerm of the entry before it; -1 when that is not known any more
        void appended(Entry entry, long previousTerm);

        void promised(HardState before, HardState now);
    }

    private static final int ENTRY = 2;
    private static final int STATE = 3;
    private static final int SNAPSHOT = 5;
    private static final long UNKNOWN_TERM = -1;

    private final FakeDisk disk;
    private final Path dir;
    private final Listener listener;
    private final TreeMap<Long, Entry> entries = new TreeMap<>();
    private HardState hardState = HardState.NONE;
    private long baseIndex;
    private long baseTerm;
    private long seen = -1;
    private @Nullable String segment;
    private int offset;

    LogView(FakeDisk disk, Path dir, Listener listener) {
        this.disk = disk;
        this.dir = dir;
        this.listener = listener;
    }

    @Nullable
    Entry entry(long index) {
        return entries.get(index);
    }

    HardState hardState() {
        return hardState;
    }

    /// Everything up to here is in a snapshot.
    long baseIndex() {
        return baseIndex;
    }

    long lastIndex() {
        return entries.isEmpty() ? baseIndex : entries.lastKey();
    }

    /// Reads on, if anything was written.
    void follow() throws IOException, MalformedException {
        if (seen == disk.operations()) {
            return;
        }
        seen = disk.operations();
        var next = segment == null ? after("") : segment;
        while (next != null) {
            if (!next.equals(segment)) {
                segment = next;
                offset = 0;
            }
            var path = dir.resolve(next);
            if (disk.exists(path)) {
                readOn(disk.bytes(path));
            }
            next = after(next);
        }
    }

    private @Nullable String after(String name) throws IOException {
        return disk.list(dir).stream()
                .filter(other -> other.endsWith(".wal") && other.compareTo(name) > 0)
                .sorted()
                .findFirst()
                .orElse(null);
    }

    /// A frame is a length of 8 bytes (the sign says that the uppermost byte counts padding), a record, and
    /// the padding.
    private void readOn(byte[] bytes) throws MalformedException {
        var buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (offset + 8 <= bytes.length) {
            long field = buffer.getLong(offset);
            long length = field & 0xffffffffffffffL;
            int padding = field < 0 ? (int) (field >>> 56) & 7 : 0;
            if (length == 0 || offset + 8 + length + padding > bytes.length) {
                return;
            }
            record(new ProtoReader("Record", bytes, offset + 8, (int) length));
            offset += 8 + (int) length + padding;
        }
    }

    /// A record is a protobuf message: type, checksum, data.
    private void record(ProtoReader in) throws MalformedException {
        int type = 0;
        byte[] data = Entry.NO_DATA;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> type = (int) in.varint("type");
                case 3 -> data = in.bytes("data");
                default -> in.skip();
            }
        }
        switch (type) {
            case ENTRY -> append(RaftCodec.decodeEntry(data));
            case STATE -> {
                var before = hardState;
                hardState = RaftCodec.decodeHardState(data);
                listener.promised(before, hardState);
            }
            case SNAPSHOT -> snapshot(new ProtoReader("Snapshot", data, 0, data.length));
            default -> {}
        }
    }

    private void append(Entry entry) {
        entries.tailMap(entry.index(), true).clear();
        if (entries.isEmpty() && entry.index() > baseIndex + 1) {
            // Segments before this one are gone already.
            baseIndex = entry.index() - 1;
            baseTerm = UNKNOWN_TERM;
        }
        if (entry.index() > lastIndex() + 1) {
            throw Truth.broken("a log goes on with " + entry + " behind " + lastIndex());
        }
        var previous = entries.get(entry.index() - 1);
        long previousTerm =
                previous != null ? previous.term() : entry.index() - 1 == baseIndex ? baseTerm : UNKNOWN_TERM;
        entries.put(entry.index(), entry);
        listener.appended(entry, previousTerm);
    }

    private void snapshot(ProtoReader in) throws MalformedException {
        long index = 0;
        long term = 0;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> index = in.varint("index");
                case 2 -> term = in.varint("term");
                default -> in.skip();
            }
        }
        if (index <= baseIndex) {
            return;
        }
        var known = entries.get(index);
        if (known == null || known.term() != term) {
            entries.clear(); // it came from a leader, and stands for all of the log
        }
        baseIndex = index;
        baseTerm = term;
    }
}
