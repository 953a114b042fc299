package dev.cetera.raftpb;

import java.util.Arrays;
import java.util.function.LongConsumer;

/// Reads the fields of one protobuf message, as strict as etcd's decoder: a known field must have its own wire
/// type, unknown fields are skipped. Allocates nothing but what [#bytes] returns. Confined.
///
/// ```
/// while (in.next()) {
///     switch (in.field()) {
///         case 1 -> term = in.varint("Term");
///         default -> in.skip();
///     }
/// }
/// ```
public final class ProtoReader {
    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int BYTES = 2;
    static final int GROUP = 3;
    static final int END_GROUP = 4;
    static final int FIXED32 = 5;

    private final String message;
    private final byte[] buffer;
    private final int limit;
    private int position;
    private int field;
    private int wireType;

    /// @param message the message's name, for error texts
    public ProtoReader(String message, byte[] buffer, int offset, int length) {
        this.message = message;
        this.buffer = buffer;
        this.position = offset;
        this.limit = offset + length;
    }

    /// Moves to the next field; false at the end of the message.
    public boolean next() throws MalformedException {
        if (position == limit) {
            return false;
        }
        long tag = readVarint();
        field = (int) (tag >>> 3);
        wireType = (int) (tag & 7);
        if (wireType == END_GROUP) {
            throw new MalformedException("proto: " + message + ": wiretype end group for non-group");
        }
        if (field <= 0) {
            throw new MalformedException(
                    "proto: " + message + ": illegal tag " + field + " (wire type " + wireType + ")");
        }
        return true;
    }

    public int field() {
        return field;
    }

    public long varint(String name) throws MalformedException {
        expect(VARINT, name);
        return readVarint();
    }

    /// A number that means a position, a term or the like: never negative.
    public long count(String name) throws MalformedException {
        long value = varint(name);
        if (value < 0) {
            throw new MalformedException(
                    message + ": " + name + " " + Long.toUnsignedString(value) + " is out of range");
        }
        return value;
    }

    /// A number of a repeated field, or many packed into a byte string.
    public void varints(String name, LongConsumer each) throws MalformedException {
        if (wireType != BYTES) {
            each.accept(varint(name));
            return;
        }
        int end = length(name) + position;
        while (position < end) {
            each.accept(readVarint());
        }
        if (position > end) {
            throw truncated();
        }
    }

    public byte[] bytes(String name) throws MalformedException {
        int length = length(name);
        int from = position;
        position += length;
        return Arrays.copyOfRange(buffer, from, from + length);
    }

    /// The embedded message of the current field.
    public ProtoReader message(String name) throws MalformedException {
        int length = length(name);
        int from = position;
        position += length;
        return new ProtoReader(name, buffer, from, length);
    }

    /// Moves past the bytes of the current field, which begin at [#position] minus the returned length.
    public int skipBytes(String name) throws MalformedException {
        int length = length(name);
        position += length;
        return length;
    }

    public int position() {
        return position;
    }

    /// Moves past the current field, whatever it is.
    public void skip() throws MalformedException {
        int depth = 0;
        int type = wireType;
        while (true) {
            switch (type) {
                case VARINT -> readVarint();
                case FIXED64 -> advance(8);
                case BYTES -> advance(readLength());
                case GROUP -> depth++;
                case END_GROUP -> depth--;
                case FIXED32 -> advance(4);
                default -> throw new MalformedException("proto: illegal wireType " + type);
            }
            if (depth == 0) {
                return;
            }
            type = (int) (readVarint() & 7);
        }
    }

    private int length(String name) throws MalformedException {
        expect(BYTES, name);
        return readLength();
    }

    private void expect(int wanted, String name) throws MalformedException {
        if (wireType != wanted) {
            throw new MalformedException("proto: wrong wireType = " + wireType + " for field " + name);
        }
    }

    private int readLength() throws MalformedException {
        long length = readVarint();
        if (length < 0) {
            throw new MalformedException("proto: negative length found during unmarshaling");
        }
        if (length > limit - position) {
            throw truncated();
        }
        return (int) length;
    }

    private void advance(int length) throws MalformedException {
        if (length > limit - position) {
            throw truncated();
        }
        position += length;
    }

    private long readVarint() throws MalformedException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (position == limit) {
                throw truncated();
            }
            byte next = buffer[position++];
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new MalformedException("proto: integer overflow");
    }

    private MalformedException truncated() {
        return new MalformedException("proto: " + message + ": unexpected end of message");
    }
}
