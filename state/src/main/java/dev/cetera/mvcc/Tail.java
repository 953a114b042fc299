package dev.cetera.mvcc;

import dev.cetera.schema.KeyValue;
import dev.cetera.schema.Revision;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The changes that are applied but may not be in the bolt file yet, in revision order. Confined to the
/// applier; the [Slice]s it hands out are immutable and free for every thread.
///
/// Slices share the arrays with the tail and with each other: adding writes only beyond the size of every
/// slice, and trimming moves what stays to new arrays.
final class Tail {
    private static final int LEAST_CAPACITY = 64;

    private long[] mains = new long[LEAST_CAPACITY];
    /// Sub revision, shifted past the tombstone flag.
    private int[] subs = new int[LEAST_CAPACITY];

    private KeyValue[] kvs = new KeyValue[LEAST_CAPACITY];
    private int size;

    void add(long main, long sub, boolean tombstone, KeyValue kv) {
        if (size == mains.length) {
            move(0, size * 2);
        }
        mains[size] = main;
        subs[size] = (int) sub << 1 | (tombstone ? 1 : 0);
        kvs[size] = kv;
        size++;
    }

    Slice slice() {
        return new Slice(mains, subs, kvs, size);
    }

    /// Lets go of what is in the file.
    ///
    /// @param committed main revision up to which it is
    /// @return whether that was anything
    boolean trim(long committed) {
        if (size == 0 || mains[0] > committed) {
            return false;
        }
        var first = firstFrom(mains, size, committed + 1);
        move(first, Math.max(LEAST_CAPACITY, (size - first) * 2));
        return true;
    }

    private void move(int first, int capacity) {
        // The range may reach beyond the array: what is not there is empty.
        mains = Arrays.copyOfRange(mains, first, first + capacity);
        subs = Arrays.copyOfRange(subs, first, first + capacity);
        kvs = Arrays.copyOfRange(kvs, first, first + capacity);
        size -= first;
    }

    /// Position of the first element whose main revision is not below `main`.
    private static int firstFrom(long[] mains, int size, long main) {
        // Nearly always each revision has one change, and its place follows from its number.
        var guess = size == 0 ? 0 : Math.clamp(main - mains[0], 0, size - 1);
        if (size > 0 && mains[guess] == main && (guess == 0 || mains[guess - 1] < main)) {
            return guess;
        }
        var low = 0;
        var high = size;
        while (low < high) {
            var middle = (low + high) >>> 1;
            if (mains[middle] < main) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /// The tail at one moment. Immutable.
    static final class Slice {
        private final long[] mains;
        private final int[] subs;
        private final KeyValue[] kvs;
        private final int size;

        private Slice(long[] mains, int[] subs, KeyValue[] kvs, int size) {
            this.mains = mains;
            this.subs = subs;
            this.kvs = kvs;
            this.size = size;
        }

        int size() {
            return size;
        }

        /// Everything before this main revision is in the file.
        long firstMain() {
            return size == 0 ? Long.MAX_VALUE : mains[0];
        }

        /// Position of the first change at or after a main revision; [#size] when there is none.
        int position(long main) {
            return firstFrom(mains, size, main);
        }

        long main(int position) {
            return mains[position];
        }

        int sub(int position) {
            return subs[position] >>> 1;
        }

        boolean isTombstone(int position) {
            return (subs[position] & 1) != 0;
        }

        /// Of a tombstone, what a watcher is told.
        KeyValue kv(int position) {
            return kvs[position];
        }

        /// The key under which the file will have it.
        byte[] revisionKey(int position) {
            return isTombstone(position)
                    ? Revision.tombstoneKey(main(position), sub(position))
                    : Revision.putKey(main(position), sub(position));
        }

        /// The change at a revision, null when it is not in here.
        @Nullable
        KeyValue find(long main, long sub) {
            // Subs of one main are 0, 1, 2... without gaps, and a main is here in full or not at all.
            var at = (long) position(main) + sub;
            return at < size && mains[(int) at] == main && sub((int) at) == sub ? kvs[(int) at] : null;
        }
    }
}
