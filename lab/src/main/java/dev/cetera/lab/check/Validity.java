package dev.cetera.lab.check;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.Compare;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.lab.model.KeyRange;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a member refuses by looking at a request alone.
final class Validity {
    private static final int MAX_TXN_OPS = 128;

    private Validity() {}

    /// Why a request is refused; null when nothing is wrong with it.
    static @Nullable Refusal refusal(Message request) {
        return switch (request) {
            case RangeRequest range -> key(range.getKey());
            case DeleteRangeRequest delete -> key(delete.getKey());
            case PutRequest put -> put(put);
            case TxnRequest txn -> {
                var why = txn(txn, MAX_TXN_OPS);
                yield why != null || isDistinct(txn) ? why : Refusal.DUPLICATE_KEY;
            }
            default -> null;
        };
    }

    private static @Nullable Refusal key(ByteString key) {
        return key.isEmpty() ? Refusal.EMPTY_KEY : null;
    }

    private static @Nullable Refusal put(PutRequest put) {
        if (put.getKey().isEmpty()) {
            return Refusal.EMPTY_KEY;
        }
        if (put.getIgnoreValue() && !put.getValue().isEmpty()) {
            return Refusal.VALUE_PROVIDED;
        }
        return put.getIgnoreLease() && put.getLease() != 0 ? Refusal.LEASE_PROVIDED : null;
    }

    private static @Nullable Refusal txn(TxnRequest txn, int budget) {
        int most = Math.max(txn.getCompareCount(), Math.max(txn.getSuccessCount(), txn.getFailureCount()));
        if (most > budget) {
            return Refusal.TOO_MANY_OPS;
        }
        if (txn.getCompareList().stream().map(Compare::getKey).anyMatch(ByteString::isEmpty)) {
            return Refusal.EMPTY_KEY;
        }
        for (var op : Requests.ops(txn).toList()) {
            var why = switch (op.getRequestCase()) {
                case REQUEST_RANGE -> key(op.getRequestRange().getKey());
                case REQUEST_PUT -> put(op.getRequestPut());
                case REQUEST_DELETE_RANGE -> key(op.getRequestDeleteRange().getKey());
                case REQUEST_TXN -> txn(op.getRequestTxn(), budget - most);
                case REQUEST_NOT_SET -> Refusal.KEY_NOT_FOUND;
            };
            if (why != null) {
                return why;
            }
        }
        return null;
    }

    // ---- no key twice ----

    /// What the operations of a branch write.
    private record Written(Set<ByteString> puts, List<KeyRange> deletions) {}

    private static boolean isDistinct(TxnRequest txn) {
        return written(txn.getSuccessList()) != null && written(txn.getFailureList()) != null;
    }

    /// Null when some key is put twice, or put and deleted.
    private static @Nullable Written written(List<RequestOp> ops) {
        var all = new Written(new HashSet<>(), new ArrayList<>());
        for (var op : ops) {
            if (op.hasRequestDeleteRange()) {
                var delete = op.getRequestDeleteRange();
                all.deletions().add(literally(delete));
            }
        }
        for (var op : ops) {
            if (op.hasRequestTxn() && !addNested(all, op.getRequestTxn())) {
                return null;
            }
        }
        for (var op : ops) {
            if (op.hasRequestPut()) {
                var key = op.getRequestPut().getKey();
                if (isDeleted(all, key) || !all.puts().add(key)) {
                    return null;
                }
            }
        }
        return all;
    }

    /// Of the two branches of a nested transaction only one is taken, so they may write the same.
    private static boolean addNested(Written all, TxnRequest nested) {
        var then = written(nested.getSuccessList());
        var otherwise = written(nested.getFailureList());
        if (then == null || otherwise == null) {
            return false;
        }
        var puts = new HashSet<>(then.puts());
        puts.addAll(otherwise.puts());
        if (puts.stream().anyMatch(key -> isDeleted(all, key) || all.puts().contains(key))) {
            return false;
        }
        all.puts().addAll(puts);
        all.deletions().addAll(then.deletions());
        all.deletions().addAll(otherwise.deletions());
        return true;
    }

    /// In this rule etcd takes the zero byte, which else means "no end", for an end like others.
    private static KeyRange literally(DeleteRangeRequest delete) {
        return delete.getRangeEnd().isEmpty()
                ? KeyRange.of(delete.getKey(), delete.getRangeEnd())
                : new KeyRange(delete.getKey(), delete.getRangeEnd());
    }

    private static boolean isDeleted(Written all, ByteString key) {
        return all.deletions().stream().anyMatch(range -> range.contains(key));
    }
}
