package dev.cetera.peer;

import dev.cetera.raft.Entry;
import dev.cetera.raft.Message;
import dev.cetera.raftpb.MalformedException;
import dev.cetera.raftpb.MessageCodec;
import dev.cetera.raftpb.MessageCodec.Decoded;
import dev.cetera.raftpb.ProtoReader;
import dev.cetera.raftpb.RaftCodec;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Reads what [AppendFrameWriter] writes.
final class AppendFrameReader implements FrameReader {
    /// More than fit into the 1 MiB that a leader puts into one append.
    private static final int MAX_ENTRIES = 1 << 18;

    /// What the piece that is being gathered will be.
    private enum Expected {
        TYPE,
        COUNT,
        ENTRY_SIZE,
        ENTRY,
        COMMIT,
        MESSAGE_SIZE,
        MESSAGE
    }

    private final long local;
    private final long remote;
    private final Piece piece = new Piece();
    private Expected expected = Expected.TYPE;

    private long term;
    private long index;

    private long missing;
    private long frameBytes;
    private List<Entry> entries = new ArrayList<>();

    AppendFrameReader(long local, long remote) {
        this.local = local;
        this.remote = remote;
        piece.expect(1);
    }

    @Override
    public void read(ByteBuf in, Consumer<Decoded> each) throws MalformedException {
        while (piece.take(in)) {
            var decoded = step();
            if (decoded != null) {
                each.accept(decoded);
            }
        }
    }

    /// Takes the piece that is complete and says what comes next; the message, if that was its last one.
    private @Nullable Decoded step() throws MalformedException {
        switch (expected) {
            case TYPE -> {
                return type(piece.bytes()[0]);
            }
            case COUNT -> count(piece.number());
            case ENTRY_SIZE -> expect(Expected.ENTRY, bounded(piece.number()));
            case ENTRY -> {
                entries.add(RaftCodec.readEntry(new ProtoReader("Entry", piece.bytes(), 0, piece.length())));
                missing--;
                expectEntry();
            }
            case COMMIT -> {
                return append(piece.number());
            }
            case MESSAGE_SIZE -> expect(Expected.MESSAGE, bounded(piece.number()));
            case MESSAGE -> {
                return full();
            }
        }
        return null;
    }

    private @Nullable Decoded type(byte type) throws MalformedException {
        frameBytes = 0;
        switch (type) {
            case AppendFrameWriter.HEARTBEAT -> {
                expect(Expected.TYPE, 1);
                return new Decoded.LinkHeartbeat();
            }
            case AppendFrameWriter.ENTRIES -> expect(Expected.COUNT, Long.BYTES);
            case AppendFrameWriter.FULL -> expect(Expected.MESSAGE_SIZE, Long.BYTES);
            default ->
                throw new MalformedException(
                        "failed to parse type " + Byte.toUnsignedInt(type) + " in msgappv2 stream");
        }
        return null;
    }

    private void count(long count) throws MalformedException {
        if (term == 0) {
            throw new MalformedException("entries in msgappv2 stream before their place is known");
        }
        if (count < 0 || count > MAX_ENTRIES) {
            throw new MalformedException(Long.toUnsignedString(count) + " entries in one frame of msgappv2 stream");
        }
        missing = count;
        expectEntry();
    }

    private void expectEntry() {
        if (missing > 0) {
            expect(Expected.ENTRY_SIZE, Long.BYTES);
        } else {
            expect(Expected.COMMIT, Long.BYTES);
        }
    }

    private Decoded append(long commit) throws MalformedException {
        if (commit < 0) {
            throw new MalformedException("commit " + Long.toUnsignedString(commit) + " in msgappv2 stream");
        }
        MessageCodec.checkSequence(term, term, index, entries);
        var append = new Message.Append(local, remote, term, term, index, List.copyOf(entries), commit);
        entries = new ArrayList<>();
        index = append.lastIndex();
        expect(Expected.TYPE, 1);
        return new Decoded.Said(append);
    }

    private Decoded full() throws MalformedException {
        var decoded = MessageCodec.decode(piece.bytes(), 0, piece.length());
        if (!(decoded instanceof Decoded.Said(Message.Append append))) {
            throw new MalformedException("another message than an append in msgappv2 stream");
        }
        term = append.term();
        index = append.lastIndex();
        expect(Expected.TYPE, 1);
        return decoded;
    }

    private void expect(Expected next, int length) {
        expected = next;
        piece.expect(length);
    }

    private int bounded(long size) throws MalformedException {
        if (size < 0 || size > MAX_FRAME - frameBytes) {
            throw new MalformedException("rafthttp: error limit exceeded");
        }
        frameBytes += size;
        return (int) size;
    }
}
