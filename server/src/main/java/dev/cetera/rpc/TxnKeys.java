package dev.cetera.rpc;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/// The rule that one branch of a transaction puts a key at most once and does not also delete it, nested
/// transactions included. The two branches of one nested transaction exclude each other, so they may put the
/// same key. Deletions may overlap.
///
/// ```
/// put a, put a                     refused
/// put b, delete [a, c)             refused
/// txn{ then: put a / else: put a } fine
/// put a, txn{ then: put a }        refused
/// ```
/// The end of a deletion counts literally, as in etcd: `\0`, which means "everything from the key on", covers
/// nothing here. Confined to one check.
final class TxnKeys {
    private static final Comparator<ByteString> ORDER = ByteString.unsignedLexicographicalComparator();

    private static final class Duplicate extends Exception {
        private static final long serialVersionUID = 1;

        Duplicate() {
            super(null, null, false, false); // control flow within this class: no trace
        }
    }

    private final Set<ByteString> puts = new HashSet<>();
    /// Begin to end, disjoint: what deletions cover.
    private final TreeMap<ByteString, ByteString> deleted = new TreeMap<>(ORDER);

    private TxnKeys() {}

    static boolean areDistinct(TxnRequest request) {
        try {
            if (isInteresting(request.getSuccessList())) {
                branch(request.getSuccessList());
            }
            if (isInteresting(request.getFailureList())) {
                branch(request.getFailureList());
            }
            return true;
        } catch (Duplicate _) {
            return false;
        }
    }

    /// Whether a branch changes things more than once; most have one put at most.
    private static boolean isInteresting(List<RequestOp> branch) {
        if (branch.size() == 1) {
            return branch.getFirst().hasRequestTxn();
        }
        return branch.stream().filter(op -> !op.hasRequestRange()).count() > 1;
    }

    private static TxnKeys branch(List<RequestOp> ops) throws Duplicate {
        var keys = new TxnKeys();
        for (var op : ops) {
            if (op.hasRequestDeleteRange()) {
                keys.delete(op.getRequestDeleteRange());
            }
        }
        for (var op : ops) {
            if (op.hasRequestTxn()) {
                keys.nest(
                        branch(op.getRequestTxn().getSuccessList()),
                        branch(op.getRequestTxn().getFailureList()));
            }
        }
        for (var op : ops) {
            if (op.hasRequestPut()) {
                keys.put(op.getRequestPut().getKey());
            }
        }
        return keys;
    }

    private void nest(TxnKeys then, TxnKeys otherwise) throws Duplicate {
        var eitherOr = new HashSet<>(then.puts);
        eitherOr.addAll(otherwise.puts);
        for (var key : eitherOr) {
            put(key);
        }
        then.deleted.forEach(this::cover);
        otherwise.deleted.forEach(this::cover);
    }

    private void put(ByteString key) throws Duplicate {
        var covering = deleted.floorEntry(key);
        if ((covering != null && ORDER.compare(key, covering.getValue()) < 0) || !puts.add(key)) {
            throw new Duplicate();
        }
    }

    private void delete(DeleteRangeRequest request) {
        var end = request.getRangeEnd();
        cover(request.getKey(), end.isEmpty() ? request.getKey().concat(ByteString.copyFrom(new byte[1])) : end);
    }

    /// Adds `[begin, end)`, merged with what it touches.
    private void cover(ByteString begin, ByteString end) {
        if (ORDER.compare(begin, end) >= 0) {
            return;
        }
        var from = begin;
        var to = end;
        var before = deleted.floorEntry(from);
        if (before != null && ORDER.compare(before.getValue(), from) >= 0) {
            from = before.getKey();
        }
        for (var next = deleted.ceilingEntry(from);
                next != null && ORDER.compare(next.getKey(), to) <= 0;
                next = deleted.ceilingEntry(from)) {
            if (ORDER.compare(next.getValue(), to) > 0) {
                to = next.getValue();
            }
            deleted.remove(next.getKey());
        }
        deleted.put(from, to);
    }
}
