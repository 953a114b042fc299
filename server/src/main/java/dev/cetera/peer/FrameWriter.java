package dev.cetera.peer;

import dev.cetera.raft.Message;
import io.netty.buffer.ByteBuf;

/// Turns the messages of one stream into its frames. Confined to the stream's event loop.
interface FrameWriter {
    /// The bytes that [#write] will take for `message`, if it is the next one.
    int size(Message message);

    void write(Message message, ByteBuf into);

    /// What only says that the connection lives.
    void heartbeat(ByteBuf into);
}
