package dev.cetera.schema;

import org.jspecify.annotations.Nullable;

/// One key set or removed, on its way to the file. Immutable; compared by identity.
///
/// @see Pending
final class Change {
    final Bucket bucket;
    final byte[] key;
    /// Null to remove the key.
    final byte @Nullable [] value;

    Change(Bucket bucket, byte[] key, byte @Nullable [] value) {
        this.bucket = bucket;
        this.key = key;
        this.value = value;
    }

    long bytes() {
        return key.length + (value == null ? 0L : value.length);
    }
}
