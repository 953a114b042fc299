package dev.cetera.mvcc;

import dev.cetera.schema.KeyValue;

/// One change of one key.
///
/// @param kv of a put the whole record; of a deletion the key and the revision of the deletion
public record Event(Type type, KeyValue kv) {
    public enum Type {
        PUT,
        DELETE
    }
}
