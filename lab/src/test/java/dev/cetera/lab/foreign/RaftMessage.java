package dev.cetera.lab.foreign;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/// A raft message as it is on the wire, written by hand, so that it can be wrong. Immutable.
///
/// @param entry bytes of one entry, empty for none
/// @param snapshot bytes of a raftpb.Snapshot, empty for the empty one
record RaftMessage(
        int type,
        long to,
        long from,
        long term,
        long logTerm,
        long index,
        ByteString entry,
        long commit,
        ByteString snapshot) {
    static final int HUP = 0;
    static final int BEAT = 1;
    static final int PROP = 2;
    static final int APP = 3;
    static final int APP_RESP = 4;
    static final int VOTE = 5;
    static final int SNAP = 7;
    static final int HEARTBEAT = 8;
    static final int HEARTBEAT_RESP = 9;
    static final int UNREACHABLE = 10;
    static final int SNAP_STATUS = 11;
    static final int CHECK_QUORUM = 12;
    static final int TIMEOUT_NOW = 14;
    static final int READ_INDEX_RESP = 16;

    static RaftMessage of(int type, long to, long from, long term) {
        return new RaftMessage(type, to, from, term, 0, 0, ByteString.EMPTY, 0, ByteString.EMPTY);
    }

    RaftMessage at(long newLogTerm, long newIndex, long newCommit) {
        return new RaftMessage(type, to, from, term, newLogTerm, newIndex, entry, newCommit, snapshot);
    }

    RaftMessage withEntry(ByteString newEntry) {
        return new RaftMessage(type, to, from, term, logTerm, index, newEntry, commit, snapshot);
    }

    RaftMessage withSnapshot(ByteString newSnapshot) {
        return new RaftMessage(type, to, from, term, logTerm, index, entry, commit, newSnapshot);
    }

    /// An entry of the given term and index.
    static ByteString entry(int type, long term, long index, ByteString data) {
        return written(out -> {
            out.writeInt32(1, type);
            out.writeUInt64(2, term);
            out.writeUInt64(3, index);
            out.writeBytes(4, data);
        });
    }

    /// A snapshot of the given index and term, without members.
    static ByteString snapshot(ByteString data, long index, long term) {
        ByteString metadata = written(out -> {
            out.writeBytes(1, ByteString.EMPTY);
            out.writeUInt64(2, index);
            out.writeUInt64(3, term);
        });
        return written(out -> {
            out.writeBytes(1, data);
            out.writeBytes(2, metadata);
        });
    }

    byte[] bytes() {
        return written(out -> {
                    out.writeInt32(1, type);
                    out.writeUInt64(2, to);
                    out.writeUInt64(3, from);
                    out.writeUInt64(4, term);
                    out.writeUInt64(5, logTerm);
                    out.writeUInt64(6, index);
                    if (!entry.isEmpty()) {
                        out.writeBytes(7, entry);
                    }
                    out.writeUInt64(8, commit);
                    out.writeBytes(9, snapshot.isEmpty() ? EMPTY_SNAPSHOT : snapshot);
                    out.writeBool(10, false);
                    out.writeUInt64(11, 0);
                })
                .toByteArray();
    }

    /// What every release before 3.4 sends: metadata with an empty configuration at index 0 of term 0.
    private static final ByteString EMPTY_SNAPSHOT =
            ByteString.copyFrom(new byte[] {0x12, 0x06, 0x0a, 0x00, 0x10, 0x00, 0x18, 0x00});

    private interface Content {
        void writeTo(CodedOutputStream out) throws IOException;
    }

    private static ByteString written(Content content) {
        var bytes = new ByteArrayOutputStream();
        var out = CodedOutputStream.newInstance(bytes);
        try {
            content.writeTo(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ByteString.copyFrom(bytes.toByteArray());
    }
}
