package dev.cetera.lab.campaign;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.CompactionResponse;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.lab.history.History;
import dev.cetera.lab.history.Operation;
import dev.cetera.lab.history.Outcome;
import io.grpc.Channel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.LongSupplier;

/// A client beside those of the workload that compacts when a fault wants it to. What it did belongs into the
/// history.
///
/// Guarded by itself.
final class Compactor {
    /// Of our clients; those of a workload count from 0.
    private static final int CLIENTS = 1_000_000;

    private final LongSupplier newestRevision;
    private final Random random;
    private final List<Operation> done = new ArrayList<>();
    private int calls;

    /// @param newestRevision that is known of
    Compactor(LongSupplier newestRevision, Random random) {
        this.newestRevision = newestRevision;
        this.random = random;
    }

    /// Asks `member` to compact at some recent revision, and doesn't wait for the answer.
    synchronized void compact(Channel member, String name) {
        long newest = newestRevision.getAsLong();
        if (newest < 2) {
            return;
        }
        var request = CompactionRequest.newBuilder()
                .setRevision(Math.max(1, newest - random.nextInt(50)))
                .build();
        int place = calls++;
        done.add(new Operation(
                place,
                CLIENTS + place,
                name,
                request,
                System.nanoTime(),
                Operation.NEVER,
                new Outcome.Unknown("not waited for")));
        Futures.addCallback(
                KVGrpc.newFutureStub(member).compact(request),
                new FutureCallback<>() {
                    @Override
                    public void onSuccess(CompactionResponse response) {
                        answered(place, response);
                    }

                    @Override
                    public void onFailure(Throwable error) {
                        // It may have been done or not: that is what stands there already.
                    }
                },
                MoreExecutors.directExecutor());
    }

    private synchronized void answered(int place, CompactionResponse response) {
        Operation called = done.get(place);
        done.set(place, called.with(System.nanoTime(), new Outcome.Answered(response)));
    }

    /// `history` with what was done here, all of it in the order of the calls.
    synchronized History into(History history) {
        var all = new ArrayList<>(history.operations());
        all.addAll(done);
        all.sort(Comparator.comparingLong(Operation::called));
        var numbered = new ArrayList<Operation>();
        for (Operation one : all) {
            numbered.add(one.numbered(numbered.size()));
        }
        return new History(numbered, history.watches(), history.settled(), history.members());
    }
}
