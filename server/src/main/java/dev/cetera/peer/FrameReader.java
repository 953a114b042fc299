package dev.cetera.peer;

import dev.cetera.raftpb.MalformedException;
import dev.cetera.raftpb.MessageCodec.Decoded;
import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;

/// Turns the bytes of one stream into messages, however they are cut into pieces. Memory grows with what has
/// arrived, not with what is announced. Confined to the stream's event loop.
interface FrameReader {
    /// Longest frame, as in etcd.
    int MAX_FRAME = 512 << 20;

    /// Takes all of `in` and hands over each message that is complete by that.
    void read(ByteBuf in, Consumer<Decoded> each) throws MalformedException;
}
