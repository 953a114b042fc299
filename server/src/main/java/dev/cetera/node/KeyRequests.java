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
import dev.cetera.auth.Rights;
import dev.cetera.mvcc.Answer.Found;
import dev.cetera.mvcc.Listing;
import dev.cetera.mvcc.Store;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/// Reads and changes of keys. Shared: it has no state.
final class KeyRequests {
    /// Ranges that may return more keys than this are read by a worker instead of on the caller's thread.
    private static final long RANGE_IN_PLACE_KEYS = 1_000;

    /// Answers of more than this are read piece by piece, as they are taken.
    private static final long LONG_BYTES = 256 * 1024;

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

    void range(Door door, RangeRequest request, Answer<RangeAnswer> answer) {
        long began = time.nanos();
        var told = new Answer<RangeAnswer>() {
            @Override
            public void done(RangeAnswer found) {
                answer.done(found);
                meters.ranged();
                long took = time.nanos() - began;
                if (SlowRequests.isSlow(took)) {
                    meters.requestSlow();
                    SlowRequests.tellOfSlowRange(took, request, found.number());
                }
            }

            @Override
            public void refused(Refusal why) {
                answer.refused(why);
            }
        };
        if (request.getSerializable()) {
            read(door, request, told);
        } else {
            requests.afterLinearization(told, () -> read(door, request, told));
        }
    }

    private void read(Door door, RangeRequest request, Answer<RangeAnswer> answer) {
        var rights = door.rights();
        var refusal = door.refuses(rights, needs -> needs.range(request));
        if (refusal != null) {
            answer.refused(refusal);
        } else if (mayBeBig(request)) {
            work.later(answer, () -> readNow(door, rights, request, answer));
        } else {
            work.now(answer, () -> readNow(door, rights, request, answer));
        }
    }

    private static boolean mayBeBig(RangeRequest request) {
        boolean limited = request.getLimit() > 0 && request.getLimit() <= RANGE_IN_PLACE_KEYS;
        return isList(request) && !limited;
    }

    private static boolean isList(RangeRequest request) {
        return !request.getRangeEnd().isEmpty() && !request.getCountOnly();
    }

    private void readNow(Door door, Rights under, RangeRequest request, Answer<RangeAnswer> answer) throws IOException {
        if (isList(request) && Ranges.isInKeyOrder(request)) {
            list(door, under, request, answer);
            return;
        }
        switch (Ranges.range(store::range, request)) {
            case Found<Ranges.Ranged>(var found) ->
                door.leave(
                        under,
                        needs -> needs.range(request),
                        answer,
                        new RangeAnswer(found.revision(), found.kvs(), found.more(), found.count()));
            case dev.cetera.mvcc.Answer.Refused<Ranges.Ranged>(var why) -> answer.refused(why);
        }
    }

    /// Keeps nothing in memory of what turns out to be long.
    private void list(Door door, Rights under, RangeRequest request, Answer<RangeAnswer> answer) throws IOException {
        switch (Ranges.list(store, request, LONG_BYTES)) {
            case Found<Listing>(var found) -> {
                var whole = found.whole();
                var list = new RangeAnswer(
                        found.revision(),
                        whole == null ? List.of() : whole,
                        whole == null ? new StoredList(found, work) : null,
                        found.more(),
                        found.count());
                door.leave(under, needs -> needs.range(request), orClosed(answer, found), list);
            }
            case dev.cetera.mvcc.Answer.Refused<Listing>(var why) -> answer.refused(why);
        }
    }

    private static Answer<RangeAnswer> orClosed(Answer<RangeAnswer> answer, Listing found) {
        return new Answer<>() {
            @Override
            public void done(RangeAnswer value) {
                answer.done(value);
            }

            @Override
            public void refused(Refusal why) {
                found.close();
                answer.refused(why);
            }
        };
    }

    void put(Door door, PutRequest request, Answer<PutResponse> answer) {
        requests.propose(door, InternalRaftRequest.newBuilder().setPut(request), PutResponse.class, answer);
    }

    void deleteRange(Door door, DeleteRangeRequest request, Answer<DeleteRangeResponse> answer) {
        requests.propose(
                door, InternalRaftRequest.newBuilder().setDeleteRange(request), DeleteRangeResponse.class, answer);
    }

    void txn(Door door, TxnRequest request, Answer<TxnResponse> answer) {
        if (!readsOnly(request)) {
            requests.propose(door, InternalRaftRequest.newBuilder().setTxn(request), TxnResponse.class, answer);
        } else if (operations(request).allMatch(op -> op.getRequestRange().getSerializable())) {
            read(door, request, answer);
        } else {
            requests.afterLinearization(answer, () -> read(door, request, answer));
        }
    }

    private static boolean readsOnly(TxnRequest request) {
        return operations(request).allMatch(RequestOp::hasRequestRange);
    }

    private static Stream<RequestOp> operations(TxnRequest request) {
        return Stream.concat(request.getSuccessList().stream(), request.getFailureList().stream());
    }

    private void read(Door door, TxnRequest request, Answer<TxnResponse> answer) {
        var rights = door.rights();
        door.enter(
                needs -> needs.txn(request),
                answer,
                () -> work.later(answer, () -> readNow(door, rights, request, answer)));
    }

    private void readNow(Door door, Rights under, TxnRequest request, Answer<TxnResponse> answer) throws IOException {
        switch (machine.read(request)) {
            case Found<TxnResponse>(var response) -> {
                door.leave(under, needs -> needs.txn(request), answer, response);
                meters.transacted(response.getResponsesCount());
            }
            case dev.cetera.mvcc.Answer.Refused<TxnResponse>(var why) -> answer.refused(why);
        }
    }

    void compact(Door door, CompactionRequest request, Answer<CompactionResponse> answer) {
        requests.propose(
                door, InternalRaftRequest.newBuilder().setCompaction(request), CompactionResponse.class, answer);
    }

    void linearize(Answer<Long> answer) {
        requests.afterLinearization(answer, () -> answer.done(store.view().revision()));
    }
}
