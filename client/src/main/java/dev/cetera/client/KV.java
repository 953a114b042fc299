package dev.cetera.client;

import java.time.Duration;

/// Keys and values. Every method waits for its answer, and throws an [EtcdException] if there is none; an
/// interrupt gives up the call. Immutable, for any thread, virtual ones among them.
///
/// ```java
/// try (var client = Client.connect("http://localhost:2379")) {
///     client.kv().put("greeting", "hello");
///     var greeting = client.kv().get("greeting").first().orElseThrow().value().string();
/// }
/// ```
public final class KV {
    private final AsyncKV async;

    private KV(AsyncKV async) {
        this.async = async;
    }

    /// The blocking form of `async`.
    public static KV over(AsyncKV async) {
        return new KV(async);
    }

    public AsyncKV async() {
        return async;
    }

    /// The same, each call of which has so much time, all attempts together.
    public KV within(Duration timeout) {
        return new KV(async.within(timeout));
    }

    public GetResponse get(String key) {
        return get(Op.get(key));
    }

    public GetResponse get(Key key) {
        return get(Op.get(key));
    }

    public GetResponse get(KeyRange keys) {
        return get(Op.get(keys));
    }

    public GetResponse get(KeyRange keys, GetOption option) {
        return get(Op.get(keys, option));
    }

    public GetResponse get(Op.Get get) {
        return Calls.await(async.get(get));
    }

    public PutResponse put(String key, String value) {
        return put(Op.put(key, value));
    }

    public PutResponse put(Key key, Value value) {
        return put(Op.put(key, value));
    }

    public PutResponse put(Key key, Value value, PutOption option) {
        return put(Op.put(key, value, option));
    }

    public PutResponse put(Op.Put put) {
        return Calls.await(async.put(put));
    }

    public DeleteResponse delete(String key) {
        return delete(Op.delete(key));
    }

    public DeleteResponse delete(Key key) {
        return delete(Op.delete(key));
    }

    public DeleteResponse delete(KeyRange keys) {
        return delete(Op.delete(keys));
    }

    public DeleteResponse delete(KeyRange keys, DeleteOption option) {
        return delete(Op.delete(keys, option));
    }

    public DeleteResponse delete(Op.Delete delete) {
        return Calls.await(async.delete(delete));
    }

    public TxnResponse commit(Txn txn) {
        return Calls.await(async.commit(txn));
    }

    /// Gives up all history before `revision`.
    public CompactResponse compact(long revision) {
        return compact(revision, CompactOption.DEFAULTS);
    }

    public CompactResponse compact(long revision, CompactOption option) {
        return Calls.await(async.compact(revision, option));
    }

    /// Any operation.
    public OpResponse run(Op op) {
        return Calls.await(async.run(op));
    }
}
