package dev.cetera.rpc;

import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What can be refused by looking at a request alone, in etcd's order. Null means nothing is wrong.
final class Checks {
    /// What a proposal holds beside the request: the field's tag (at most 2 bytes) and length are counted
    /// apart; this is the header's tag (2), its length (1), and an id of full length in it (11).
    private static final int PROPOSAL_HEADER = 14;

    private Checks() {}

    static @Nullable Refusal range(RangeRequest request) {
        return request.getKey().isEmpty() ? Refusal.EMPTY_KEY : null;
    }

    static @Nullable Refusal put(PutRequest request) {
        if (request.getKey().isEmpty()) {
            return Refusal.EMPTY_KEY;
        }
        if (request.getIgnoreValue() && !request.getValue().isEmpty()) {
            return Refusal.VALUE_PROVIDED;
        }
        if (request.getIgnoreLease() && request.getLease() != 0) {
            return Refusal.LEASE_PROVIDED;
        }
        return null;
    }

    static @Nullable Refusal deleteRange(DeleteRangeRequest request) {
        return request.getKey().isEmpty() ? Refusal.EMPTY_KEY : null;
    }

    /// @param maxOps of one branch; a nested transaction gets what the one around it leaves
    static @Nullable Refusal txn(TxnRequest request, int maxOps) {
        var why = operations(request, maxOps);
        if (why == null && !TxnKeys.areDistinct(request)) {
            why = Refusal.DUPLICATE_KEY;
        }
        return why;
    }

    private static @Nullable Refusal operations(TxnRequest request, int maxOps) {
        int most = Math.max(request.getCompareCount(), Math.max(request.getSuccessCount(), request.getFailureCount()));
        if (most > maxOps) {
            return Refusal.TOO_MANY_OPS;
        }
        for (var compare : request.getCompareList()) {
            if (compare.getKey().isEmpty()) {
                return Refusal.EMPTY_KEY;
            }
        }
        var why = branch(request.getSuccessList(), maxOps - most);
        return why != null ? why : branch(request.getFailureList(), maxOps - most);
    }

    private static @Nullable Refusal branch(List<RequestOp> branch, int budget) {
        for (var op : branch) {
            var why = switch (op.getRequestCase()) {
                case REQUEST_RANGE -> range(op.getRequestRange());
                case REQUEST_PUT -> put(op.getRequestPut());
                case REQUEST_DELETE_RANGE -> deleteRange(op.getRequestDeleteRange());
                case REQUEST_TXN -> operations(op.getRequestTxn(), budget);
                case REQUEST_NOT_SET -> Refusal.KEY_NOT_FOUND;
            };
            if (why != null) {
                return why;
            }
        }
        return null;
    }

    /// Whether a request of this size would make a larger proposal than is allowed.
    static boolean isTooLarge(int requestBytes, int maxBytes) {
        int lengthBytes = (38 - Integer.numberOfLeadingZeros(requestBytes | 1)) / 7;
        return (long) requestBytes + 1 + lengthBytes + PROPOSAL_HEADER > maxBytes;
    }
}
