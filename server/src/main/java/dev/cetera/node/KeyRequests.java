package dev.cetera.node;

import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.CompactionResponse;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.DeleteRangeResponse;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.PutResponse;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.api.etcdserverpb.TxnResponse;
import dev.cetera.apply.Ranges;
import dev.cetera.apply.StateMachine;
import dev.cetera.mvcc.Answer.Found;
import dev.cetera.mvcc.Store;
import java.io.IOException;
import java.util.stream.Stream;

/// Reads and changes of keys. Shared: it has no state.
final class KeyRequests {
    /// Ranges that may return more keys than this are read by a worker instead of on the caller's thread.
    private static final long RANGE_IN_PLACE_KEYS = 1_000;

    private final StateMachine machine;
    private final Store store;
    private final Requests requests;
    private final LongWork work;
    private final Time time;
    private final Meters meters;

    KeyRequests(StateMachine machine, Requests requests, LongWork work, Time time, Meters meters) {
        this.machine = machine;
        this.store = machine.store();
        this.requests = requests;
        this.work = work;
        this.time = time;
        this.meters = meters;
    }

    void range(RangeRequest request, Answer<RangeAnswer> answer) {
        long began = time.nanos();
        var told = new Answer<RangeAnswer>() {
            @Override
            public void done(RangeAnswer found) {
                answer.done(found);
                meters.ranged();
                long took = time.nanos() - began;
                if (SlowRequests.isSlow(took)) {
                    meters.requestSlow();
                    SlowRequests.tellOfSlowRange(took, request, found.kvs().size());
                }
            }

            @Override
            public void refused(Refusal why) {
                answer.refused(why);
            }
        };
        if (request.getSerializable()) {
            read(request, told);
        } else {
            requests.afterLinearization(told, () -> read(request, told));
        }
    }

    private void read(RangeRequest request, Answer<RangeAnswer> answer) {
        if (mayBeBig(request)) {
            work.later(answer, () -> readNow(request, answer));
        } else {
            work.now(answer, () -> readNow(request, answer));
        }
    }

    private static boolean mayBeBig(RangeRequest request) {
        boolean limited = request.getLimit() > 0 && request.getLimit() <= RANGE_IN_PLACE_KEYS;
        return !request.getRangeEnd().isEmpty() && !request.getCountOnly() && !limited;
    }

    private void readNow(RangeRequest request, Answer<RangeAnswer> answer) throws IOException {
        switch (Ranges.range(store::range, request)) {
            case Found<Ranges.Ranged>(var found) ->
                answer.done(new RangeAnswer(found.revision(), found.kvs(), found.more(), found.count()));
            case dev.cetera.mvcc.Answer.Refused<Ranges.Ranged>(var why) -> answer.refused(why);
        }
    }

    void put(PutRequest request, Answer<PutResponse> answer) {
        requests.propose(InternalRaftRequest.newBuilder().setPut(request), PutResponse.class, answer);
    }

    void deleteRange(DeleteRangeRequest request, Answer<DeleteRangeResponse> answer) {
        requests.propose(InternalRaftRequest.newBuilder().setDeleteRange(request), DeleteRangeResponse.class, answer);
    }

    void txn(TxnRequest request, Answer<TxnResponse> answer) {
        if (!readsOnly(request)) {
            requests.propose(InternalRaftRequest.newBuilder().setTxn(request), TxnResponse.class, answer);
        } else if (operations(request).allMatch(op -> op.getRequestRange().getSerializable())) {
            work.later(answer, () -> readNow(request, answer));
        } else {
            requests.afterLinearization(answer, () -> work.later(answer, () -> readNow(request, answer)));
        }
    }

    private static boolean readsOnly(TxnRequest request) {
        return operations(request).allMatch(RequestOp::hasRequestRange);
    }

    private static Stream<RequestOp> operations(TxnRequest request) {
        return Stream.concat(request.getSuccessList().stream(), request.getFailureList().stream());
    }

    private void readNow(TxnRequest request, Answer<TxnResponse> answer) throws IOException {
        switch (machine.read(request)) {
            case Found<TxnResponse>(var response) -> {
                answer.done(response);
                meters.transacted(response.getResponsesCount());
            }
            case dev.cetera.mvcc.Answer.Refused<TxnResponse>(var why) -> answer.refused(why);
        }
    }

    void compact(CompactionRequest request, Answer<CompactionResponse> answer) {
        requests.propose(InternalRaftRequest.newBuilder().setCompaction(request), CompactionResponse.class, answer);
    }

    void linearize(Answer<Long> answer) {
        requests.afterLinearization(answer, () -> answer.done(store.view().revision()));
    }
}
