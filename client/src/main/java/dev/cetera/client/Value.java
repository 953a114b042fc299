package dev.cetera.client;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// A value: a string of bytes, up to the server's limit of 1.5 MiB. Immutable; what it is made from is copied.
public final class Value {
    public static final Value EMPTY = new Value(ByteString.EMPTY);

    private final ByteString content;

    Value(ByteString content) {
        this.content = content;
    }

    /// The bytes of `text` in UTF-8.
    public static Value of(String text) {
        return new Value(ByteString.copyFromUtf8(text));
    }

    public static Value of(byte[] bytes) {
        return new Value(ByteString.copyFrom(bytes));
    }

    /// The bytes that remain in `buffer`, whose position stays.
    public static Value of(ByteBuffer buffer) {
        return new Value(ByteString.copyFrom(buffer.duplicate()));
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
    public boolean equals(Object other) {
        return other instanceof Value value && value.content.equals(content);
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
