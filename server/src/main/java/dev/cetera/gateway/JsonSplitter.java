package dev.cetera.gateway;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Cuts what arrives into JSON values, one after the other, without reading them: it counts brackets outside
/// of strings. What is no JSON is cut off somewhere, and found out by whoever reads it. Confined.
final class JsonSplitter {
    private final int limit;
    private byte[] value = new byte[0];
    private int size;
    /// Before the value. They are not kept, but nobody may send them for ever.
    private int blanks;
    private int depth;
    private boolean inString;
    private boolean escaped;
    private boolean scalar;

    /// @param limit most bytes of one value
    JsonSplitter(int limit) {
        this.limit = limit;
    }

    /// Bytes that it keeps.
    int size() {
        return size;
    }

    /// Bytes of the value so far, with what came before it.
    int length() {
        return size + blanks;
    }

    /// Whether the value has become longer than it may be.
    boolean isOverfull() {
        return length() > limit;
    }

    /// Takes from `in` up to the end of a value.
    ///
    /// @return the value, or null when it has not ended, or is too long
    byte @Nullable [] next(ByteBuf in) {
        while (in.isReadable() && !isOverfull()) {
            byte c = in.readByte();
            if (size == 0 && JsonSyntax.isBlank(c)) {
                blanks++;
                continue;
            }
            if (scalar && (JsonSyntax.isBlank(c) || c == '{' || c == '[' || c == '"')) {
                in.readerIndex(in.readerIndex() - 1);
                return take();
            }
            add(c);
            if (ends(c)) {
                return take();
            }
        }
        return null;
    }

    /// What has come of a value that will not go on.
    byte @Nullable [] rest() {
        return size == 0 ? null : take();
    }

    private void add(byte c) {
        if (size == value.length) {
            value = Arrays.copyOf(value, Math.max(256, (int) Math.min(limit + 1L, 2L * size)));
        }
        value[size++] = c;
    }

    /// Whether a value ends with this byte of it.
    private boolean ends(byte c) {
        if (inString) {
            inString = escaped || c != '"';
            escaped = !escaped && c == '\\';
            return !inString && depth == 0;
        }
        switch (c) {
            case '"' -> inString = true;
            case '{', '[' -> depth++;
            case '}', ']' -> depth--;
            default -> {
                if (size == 1) {
                    scalar = c == '-' || (c >= '0' && c <= '9') || c == 't' || c == 'f' || c == 'n';
                    return !scalar;
                }
                return false;
            }
        }
        return depth <= 0 && !inString;
    }

    private byte[] take() {
        var taken = Arrays.copyOf(value, size);
        value = new byte[0];
        size = 0;
        blanks = 0;
        depth = 0;
        inString = false;
        escaped = false;
        scalar = false;
        return taken;
    }
}
