package dev.cetera.client;

/// One operation on keys, as a value: for [KV#commit], for branches of a [Txn], or for [KV#run].
public sealed interface Op permits Op.Get, Op.Put, Op.Delete, Txn {
    static Get get(String key) {
        return get(KeyRange.of(key), GetOption.DEFAULTS);
    }

    static Get get(Key key) {
        return get(KeyRange.of(key), GetOption.DEFAULTS);
    }

    static Get get(KeyRange keys) {
        return get(keys, GetOption.DEFAULTS);
    }

    static Get get(KeyRange keys, GetOption option) {
        return new Get(keys, option);
    }

    static Put put(String key, String value) {
        return put(Key.of(key), Value.of(value), PutOption.DEFAULTS);
    }

    static Put put(Key key, Value value) {
        return put(key, value, PutOption.DEFAULTS);
    }

    static Put put(Key key, Value value, PutOption option) {
        return new Put(key, value, option);
    }

    static Delete delete(String key) {
        return delete(KeyRange.of(key), DeleteOption.DEFAULTS);
    }

    static Delete delete(Key key) {
        return delete(KeyRange.of(key), DeleteOption.DEFAULTS);
    }

    static Delete delete(KeyRange keys) {
        return delete(keys, DeleteOption.DEFAULTS);
    }

    static Delete delete(KeyRange keys, DeleteOption option) {
        return new Delete(keys, option);
    }

    /// Reads keys.
    record Get(KeyRange keys, GetOption option) implements Op {}

    /// Writes one key.
    record Put(Key key, Value value, PutOption option) implements Op {}

    /// Removes keys.
    record Delete(KeyRange keys, DeleteOption option) implements Op {}
}
