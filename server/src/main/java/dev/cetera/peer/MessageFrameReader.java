package dev.cetera.peer;

import dev.cetera.raftpb.MalformedException;
import dev.cetera.raftpb.MessageCodec;
import dev.cetera.raftpb.MessageCodec.Decoded;
import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Reads what [MessageFrameWriter] writes.
final class MessageFrameReader implements FrameReader {
    private final Piece piece = new Piece();
    private boolean inMessage;

    MessageFrameReader() {
        piece.expect(Long.BYTES);
    }

    @Override
    public void read(ByteBuf in, Consumer<Decoded> each) throws MalformedException {
        for (var decoded = next(in); decoded != null; decoded = next(in)) {
            each.accept(decoded);
        }
    }

    /// The next message once it is complete, and not a byte more; null when `in` ends before that.
    @Nullable
    Decoded next(ByteBuf in) throws MalformedException {
        while (piece.take(in)) {
            if (inMessage) {
                inMessage = false;
                int length = piece.length();
                piece.expect(Long.BYTES);
                return MessageCodec.decode(piece.bytes(), 0, length);
            }
            long length = piece.number();
            if (length < 0 || length > MAX_FRAME) {
                throw new MalformedException("rafthttp: error limit exceeded");
            }
            piece.expect((int) length);
            inMessage = true;
        }
        return null;
    }

    /// The bytes of the last message.
    int messageLength() {
        return piece.length();
    }
}
