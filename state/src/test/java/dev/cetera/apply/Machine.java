package dev.cetera.apply;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.Compare;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RequestHeader;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.auth.Credentials;
import dev.cetera.auth.Identity;
import dev.cetera.cluster.ClusterVersion;
import dev.cetera.cluster.Members;
import dev.cetera.disk.FakeDisk;
import dev.cetera.mvcc.Changes;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.schema.Backend;
import dev.cetera.v2.V2Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A state machine to which tests apply one request after the other. Confined to the test.
final class Machine {
    static final Path DB = Path.of("/db");
    static final ClusterVersion RELEASE = new ClusterVersion(3, 3, 27);

    final StateMachine state;
    final List<Changes> told = new ArrayList<>();
    private long index;
    private Identity identity = Identity.NOBODY;

    Machine(FakeDisk disk, long quotaBytes) throws IOException {
        var legacy = new V2Store();
        state = StateMachine.open(
                        Backend.open(disk, DB),
                        legacy,
                        new Members(legacy),
                        2,
                        quotaBytes,
                        RELEASE,
                        Credentials.withoutSessions(),
                        told::add)
                .machine();
        index = state.backend().consistentIndex();
    }

    Machine() throws IOException {
        this(new FakeDisk(1), Long.MAX_VALUE);
    }

    /// On whose account requests come from here on.
    void as(Identity other) {
        identity = other;
    }

    long revision() {
        return state.store().view().revision();
    }

    Applied entry(InternalRaftRequest.Builder request) throws IOException {
        var header = RequestHeader.newBuilder()
                .setID(77)
                .setUsername(identity.user())
                .setAuthRevision(identity.revision());
        var complete = request.setHeader(header).build();
        return state.apply(new Entry(1, ++index, EntryType.NORMAL, complete.toByteArray()), 0, 0);
    }

    Outcome<? extends Message> outcome(InternalRaftRequest.Builder request) throws IOException {
        return switch (entry(request)) {
            case Applied.Request(long id, var outcome, boolean _) when id == 77 -> outcome;
            case Applied.Compacting(long id, var outcome, var _, boolean _) when id == 77 -> outcome;
            case Applied.Revoked(long id, var outcome, long _) when id == 77 -> outcome;
            case Applied.Account(long id, var outcome, var _) when id == 77 -> outcome;
            case Applied other -> throw new AssertionError(other);
        };
    }

    <T extends Message> T done(InternalRaftRequest.Builder request, Class<T> type) throws IOException {
        if (outcome(request) instanceof Outcome.Done<? extends Message>(var response)) {
            return type.cast(response);
        }
        throw new AssertionError("refused");
    }

    Refusal refused(InternalRaftRequest.Builder request) throws IOException {
        if (outcome(request) instanceof Outcome.Refused<? extends Message>(var why)) {
            return why;
        }
        throw new AssertionError("done");
    }

    // ---- requests ----

    static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    static PutRequest.Builder put(String key, String value) {
        return PutRequest.newBuilder().setKey(bytes(key)).setValue(bytes(value));
    }

    static InternalRaftRequest.Builder ask(PutRequest.Builder put) {
        return InternalRaftRequest.newBuilder().setPut(put);
    }

    static DeleteRangeRequest.Builder delete(String key, String end) {
        return DeleteRangeRequest.newBuilder().setKey(bytes(key)).setRangeEnd(bytes(end));
    }

    static InternalRaftRequest.Builder ask(DeleteRangeRequest.Builder delete) {
        return InternalRaftRequest.newBuilder().setDeleteRange(delete);
    }

    static InternalRaftRequest.Builder ask(TxnRequest.Builder txn) {
        return InternalRaftRequest.newBuilder().setTxn(txn);
    }

    static InternalRaftRequest.Builder grant(long id, long ttlSeconds) {
        return InternalRaftRequest.newBuilder()
                .setLeaseGrant(LeaseGrantRequest.newBuilder().setID(id).setTTL(ttlSeconds));
    }

    static InternalRaftRequest.Builder compact(long revision) {
        return InternalRaftRequest.newBuilder()
                .setCompaction(CompactionRequest.newBuilder().setRevision(revision));
    }

    static RequestOp op(PutRequest.Builder put) {
        return RequestOp.newBuilder().setRequestPut(put).build();
    }

    static RequestOp op(RangeRequest.Builder range) {
        return RequestOp.newBuilder().setRequestRange(range).build();
    }

    static RequestOp op(DeleteRangeRequest.Builder delete) {
        return RequestOp.newBuilder().setRequestDeleteRange(delete).build();
    }

    static RequestOp op(TxnRequest.Builder txn) {
        return RequestOp.newBuilder().setRequestTxn(txn).build();
    }

    static RangeRequest.Builder range(String key) {
        return RangeRequest.newBuilder().setKey(bytes(key));
    }

    static Compare.Builder compare(String key, Compare.CompareTarget target, Compare.CompareResult result) {
        return Compare.newBuilder().setKey(bytes(key)).setTarget(target).setResult(result);
    }
}
