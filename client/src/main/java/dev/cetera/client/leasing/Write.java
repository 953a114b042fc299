package dev.cetera.client.leasing;

import dev.cetera.client.AsyncKV;
import dev.cetera.client.Compare;
import dev.cetera.client.EtcdException;
import dev.cetera.client.EtcdException.Fate;
import dev.cetera.client.GetOption;
import dev.cetera.client.GetResponse;
import dev.cetera.client.Key;
import dev.cetera.client.KeyRange;
import dev.cetera.client.KeyValue;
import dev.cetera.client.Op;
import dev.cetera.client.OpResponse;
import dev.cetera.client.PutOption;
import dev.cetera.client.Txn;
import dev.cetera.client.TxnResponse;
import dev.cetera.client.WatchBatch;
import dev.cetera.client.WatchListener;
import dev.cetera.client.WatchOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One write, until it is done. It is made on condition that every key that it may change belongs to us, by
/// just the leasing key that we know of, or to nobody. When that doesn't hold, the members say which leasing
/// keys there are; their owners are asked to give them up, and it begins again.
///
/// Of a range the condition is that no leasing key is younger than `listed`, the revision at which all that
/// were there were found to be ours, or are gone since.
///
/// Confined to the attempt under way; they follow one another.
final class Write<T extends OpResponse> {
    /// After so long leasing keys are looked at again, whatever the watch has said.
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Leasing leasing;
    private final AsyncKV all;
    private final Limit limit;
    private final Op op;
    private final Scope scope;
    private final Function<TxnResponse, T> answer;
    private final Pending<T> result = new Pending<>();
    private long listed;

    /// @param answer what the caller gets of a transaction whose first response is that to `op`
    Write(Leasing leasing, AsyncKV all, long limitNanos, Op op, Scope scope, Function<TxnResponse, T> answer) {
        this.leasing = leasing;
        this.all = all;
        this.limit = Limit.of(limitNanos);
        this.op = op;
        this.scope = scope;
        this.answer = answer;
    }

    CompletableFuture<T> begin() {
        attempt();
        return result;
    }

    private void attempt() {
        if (result.isDone()) {
            return;
        }
        AsyncKV members;
        try {
            members = limit.in(all);
        } catch (EtcdException e) {
            result.completeExceptionally(e);
            return;
        }
        var tenure = leasing.tenure();
        var own = tenure.owned().beginWrite(scope);
        var looked = looked(own);
        result.then(members.commit(conditional(own, looked)), (done, failure) -> {
            if (done == null) {
                failed(tenure, own, failure);
            } else if (done.succeeded()) {
                tenure.owned().saw(done.header());
                tenure.owned()
                        .written(own, states(own, looked, done), done.header().revision())
                        .forEach(tenure::release);
                result.complete(answer.apply(done));
            } else {
                clear(tenure, own, done);
            }
        });
    }

    // ---- the transaction ----

    private Txn conditional(Map<Key, Owned.Entry> own, List<Key> looked) {
        var compares = new ArrayList<Compare>();
        var seen = new ArrayList<Op>();
        for (var key : scope.keys()) {
            var leasingKey = leasing.names().outer(key);
            var entry = own.get(key);
            compares.add(Compare.createRevision(leasingKey).equalTo(entry == null ? 0 : entry.since()));
            seen.add(Op.get(KeyRange.of(leasingKey), GetOption.DEFAULTS.withKeysOnly()));
        }
        for (var range : scope.ranges()) {
            var leasingKeys = leasing.names().outer(range);
            compares.add(Compare.createRevision(leasingKeys).lessThan(listed + 1));
            seen.add(Op.get(leasingKeys, GetOption.DEFAULTS.withKeysOnly()));
        }
        var ops = new ArrayList<Op>();
        ops.add(op);
        looked.forEach(key -> ops.add(
                Op.get(KeyRange.of(key), valueIsKnown() ? GetOption.DEFAULTS.withKeysOnly() : GetOption.DEFAULTS)));
        return new Txn(compares, ops, seen);
    }

    /// The keys that are looked at after the write, in the same moment, since nothing else says how it left
    /// them.
    private List<Key> looked(Map<Key, Owned.Entry> own) {
        return op instanceof Op.Delete
                ? List.of()
                : scope.keys().stream().filter(own::containsKey).toList();
    }

    private boolean valueIsKnown() {
        return op instanceof Op.Put put && put.option().keeps() != PutOption.Keeps.VALUE;
    }

