package dev.cetera.lab.work;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.AlarmResponse;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.CompactionResponse;
import dev.cetera.api.etcdserverpb.Compare;
import dev.cetera.api.etcdserverpb.DefragmentRequest;
import dev.cetera.api.etcdserverpb.DefragmentResponse;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.DeleteRangeResponse;
import dev.cetera.api.etcdserverpb.HashKVRequest;
import dev.cetera.api.etcdserverpb.HashKVResponse;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantResponse;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveRequest;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveResponse;
import dev.cetera.api.etcdserverpb.LeaseLeasesRequest;
import dev.cetera.api.etcdserverpb.LeaseLeasesResponse;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.LeaseRevokeResponse;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveResponse;
import dev.cetera.api.etcdserverpb.MoveLeaderRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.PutResponse;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RangeResponse;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.api.etcdserverpb.ResponseOp;
import dev.cetera.api.etcdserverpb.SnapshotRequest;
import dev.cetera.api.etcdserverpb.SnapshotResponse;
import dev.cetera.api.etcdserverpb.StatusRequest;
import dev.cetera.api.etcdserverpb.StatusResponse;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.api.etcdserverpb.TxnResponse;
import dev.cetera.api.mvccpb.Event;
import dev.cetera.api.mvccpb.KeyValue;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// What all fake members hold: a few maps, honest, and no more exact than these tests need. Leases never end
/// by themselves.
final class FakeStore {
    private final List<Event> events = new ArrayList<>();
    private final NavigableMap<ByteString, KeyValue> current =
            new TreeMap<>(ByteString.unsignedLexicographicalComparator());
    private final Map<Long, Long> ttls = new TreeMap<>();
    private long revision = 1;
    private long compacted;

    long revision() {
        return revision;
    }

    long compacted() {
        return compacted;
    }

    /// Of all revisions, in order.
    List<Event> events() {
        return events;
    }

    ResponseHeader header(long member) {
        return ResponseHeader.newBuilder()
                .setMemberId(member)
                .setRevision(revision)
                .build();
    }

    /// The responses of a member.
    ///
    /// @throws StatusRuntimeException when it refuses
    List<Message> answer(long member, Message request) {
        return switch (request) {
            case PutRequest put -> {
                check(put);
                revision++;
                put(put);
                yield List.of(PutResponse.newBuilder().setHeader(header(member)).build());
            }
            case DeleteRangeRequest delete -> {
                long main = revision + 1;
                int deleted = delete(delete, main);
                revision = deleted == 0 ? revision : main;
                yield List.of(DeleteRangeResponse.newBuilder()
                        .setHeader(header(member))
                        .setDeleted(deleted)
                        .build());
            }
            case TxnRequest txn -> List.of(txn(member, txn));
            case RangeRequest range -> List.of(range(member, range));
            case CompactionRequest compaction -> {
                refuseIf(Refusal.COMPACTED, compaction.getRevision() <= compacted);
                refuseIf(Refusal.FUTURE_REVISION, compaction.getRevision() > revision);
                compacted = compaction.getRevision();
                yield List.of(CompactionResponse.newBuilder()
                        .setHeader(header(member))
                        .build());
            }
            case StatusRequest _ ->
                List.of(StatusResponse.newBuilder().setHeader(header(member)).build());
            case HashKVRequest hash -> {
                refuseIf(Refusal.COMPACTED, hash.getRevision() > 0 && hash.getRevision() <= compacted);
                yield List.of(
                        HashKVResponse.newBuilder().setHeader(header(member)).build());
            }
            case AlarmRequest _ -> List.of(AlarmResponse.getDefaultInstance());
            case DefragmentRequest _ -> List.of(DefragmentResponse.getDefaultInstance());
            case MoveLeaderRequest _ -> throw refusal(Refusal.NOT_LEADER);
            case SnapshotRequest _ -> List.of(piece("data"), piece("base"), piece("checksum"));
            default -> List.of(lease(member, request));
        };
    }

    private static SnapshotResponse piece(String text) {
        return SnapshotResponse.newBuilder()
                .setBlob(ByteString.copyFromUtf8(text))
                .build();
    }

    private Message lease(long member, Message request) {
        return switch (request) {
            case LeaseGrantRequest grant -> {
                long id = grant.getID() == 0 ? 1000 + ttls.size() + revision : grant.getID();
                refuseIf(Refusal.LEASE_EXISTS, ttls.putIfAbsent(id, grant.getTTL()) != null);
                yield LeaseGrantResponse.newBuilder()
                        .setHeader(header(member))
                        .setID(id)
                        .setTTL(grant.getTTL())
                        .build();
            }
            case LeaseKeepAliveRequest renewal ->
                LeaseKeepAliveResponse.newBuilder()
                        .setHeader(header(member))
                        .setID(renewal.getID())
                        .setTTL(ttls.getOrDefault(renewal.getID(), 0L))
                        .build();
            case LeaseTimeToLiveRequest question ->
                LeaseTimeToLiveResponse.newBuilder()
                        .setHeader(header(member))
                        .setID(question.getID())
                        .setTTL(ttls.getOrDefault(question.getID(), -1L))
                        .build();
            case LeaseLeasesRequest _ ->
                LeaseLeasesResponse.newBuilder().setHeader(header(member)).build();
            case LeaseRevokeRequest revocation -> {
                refuseIf(Refusal.LEASE_NOT_FOUND, ttls.remove(revocation.getID()) == null);
                long main = revision + 1;
                var keys = at(revision).values().stream()
                        .filter(kv -> kv.getLease() == revocation.getID())
                        .map(KeyValue::getKey)
                        .toList();
                keys.forEach(key -> removed(key, main));
                revision = keys.isEmpty() ? revision : main;
                yield LeaseRevokeResponse.newBuilder().setHeader(header(member)).build();
            }
            default -> throw new IllegalArgumentException("not a request: " + request);
        };
    }

