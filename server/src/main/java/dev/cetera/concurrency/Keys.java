package dev.cetera.concurrency;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.Compare;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RangeRequest.SortOrder;
import dev.cetera.api.etcdserverpb.RangeRequest.SortTarget;
import dev.cetera.api.etcdserverpb.RequestOp;
import java.nio.charset.StandardCharsets;

/// The keys of a lock or an election: all begin with its name and a slash, each ends with the lease of who
/// wants it, and whose was created first has it.
final class Keys {
    private Keys() {}

    static ByteString prefix(ByteString name) {
        return name.concat(ByteString.copyFromUtf8("/"));
    }

    /// Of one candidate: the lease in hexadecimal, with a sign if it has one.
    static ByteString of(ByteString name, long lease) {
        return prefix(name).concat(ByteString.copyFrom(Long.toString(lease, 16), StandardCharsets.US_ASCII));
    }

    /// The first key after all that begin with a prefix; `prefix` ends in a slash, so there is one.
    static ByteString end(ByteString prefix) {
        int last = prefix.size() - 1;
        return prefix.substring(0, last).concat(ByteString.copyFrom(new byte[] {(byte) (prefix.byteAt(last) + 1)}));
    }

    /// Who was first of those that are there.
    static RangeRequest first(ByteString name) {
        return one(name, SortOrder.ASCEND).build();
    }

    /// Who was the last before a revision.
    static RangeRequest lastBefore(ByteString name, long revision) {
        return one(name, SortOrder.DESCEND).setMaxCreateRevision(revision - 1).build();
    }

    private static RangeRequest.Builder one(ByteString name, SortOrder order) {
        var prefix = prefix(name);
        return RangeRequest.newBuilder()
                .setKey(prefix)
                .setRangeEnd(end(prefix))
                .setLimit(1)
                .setSortOrder(order)
                .setSortTarget(SortTarget.CREATE);
    }

    static RangeRequest key(ByteString key) {
        return RangeRequest.newBuilder().setKey(key).build();
    }

    static Compare createdAt(ByteString key, long revision) {
        return Compare.newBuilder()
                .setResult(Compare.CompareResult.EQUAL)
                .setTarget(Compare.CompareTarget.CREATE)
                .setKey(key)
                .setCreateRevision(revision)
                .build();
    }

    static RequestOp op(RangeRequest range) {
        return RequestOp.newBuilder().setRequestRange(range).build();
    }

    static RequestOp put(ByteString key, ByteString value, long lease) {
        var put = PutRequest.newBuilder().setKey(key).setValue(value).setLease(lease);
        return RequestOp.newBuilder().setRequestPut(put).build();
    }

    static RequestOp delete(ByteString key) {
        var delete = DeleteRangeRequest.newBuilder().setKey(key);
        return RequestOp.newBuilder().setRequestDeleteRange(delete).build();
    }
}
