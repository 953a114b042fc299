package dev.cetera.lab.model;

import com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/// The keys that a request names. Immutable.
///
/// @param end null for no end; the key alone has the first key behind it as its end
public record KeyRange(ByteString from, @Nullable ByteString end) {
    private static final ByteString ZERO = ByteString.copyFrom(new byte[] {0});

    /// As etcd reads `key` and `range_end`: no end is the one key, a zero byte is all from the key on.
    public static KeyRange of(ByteString key, ByteString rangeEnd) {
        if (rangeEnd.isEmpty()) {
            return new KeyRange(key, key.concat(ZERO));
        }
        return new KeyRange(key, rangeEnd.equals(ZERO) ? null : rangeEnd);
    }

    public boolean contains(ByteString key) {
        var order = ByteString.unsignedLexicographicalComparator();
        return order.compare(from, key) <= 0 && (end == null || order.compare(key, end) < 0);
    }

    public boolean isEmpty() {
        return end != null && ByteString.unsignedLexicographicalComparator().compare(from, end) >= 0;
    }
}
