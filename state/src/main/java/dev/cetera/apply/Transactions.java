package dev.cetera.apply;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
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
import dev.cetera.lease.Leases;
import dev.cetera.mvcc.Answer;
import dev.cetera.mvcc.RangeQuery;
import dev.cetera.mvcc.RangeResult;
import dev.cetera.mvcc.View;
import dev.cetera.mvcc.WriteTxn;
import dev.cetera.schema.KeyValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Puts, deletions and transactions on the store and the leases. A transaction goes in three passes: all
/// comparisons, nested ones too, against the state before it; then everything that could be refused; then the
/// operations in order, which can't fail any more.
final class Transactions {
    private final Leases leases;

    Transactions(Leases leases) {
        this.leases = leases;
    }

    /// Which branch each transaction takes, decided before anything changes.
    ///
    /// @param ops    of the branch
    /// @param nested in the order of the nested transactions among the operations
    private record Path(boolean succeeded, List<RequestOp> ops, List<Path> nested) {}

    /// A transaction of ranges alone, answered from one moment.
    static Answer<TxnResponse> read(View view, TxnRequest request) throws IOException {
        var path = decide(view::range, request);
        var refusal = checkRanges(path, view.revision(), view.compactRevision());
        if (refusal != null) {
            return new Answer.Refused<>(refusal);
        }
        var response = TxnResponse.newBuilder().setSucceeded(path.succeeded()).setHeader(header(view.revision()));
        for (var op : path.ops()) {
            switch (Ranges.range(view::range, op.getRequestRange())) {
                case Answer.Refused<Ranges.Ranged>(var why) -> {
                    return new Answer.Refused<>(why);
                }
                case Answer.Found<Ranges.Ranged>(var found) ->
                    response.addResponses(
                            ResponseOp.newBuilder().setResponseRange(response(found, op.getRequestRange())));
            }
        }
        return new Answer.Found<>(response.build());
    }

    Outcome<TxnResponse> txn(WriteTxn txn, View before, TxnRequest request) throws IOException {
        var path = decide(txn::range, request);
        var refusal = check(txn, path);
        if (refusal == null) {
            refusal = checkRanges(path, before.revision(), before.compactRevision());
        }
        if (refusal != null) {
            return new Outcome.Refused<>(refusal);
        }
        var response = run(txn, path);
        return new Outcome.Done<>(response.setHeader(header(txn.revision())).build());
    }

    // ---- first pass: comparisons ----

    private static Path decide(Ranges.Source source, TxnRequest request) throws IOException {
        boolean succeeded = true;
        for (var compare : request.getCompareList()) {
            if (!holds(source, compare)) {
                succeeded = false;
                break;
            }
        }
        var ops = succeeded ? request.getSuccessList() : request.getFailureList();
        var nested = new ArrayList<Path>();
        for (var op : ops) {
            if (op.hasRequestTxn()) {
                nested.add(decide(source, op.getRequestTxn()));
            }
        }
        return new Path(succeeded, ops, nested);
    }

    /// Every key of the range must satisfy it. A key that does not exist has zeros for numbers, but no value
    /// to compare.
    private static boolean holds(Ranges.Source source, Compare compare) throws IOException {
        var range = RangeQuery.between(
                compare.getKey().toByteArray(), compare.getRangeEnd().toByteArray());
        if (!(source.range(range) instanceof Answer.Found<RangeResult>(var found))) {
            return false;
        }
        if (found.kvs().isEmpty()) {
            return compare.getTarget() != Compare.CompareTarget.VALUE && holds(compare, null);
        }
        return found.kvs().stream().allMatch(kv -> holds(compare, kv));
    }

