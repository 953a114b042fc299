package dev.cetera.lab.model;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.Compare;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.DeleteRangeResponse;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.PutResponse;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RangeResponse;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.api.etcdserverpb.ResponseOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.api.etcdserverpb.TxnResponse;
import dev.cetera.api.mvccpb.Event;
import dev.cetera.api.mvccpb.KeyValue;
import dev.cetera.apply.Outcome.Done;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One request at work: its changes share a revision, and what it does later sees what it did before.
/// Confined.
final class Writing {
    private final State state;
    private final Moment start;
    private final SortedTree<Long, Long> leases;
    private final List<Event> events = new ArrayList<>();
    private SortedTree<ByteString, KeyValue> keys;

    Writing(State state, Moment start, SortedTree<Long, Long> leases) {
        this.state = state;
        this.start = start;
        this.leases = leases;
        this.keys = start.keys();
    }

    /// The revision as this request sees it.
    private long revision() {
        return events.isEmpty() ? start.revision() : start.revision() + 1;
    }

    Moment moment() {
        return events.isEmpty() ? start : start.next(keys, events);
    }

    private State.Step done(Message response) {
        return new State.Step(events.isEmpty() ? state : state.movedTo(moment()), new Done<>(response));
    }

    // ---- single requests ----

    State.Step put(PutRequest put) {
        boolean noLease = put.getLease() != 0 && leases.get(put.getLease()) == null;
        var refusal = noLease ? Refusal.LEASE_NOT_FOUND : refusal(put);
        return refusal != null ? state.refused(refusal) : done(checkedPut(put));
    }

    State.Step delete(DeleteRangeRequest request) {
        return done(deleteRange(request));
    }

    State.Step range(RangeRequest request) {
        var refusal = refusal(request);
        return refusal != null ? state.refused(refusal) : done(read(request));
    }

    State.Step txn(TxnRequest request) {
        var path = decide(request);
        var refusal = putRefusal(path);
        if (refusal == null) {
            refusal = rangeRefusal(path);
        }
        return refusal != null
                ? state.refused(refusal)
                : done(run(path).setHeader(State.header(revision())).build());
    }

    void delete(ByteString key) {
        var before = keys.get(key);
        if (before != null) {
            keys = keys.without(key);
            events.add(Event.newBuilder()
                    .setType(Event.EventType.DELETE)
                    .setKv(KeyValue.newBuilder().setKey(key).setModRevision(start.revision() + 1))
                    .setPrevKv(before)
                    .build());
        }
    }

    // ---- puts and deletions ----

    private @Nullable Refusal refusal(PutRequest put) {
        if ((put.getIgnoreValue() || put.getIgnoreLease()) && keys.get(put.getKey()) == null) {
            return Refusal.KEY_NOT_FOUND;
        }
        return put.getLease() != 0 && leases.get(put.getLease()) == null ? Refusal.LEASE_NOT_FOUND : null;
    }

    private PutResponse checkedPut(PutRequest put) {
        long main = start.revision() + 1;
        var before = keys.get(put.getKey());
        var kv = KeyValue.newBuilder()
                .setKey(put.getKey())
                .setCreateRevision(before == null ? main : before.getCreateRevision())
                .setModRevision(main)
                .setVersion(before == null ? 1 : before.getVersion() + 1)
                .setValue(put.getIgnoreValue() && before != null ? before.getValue() : put.getValue())
                .setLease(put.getIgnoreLease() && before != null ? before.getLease() : put.getLease())
                .build();
        keys = keys.with(put.getKey(), kv);
        var event = Event.newBuilder().setKv(kv);
        var response = PutResponse.newBuilder();
        if (before != null) {
            event.setPrevKv(before);
            if (put.getPrevKv()) {
                response.setPrevKv(before);
            }
        }
        events.add(event.build());
        return response.setHeader(State.header(revision())).build();
    }

    private DeleteRangeResponse deleteRange(DeleteRangeRequest request) {
        var range = KeyRange.of(request.getKey(), request.getRangeEnd());
        var response = DeleteRangeResponse.newBuilder();
        for (var kv : keys.between(range.from(), range.end())) {
            delete(kv.getKey());
            response.setDeleted(response.getDeleted() + 1);
            if (request.getPrevKv()) {
                response.addPrevKvs(kv);
            }
        }
        return response.setHeader(State.header(revision())).build();
    }

