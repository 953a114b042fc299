package dev.cetera.raft;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// One entry of the log. Immutable: `data` is handed over and never modified afterwards.
///
/// @param term  term of the leader that made it, at least 1
/// @param index position in the log, at least 1
public record Entry(long term, long index, EntryType type, byte[] data) {
    public static final byte[] NO_DATA = new byte[0];

    public Entry {
        if (term < 1 || index < 1) {
            throw new IllegalArgumentException("entry at term " + term + ", index " + index);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Entry(long thatTerm, long thatIndex, EntryType thatType, byte[] thatData)
                && term == thatTerm
                && index == thatIndex
                && type == thatType
                && Arrays.equals(data, thatData);
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(index) + Long.hashCode(term);
    }

    @Override
    public String toString() {
        return term + "/" + index + " " + type + " (" + data.length + " bytes)";
    }
}
