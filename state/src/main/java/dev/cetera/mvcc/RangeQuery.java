package dev.cetera.mvcc;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Which keys, as of when, how many.
///
/// @param end empty for the one key, a single zero byte for all keys from `key` on, else the first key beyond
/// @param revision 0 or less for the newest
/// @param limit most key-values to return; 0 or less for all
public record RangeQuery(byte[] key, byte[] end, long revision, long limit, Want want) {
    /// What to return beside the number of keys.
    public enum Want {
        KEY_VALUES,
        COUNT
    }

    private static final byte[] NONE = {};

    public static RangeQuery one(byte[] key) {
        return new RangeQuery(key, NONE, 0, 0, Want.KEY_VALUES);
    }

    public static RangeQuery between(byte[] key, byte[] end) {
        return new RangeQuery(key, end, 0, 0, Want.KEY_VALUES);
    }

    public RangeQuery at(long newRevision) {
        return new RangeQuery(key, end, newRevision, limit, want);
    }

    public RangeQuery withLimit(long newLimit) {
        return new RangeQuery(key, end, revision, newLimit, want);
    }

    public RangeQuery countOnly() {
        return new RangeQuery(key, end, revision, limit, Want.COUNT);
    }

    boolean isOneKey() {
        return end.length == 0;
    }

    /// The first key beyond the range, null when it has no end.
    byte @Nullable [] exclusiveEnd() {
        return exclusiveEnd(key, end);
    }

    static byte @Nullable [] exclusiveEnd(byte[] key, byte[] end) {
        if (end.length == 0) {
            return Arrays.copyOf(key, key.length + 1);
        }
        return end.length == 1 && end[0] == 0 ? null : end;
    }

    long mostKeyValues() {
        return want == Want.COUNT ? 0 : limit <= 0 ? Long.MAX_VALUE : limit;
    }
}
