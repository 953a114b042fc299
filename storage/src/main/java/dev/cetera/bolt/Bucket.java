package dev.cetera.bolt;

import dev.cetera.disk.CorruptionException;
import org.jspecify.annotations.Nullable;

/// An ordered map from byte strings to byte strings, as one transaction sees it. Keys order as unsigned bytes.
public sealed interface Bucket permits ReadBucket, BucketWriter {
    /// The value of a key in a new array, null when there is none.
    byte @Nullable [] get(byte[] key) throws CorruptionException;

    /// A cursor before the first key. In a [WriteTx] a change to the bucket ends the use of its cursors.
    Cursor cursor();
}
