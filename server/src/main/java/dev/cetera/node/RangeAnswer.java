package dev.cetera.node;

import dev.cetera.schema.KeyValue;
import java.util.List;

/// The result of a range read, still in stored form: the bytes of each key-value go to the wire as they are.
/// Immutable.
///
/// @param revision the store's revision when the read was made (not the one that was read at)
/// @param kvs      in the order of the answer, already filtered, sorted and cut to the limit; complete
///     key-values even when the request asks for keys only (the service drops the values)
/// @param more     whether the limit cut something off
/// @param count    keys in the range before limit and filters
public record RangeAnswer(long revision, List<KeyValue> kvs, boolean more, long count) {}
