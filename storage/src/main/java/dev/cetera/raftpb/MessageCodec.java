package dev.cetera.raftpb;

import dev.cetera.raft.Entry;
import dev.cetera.raft.Message;
import java.nio.ByteBuffer;
import java.util.List;

/// Raft's messages as the bytes of etcd 3.3's raftpb, and back.
///
/// Encoding gives what etcd 3.3 writes, an empty snapshot included. Decoding takes what any release writes (a
/// field may be missing or unknown) and refuses what no member says: a known field of another wire type, a
/// number that is no position, entries that don't follow each other, ids that are 0. So a message that comes
/// out of here makes sense in itself; whether it makes sense now is for raft to say. No decoder allocates more
/// than in proportion to its input.
public final class MessageCodec {
    private static final byte[] LINK_HEARTBEAT = {
        0x08, 0x08, 0x10, 0, 0x18, 0, 0x20, 0, 0x28, 0, 0x30, 0, 0x40, 0, // heartbeat, all zero
        0x4a, 0x08, 0x12, 0x06, 0x0a, 0, 0x10, 0, 0x18, 0, // the empty snapshot
        0x50, 0, 0x58, 0
    };

    private MessageCodec() {}

    /// What bytes turned out to be.
    public sealed interface Decoded {
        /// A message for raft.
        record Said(Message message) implements Decoded {}

        /// Only tells that the connection lives: a heartbeat from nobody to nobody.
        record LinkHeartbeat() implements Decoded {}

        /// A type that no member sends to another one (the sender's own business), or an unknown one.
        ///
        /// @param type unsigned, as it was written
        record Ignored(long type, long to, long from) implements Decoded {}
    }

    /// The bytes that [#encode(Message, ByteBuffer)] will write.
    ///
    /// @throws ArithmeticException beyond 2 GiB
    public static int size(Message message) {
        return MessageWire.of(message).size();
    }

    /// Writes a message; `into` has room for [#size] bytes.
    public static void encode(Message message, ByteBuffer into) {
        MessageWire.of(message).write(into);
    }

    public static byte[] encode(Message message) {
        var wire = MessageWire.of(message);
        var bytes = ByteBuffer.allocate(wire.size());
        wire.write(bytes);
        return bytes.array();
    }

    /// The bytes of [Decoded.LinkHeartbeat].
    public static byte[] linkHeartbeat() {
        return LINK_HEARTBEAT.clone();
    }

    /// The bytes that [#encode(Entry, ByteBuffer)] will write.
    public static int size(Entry entry) {
        return MessageWire.size(entry);
    }

    /// Writes an entry alone; `into` has room for [#size(Entry)] bytes.
    public static void encode(Entry entry, ByteBuffer into) {
        MessageWire.write(entry, into);
    }

    public static Decoded decode(byte[] bytes) throws MalformedException {
        return decode(bytes, 0, bytes.length);
    }

    public static Decoded decode(byte[] bytes, int offset, int length) throws MalformedException {
        return new MessageReading(new ProtoReader("Message", bytes, offset, length)).result();
    }

    /// Refuses entries that can't stand in one log behind `prevIndex` and `prevTerm`, as a leader of `term`
    /// has it. For those whose frames carry entries without a message around them.
    public static void checkSequence(long term, long prevTerm, long prevIndex, List<Entry> entries)
            throws MalformedException {
        MessageReading.checkSequence(term, prevTerm, prevIndex, entries);
    }
}
