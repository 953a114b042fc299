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
/// and knows nothing of what the member thinks. Begins anew with each life of the member, with what the member
/// finds: the entries behind the newest snapshot that no later ones replaced. Of what stands before the snapshot
/// a member reads nothing but the checksums, which don't cover all. Confined.
final class LogView {
    /// Told of each record, in order; of what a life begins with only what still holds.
    interface Listener {
        /// An entry now stands at the end of the log.
        ///
        /// @param previousTerm of the entry before it; -1 when that is not known any more
        void appended(Entry entry, long previousTerm);

        void promised(HardState before, HardState now);
    }

    /// Takes the records of a segment.
    private interface Records {
        void take(int type, byte[] data) throws MalformedException;
    }

    private record Mark(long index, long term) {}

    private static final int ENTRY = 2;
    private static final int STATE = 3;
    private static final int SNAPSHOT = 5;
    private static final long UNKNOWN_TERM = -1;

    private final FakeDisk disk;
    private final Path dir;
    private final Listener listener;
    private final TreeMap<Long, Entry> entries = new TreeMap<>();
    private HardState hardState = HardState.NONE;
    private long start;
    private long baseIndex;
    private long baseTerm;
    private long seen = -1;
    private boolean began;
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
        boolean first = seen < 0;
        if (first) {
            findSnapshot();
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
                offset = read(disk.bytes(path), offset, this::record);
            }
            next = after(next);
        }
        if (first) {
            began = true;
            leaveOutOlderThanSnapshot();
            entries.values().forEach(this::tell);
        }
    }

    /// They were there when the snapshot came, and are nothing that follows it.
    private void leaveOutOlderThanSnapshot() {
        for (var entry : entries.values()) {
            if (entry.term() < baseTerm) {
                entries.tailMap(entry.index(), true).clear();
                return;
            }
        }
    }

    private void findSnapshot() throws IOException, MalformedException {
        for (var next = after(""); next != null; next = after(next)) {
            read(disk.bytes(dir.resolve(next)), 0, (type, data) -> {
                if (type == SNAPSHOT && mark(data).index() > start) {
                    start = mark(data).index();
                    baseIndex = start;
                    baseTerm = mark(data).term();
                }
            });
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
    ///
    /// @return where the first frame begins that isn't there yet
    private static int read(byte[] bytes, int from, Records records) throws MalformedException {
        var buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int offset = from;
        while (offset + 8 <= bytes.length) {
            long field = buffer.getLong(offset);
            long length = field & 0xffffffffffffffL;
            int padding = field < 0 ? (int) (field >>> 56) & 7 : 0;
            if (length == 0 || offset + 8 + length + padding > bytes.length) {
                break;
            }
            read(new ProtoReader("Record", bytes, offset + 8, (int) length), records);
            offset += 8 + (int) length + padding;
        }
        return offset;
    }

    /// A record is a protobuf message: type, checksum, data.
    private static void read(ProtoReader in, Records records) throws MalformedException {
        int type = 0;
        byte[] data = Entry.NO_DATA;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> type = (int) in.varint("type");
                case 3 -> data = in.bytes("data");
                default -> in.skip();
            }
        }
        records.take(type, data);
    }

    private void record(int type, byte[] data) throws MalformedException {
        switch (type) {
            case ENTRY -> append(RaftCodec.decodeEntry(data));
            case STATE -> {
                var before = hardState;
                hardState = RaftCodec.decodeHardState(data);
                listener.promised(before, hardState);
            }
            case SNAPSHOT -> snapshot(mark(data));
            default -> {}
        }
    }

    private void append(Entry entry) {
        if (entry.index() <= start) {
            return;
        }
        entries.tailMap(entry.index(), true).clear();
        if (entries.isEmpty() && entry.index() > baseIndex + 1) {
            // Segments before this one are gone already.
            baseIndex = entry.index() - 1;
            baseTerm = UNKNOWN_TERM;
        }
        if (entry.index() > lastIndex() + 1) {
            throw Truth.broken("a log goes on with " + entry + " behind " + lastIndex());
        }
        entries.put(entry.index(), entry);
        if (began) {
            tell(entry);
        }
    }

    private void tell(Entry entry) {
        var previous = entries.get(entry.index() - 1);
        long previousTerm =
                previous != null ? previous.term() : entry.index() - 1 == baseIndex ? baseTerm : UNKNOWN_TERM;
        listener.appended(entry, previousTerm);
    }

    private static Mark mark(byte[] data) throws MalformedException {
        var in = new ProtoReader("Snapshot", data, 0, data.length);
        long index = 0;
        long term = 0;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> index = in.varint("index");
                case 2 -> term = in.varint("term");
                default -> in.skip();
            }
        }
        return new Mark(index, term);
    }

    private void snapshot(Mark mark) {
        if (mark.index() <= baseIndex) {
            return;
        }
        var known = entries.get(mark.index());
        if (known == null || known.term() != mark.term()) {
            entries.clear(); // it came from a leader, and stands for all of the log
        }
        baseIndex = mark.index();
        baseTerm = mark.term();
    }
}
