package dev.cetera.client.namespace;

import dev.cetera.client.AsyncKV;
import dev.cetera.client.CompactOption;
import dev.cetera.client.CompactResponse;
import dev.cetera.client.Compare;
import dev.cetera.client.DeleteResponse;
import dev.cetera.client.GetResponse;
import dev.cetera.client.KeyRange;
import dev.cetera.client.KeyValue;
import dev.cetera.client.Op;
import dev.cetera.client.OpResponse;
import dev.cetera.client.PutResponse;
import dev.cetera.client.Txn;
import dev.cetera.client.TxnResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Renames on the way out and on the way back.
record NamespaceKV(AsyncKV all, Namespace names) implements AsyncKV {
    @Override
    public CompletableFuture<GetResponse> get(Op.Get get) {
        return all.get(outer(get)).thenApply(this::inner);
    }

    @Override
    public CompletableFuture<PutResponse> put(Op.Put put) {
        return all.put(outer(put)).thenApply(this::inner);
    }

    @Override
    public CompletableFuture<DeleteResponse> delete(Op.Delete delete) {
        return all.delete(outer(delete)).thenApply(this::inner);
    }

    @Override
    public CompletableFuture<TxnResponse> commit(Txn txn) {
        return all.commit(outer(txn)).thenApply(this::inner);
    }

    @Override
    public CompletableFuture<CompactResponse> compact(long revision, CompactOption option) {
        return all.compact(revision, option);
    }

    @Override
    public AsyncKV within(Duration timeout) {
        return new NamespaceKV(all.within(timeout), names);
    }

    /// The empty key is refused, as it is without a namespace.
    private KeyRange outer(KeyRange keys) {
        return keys.isSingle() && keys.key().isEmpty() ? keys : names.outer(keys);
    }

    private Op.Get outer(Op.Get get) {
        return Op.get(outer(get.keys()), get.option());
    }

    private Op.Put outer(Op.Put put) {
        return put.key().isEmpty() ? put : Op.put(names.outer(put.key()), put.value(), put.option());
    }

    private Op.Delete outer(Op.Delete delete) {
        return Op.delete(outer(delete.keys()), delete.option());
    }

    private Txn outer(Txn txn) {
        return new Txn(txn.compares().stream().map(this::outer).toList(), outer(txn.success()), outer(txn.failure()));
    }

    private Compare outer(Compare compare) {
        return new Compare(outer(compare.keys()), compare.property(), compare.relation(), compare.operand());
    }

    private List<Op> outer(List<Op> ops) {
        return ops.stream().map(this::outer).toList();
    }

    private Op outer(Op op) {
        if (op instanceof Op.Get get) {
            return outer(get);
        } else if (op instanceof Op.Put put) {
            return outer(put);
        } else if (op instanceof Op.Delete delete) {
            return outer(delete);
        }
        return outer((Txn) op);
    }

    private GetResponse inner(GetResponse answer) {
        return new GetResponse(answer.header(), inner(answer.kvs()), answer.more(), answer.count());
    }

    private PutResponse inner(PutResponse answer) {
        return new PutResponse(answer.header(), answer.previous().map(names::inner));
    }

    private DeleteResponse inner(DeleteResponse answer) {
        return new DeleteResponse(answer.header(), answer.deleted(), inner(answer.previous()));
    }

    private List<KeyValue> inner(List<KeyValue> kvs) {
        return kvs.stream().map(names::inner).toList();
    }

    private TxnResponse inner(TxnResponse answer) {
        return new TxnResponse(
                answer.header(),
                answer.succeeded(),
                answer.responses().stream().map(this::inner).toList());
    }

    private OpResponse inner(OpResponse answer) {
        if (answer instanceof GetResponse get) {
            return inner(get);
        } else if (answer instanceof PutResponse put) {
            return inner(put);
        } else if (answer instanceof DeleteResponse delete) {
            return inner(delete);
        }
        return inner((TxnResponse) answer);
    }
}
