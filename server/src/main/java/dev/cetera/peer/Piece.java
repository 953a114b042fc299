package dev.cetera.peer;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// Some bytes of known number that arrive bit by bit, in a buffer that is used again. Confined.
final class Piece {
    /// Kept for the next piece; longer ones are rare.
    private static final int KEPT = 1 << 20;

    private byte[] bytes = new byte[512];
    private int length;
    private int filled;

    void expect(int newLength) {
        if (bytes.length > KEPT && newLength <= KEPT) {
            bytes = new byte[512];
        }
        length = newLength;
        filled = 0;
    }

    /// Takes what is there and still missing; true when all is there.
    boolean take(ByteBuf in) {
        int more = Math.min(length - filled, in.readableBytes());
        if (more > bytes.length - filled) {
            long grown = Math.max(2L * bytes.length, (long) filled + more);
            bytes = Arrays.copyOf(bytes, (int) Math.min(length, grown));
        }
        in.readBytes(bytes, filled, more);
        filled += more;
        return filled == length;
    }

    /// The complete piece is in the first [#length] ones; valid until the next [#expect].
    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    /// A complete piece of 8 bytes as a number.
    long number() {
        return ByteBuffer.wrap(bytes).getLong();
    }
}
