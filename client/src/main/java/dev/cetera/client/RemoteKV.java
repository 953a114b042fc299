package dev.cetera.client;

import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.client.transport.Repeat;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/// The members' own keys and values.
record RemoteKV(Calls calls) implements AsyncKV {
    @Override
    public CompletableFuture<GetResponse> get(Op.Get get) {
        return calls.call(KVGrpc.getRangeMethod(), Protos.range(get), Repeat.ALWAYS, Protos::got);
    }

    @Override
    public CompletableFuture<PutResponse> put(Op.Put put) {
        return calls.call(KVGrpc.getPutMethod(), Protos.put(put), Repeat.IF_NOT_SENT, Protos::putDone);
    }

    @Override
    public CompletableFuture<DeleteResponse> delete(Op.Delete delete) {
        return calls.call(KVGrpc.getDeleteRangeMethod(), Protos.delete(delete), Repeat.IF_NOT_SENT, Protos::deleted);
    }

    @Override
    public CompletableFuture<TxnResponse> commit(Txn txn) {
        var repeat = Protos.onlyReads(txn) ? Repeat.ALWAYS : Repeat.IF_NOT_SENT;
        return calls.call(KVGrpc.getTxnMethod(), Protos.txn(txn), repeat, Protos::committed);
    }

    @Override
    public CompletableFuture<CompactResponse> compact(long revision, CompactOption option) {
        var request = CompactionRequest.newBuilder()
                .setRevision(revision)
                .setPhysical(option.waits() == CompactOption.Waits.UNTIL_REMOVED)
                .build();
        return calls.call(
                KVGrpc.getCompactMethod(),
                request,
                Repeat.IF_NOT_SENT,
                answer -> new CompactResponse(Protos.header(answer.getHeader())));
    }

    @Override
    public AsyncKV within(Duration timeout) {
        return new RemoteKV(calls.within(timeout));
    }
}
