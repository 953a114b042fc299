package dev.cetera.lab.work;

import com.google.protobuf.ByteString;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// The keys and values of a run: few keys, so that clients meet; and no value twice, so that every write can
/// be told from every other.
///
/// ```
/// counter/0 counter/1 ...   only counted up
/// key/a key/b key/c ...     everything else
/// ```
final class Keyspace {
    /// As the end of a range: no end. As a key: the first of all.
    static final ByteString OPEN = ByteString.copyFrom(new byte[] {0});

    private static final ByteString PREFIX = ByteString.copyFromUtf8("key/");
    private static final ByteString PREFIX_END = ByteString.copyFromUtf8("key0");

    /// Keys from `key` up to `end`, as requests say it: no end means that key alone.
    record Range(ByteString key, ByteString end) {
        boolean covers(ByteString other) {
            if (end.isEmpty()) {
                return key.equals(other);
            }
            return compare(key, other) <= 0 && (end.equals(OPEN) || compare(other, end) < 0);
        }
    }

    private final Profile profile;
    private final Random random;
    private long values;

    Keyspace(Profile profile, Random random) {
        this.profile = profile;
        this.random = random;
    }

    static int compare(ByteString a, ByteString b) {
        return ByteString.unsignedLexicographicalComparator().compare(a, b);
    }

    ByteString key() {
        return key(random.nextInt(profile.keys()));
    }

    static ByteString key(int number) {
        return PREFIX.concat(ByteString.copyFromUtf8(
                number < 26 ? String.valueOf((char) ('a' + number)) : "z" + (char) ('a' + number % 26) + number));
    }

    ByteString counter() {
        return ByteString.copyFromUtf8("counter/" + random.nextInt(profile.counters()));
    }

    /// Keys that may be written; counters never.
    Range writable() {
        return switch (random.nextInt(10)) {
            case 0 -> new Range(PREFIX, PREFIX_END);
            case 1 -> new Range(key(), OPEN);
            case 2, 3 -> between(key(), key());
            default -> new Range(key(), ByteString.EMPTY);
        };
    }

    /// Keys that are only looked at.
    Range any() {
        return switch (random.nextInt(10)) {
            case 0, 1 -> new Range(OPEN, OPEN);
            case 2 -> new Range(counter(), ByteString.EMPTY);
            case 3 -> new Range(PREFIX, PREFIX_END);
            default -> writable();
        };
    }

    /// A range without keys: its end is not behind its beginning.
    Range nothing() {
        var key = key();
        return new Range(key, key);
    }

    /// From the smaller to the larger, with it or without.
    private Range between(ByteString a, ByteString b) {
        var first = compare(a, b) < 0 ? a : b;
        var last = compare(a, b) < 0 ? b : a;
        boolean isWithout = !a.equals(b) && random.nextInt(3) == 0;
        return new Range(first, isWithout ? last : last.concat(OPEN));
    }

    /// One that was never written; mostly small.
    ByteString value() {
        var value = new StringBuilder().append("v").append(++values);
        int size = random.nextInt(15) == 0 ? random.nextInt(profile.largestValue() + 1) : random.nextInt(24);
        while (value.length() < size) {
            value.append('.');
        }
        return ByteString.copyFromUtf8(value.toString());
    }

    /// What a value that was read may be compared with: itself mostly.
    ByteString like(@Nullable ByteString seen) {
        return seen != null && random.nextInt(4) != 0
                ? seen
                : ByteString.copyFromUtf8("v" + (1 + random.nextLong(values + 1)));
    }
}
