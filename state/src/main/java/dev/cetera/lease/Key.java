package dev.cetera.lease;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A key of the store, comparable by content; ordered as etcd orders keys, by unsigned bytes.
record Key(byte[] bytes) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Key(byte[] that) && Arrays.equals(bytes, that);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }
}