    private static boolean holds(Compare compare, @Nullable KeyValue kv) {
        int order = switch (compare.getTarget()) {
            case VALUE ->
                ByteString.unsignedLexicographicalComparator()
                        .compare(ByteString.copyFrom(kv == null ? NO_BYTES : kv.value()), compare.getValue());
            case VERSION -> Long.compare(kv == null ? 0 : kv.version(), compare.getVersion());
            case CREATE -> Long.compare(kv == null ? 0 : kv.createRevision(), compare.getCreateRevision());
            case MOD -> Long.compare(kv == null ? 0 : kv.modRevision(), compare.getModRevision());
            case LEASE -> Long.compare(kv == null ? 0 : kv.lease(), compare.getLease());
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

    private static final byte[] NO_BYTES = {};

    // ---- second pass: what could be refused ----

    private @Nullable Refusal check(WriteTxn txn, Path path) throws IOException {
        int nested = 0;
        for (var op : path.ops()) {
            var refusal = switch (op.getRequestCase()) {
                case REQUEST_PUT -> check(txn, op.getRequestPut());
                case REQUEST_TXN -> check(txn, path.nested().get(nested++));
                case REQUEST_RANGE, REQUEST_DELETE_RANGE, REQUEST_NOT_SET -> null;
            };
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    private @Nullable Refusal check(WriteTxn txn, PutRequest put) throws IOException {
        if ((put.getIgnoreValue() || put.getIgnoreLease())
                && txn.get(put.getKey().toByteArray()) == null) {
            return Refusal.KEY_NOT_FOUND;
        }
        return put.getLease() != 0 && !leases.exists(put.getLease()) ? Refusal.LEASE_NOT_FOUND : null;
    }

    /// Against the state before the transaction: its own revision still counts as the future.
    private static @Nullable Refusal checkRanges(Path path, long revision, long compactRevision) {
        int nested = 0;
        for (var op : path.ops()) {
            Refusal refusal = null;
            if (op.hasRequestTxn()) {
                refusal = checkRanges(path.nested().get(nested++), revision, compactRevision);
            } else if (op.hasRequestRange() && op.getRequestRange().getRevision() != 0) {
                long asked = op.getRequestRange().getRevision();
                if (asked > revision) {
                    refusal = Refusal.FUTURE_REVISION;
                } else if (asked < compactRevision) {
                    refusal = Refusal.COMPACTED;
                }
            }
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    // ---- third pass: the operations ----

    private TxnResponse.Builder run(WriteTxn txn, Path path) throws IOException {
        var response = TxnResponse.newBuilder().setSucceeded(path.succeeded());
        int nested = 0;
        for (var op : path.ops()) {
            var result = ResponseOp.newBuilder();
            switch (op.getRequestCase()) {
                case REQUEST_RANGE -> result.setResponseRange(range(txn, op.getRequestRange()));
                case REQUEST_PUT -> result.setResponsePut(checkedPut(txn, op.getRequestPut()));
                case REQUEST_DELETE_RANGE -> result.setResponseDeleteRange(delete(txn, op.getRequestDeleteRange()));
                case REQUEST_TXN ->
                    result.setResponseTxn(
                            run(txn, path.nested().get(nested++)).setHeader(ResponseHeader.getDefaultInstance()));
                case REQUEST_NOT_SET -> {}
            }
            response.addResponses(result);
        }
        return response;
    }

    private static RangeResponse range(WriteTxn txn, RangeRequest request) throws IOException {
        return switch (Ranges.range(txn::range, request)) {
            case Answer.Found<Ranges.Ranged>(var found) -> response(found, request);
            case Answer.Refused<Ranges.Ranged>(var why) ->
                throw new IllegalStateException("a range that was checked is refused: " + why);
        };
    }

    Outcome<PutResponse> put(WriteTxn txn, PutRequest put) throws IOException {
        // Other than in a transaction, etcd asks for the lease first.
        if (put.getLease() != 0 && !leases.exists(put.getLease())) {
            return new Outcome.Refused<>(Refusal.LEASE_NOT_FOUND);
        }
        var refusal = check(txn, put);
        return refusal != null ? new Outcome.Refused<>(refusal) : new Outcome.Done<>(checkedPut(txn, put));
    }

    private PutResponse checkedPut(WriteTxn txn, PutRequest put) throws IOException {
        var key = put.getKey().toByteArray();
        var before = put.getPrevKv() || put.getIgnoreValue() || put.getIgnoreLease() ? txn.get(key) : null;
        var value =
                put.getIgnoreValue() ? existing(before).value() : put.getValue().toByteArray();
        long lease = put.getIgnoreLease() ? existing(before).lease() : put.getLease();
        long oldLease = txn.put(key, value, lease);
        if (lease != Leases.NONE) {
            // False only for a kept lease that was already missing when the store was restored: the key stays.
            boolean _ = leases.attach(lease, key);
        } else if (oldLease != Leases.NONE) {
            leases.detach(key);
        }
        var response = PutResponse.newBuilder().setHeader(header(txn.revision()));
        if (put.getPrevKv() && before != null) {
            response.setPrevKv(message(before));
        }
        return response.build();
    }

    private static KeyValue existing(@Nullable KeyValue kv) {
        if (kv == null) {
            throw new IllegalStateException("a key that was checked is gone");
        }
        return kv;
    }

    DeleteRangeResponse delete(WriteTxn txn, DeleteRangeRequest request) throws IOException {
        var key = request.getKey().toByteArray();
        var end = request.getRangeEnd().toByteArray();
        var response = DeleteRangeResponse.newBuilder();
        if (request.getPrevKv()
                && txn.range(RangeQuery.between(key, end)) instanceof Answer.Found<RangeResult>(var found)) {
            for (var kv : found.kvs()) {
                response.addPrevKvs(message(kv));
            }
        }
        var deleted = txn.deleteRange(key, end);
        for (var gone : deleted) {
            if (gone.lease() != Leases.NONE) {
                leases.detach(gone.key());
            }
        }
        return response.setDeleted(deleted.size())
                .setHeader(header(txn.revision()))
                .build();
    }

    // ---- messages ----

    static ResponseHeader header(long revision) {
        return ResponseHeader.newBuilder().setRevision(revision).build();
    }

    private static RangeResponse response(Ranges.Ranged found, RangeRequest request) {
        var response = RangeResponse.newBuilder()
                .setHeader(header(found.revision()))
                .setMore(found.more())
                .setCount(found.count());
        for (var kv : found.kvs()) {
            response.addKvs(message(request.getKeysOnly() ? kv.withoutValue() : kv));
        }
        return response.build();
    }

    private static dev.cetera.api.mvccpb.KeyValue message(KeyValue kv) {
        try {
            return dev.cetera.api.mvccpb.KeyValue.parseFrom(kv.encoded());
        } catch (InvalidProtocolBufferException damaged) {
            throw new IllegalStateException("a stored key-value can't be read", damaged);
        }
    }
}
