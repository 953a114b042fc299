package dev.cetera.lab.sim;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.CompactionResponse;
import dev.cetera.api.etcdserverpb.Compare;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.DeleteRangeResponse;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantResponse;
import dev.cetera.api.etcdserverpb.LeaseRevokeResponse;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.PutResponse;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.api.etcdserverpb.ResponseOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.api.etcdserverpb.TxnResponse;
import dev.cetera.api.mvccpb.KeyValue;
import dev.cetera.apply.Outcome;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// What the store must be, written to be obvious: every version of every key in one list, searched from end to
/// end. It knows the requests that the simulation makes, and no others.
final class Model {
    /// One change. `kv` is null for a deletion.
    private record Version(
            long main, long sub, ByteString key, @Nullable KeyValue kv) {}

    private final List<Version> history;

    /// The keys after all of the history.
    private final TreeMap<ByteString, KeyValue> newest = new TreeMap<>(ByteString.unsignedLexicographicalComparator());

    private final Map<Long, Long> ttlByLease;
    private long revision;
    private long compacted;

    Model() {
        this(new ArrayList<>(), new TreeMap<>(), 1, -1);
    }

    private Model(List<Version> history, Map<Long, Long> ttlByLease, long revision, long compacted) {
        this.history = history;
        this.ttlByLease = ttlByLease;
        this.revision = revision;
        this.compacted = compacted;
        history.forEach(version -> change(newest, version));
    }

    Model copy() {
        return new Model(new ArrayList<>(history), new TreeMap<>(ttlByLease), revision, compacted);
    }

    long revision() {
        return revision;
    }

    long compacted() {
        return compacted;
    }

    Map<Long, Long> leases() {
        return ttlByLease;
    }

    /// The keys as they were at a revision, in order.
    Map<ByteString, KeyValue> at(long asked) {
        if (asked >= revision) {
            return new TreeMap<>(newest);
        }
        var keys = new TreeMap<ByteString, KeyValue>(ByteString.unsignedLexicographicalComparator());
        for (var version : history) {
            if (version.main() > asked) {
                break;
            }
            change(keys, version);
        }
        return keys;
    }

    private static void change(Map<ByteString, KeyValue> keys, Version version) {
        if (version.kv() == null) {
            keys.remove(version.key());
        } else {
            keys.put(version.key(), version.kv());
        }
    }

    /// Keys attached to a lease.
    Set<ByteString> attached(long lease) {
        var keys = new TreeSet<ByteString>(ByteString.unsignedLexicographicalComparator());
        at(revision).values().stream().filter(kv -> kv.getLease() == lease).forEach(kv -> keys.add(kv.getKey()));
        return keys;
    }

