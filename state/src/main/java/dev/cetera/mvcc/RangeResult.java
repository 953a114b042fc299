package dev.cetera.mvcc;

import dev.cetera.schema.KeyValue;
import java.util.List;

/// What a range holds.
///
/// @param kvs in key order, cut to the limit
/// @param count keys in the range, before the limit
/// @param revision of the store when it was read, whatever revision was asked for
public record RangeResult(List<KeyValue> kvs, long count, long revision) {}