    private Map<Key, Answers.State> states(Map<Key, Owned.Entry> own, List<Key> looked, TxnResponse done) {
        var states = new HashMap<Key, Answers.State>();
        if (op instanceof Op.Delete) {
            own.keySet().forEach(key -> states.put(key, Answers.State.ABSENT));
        }
        for (int i = 0; i < looked.size(); i++) {
            states.put(looked.get(i), state(done.get(1 + i)));
        }
        return states;
    }

    private Answers.State state(GetResponse seen) {
        @Nullable KeyValue kv = seen.first().orElse(null);
        if (kv == null) {
            return Answers.State.ABSENT;
        }
        return new Answers.State(valueIsKnown() && op instanceof Op.Put put ? Answers.with(kv, put.value()) : kv);
    }

    // ---- when it isn't done ----

    private void failed(Tenure tenure, Map<Key, Owned.Entry> own, @Nullable Throwable failure) {
        if (failure instanceof EtcdException why && why.fate() == Fate.NOT_APPLIED) {
            tenure.owned().notWritten(own);
        } else {
            tenure.owned().written(own, Map.of(), 0).forEach(tenure::release);
        }
        result.completeExceptionally(failure == null ? new IllegalStateException("no answer") : failure);
    }

    /// Sees to it that the leasing keys that are in the way go, then begins again.
    private void clear(Tenure tenure, Map<Key, Owned.Entry> own, TxnResponse seen) {
        var there = new HashMap<Key, KeyValue>();
        for (var response : seen.responses()) {
            ((GetResponse) response)
                    .kvs()
                    .forEach(leasingKey -> there.put(leasing.names().inner(leasingKey.key()), leasingKey));
        }
        own.forEach((key, entry) -> {
            var leasingKey = there.get(key);
            if (leasingKey == null || leasingKey.createRevision() != entry.since()) {
                tenure.owned().forget(key, entry.since()); // somebody has deleted what was ours
            }
        });
        tenure.owned().notWritten(own);
        var gone = new ArrayList<CompletableFuture<Boolean>>();
        there.forEach((key, leasingKey) -> {
            long since = leasingKey.createRevision();
            if (leasingKey.lease() != tenure.leaseId()) {
                gone.add(revoked(leasingKey));
            } else if (!tenure.owned().has(key, since)) {
                // Left over, or its answer is still to come, and must not make the key ours then.
                tenure.owned().forget(key, Long.MAX_VALUE);
                gone.add(tenure.released(key, since).thenApply(nothing -> true));
            }
        });
        result.then(CompletableFuture.allOf(gone.toArray(CompletableFuture<?>[]::new)), (nothing, failure) -> {
            if (failure != null) {
                result.completeExceptionally(failure);
                return;
            }
            if (gone.stream().allMatch(CompletableFuture::join)) {
                listed = seen.header().revision();
            }
            attempt();
        });
    }

    /// Asks the owner to give a key up. True when the leasing key is gone, false when it is time to look
    /// again.
    private CompletableFuture<Boolean> revoked(KeyValue leasingKey) {
        var name = leasingKey.key();
        var wish = Txn.when(Compare.createRevision(name).equalTo(leasingKey.createRevision()))
                .then(Op.put(name, Tenure.REVOKE, PutOption.DEFAULTS.keepingLease()));
        return limit.in(all)
                .commit(wish)
                .thenCompose(told -> told.succeeded()
                        ? deleted(name, told.header().revision() + 1)
                        : CompletableFuture.completedFuture(true));
    }

    private CompletableFuture<Boolean> deleted(Key name, long from) {
        var done = new CompletableFuture<Boolean>();
        var option = WatchOption.DEFAULTS
                .withStartRevision(from)
                .withOnly(WatchOption.Events.DELETES)
                .requiringLeader();
        var watching = leasing.client().watch().listen(KeyRange.of(name), option, new WatchListener() {
            @Override
            public void onBatch(WatchBatch batch) {
                done.complete(true);
            }

            @Override
            public void onEnd(EtcdException why) {
                done.complete(false);
            }
        });
        var unused = result.whenComplete((nothing, failure) -> done.complete(false));
        var unusedToo = done.whenComplete((nothing, failure) -> watching.close());
        long wait = Math.max(0, Math.min(LOOK_NANOS, limit.leftNanos()));
        return done.completeOnTimeout(false, wait, TimeUnit.NANOSECONDS);
    }
}
