package dev.cetera.bolt;

import dev.cetera.disk.CorruptionException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One consistent view of a bolt file.
public sealed interface Tx permits ReadTx, WriteTx {
    /// The bucket of that name, null when there is none.
    @Nullable
    Bucket bucket(byte[] name) throws CorruptionException;

    /// The names of all top-level buckets, in order.
    List<byte[]> buckets() throws CorruptionException;

    /// The commit this view shows; in a [WriteTx] the one it will become.
    long txid();

    /// Walks everything and says what is wrong, in the words of bbolt's own check. An empty list means sound.
    List<String> check() throws CorruptionException;
}
