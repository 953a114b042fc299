package dev.cetera.apply;

import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import java.util.List;
import java.util.function.LongSupplier;

/// How much room requests take, and whether there is some. The costs are etcd's estimates. Immutable.
///
/// @param limitBytes  of the backend file; [Long#MAX_VALUE] for none
/// @param backendSize bytes now
public record Quota(long limitBytes, LongSupplier backendSize) {
    private static final long PUT_OVERHEAD = 256;
    private static final long LEASE_COST = 64;

    public boolean allows(InternalRaftRequest request) {
        long cost = cost(request);
        return cost == 0 || backendSize.getAsLong() + cost < limitBytes;
    }

    /// As [#allows], but puts of nested transactions count too. For whoever decides for itself alone, before a
    /// request is in the log: etcd counts the top level, and members must agree on what is in the log.
    public boolean admits(InternalRaftRequest request) {
        long cost = fullCost(request);
        return cost == 0 || backendSize.getAsLong() + cost < limitBytes;
    }

    /// Whether all puts of a request are nested, where [#allows] and the alarm don't see them.
    public static boolean hidesPuts(InternalRaftRequest request) {
        return cost(request) == 0 && fullCost(request) > 0;
    }

    private static long fullCost(InternalRaftRequest request) {
        return request.hasTxn() ? fullCost(request.getTxn()) : cost(request);
    }

    private static long fullCost(TxnRequest txn) {
        return Math.max(fullCost(txn.getSuccessList()), fullCost(txn.getFailureList()));
    }

    private static long fullCost(List<RequestOp> ops) {
        long sum = 0;
        for (var op : ops) {
            if (op.hasRequestPut()) {
                sum += cost(op.getRequestPut());
            } else if (op.hasRequestTxn()) {
                sum += fullCost(op.getRequestTxn());
            }
        }
        return sum;
    }

    /// 0 for requests that are never refused for want of space.
    static long cost(InternalRaftRequest request) {
        if (request.hasPut()) {
            return cost(request.getPut());
        }
        if (request.hasTxn()) {
            return cost(request.getTxn());
        }
        return request.hasLeaseGrant() ? LEASE_COST : 0;
    }

    /// The dearer branch; only its top-level puts count.
    static long cost(TxnRequest txn) {
        return Math.max(puts(txn.getSuccessList()), puts(txn.getFailureList()));
    }

    private static long puts(List<RequestOp> ops) {
        long sum = 0;
        for (var op : ops) {
            if (op.hasRequestPut()) {
                sum += cost(op.getRequestPut());
            }
        }
        return sum;
    }

    private static long cost(PutRequest put) {
        return PUT_OVERHEAD + put.getKey().size() + put.getValue().size();
    }
}
