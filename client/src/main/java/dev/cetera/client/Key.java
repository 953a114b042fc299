package dev.cetera.client;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// A key: a string of bytes, ordered as unsigned bytes. Immutable; what it is made from is copied.
public final class Key implements Comparable<Key> {
    /// The key of no bytes. The server takes it for no key; it is good as a prefix, for "everything".
    public static final Key EMPTY = new Key(ByteString.EMPTY);

    private final ByteString content;

    Key(ByteString content) {
        this.content = content;
    }

    /// The bytes of `text` in UTF-8.
    public static Key of(String text) {
        return new Key(ByteString.copyFromUtf8(text));
    }

    public static Key of(byte[] bytes) {
        return new Key(ByteString.copyFrom(bytes));
    }

    /// The bytes that remain in `buffer`, whose position stays.
    public static Key of(ByteBuffer buffer) {
        return new Key(ByteString.copyFrom(buffer.duplicate()));
    }

    public Key plus(String suffix) {
        return plus(of(suffix));
    }

    public Key plus(Key suffix) {
        return new Key(content.concat(suffix.content));
    }

    public boolean startsWith(Key prefix) {
        return content.startsWith(prefix.content);
    }

    /// This key without its first `length` bytes.
    public Key without(int length) {
        return new Key(content.substring(length));
    }

    /// The smallest key that is greater than every key with this prefix, or the single byte 0, which as the
    /// end of a range means that there is none.
    public Key prefixEnd() {
        for (int i = content.size() - 1; i >= 0; i--) {
            if (content.byteAt(i) != (byte) 0xff) {
                var end = content.substring(0, i + 1).toByteArray();
                end[i]++;
                return new Key(ByteString.copyFrom(end));
            }
        }
        return KeyRange.NO_END;
    }

    /// The smallest key that is greater than this one.
    public Key next() {
        return new Key(content.concat(ByteString.copyFrom(new byte[1])));
    }

    public int length() {
        return content.size();
    }

    public boolean isEmpty() {
        return content.isEmpty();
    }

    public byte[] bytes() {
        return content.toByteArray();
    }

    /// Read-only.
    public ByteBuffer buffer() {
        return content.asReadOnlyByteBuffer();
    }

    /// The bytes as UTF-8; what is not UTF-8 becomes U+FFFD.
    public String string() {
        return content.toString(StandardCharsets.UTF_8);
    }

    ByteString content() {
        return content;
    }

    @Override
    public int compareTo(Key other) {
        return ByteString.unsignedLexicographicalComparator().compare(content, other.content);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Key key && key.content.equals(content);
    }

    @Override
    public int hashCode() {
        return content.hashCode();
    }

    @Override
    public String toString() {
        return string();
    }
}
