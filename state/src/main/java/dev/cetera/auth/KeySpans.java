package dev.cetera.auth;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A set of keys, as the union of the ranges that a user was granted. Ranges that overlap or touch are one: a
/// request may span them, whichever roles they come from.
///
/// A range runs from a key up to an end that is not in it; its end is null where it has none. What is empty or
/// inverted has no keys. Etcd takes an empty first key for one above all others, and so do we: such a grant
/// (clients of 3.2 write it for "from the first key on") covers nothing.
///
/// Immutable. Invariant: spans rise, and neither overlap nor touch.
final class KeySpans {
    static final KeySpans NONE = new KeySpans(List.of());

    private record Span(byte[] begin, byte @Nullable [] end) {}

    private final List<Span> spans;

    private KeySpans(List<Span> spans) {
        this.spans = spans;
    }

    /// Gathers granted ranges. Confined to its user.
    static final class Builder {
        private final List<Span> granted = new ArrayList<>();

        /// @param end as in a request: empty for the one key, one zero byte for no end
        void add(byte[] key, byte[] end) {
            var last = end.length == 0 ? next(key) : isOpen(end) ? null : end;
            if (key.length > 0 && (last == null || Arrays.compareUnsigned(key, last) < 0)) {
                granted.add(new Span(key, last));
            }
        }

        KeySpans build() {
            granted.sort(Comparator.comparing(Span::begin, Arrays::compareUnsigned));
            var merged = new ArrayList<Span>();
            for (var span : granted) {
                var before = merged.isEmpty() ? null : merged.getLast();
                if (before == null || compareEnds(before.end(), span.begin()) < 0) {
                    merged.add(span);
                } else if (compareEnds(span.end(), before.end()) > 0) {
                    merged.set(merged.size() - 1, new Span(before.begin(), span.end()));
                }
            }
            return merged.isEmpty() ? NONE : new KeySpans(List.copyOf(merged));
        }
    }

    /// Whether all keys of a range are in it. An inverted range counts as its first key.
    ///
    /// @param end as in a request: empty for the one key, one zero byte for no end
    boolean covers(byte[] key, byte[] end) {
        var span = key.length == 0 ? null : at(key);
        if (span == null) {
            return false;
        }
        return end.length == 0 || compareEnds(isOpen(end) ? null : end, span.end()) <= 0;
    }

    /// The span that a key lies in.
    private @Nullable Span at(byte[] key) {
        int low = 0;
        int high = spans.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            var span = spans.get(middle);
            if (Arrays.compareUnsigned(key, span.begin()) < 0) {
                high = middle - 1;
            } else if (compareEnds(key, span.end()) < 0) {
                return span;
            } else {
                low = middle + 1;
            }
        }
        return null;
    }

    private static boolean isOpen(byte[] end) {
        return end.length == 1 && end[0] == 0;
    }

    /// The first key after this one.
    private static byte[] next(byte[] key) {
        return Arrays.copyOf(key, key.length + 1);
    }

    /// Null is above everything.
    private static int compareEnds(byte @Nullable [] a, byte @Nullable [] b) {
        if (a == null) {
            return b == null ? 0 : 1;
        }
        return b == null ? -1 : Arrays.compareUnsigned(a, b);
    }
}
