package dev.cetera.node;

import dev.cetera.schema.KeyValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The result of a range read, still in stored form: the bytes of each key-value go to the wire as they are.
///
/// @param revision the store's revision when the read was made (not the one that was read at)
/// @param kvs      in the order of the answer, already filtered, sorted and cut to the limit; complete
///     key-values even when the request asks for keys only (the service drops the values)
/// @param rest     when there are too many of them: all, in the same order, and without values when the
///     request asks for keys only; then `kvs` is empty. Whoever gets it closes it
/// @param more     whether the limit cut something off
/// @param count    keys in the range before limit and filters
public record RangeAnswer(
        long revision, List<KeyValue> kvs, @Nullable LongAnswer rest, boolean more, long count) {
    /// One that is in memory as a whole.
    public RangeAnswer(long revision, List<KeyValue> kvs, boolean more, long count) {
        this(revision, kvs, null, more, count);
    }

    /// Key-values in the answer.
    public long number() {
        return rest == null ? kvs.size() : rest.number();
    }
}