    // ---- keys ----

    Map<ByteString, KeyValue> at(long asked) {
        if (asked >= revision) {
            return current;
        }
        var keys = new TreeMap<ByteString, KeyValue>(ByteString.unsignedLexicographicalComparator());
        for (var event : events) {
            if (event.getKv().getModRevision() > asked) {
                break;
            }
            change(keys, event);
        }
        return keys;
    }

    private static void change(Map<ByteString, KeyValue> keys, Event event) {
        if (event.getType() == Event.EventType.PUT) {
            keys.put(event.getKv().getKey(), event.getKv());
        } else {
            keys.remove(event.getKv().getKey());
        }
    }

    private void add(Event.Builder event) {
        events.add(event.build());
        change(current, events.getLast());
    }

    private void check(PutRequest put) {
        refuseIf(Refusal.LEASE_NOT_FOUND, put.getLease() != 0 && !ttls.containsKey(put.getLease()));
        refuseIf(
                Refusal.KEY_NOT_FOUND,
                (put.getIgnoreValue() || put.getIgnoreLease()) && !at(revision).containsKey(put.getKey()));
    }

    private void put(PutRequest put) {
        var before = at(revision).getOrDefault(put.getKey(), KeyValue.getDefaultInstance());
        add(Event.newBuilder()
                .setKv(KeyValue.newBuilder()
                        .setKey(put.getKey())
                        .setValue(put.getIgnoreValue() ? before.getValue() : put.getValue())
                        .setLease(put.getIgnoreLease() ? before.getLease() : put.getLease())
                        .setCreateRevision(before.getVersion() == 0 ? revision : before.getCreateRevision())
                        .setModRevision(revision)
                        .setVersion(before.getVersion() + 1)));
    }

    private int delete(DeleteRangeRequest delete, long main) {
        var range = new Keyspace.Range(delete.getKey(), delete.getRangeEnd());
        var keys = at(main).keySet().stream().filter(range::covers).toList();
        keys.forEach(key -> removed(key, main));
        return keys.size();
    }

    private void removed(ByteString key, long main) {
        add(Event.newBuilder()
                .setType(Event.EventType.DELETE)
                .setKv(KeyValue.newBuilder().setKey(key).setModRevision(main)));
    }

    private RangeResponse range(long member, RangeRequest request) {
        refuseIf(Refusal.FUTURE_REVISION, request.getRevision() > revision);
        refuseIf(Refusal.COMPACTED, request.getRevision() > 0 && request.getRevision() < compacted);
        var range = new Keyspace.Range(request.getKey(), request.getRangeEnd());
        var found = at(request.getRevision() > 0 ? request.getRevision() : revision).values().stream()
                .filter(kv -> range.covers(kv.getKey()))
                .toList();
        return RangeResponse.newBuilder()
                .setHeader(header(member))
                .addAllKvs(found)
                .setCount(found.size())
                .build();
    }

    // ---- transactions ----

    private TxnResponse txn(long member, TxnRequest txn) {
        boolean succeeded = holds(txn);
        var ops = succeeded ? txn.getSuccessList() : txn.getFailureList();
        ops.forEach(this::check);
        long before = events.size();
        revision++;
        var responses = new ArrayList<ResponseOp>();
        ops.forEach(op -> responses.add(run(member, op)));
        if (before == events.size()) {
            revision--;
        }
        return TxnResponse.newBuilder()
                .setHeader(header(member))
                .setSucceeded(succeeded)
                .addAllResponses(responses)
                .build();
    }

    private void check(RequestOp op) {
        if (op.hasRequestPut()) {
            check(op.getRequestPut());
        }
        if (op.hasRequestRange()) {
            refuseIf(Refusal.FUTURE_REVISION, op.getRequestRange().getRevision() > revision);
        }
    }

    private ResponseOp run(long member, RequestOp op) {
        return switch (op.getRequestCase()) {
            case REQUEST_PUT -> {
                put(op.getRequestPut());
                yield ResponseOp.newBuilder()
                        .setResponsePut(PutResponse.getDefaultInstance())
                        .build();
            }
            case REQUEST_DELETE_RANGE -> {
                delete(op.getRequestDeleteRange(), revision);
                yield ResponseOp.newBuilder()
                        .setResponseDeleteRange(DeleteRangeResponse.getDefaultInstance())
                        .build();
            }
            // Inner transactions do nothing here.
            case REQUEST_TXN ->
                ResponseOp.newBuilder()
                        .setResponseTxn(TxnResponse.getDefaultInstance())
                        .build();
            case REQUEST_RANGE ->
                ResponseOp.newBuilder()
                        .setResponseRange(range(
                                member,
                                op.getRequestRange().toBuilder().setRevision(0).build()))
                        .build();
            case REQUEST_NOT_SET -> throw refusal(Refusal.KEY_NOT_FOUND);
        };
    }

    /// Only what counters need is compared; everything else holds.
    private boolean holds(TxnRequest txn) {
        return txn.getCompareList().stream()
                .filter(compare -> compare.getTarget() == Compare.CompareTarget.MOD
                        && compare.getResult() == Compare.CompareResult.EQUAL)
                .allMatch(compare -> at(revision)
                                .getOrDefault(compare.getKey(), KeyValue.getDefaultInstance())
                                .getModRevision()
                        == compare.getModRevision());
    }

    private static void refuseIf(Refusal why, boolean refused) {
        if (refused) {
            throw refusal(why);
        }
    }

    private static StatusRuntimeException refusal(Refusal why) {
        return why.status().asRuntimeException();
    }
}
