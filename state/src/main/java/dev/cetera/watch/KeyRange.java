package dev.cetera.watch;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The keys that a watch covers: one key, a half-open interval, or everything from a key on; in unsigned byte
/// order. Immutable; equal by content.
public final class KeyRange {
    private static final byte[] FIRST_KEY = {0};
    private static final byte[] NO_END = {};
    private static final byte[] OPEN_END = {0};

    private final byte[] from;
    /// Exclusive; null is no end at all.
    private final byte @Nullable [] to;
    private final boolean single;

    private KeyRange(byte[] from, byte @Nullable [] to, boolean single) {
        this.from = from;
        this.to = to;
        this.single = single;
    }

    /// A range as a request writes it: an empty key is the first possible key, an empty `rangeEnd` means the
    /// key alone, a `rangeEnd` of one zero byte means all keys from `key` on.
    public static KeyRange of(byte[] key, byte[] rangeEnd) {
        var from = key.length == 0 ? FIRST_KEY : key;
        if (rangeEnd.length == 0) {
            return new KeyRange(from, null, true);
        }
        boolean open = rangeEnd.length == 1 && rangeEnd[0] == 0;
        return new KeyRange(from, open ? null : rangeEnd, false);
    }

    /// The first key, as a request writes it.
    public byte[] key() {
        return from;
    }

    /// The end, as a request writes it.
    public byte[] rangeEnd() {
        return single ? NO_END : to == null ? OPEN_END : to;
    }

    /// Whether no key can be in it.
    public boolean isEmpty() {
        return to != null && Arrays.compareUnsigned(from, to) >= 0;
    }

    public boolean contains(byte[] key) {
        if (single) {
            return Arrays.equals(from, key);
        }
        return Arrays.compareUnsigned(from, key) <= 0 && before(key, to);
    }

    boolean isSingle() {
        return single;
    }

    byte[] from() {
        return from;
    }

    byte @Nullable [] to() {
        return to;
    }

    /// Whether `key` lies before `end`, where null is the end beyond all keys.
    static boolean before(byte[] key, byte @Nullable [] end) {
        return end == null || Arrays.compareUnsigned(key, end) < 0;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof KeyRange that
                && single == that.single
                && Arrays.equals(from, that.from)
                && Arrays.equals(to, that.to);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(from) + Arrays.hashCode(to);
    }
}
