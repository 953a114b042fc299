package dev.cetera.raftpb;

import java.util.Arrays;

/// Collects the bytes of protobuf messages by the rules of etcd's proto2 encoder: a number is written even
/// when it is 0, a byte string only when there is one. Can be [cleared][#clear] and used again. Confined.
public final class ProtoWriter {
    private byte[] buffer;
    private int size;

    public ProtoWriter(int initialCapacity) {
        buffer = new byte[initialCapacity];
    }

    public ProtoWriter varint(int field, long value) {
        require(20);
        tag(field, ProtoReader.VARINT);
        rawVarint(value);
        return this;
    }

    public ProtoWriter bytes(int field, byte[] value) {
        return bytes(field, value, value.length);
    }

    /// An embedded message.
    public ProtoWriter message(int field, ProtoWriter message) {
        return bytes(field, message.buffer, message.size);
    }

    /// The beginning of a byte string whose bytes follow by other means.
    public ProtoWriter bytesHead(int field, int length) {
        require(20);
        tag(field, ProtoReader.BYTES);
        rawVarint(length);
        return this;
    }

    public ProtoWriter clear() {
        size = 0;
        return this;
    }

    public int size() {
        return size;
    }

    /// What was written so far lies in the first [#size] bytes; valid until the next write.
    public byte[] buffer() {
        return buffer;
    }

    public byte[] toBytes() {
        return Arrays.copyOf(buffer, size);
    }

    private ProtoWriter bytes(int field, byte[] value, int length) {
        bytesHead(field, length);
        require(length);
        System.arraycopy(value, 0, buffer, size, length);
        size += length;
        return this;
    }

    private void tag(int field, int wireType) {
        rawVarint((long) field << 3 | wireType);
    }

    private void rawVarint(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            buffer[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        buffer[size++] = (byte) rest;
    }

    private void require(int more) {
        if (more > buffer.length - size) {
            buffer = Arrays.copyOf(buffer, Math.max(Math.addExact(size, more), 2 * buffer.length));
        }
    }
}
