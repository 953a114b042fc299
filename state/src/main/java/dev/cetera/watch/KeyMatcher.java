package dev.cetera.watch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Finds everything whose range contains a key: single keys by hash, ranges by [RangeTree]. Confined.
final class KeyMatcher<T> {
    private record Key(byte[] bytes) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key(byte[] that) && Arrays.equals(bytes, that);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }
    }

    private final Map<Key, List<T>> singles = new HashMap<>();
    private final RangeTree<T> ranges = new RangeTree<>();

    void add(KeyRange range, T item) {
        if (range.isSingle()) {
            singles.computeIfAbsent(new Key(range.from()), _ -> new ArrayList<>(1))
                    .add(item);
        } else {
            ranges.add(range, item);
        }
    }

    void remove(KeyRange range, T item) {
        if (range.isSingle()) {
            singles.computeIfPresent(new Key(range.from()), (_, items) -> {
                items.remove(item);
                return items.isEmpty() ? null : items;
            });
        } else {
            ranges.remove(range, item);
        }
    }

    void match(byte[] key, Consumer<T> found) {
        var items = singles.get(new Key(key));
        if (items != null) {
            items.forEach(found);
        }
        ranges.match(key, found);
    }
}
