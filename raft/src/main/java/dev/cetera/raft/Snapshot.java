package dev.cetera.raft;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A snapshot of the state machine; `data` is opaque here.
public record Snapshot(SnapshotMeta meta, byte[] data) {
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Snapshot(SnapshotMeta thatMeta, byte[] thatData)
                && meta.equals(thatMeta)
                && Arrays.equals(data, thatData);
    }

    @Override
    public int hashCode() {
        return meta.hashCode();
    }
}
