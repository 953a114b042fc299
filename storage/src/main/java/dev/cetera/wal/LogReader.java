package dev.cetera.wal;

import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.HardState;
import dev.cetera.raftpb.MalformedException;
import dev.cetera.raftpb.RaftCodec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Folds the records of a log into what a member starts from. Confined; used once.
final class LogReader {
    private final RecordReader records;
    private final Wal.SnapshotMark start;
    private final ArrayList<Entry> entries = new ArrayList<>();
    private byte @Nullable [] metadata;
    private HardState hardState = HardState.NONE;
    private long lastIndex;
    private boolean startFound;

    LogReader(RecordReader records, Wal.SnapshotMark start) {
        this.records = records;
        this.start = start;
        this.lastIndex = start.index();
    }

    /// Reads everything.
    ///
    /// @return END or TORN
    RecordReader.Step readAll() throws IOException, BadLogException {
        while (true) {
            var step = records.next();
            if (step != RecordReader.Step.RECORD) {
                return step;
            }
            try {
                record();
            } catch (MalformedException e) {
                throw records.bad(e.getMessage());
            }
        }
    }

    /// Whether the log holds the record of the start mark.
    boolean startFound() {
        return startFound;
    }

    /// Index of the last entry, or of a later snapshot; at least that of the start mark.
    long lastIndex() {
        return lastIndex;
    }

    /// As it was written, unknown fields included.
    byte[] metadata() throws BadLogException {
        if (metadata == null) {
            throw records.bad("wal: no metadata found");
        }
        return metadata;
    }

    Wal.Replay replay() throws BadLogException {
        long last = start.index() + entries.size();
        if (hardState.commit() > last) {
            throw records.bad("wal: committed up to " + hardState.commit() + ", and the last entry is " + last);
        }
        try {
            return new Wal.Replay(WalCodec.decodeMetadata(metadata()), hardState, entries);
        } catch (MalformedException e) {
            throw records.bad(e.getMessage());
        }
    }

    private void record() throws BadLogException, MalformedException {
        switch (records.type()) {
            case RecordType.METADATA -> {
                byte[] found = records.dataBytes();
                if (metadata != null && !Arrays.equals(metadata, found)) {
                    throw records.bad("wal: conflicting metadata found");
                }
                metadata = found;
            }
            case RecordType.ENTRY -> entry(RaftCodec.readEntry(records.data("Entry")));
            case RecordType.STATE -> state(RaftCodec.readHardState(records.data("HardState")));
            case RecordType.CRC -> {}
            case RecordType.SNAPSHOT -> {
                var mark = WalCodec.readSnapshotMark(records.data("Snapshot"));
                if (mark.index() == start.index()) {
                    if (mark.term() != start.term()) {
                        throw records.bad("wal: snapshot mismatch");
                    }
                    startFound = true;
                }
                lastIndex = Math.max(lastIndex, mark.index());
            }
            default -> throw records.bad("unexpected block type " + records.type());
        }
    }

    /// Terms only grow. An entry that is taken for a state has its own type, which is next to nothing, for a
    /// term.
    private void state(HardState state) throws BadLogException {
        if (state.term() < hardState.term()) {
            throw records.bad("wal: term " + state.term() + " follows term " + hardState.term());
        }
        hardState = state;
    }

    /// An entry replaces those from its index on that were written before it: they lost against another
    /// leader's. It is of no older term than the one that it follows. A record's checksum does not cover its
    /// type, so a state may be taken for an entry; then one of them stands in a wrong place, or there is a
    /// configuration change without content: a state's term passes for the type.
    private void entry(Entry entry) throws BadLogException {
        if (entry.type() == EntryType.CONF_CHANGE && entry.data().length == 0) {
            throw records.bad("wal: entry " + entry.index() + " of term " + entry.term()
                    + " is a configuration change without content");
        }
        long place = entry.index() - start.index() - 1;
        if (place > entries.size()) {
            throw records.bad("wal: slice bounds out of range");
        }
        if (place > 0 && entry.term() < entries.get((int) place - 1).term()) {
            throw records.bad("wal: entry " + entry.index() + " of term " + entry.term() + " follows one of term "
                    + entries.get((int) place - 1).term());
        }
        if (place >= 0) {
            if (place < entries.size()) {
                entries.subList((int) place, entries.size()).clear();
            }
            entries.add(entry);
            lastIndex = entry.index();
        }
    }
}
