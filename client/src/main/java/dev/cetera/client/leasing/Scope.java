package dev.cetera.client.leasing;

import dev.cetera.client.Key;
import dev.cetera.client.KeyRange;
import dev.cetera.client.Op;
import dev.cetera.client.Txn;
import java.util.LinkedHashSet;
import java.util.Set;

/// What an operation may write: in a transaction, what any branch may.
record Scope(Set<Key> keys, Set<KeyRange> ranges) {
    static Scope of(Op op) {
        var scope = new Scope(new LinkedHashSet<>(), new LinkedHashSet<>());
        scope.add(op);
        return scope;
    }

    private void add(Op op) {
        if (op instanceof Op.Put put) {
            keys.add(put.key());
        } else if (op instanceof Op.Delete delete) {
            if (delete.keys().isSingle()) {
                keys.add(delete.keys().key());
            } else {
                ranges.add(delete.keys());
            }
        } else if (op instanceof Txn txn) {
            txn.success().forEach(this::add);
            txn.failure().forEach(this::add);
        }
    }

    boolean isEmpty() {
        return keys.isEmpty() && ranges.isEmpty();
    }

    /// Whether some key of `others` is in it.
    boolean meets(KeyRange others) {
        return keys.stream().anyMatch(others::contains)
                || ranges.stream().anyMatch(range -> beginsBeforeEnd(range, others) && beginsBeforeEnd(others, range));
    }

    private static boolean beginsBeforeEnd(KeyRange one, KeyRange other) {
        return other.isOpen() || one.key().compareTo(other.end()) < 0;
    }
}
