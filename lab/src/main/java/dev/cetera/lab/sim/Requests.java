package dev.cetera.lab.sim;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.Compare;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import java.util.Random;

/// Random requests on few keys and few leases, so that they meet each other often.
final class Requests {
    private static final int KEYS = 12;
    private static final int LEASES = 4;

    /// Longer than any simulation takes: no lease ends by itself.
    private static final long TTL_SECONDS = 1_000_000;

    private final Random random;
    private int count;

    Requests(Random random) {
        this.random = random;
    }

    /// @param revision about where the store is now; compactions and comparisons aim near it
    InternalRaftRequest.Builder next(long revision) {
        var request = InternalRaftRequest.newBuilder();
        int kind = random.nextInt(100);
        if (kind < 55) {
            request.setPut(put());
        } else if (kind < 70) {
            request.setDeleteRange(delete());
        } else if (kind < 82) {
            request.setTxn(txn(revision));
        } else if (kind < 90) {
            request.setLeaseGrant(LeaseGrantRequest.newBuilder().setID(lease()).setTTL(TTL_SECONDS));
        } else if (kind < 94) {
            request.setLeaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease()));
        } else {
            request.setCompaction(CompactionRequest.newBuilder()
                    .setRevision(revision - 10 + random.nextInt(14))
                    .setPhysical(random.nextBoolean()));
        }
        return request;
    }

    private PutRequest.Builder put() {
        var put = PutRequest.newBuilder().setKey(key()).setPrevKv(random.nextInt(4) == 0);
        if (random.nextInt(10) == 0) {
            put.setIgnoreValue(true);
        } else {
            put.setValue(value());
        }
        if (random.nextInt(10) == 0) {
            put.setIgnoreLease(true);
        } else if (random.nextInt(3) == 0) {
            put.setLease(lease());
        }
        return put;
    }

    private DeleteRangeRequest.Builder delete() {
        var delete = DeleteRangeRequest.newBuilder().setKey(key()).setPrevKv(random.nextInt(4) == 0);
        if (random.nextInt(4) == 0) {
            delete.setRangeEnd(key());
        }
        return delete;
    }

    private TxnRequest.Builder txn(long revision) {
        var txn = TxnRequest.newBuilder();
        if (random.nextBoolean()) {
            var compare =
                    Compare.newBuilder().setKey(key()).setResult(Compare.CompareResult.forNumber(random.nextInt(4)));
            switch (random.nextInt(3)) {
                case 0 -> compare.setTarget(Compare.CompareTarget.VERSION).setVersion(random.nextInt(3));
                case 1 -> compare.setTarget(Compare.CompareTarget.MOD).setModRevision(revision - random.nextInt(6));
                default -> compare.setTarget(Compare.CompareTarget.CREATE).setCreateRevision(random.nextInt(2));
            }
            txn.addCompare(compare);
        }
        // No key twice in a branch: the services refuse that before it gets here.
        int first = random.nextInt(KEYS);
        for (int i = 0; i < random.nextInt(4); i++) {
            txn.addSuccess(RequestOp.newBuilder().setRequestPut(put().setKey(key((first + i) % KEYS))));
        }
        if (random.nextBoolean()) {
            txn.addFailure(RequestOp.newBuilder()
                    .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key())));
        }
        return txn;
    }

    private ByteString key() {
        return key(random.nextInt(KEYS));
    }

    private static ByteString key(int number) {
        return ByteString.copyFromUtf8("key/" + (char) ('a' + number));
    }

    /// Mostly small, sometimes over several sectors and pages.
    private ByteString value() {
        int size = random.nextInt(20) == 0 ? random.nextInt(6_000) : random.nextInt(40);
        return ByteString.copyFromUtf8((count++ + "/").repeat(size / 4 + 1));
    }

    private long lease() {
        return 1 + random.nextLong(LEASES);
    }
}
