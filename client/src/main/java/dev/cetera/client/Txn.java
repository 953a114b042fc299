package dev.cetera.client;

import java.util.List;
import java.util.stream.Stream;

/// A transaction: if all comparisons hold one list of operations is done, otherwise the other, all at one
/// revision. Transactions nest: one may be an operation of another.
///
/// ```java
/// var made = kv.commit(Txn.when(Compare.missing(key))
///         .then(Op.put(key, value))
///         .otherwise(Op.get(key)));
/// ```
///
/// @param compares all of which must hold for `success`; with none it is always taken
public record Txn(List<Compare> compares, List<Op> success, List<Op> failure) implements Op {
    public Txn {
        compares = List.copyOf(compares);
        success = List.copyOf(success);
        failure = List.copyOf(failure);
    }

    /// Begins with conditions; without any, what follows in [#then] is always done.
    public static Txn when(Compare... compares) {
        return new Txn(List.of(compares), List.of(), List.of());
    }

    /// Operations without a condition.
    public static Txn of(Op... ops) {
        return new Txn(List.of(), List.of(ops), List.of());
    }

    /// One more condition.
    public Txn and(Compare... more) {
        return new Txn(joined(compares, more), success, failure);
    }

    /// Operations for when all conditions hold, behind those that are there.
    public Txn then(Op... ops) {
        return new Txn(compares, joined(success, ops), failure);
    }

    /// Operations for when some condition does not hold, behind those that are there.
    public Txn otherwise(Op... ops) {
        return new Txn(compares, success, joined(failure, ops));
    }

    private static <T> List<T> joined(List<T> some, T[] more) {
        return Stream.concat(some.stream(), Stream.of(more)).toList();
    }
}
