package dev.cetera.peer;

import dev.cetera.raft.Message;
import dev.cetera.raftpb.MessageCodec;
import io.netty.buffer.ByteBuf;

/// Frames of the message stream: `u64be length · message`.
final class MessageFrameWriter implements FrameWriter {
    @Override
    public int size(Message message) {
        return Math.addExact(Long.BYTES, MessageCodec.size(message));
    }

    @Override
    public void write(Message message, ByteBuf into) {
        int size = MessageCodec.size(message);
        into.writeLong(size);
        writeBare(message, size, into);
    }

    /// The message alone.
    static void writeBare(Message message, int size, ByteBuf into) {
        into.ensureWritable(size);
        MessageCodec.encode(message, into.nioBuffer(into.writerIndex(), size));
        into.writerIndex(into.writerIndex() + size);
    }

    @Override
    public void heartbeat(ByteBuf into) {
        byte[] bytes = MessageCodec.linkHeartbeat();
        into.writeLong(bytes.length).writeBytes(bytes);
    }
}