    /// etcd's HashKV at the current revision, from the definition: of what is at or below the compacted
    /// revision, only the newest version of each key counts, and only if it is alive. Null when nothing at all
    /// is kept below: then etcd counts what the compaction has not got to yet.
    @Nullable
    Integer hash() {
        var newest = new HashMap<ByteString, Version>();
        history.forEach(version -> newest.put(version.key(), version));
        var keep = new HashSet<Version>();
        newest.values().stream().filter(version -> version.kv() != null).forEach(keep::add);
        if (compacted >= 0 && keep.isEmpty()) {
            return null;
        }
        var crc = new CRC32C();
        crc.update("key".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        for (var version : history) {
            if (version.main() <= compacted && !keep.contains(version)) {
                continue;
            }
            var key = ByteBuffer.allocate(version.kv() == null ? 18 : 17)
                    .putLong(version.main())
                    .put((byte) '_')
                    .putLong(version.sub());
            if (version.kv() == null) {
                key.put((byte) 't');
            }
            crc.update(key.flip());
            var value = version.kv() == null
                    ? KeyValue.newBuilder().setKey(version.key()).build()
                    : version.kv();
            crc.update(value.toByteArray());
        }
        return (int) crc.getValue();
    }

    // ---- requests ----

    Outcome<? extends Message> apply(InternalRaftRequest request) {
        var change = new Change();
        if (request.hasPut()) {
            var refusal = refusal(request.getPut(), true);
            return refusal != null ? new Outcome.Refused<>(refusal) : new Outcome.Done<>(change.put(request.getPut()));
        }
        if (request.hasDeleteRange()) {
            return new Outcome.Done<>(change.delete(request.getDeleteRange()));
        }
        if (request.hasTxn()) {
            return change.txn(request.getTxn());
        }
        if (request.hasCompaction()) {
            return compact(request.getCompaction());
        }
        if (request.hasLeaseGrant()) {
            return grant(request.getLeaseGrant());
        }
        if (request.hasLeaseRevoke()) {
            return revoke(request.getLeaseRevoke().getID());
        }
        throw new IllegalStateException("the simulation does not make such requests: " + request);
    }

    private @Nullable Refusal refusal(PutRequest put, boolean leaseFirst) {
        boolean noLease = put.getLease() != 0 && !ttlByLease.containsKey(put.getLease());
        boolean noKey =
                (put.getIgnoreValue() || put.getIgnoreLease()) && !at(revision).containsKey(put.getKey());
        if (noLease && (leaseFirst || !noKey)) {
            return Refusal.LEASE_NOT_FOUND;
        }
        return noKey ? Refusal.KEY_NOT_FOUND : null;
    }

    private Outcome<CompactionResponse> compact(CompactionRequest request) {
        if (request.getRevision() <= compacted) {
            return new Outcome.Refused<>(Refusal.COMPACTED);
        }
        if (request.getRevision() > revision) {
            return new Outcome.Refused<>(Refusal.FUTURE_REVISION);
        }
        compacted = request.getRevision();
        return new Outcome.Done<>(
                CompactionResponse.newBuilder().setHeader(header(revision)).build());
    }

    private Outcome<LeaseGrantResponse> grant(LeaseGrantRequest request) {
        if (ttlByLease.putIfAbsent(request.getID(), request.getTTL()) != null) {
            return new Outcome.Refused<>(Refusal.LEASE_EXISTS);
        }
        return new Outcome.Done<>(LeaseGrantResponse.newBuilder()
                .setID(request.getID())
                .setTTL(request.getTTL())
                .build());
    }

    private Outcome<LeaseRevokeResponse> revoke(long id) {
        if (!ttlByLease.containsKey(id)) {
            return new Outcome.Refused<>(Refusal.LEASE_NOT_FOUND);
        }
        var change = new Change();
        for (var key : attached(id)) {
            change.delete(DeleteRangeRequest.newBuilder().setKey(key).build());
        }
        ttlByLease.remove(id);
        return new Outcome.Done<>(LeaseRevokeResponse.getDefaultInstance());
    }

    private static ResponseHeader header(long revision) {
        return ResponseHeader.newBuilder().setRevision(revision).build();
    }

    /// The changes of one request share a revision.
    private final class Change {
        private final long main = revision + 1;
        private long sub;

        private void add(ByteString key, @Nullable KeyValue kv) {
            var version = new Version(main, sub++, key, kv);
            history.add(version);
            change(newest, version);
            revision = main;
        }

        PutResponse put(PutRequest put) {
            var before = at(revision).get(put.getKey());
            var kv = KeyValue.newBuilder()
                    .setKey(put.getKey())
                    .setCreateRevision(before == null ? main : before.getCreateRevision())
                    .setModRevision(main)
                    .setVersion(before == null ? 1 : before.getVersion() + 1)
                    .setValue(put.getIgnoreValue() && before != null ? before.getValue() : put.getValue())
                    .setLease(put.getIgnoreLease() && before != null ? before.getLease() : put.getLease());
            add(put.getKey(), kv.build());
            var response = PutResponse.newBuilder().setHeader(header(revision));
            if (put.getPrevKv() && before != null) {
                response.setPrevKv(before);
            }
            return response.build();
        }

        DeleteRangeResponse delete(DeleteRangeRequest request) {
            var response = DeleteRangeResponse.newBuilder();
            for (var kv : at(revision).values()) {
                boolean covered = request.getRangeEnd().isEmpty()
                        ? kv.getKey().equals(request.getKey())
                        : order(request.getKey(), kv.getKey()) <= 0 && order(kv.getKey(), request.getRangeEnd()) < 0;
                if (covered) {
                    add(kv.getKey(), null);
                    response.setDeleted(response.getDeleted() + 1);
                    if (request.getPrevKv()) {
                        response.addPrevKvs(kv);
                    }
                }
            }
            return response.setHeader(header(revision)).build();
        }

        Outcome<TxnResponse> txn(TxnRequest request) {
            var keys = at(revision);
            boolean succeeded = request.getCompareList().stream().allMatch(compare -> holds(compare, keys));
            var ops = succeeded ? request.getSuccessList() : request.getFailureList();
            for (var op : ops) {
                var refusal = op.hasRequestPut() ? refusal(op.getRequestPut(), false) : null;
                if (refusal != null) {
                    return new Outcome.Refused<>(refusal);
                }
            }
            var response = TxnResponse.newBuilder().setSucceeded(succeeded);
            for (var op : ops) {
                response.addResponses(
                        op.hasRequestPut()
                                ? ResponseOp.newBuilder().setResponsePut(put(op.getRequestPut()))
                                : ResponseOp.newBuilder().setResponseDeleteRange(delete(op.getRequestDeleteRange())));
            }
            return new Outcome.Done<>(response.setHeader(header(revision)).build());
        }

        private static boolean holds(Compare compare, Map<ByteString, KeyValue> keys) {
            var kv = keys.getOrDefault(compare.getKey(), KeyValue.getDefaultInstance());
            int order = switch (compare.getTarget()) {
                case VERSION -> Long.compare(kv.getVersion(), compare.getVersion());
                case MOD -> Long.compare(kv.getModRevision(), compare.getModRevision());
                case CREATE -> Long.compare(kv.getCreateRevision(), compare.getCreateRevision());
                case VALUE, LEASE, UNRECOGNIZED ->
                    throw new IllegalStateException("the simulation does not compare so");
            };
            return switch (compare.getResult()) {
                case EQUAL -> order == 0;
                case NOT_EQUAL -> order != 0;
                case GREATER -> order > 0;
                case LESS -> order < 0;
                case UNRECOGNIZED -> throw new IllegalStateException("the simulation does not compare so");
            };
        }

        private static int order(ByteString a, ByteString b) {
            return ByteString.unsignedLexicographicalComparator().compare(a, b);
        }
    }
}
