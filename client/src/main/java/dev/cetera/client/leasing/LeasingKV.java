package dev.cetera.client.leasing;

import dev.cetera.client.AsyncKV;
import dev.cetera.client.CanceledException;
import dev.cetera.client.ClosedException;
import dev.cetera.client.CompactOption;
import dev.cetera.client.CompactResponse;
import dev.cetera.client.Compare;
import dev.cetera.client.DeadlineException;
import dev.cetera.client.DeleteResponse;
import dev.cetera.client.GetOption;
import dev.cetera.client.GetOption.Consistency;
import dev.cetera.client.GetResponse;
import dev.cetera.client.Key;
import dev.cetera.client.KeyRange;
import dev.cetera.client.KeyValue;
import dev.cetera.client.Op;
import dev.cetera.client.OpResponse;
import dev.cetera.client.PutResponse;
import dev.cetera.client.Txn;
import dev.cetera.client.TxnResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/// Reads from the cache where it can, and makes keys that are read one's own; writes by way of [Write].
///
/// @param all the members' keys and values; each call may take so long as a call of this
/// @param limitNanos for a call, all its requests and waiting together; [Limit#NONE] for none
record LeasingKV(Leasing leasing, AsyncKV all, long limitNanos) implements AsyncKV {
    @Override
    public CompletableFuture<GetResponse> get(Op.Get get) {
        var tenure = leasing.tenure();
        var known = tenure.owned().get(get);
        if (known != null) {
            return CompletableFuture.completedFuture(known);
        }
        boolean wanted = Answers.isOfOneKey(get)
                && get.option().consistency() == Consistency.LINEARIZABLE
                && mayBeOwned(get.keys().key());
        return wanted && tenure.owned().mayAcquire(get.keys().key()) ? acquire(tenure, get) : asked(all, tenure, get);
    }

    private static CompletableFuture<GetResponse> asked(AsyncKV members, Tenure tenure, Op.Get get) {
        return members.get(get).thenApply(answer -> {
            tenure.owned().saw(answer.header());
            return answer;
        });
    }

    /// The leasing keys themselves are written without asking anybody.
    private boolean mayBeOwned(Key key) {
        return !key.isEmpty() && !leasingKeys().contains(key);
    }

    private KeyRange leasingKeys() {
        return leasing.names().outer(KeyRange.all());
    }

    /// Reads the key and in the same moment makes it ours, if it is nobody's and doesn't go by itself.
    private CompletableFuture<GetResponse> acquire(Tenure tenure, Op.Get get) {
        var key = get.keys().key();
        var leasingKey = leasing.names().outer(key);
        var txn = Txn.when(Compare.missing(leasingKey), Compare.lease(key).equalTo(0))
                .then(Op.get(key), tenure.claim(key))
                .otherwise(get, Op.get(KeyRange.of(leasingKey), GetOption.DEFAULTS.withKeysOnly()));
        var limit = Limit.of(limitNanos);
        var reading = new Pending<GetResponse>();
        reading.then(all.commit(txn), (answer, failure) -> {
            if (answer != null) {
                reading.complete(acquired(tenure, get, answer));
                return;
            }
            tenure.owned().notAcquired(key);
            if (failure != null && isFinal(failure)) {
                reading.completeExceptionally(failure);
            } else {
                // Whoever may not write leasing keys, or has lost a connection, can still read.
                reading.endsAs(asked(limit.in(all), tenure, get));
            }
        });
        return reading;
    }

    private static boolean isFinal(Throwable failure) {
        return failure instanceof DeadlineException
                || failure instanceof CanceledException
                || failure instanceof ClosedException
                || failure instanceof CancellationException;
    }

    private GetResponse acquired(Tenure tenure, Op.Get get, TxnResponse answer) {
        var owned = tenure.owned();
        var key = get.keys().key();
        owned.saw(answer.header());
        if (answer.succeeded()) {
            var found = answer.get(0).first();
            var state = found.map(Answers.State::new).orElse(Answers.State.ABSENT);
            owned.acquired(key, found.orElse(null), answer.header()).forEach(tenure::release);
            return Answers.answer(state, get.option(), answer.header());
        }
        owned.notAcquired(key);
        answer.get(1)
                .first()
                .filter(leasingKey -> isLeftOver(tenure, key, leasingKey))
                .ifPresent(leasingKey -> tenure.release(new Owned.Release(key, leasingKey.createRevision())));
        return withHeader(answer.get(0), answer);
    }

    /// Ours, but of a request whose answer was lost, or of a write that nobody knows the outcome of.
    private static boolean isLeftOver(Tenure tenure, Key key, KeyValue leasingKey) {
        return leasingKey.lease() == tenure.leaseId() && !tenure.owned().has(key, leasingKey.createRevision());
    }

    private static GetResponse withHeader(GetResponse found, TxnResponse answer) {
        return new GetResponse(answer.header(), found.kvs(), found.more(), found.count());
    }

    @Override
    public CompletableFuture<PutResponse> put(Op.Put put) {
        return write(put, answer -> {
            Optional<KeyValue> previous = ((PutResponse) answer.responses().get(0)).previous();
            return new PutResponse(answer.header(), previous);
        });
    }

    @Override
    public CompletableFuture<DeleteResponse> delete(Op.Delete delete) {
        return write(delete, answer -> {
            var done = (DeleteResponse) answer.responses().get(0);
            return new DeleteResponse(answer.header(), done.deleted(), done.previous());
        });
    }

    @Override
    public CompletableFuture<TxnResponse> commit(Txn txn) {
        var tenure = leasing.tenure();
        var known = tenure.owned().get(txn);
        if (known != null) {
            return CompletableFuture.completedFuture(known);
        }
        if (Scope.of(txn).isEmpty()) {
            return all.commit(txn).thenApply(answer -> {
                tenure.owned().saw(answer.header());
                return answer;
            });
        }
        return write(txn, answer -> {
            var done = (TxnResponse) answer.responses().get(0);
            return new TxnResponse(answer.header(), done.succeeded(), done.responses());
        });
    }

    private <T extends OpResponse> CompletableFuture<T> write(Op op, Function<TxnResponse, T> answer) {
        var scope = Scope.of(op);
        if (scope.meets(leasingKeys())) {
            return CompletableFuture.failedFuture(
                    new IllegalArgumentException("leasing keys are written by their owners alone: " + op));
        }
        return new Write<>(leasing, all, limitNanos, op, scope, answer).begin();
    }

    @Override
    public CompletableFuture<CompactResponse> compact(long revision, CompactOption option) {
        return all.compact(revision, option);
    }

    @Override
    public AsyncKV within(Duration timeout) {
        return new LeasingKV(leasing, all.within(timeout), timeout.toNanos());
    }
}
