package dev.cetera.lab.work;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.Compare;
import dev.cetera.api.etcdserverpb.Compare.CompareResult;
import dev.cetera.api.etcdserverpb.Compare.CompareTarget;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.lab.work.Profile.PastInTxns;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Supplier;

/// Transactions by chance: several compares, reads, puts and deletes, and transactions in them. A key that a
/// branch puts is neither put again nor deleted in that branch, which etcd would refuse.
final class Txns {
    /// Transactions inside of transactions inside of transactions.
    private static final int DEPTH = 2;

    private static final CompareResult[] RESULTS = {
        CompareResult.EQUAL, CompareResult.GREATER, CompareResult.LESS, CompareResult.NOT_EQUAL
    };

    private final PastInTxns pastInTxns;
    private final Keyspace keys;
    private final Lore lore;
    private final Requests requests;
    private final Random random;

    Txns(PastInTxns pastInTxns, Keyspace keys, Lore lore, Requests requests, Random random) {
        this.pastInTxns = pastInTxns;
        this.keys = keys;
        this.lore = lore;
        this.requests = requests;
        this.random = random;
    }

    /// What a branch, and those around it, write already.
    private static final class Writes {
        final TreeSet<ByteString> puts = new TreeSet<>(ByteString.unsignedLexicographicalComparator());
        final List<Keyspace.Range> deletes = new ArrayList<>();

        /// What the other branch of the same transaction puts, and this one may put as well.
        final TreeSet<ByteString> shared = new TreeSet<>(ByteString.unsignedLexicographicalComparator());

        boolean admitPut(ByteString key) {
            return deletes.stream().noneMatch(range -> range.covers(key)) && (shared.remove(key) || puts.add(key));
        }

        boolean admitDelete(Keyspace.Range range) {
            return puts.stream().noneMatch(range::covers) && deletes.add(range);
        }
    }

    TxnRequest next() {
        return switch (random.nextInt(6)) {
            case 0 -> readOnly();
            default -> {
                var success = new Writes();
                var failure = new Writes();
                yield txn(success, () -> failure, 0);
            }
        };
    }

    /// One that adds one to a counter unless it has been changed since it was read.
    static TxnRequest raise(ByteString counter, long modified, long value) {
        return TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder()
                        .setKey(counter)
                        .setTarget(CompareTarget.MOD)
                        .setModRevision(modified))
                .addSuccess(RequestOp.newBuilder()
                        .setRequestPut(PutRequest.newBuilder()
                                .setKey(counter)
                                .setValue(ByteString.copyFromUtf8(Long.toString(value + 1)))))
                .build();
    }

    private TxnRequest readOnly() {
        var txn = TxnRequest.newBuilder();
        for (int i = random.nextInt(2); i > 0; i--) {
            txn.addCompare(compare());
        }
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            txn.addSuccess(read());
        }
        for (int i = random.nextInt(2); i > 0; i--) {
            txn.addFailure(read());
        }
        return txn.build();
    }

    /// @param failure what the other branch has to heed, once the first is complete
    private TxnRequest txn(Writes success, Supplier<Writes> failure, int depth) {
        var txn = TxnRequest.newBuilder();
        for (int i = random.nextInt(3); i > 0; i--) {
            txn.addCompare(compare());
        }
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            txn.addSuccess(op(success, depth));
        }
        var other = failure.get();
        for (int i = random.nextInt(3); i > 0; i--) {
            txn.addFailure(op(other, depth));
        }
        return txn.build();
    }

    /// A transaction in a branch: what either branch of it writes counts for all around it. Its branches may
    /// put the same key, for only one of them is carried out.
    private TxnRequest inner(Writes writes, int depth) {
        var before = new TreeSet<>(writes.puts);
        var txn = txn(
                writes,
                () -> {
                    writes.shared.addAll(writes.puts);
                    writes.shared.removeAll(before);
                    return writes;
                },
                depth);
        writes.shared.clear();
        return txn;
    }

    private RequestOp op(Writes writes, int depth) {
        return switch (random.nextInt(10)) {
            case 0, 1, 2, 3 -> {
                var key = keys.key();
                yield writes.admitPut(key)
                        ? RequestOp.newBuilder()
                                .setRequestPut(requests.put(key))
                                .build()
                        : readBeside();
            }
            case 4, 5 -> {
                var range = keys.writable();
                yield writes.admitDelete(range)
                        ? RequestOp.newBuilder()
                                .setRequestDeleteRange(requests.delete(range))
                                .build()
                        : readBeside();
            }
            case 6 ->
                depth < DEPTH
                        ? RequestOp.newBuilder()
                                .setRequestTxn(inner(writes, depth + 1))
                                .build()
                        : readBeside();
            default -> readBeside();
        };
    }

    private RequestOp read() {
        return RequestOp.newBuilder().setRequestRange(requests.range()).build();
    }

    /// A read in a transaction that may write.
    private RequestOp readBeside() {
        var range = requests.range();
        return pastInTxns == PastInTxns.READ
                ? RequestOp.newBuilder().setRequestRange(range).build()
                : RequestOp.newBuilder()
                        .setRequestRange(range.toBuilder().clearRevision())
                        .build();
    }

    private Compare compare() {
        var range = random.nextInt(4) == 0 ? keys.any() : new Keyspace.Range(keys.key(), ByteString.EMPTY);
        var seen = lore.seen(range.key());
        var compare = Compare.newBuilder()
                .setKey(range.key())
                .setRangeEnd(range.end())
                .setResult(RESULTS[random.nextInt(RESULTS.length)]);
        switch (random.nextInt(5)) {
            case 0 -> compare.setTarget(CompareTarget.VERSION).setVersion(near(seen.getVersion()));
            case 1 -> compare.setTarget(CompareTarget.CREATE).setCreateRevision(near(seen.getCreateRevision()));
            case 2 -> compare.setTarget(CompareTarget.MOD).setModRevision(near(seen.getModRevision()));
            case 3 -> compare.setTarget(CompareTarget.VALUE).setValue(keys.like(seen.getValue()));
            default ->
                compare.setTarget(CompareTarget.LEASE)
                        .setLease(random.nextBoolean() ? seen.getLease() : lore.someLease());
        }
        return compare.build();
    }

    private long near(long value) {
        return Math.max(0, value + random.nextInt(3) - 1);
    }
}
