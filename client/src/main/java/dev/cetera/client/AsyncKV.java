package dev.cetera.client;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/// Keys and values, with futures: the twin of [KV], and what a wrapper that changes how keys are handled
/// implements (namespace, ordering, leasing). A future fails with an [EtcdException]; to cancel it gives up
/// the call.
public interface AsyncKV {
    CompletableFuture<GetResponse> get(Op.Get get);

    CompletableFuture<PutResponse> put(Op.Put put);

    CompletableFuture<DeleteResponse> delete(Op.Delete delete);

    CompletableFuture<TxnResponse> commit(Txn txn);

    CompletableFuture<CompactResponse> compact(long revision, CompactOption option);

    /// The same, each call of which has so much time.
    AsyncKV within(Duration timeout);

    default CompletableFuture<GetResponse> get(String key) {
        return get(Op.get(key));
    }

    default CompletableFuture<GetResponse> get(Key key) {
        return get(Op.get(key));
    }

    default CompletableFuture<GetResponse> get(KeyRange keys) {
        return get(Op.get(keys));
    }

    default CompletableFuture<PutResponse> put(String key, String value) {
        return put(Op.put(key, value));
    }

    default CompletableFuture<PutResponse> put(Key key, Value value) {
        return put(Op.put(key, value));
    }

    default CompletableFuture<PutResponse> put(Key key, Value value, PutOption option) {
        return put(Op.put(key, value, option));
    }

    default CompletableFuture<DeleteResponse> delete(String key) {
        return delete(Op.delete(key));
    }

    default CompletableFuture<DeleteResponse> delete(KeyRange keys) {
        return delete(Op.delete(keys));
    }

    default CompletableFuture<? extends OpResponse> run(Op op) {
        if (op instanceof Op.Get get) {
            return get(get);
        } else if (op instanceof Op.Put put) {
            return put(put);
        } else if (op instanceof Op.Delete delete) {
            return delete(delete);
        } else {
            return commit((Txn) op);
        }
    }
}