    // ---- ranges ----

    private @Nullable Refusal refusal(RangeRequest request) {
        if (request.getRevision() > start.revision()) {
            return Refusal.FUTURE_REVISION;
        }
        return request.getRevision() > 0 && request.getRevision() < state.compacted() ? Refusal.COMPACTED : null;
    }

    private RangeResponse read(RangeRequest request) {
        long asked = request.getRevision();
        var source = asked <= 0 ? keys : start.at(asked).keys();
        return Reading.answer(source, request, revision());
    }

    // ---- transactions: comparisons, then all that can be refused, then the operations ----

    /// @param nested in the order of the nested transactions among the operations
    private record Path(boolean succeeded, List<RequestOp> ops, List<Path> nested) {}

    private Path decide(TxnRequest request) {
        boolean succeeded = request.getCompareList().stream().allMatch(this::holds);
        var ops = succeeded ? request.getSuccessList() : request.getFailureList();
        var nested = ops.stream()
                .filter(RequestOp::hasRequestTxn)
                .map(op -> decide(op.getRequestTxn()))
                .toList();
        return new Path(succeeded, ops, nested);
    }

    private boolean holds(Compare compare) {
        var range = KeyRange.of(compare.getKey(), compare.getRangeEnd());
        var found = keys.between(range.from(), range.end());
        if (found.isEmpty()) {
            return compare.getTarget() != Compare.CompareTarget.VALUE && holds(compare, KeyValue.getDefaultInstance());
        }
        return found.stream().allMatch(kv -> holds(compare, kv));
    }

    private static boolean holds(Compare compare, KeyValue kv) {
        int order = switch (compare.getTarget()) {
            case VERSION -> Long.compare(kv.getVersion(), compare.getVersion());
            case MOD -> Long.compare(kv.getModRevision(), compare.getModRevision());
            case CREATE -> Long.compare(kv.getCreateRevision(), compare.getCreateRevision());
            case LEASE -> Long.compare(kv.getLease(), compare.getLease());
            case VALUE -> ByteString.unsignedLexicographicalComparator().compare(kv.getValue(), compare.getValue());
            case UNRECOGNIZED -> 0;
        };
        return switch (compare.getResult()) {
            case EQUAL -> order == 0;
            case NOT_EQUAL -> order != 0;
            case GREATER -> order > 0;
            case LESS -> order < 0;
            case UNRECOGNIZED -> true;
        };
    }

    private @Nullable Refusal putRefusal(Path path) {
        int nested = 0;
        for (var op : path.ops()) {
            Refusal refusal = null;
            if (op.hasRequestPut()) {
                refusal = refusal(op.getRequestPut());
            } else if (op.hasRequestTxn()) {
                refusal = putRefusal(path.nested().get(nested++));
            }
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    /// Other than in a range alone, a negative revision is one that was compacted.
    private @Nullable Refusal checkedRange(long asked) {
        if (asked > start.revision()) {
            return Refusal.FUTURE_REVISION;
        }
        return asked != 0 && asked < state.compacted() ? Refusal.COMPACTED : null;
    }

    private @Nullable Refusal rangeRefusal(Path path) {
        int nested = 0;
        for (var op : path.ops()) {
            Refusal refusal = null;
            if (op.hasRequestRange()) {
                refusal = checkedRange(op.getRequestRange().getRevision());
            } else if (op.hasRequestTxn()) {
                refusal = rangeRefusal(path.nested().get(nested++));
            }
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    private TxnResponse.Builder run(Path path) {
        var response = TxnResponse.newBuilder().setSucceeded(path.succeeded());
        int nested = 0;
        for (var op : path.ops()) {
            var result = ResponseOp.newBuilder();
            switch (op.getRequestCase()) {
                case REQUEST_PUT -> result.setResponsePut(checkedPut(op.getRequestPut()));
                case REQUEST_DELETE_RANGE -> result.setResponseDeleteRange(deleteRange(op.getRequestDeleteRange()));
                case REQUEST_RANGE -> result.setResponseRange(read(op.getRequestRange()));
                case REQUEST_TXN ->
                    result.setResponseTxn(
                            run(path.nested().get(nested++)).setHeader(ResponseHeader.getDefaultInstance()));
                case REQUEST_NOT_SET -> {}
            }
            response.addResponses(result);
        }
        return response;
    }
}
