package dev.cetera.client.ordering;

import dev.cetera.client.AsyncKV;
import dev.cetera.client.ClientException;
import dev.cetera.client.CompactOption;
import dev.cetera.client.CompactResponse;
import dev.cetera.client.DeleteResponse;
import dev.cetera.client.GetResponse;
import dev.cetera.client.KV;
import dev.cetera.client.Op;
import dev.cetera.client.OpResponse;
import dev.cetera.client.PutResponse;
import dev.cetera.client.Txn;
import dev.cetera.client.TxnResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Never answers from an older state than it has before, even where a serializable read meets a member that is
/// behind: then it asks again, which takes the next member, and fails when all have had several turns.
public final class OrderedKV implements AsyncKV {
    private static final int MAX_ATTEMPTS = 25;
    private static final long PAUSE_MILLIS = 20;

    private final AsyncKV all;
    private final AtomicLong seen;

    private OrderedKV(AsyncKV all, AtomicLong seen) {
        this.all = all;
        this.seen = seen;
    }

    public static KV over(KV all) {
        return KV.over(new OrderedKV(all.async(), new AtomicLong()));
    }

    @Override
    public CompletableFuture<GetResponse> get(Op.Get get) {
        return ordered(() -> all.get(get), seen.get(), 1);
    }

    @Override
    public CompletableFuture<PutResponse> put(Op.Put put) {
        return ordered(() -> all.put(put), 0, 1);
    }

    @Override
    public CompletableFuture<DeleteResponse> delete(Op.Delete delete) {
        return ordered(() -> all.delete(delete), 0, 1);
    }

    /// One that writes is agreed upon by all, so it is never behind, and is not done twice.
    @Override
    public CompletableFuture<TxnResponse> commit(Txn txn) {
        return ordered(() -> all.commit(txn), onlyReads(txn) ? seen.get() : 0, 1);
    }

    private static boolean onlyReads(Op op) {
        return op instanceof Op.Get
                || (op instanceof Txn txn
                        && txn.success().stream().allMatch(OrderedKV::onlyReads)
                        && txn.failure().stream().allMatch(OrderedKV::onlyReads));
    }

    /// @param least what was seen before the request began, which it must not fall behind
    private <T extends OpResponse> CompletableFuture<T> ordered(
            Supplier<CompletableFuture<T>> request, long least, int attempt) {
        return request.get().thenCompose(answer -> {
            long revision = answer.header().revision();
            if (revision >= least) {
                seen.accumulateAndGet(revision, Math::max);
                return CompletableFuture.completedFuture(answer);
            }
            if (attempt >= MAX_ATTEMPTS) {
                return CompletableFuture.failedFuture(new ClientException(ClientException.Reason.NO_GREATER_REVISION));
            }
            return new CompletableFuture<@Nullable Void>()
                    .completeOnTimeout(null, PAUSE_MILLIS, TimeUnit.MILLISECONDS)
                    .thenCompose(nothing -> ordered(request, least, attempt + 1));
        });
    }

    @Override
    public CompletableFuture<CompactResponse> compact(long revision, CompactOption option) {
        return all.compact(revision, option);
    }

    @Override
    public AsyncKV within(Duration timeout) {
        return new OrderedKV(all.within(timeout), seen);
    }
}
