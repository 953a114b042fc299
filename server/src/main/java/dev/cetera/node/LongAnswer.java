package dev.cetera.node;

import dev.cetera.schema.KeyValue;
import java.util.List;

/// The key-values of an answer that is too long to be held in memory: read piece by piece, as of one moment,
/// by whoever has room for the next one. It holds the database open as it was at that moment, until all has
/// been read or it is closed.
///
/// Shared: any thread may call any method, but pieces are asked for one after the other.
public interface LongAnswer extends AutoCloseable {
    /// How many there are.
    long number();

    /// The sum of [KeyValue#listedBytes] over all of them.
    long bytes();

    /// Reads the next ones where long work is done: as many as it takes to come to a number of bytes, one at
    /// least. Empty after the last one, and once this is closed.
    void next(long bytes, Answer<List<KeyValue>> answer);

    /// Reads all of them at once, on the caller's thread.
    void all(Answer<List<KeyValue>> answer);

    /// What has not been read is not wanted.
    @Override
    void close();
}
