package dev.cetera.peer;

import dev.cetera.raft.Message;
import dev.cetera.raftpb.MessageCodec;
import io.netty.buffer.ByteBuf;

/// Frames of the append stream. Both ends keep the place where the last append ended, so that one which goes
/// on from there needs its entries alone:
///
/// ```
/// 00                                                          link heartbeat
/// 01 · u64be count · count × (u64be size · entry) · u64be commit   entries that go on from the last place
/// 02 · u64be size · message                                   any append; it sets the place
/// ```
final class AppendFrameWriter implements FrameWriter {
    static final int HEARTBEAT = 0;
    static final int ENTRIES = 1;
    static final int FULL = 2;

    private long term;
    private long index;

    @Override
    public int size(Message message) {
        if (message instanceof Message.Append append && goesOn(append)) {
            long size = 1 + 2L * Long.BYTES;
            for (var entry : append.entries()) {
                size += Long.BYTES + MessageCodec.size(entry);
            }
            return Math.toIntExact(size);
        }
        return Math.addExact(1 + Long.BYTES, MessageCodec.size(message));
    }

    /// The place's term is that of the message, not of its last entry: so only once the log has reached the
    /// leader's own term can entries go alone.
    private boolean goesOn(Message.Append append) {
        return append.prevIndex() == index && append.prevTerm() == term && append.term() == term;
    }

    @Override
    public void write(Message message, ByteBuf into) {
        if (!(message instanceof Message.Append append)) {
            throw new IllegalArgumentException("not an append: " + message);
        }
        if (goesOn(append)) {
            into.writeByte(ENTRIES).writeLong(append.entries().size());
            for (var entry : append.entries()) {
                int size = MessageCodec.size(entry);
                into.writeLong(size).ensureWritable(size);
                MessageCodec.encode(entry, into.nioBuffer(into.writerIndex(), size));
                into.writerIndex(into.writerIndex() + size);
            }
            into.writeLong(append.commit());
        } else {
            int size = MessageCodec.size(append);
            into.writeByte(FULL).writeLong(size);
            MessageFrameWriter.writeBare(append, size, into);
            term = append.term();
        }
        index = append.lastIndex();
    }

    @Override
    public void heartbeat(ByteBuf into) {
        into.writeByte(HEARTBEAT);
    }
}
