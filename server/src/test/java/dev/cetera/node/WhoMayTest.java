package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import dev.cetera.api.Refusal;
import dev.cetera.api.authpb.Permission;
import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.AlarmRequest.AlarmAction;
import dev.cetera.api.etcdserverpb.AuthDisableRequest;
import dev.cetera.api.etcdserverpb.AuthEnableRequest;
import dev.cetera.api.etcdserverpb.AuthGrpc;
import dev.cetera.api.etcdserverpb.AuthRoleAddRequest;
import dev.cetera.api.etcdserverpb.AuthRoleDeleteRequest;
import dev.cetera.api.etcdserverpb.AuthRoleGetRequest;
import dev.cetera.api.etcdserverpb.AuthRoleGrantPermissionRequest;
import dev.cetera.api.etcdserverpb.AuthRoleListRequest;
import dev.cetera.api.etcdserverpb.AuthRoleRevokePermissionRequest;
import dev.cetera.api.etcdserverpb.AuthUserAddRequest;
import dev.cetera.api.etcdserverpb.AuthUserChangePasswordRequest;
import dev.cetera.api.etcdserverpb.AuthUserDeleteRequest;
import dev.cetera.api.etcdserverpb.AuthUserGetRequest;
import dev.cetera.api.etcdserverpb.AuthUserGrantRoleRequest;
import dev.cetera.api.etcdserverpb.AuthUserListRequest;
import dev.cetera.api.etcdserverpb.AuthUserRevokeRoleRequest;
import dev.cetera.api.etcdserverpb.AuthenticateRequest;
import dev.cetera.api.etcdserverpb.ClusterGrpc;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.Compare;
import dev.cetera.api.etcdserverpb.DefragmentRequest;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.HashKVRequest;
import dev.cetera.api.etcdserverpb.HashRequest;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseGrpc;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveRequest;
import dev.cetera.api.etcdserverpb.LeaseLeasesRequest;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.api.etcdserverpb.MaintenanceGrpc;
import dev.cetera.api.etcdserverpb.MemberAddRequest;
import dev.cetera.api.etcdserverpb.MemberListRequest;
import dev.cetera.api.etcdserverpb.MemberPromoteRequest;
import dev.cetera.api.etcdserverpb.MemberRemoveRequest;
import dev.cetera.api.etcdserverpb.MemberUpdateRequest;
import dev.cetera.api.etcdserverpb.MoveLeaderRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.SnapshotRequest;
import dev.cetera.api.etcdserverpb.StatusRequest;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import dev.cetera.api.etcdserverpb.WatchGrpc;
import dev.cetera.api.etcdserverpb.WatchRequest;
import dev.cetera.api.etcdserverpb.WatchResponse;
import io.grpc.Metadata;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Every method, every field of its request that touches keys, and every kind of caller: who may, and what the
/// others are told. A method without a row fails the test.
class WhoMayTest {
    private static final List<String> CALLERS = List.of("nobody", "stranger", "reader", "writer", "both", "root");

    private static final Set<String> ANYBODY = Set.copyOf(CALLERS);
    private static final Set<String> SOMEBODY = Set.of("stranger", "reader", "writer", "both", "root");
    private static final Set<String> READ = Set.of("reader", "both", "root");
    private static final Set<String> WRITE = Set.of("writer", "both", "root");
    private static final Set<String> BOTH = Set.of("both", "root");
    private static final Set<String> ROOT = Set.of("root");
    private static final Set<String> OWN = Set.of("reader", "root");

    private static final long NEVER_GRANTED = 1;
    private static final long OF_ROOT = 7;
    private static final long OF_K = 8;
    private static final long TO_REVOKE_OF_ROOT = 10;
    private static final long TO_REVOKE_OF_K = 11;

    /// @param what is asked for, for the report
    /// @param may  the callers that are not refused
    private record Row(String method, String what, MessageLite request, Set<String> may) {}

    private GuardedMember member;

    @BeforeEach
    void open() throws Exception {
        member = new GuardedMember();
        member.user("stranger", null, "", "");
        member.user("reader", Permission.Type.READ, "k", "l");
        member.user("writer", Permission.Type.WRITE, "k", "l");
        member.user("both", Permission.Type.READWRITE, "k", "l");
        lease(OF_ROOT, "a");
        lease(OF_K, "k1");
        lease(TO_REVOKE_OF_ROOT, "b");
        lease(TO_REVOKE_OF_K, "k4");
        member.enable();
    }

    private void lease(long id, String key) throws Exception {
        assertThat(member.call("Lease/LeaseGrant", grant(id), GuardedMember.nobody())
                        .text())
                .isEmpty();
        assertThat(member.call("KV/Put", put(key).setLease(id).build(), GuardedMember.nobody())
                        .text())
                .isEmpty();
    }

    @AfterEach
    void close() throws Exception {
        member.close();
    }

    // ---- requests ----

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static LeaseGrantRequest grant(long id) {
        return LeaseGrantRequest.newBuilder().setID(id).setTTL(1000).build();
    }

    private static RangeRequest.Builder range(String key, String end) {
        return RangeRequest.newBuilder().setKey(bytes(key)).setRangeEnd(bytes(end));
    }

    private static PutRequest.Builder put(String key) {
        return PutRequest.newBuilder().setKey(bytes(key)).setValue(bytes("v"));
    }

    private static DeleteRangeRequest.Builder delete(String key, String end) {
        return DeleteRangeRequest.newBuilder().setKey(bytes(key)).setRangeEnd(bytes(end));
    }

    private static WatchCreateRequest.Builder watch(String key, String end) {
        return WatchCreateRequest.newBuilder().setKey(bytes(key)).setRangeEnd(bytes(end));
    }

    private static RequestOp op(RangeRequest.Builder range) {
        return RequestOp.newBuilder().setRequestRange(range).build();
    }

    private static RequestOp op(PutRequest.Builder put) {
        return RequestOp.newBuilder().setRequestPut(put).build();
    }

    private static RequestOp op(DeleteRangeRequest.Builder delete) {
        return RequestOp.newBuilder().setRequestDeleteRange(delete).build();
    }

    // ---- rows ----

    private static List<Row> rows() {
        var rows = new ArrayList<Row>();
        keys(rows);
        operations(rows);
        watches(rows);
        leases(rows);
        cluster(rows);
        maintenance(rows);
        users(rows);
        return rows;
    }

    private static void keys(List<Row> rows) {
        rows.add(new Row("KV/RangeStream", "a key", range("k1", "").build(), READ));
        rows.add(
                new Row("KV/RangeStream", "all that is granted", range("k", "l").build(), READ));
        rows.add(new Row(
                "KV/RangeStream", "more than is granted", range("k", "m").build(), ROOT));
        rows.add(new Row("KV/RangeStream", "everything", range("\0", "\0").build(), ROOT));
        rows.add(new Row(
                "KV/RangeStream",
                "count_only",
                range("x", "").setCountOnly(true).build(),
                ROOT));
        rows.add(new Row("KV/Range", "a key", range("k1", "").build(), READ));
        rows.add(new Row("KV/Range", "all that is granted", range("k", "l").build(), READ));
        rows.add(new Row("KV/Range", "more than is granted", range("k", "m").build(), ROOT));
        rows.add(new Row("KV/Range", "without an end", range("k", "\0").build(), ROOT));
        rows.add(new Row("KV/Range", "everything", range("\0", "\0").build(), ROOT));
        rows.add(new Row(
                "KV/Range", "count_only", range("x", "").setCountOnly(true).build(), ROOT));
        rows.add(new Row(
                "KV/Range", "keys_only", range("x", "").setKeysOnly(true).build(), ROOT));
        rows.add(new Row("KV/Range", "limit", range("k", "m").setLimit(1).build(), ROOT));
        rows.add(new Row(
                "KV/Range", "serializable", range("x", "").setSerializable(true).build(), ROOT));
        rows.add(new Row(
                "KV/Range",
                "serializable",
                range("k1", "").setSerializable(true).build(),
                READ));
        rows.add(new Row("KV/Put", "a key", put("k2").build(), WRITE));
        rows.add(new Row("KV/Put", "another key", put("x").build(), ROOT));
        rows.add(new Row("KV/Put", "prev_kv", put("k2").setPrevKv(true).build(), BOTH));
        rows.add(new Row("KV/Put", "lease", put("k2").setLease(OF_K).build(), WRITE));
        rows.add(new Row(
                "KV/Put",
                "lease with another's key",
                put("k2").setLease(OF_ROOT).build(),
                ROOT));
        rows.add(new Row("KV/DeleteRange", "a key", delete("k2", "").build(), WRITE));
        rows.add(new Row(
                "KV/DeleteRange", "more than is granted", delete("k5", "m").build(), ROOT));
        rows.add(new Row("KV/DeleteRange", "without an end", delete("k5", "\0").build(), ROOT));
        rows.add(new Row(
                "KV/DeleteRange", "prev_kv", delete("k2", "").setPrevKv(true).build(), BOTH));
        rows.add(new Row(
                "KV/Compact", "", CompactionRequest.newBuilder().setRevision(1).build(), ROOT));
    }

    private record Operation(String what, RequestOp op, Set<String> may) {}

    /// Each operation in each branch of a transaction, at each depth.
    private static void operations(List<Row> rows) {
        var operations = List.of(
                new Operation("range", op(range("k1", "")), READ),
                new Operation("another range", op(range("k", "m")), ROOT),
                new Operation("put", op(put("k2")), WRITE),
                new Operation("another put", op(put("x")), ROOT),
                new Operation("put prev_kv", op(put("k2").setPrevKv(true)), BOTH),
                new Operation("put lease", op(put("k2").setLease(OF_K)), WRITE),
                new Operation("put another's lease", op(put("k2").setLease(OF_ROOT)), ROOT),
                new Operation("delete", op(delete("k2", "")), WRITE),
                new Operation("another delete", op(delete("k5", "m")), ROOT),
                new Operation("delete prev_kv", op(delete("k2", "").setPrevKv(true)), BOTH));
        for (int depth = 0; depth <= 3; depth++) {
            for (var operation : operations) {
                var success = TxnRequest.newBuilder().addSuccess(operation.op());
                var failure = TxnRequest.newBuilder().addFailure(operation.op());
                rows.add(txn(operation.what() + " on success", nested(success, depth), depth, operation.may()));
                rows.add(txn(operation.what() + " on failure", nested(failure, depth), depth, operation.may()));
            }
            rows.add(txn("compare", nested(compare("k1", ""), depth), depth, READ));
            rows.add(txn("another compare", nested(compare("k", "m"), depth), depth, ROOT));
            rows.add(txn("compare to the end", nested(compare("k", "\0"), depth), depth, ROOT));
        }
    }

    private static Row txn(String what, TxnRequest.Builder txn, int depth, Set<String> may) {
        return new Row("KV/Txn", what + ", depth " + depth, txn.build(), may);
    }

    private static TxnRequest.Builder compare(String key, String end) {
        return TxnRequest.newBuilder()
                .addCompare(Compare.newBuilder().setKey(bytes(key)).setRangeEnd(bytes(end)));
    }

    private static TxnRequest.Builder nested(TxnRequest.Builder txn, int depth) {
        var outer = txn;
        for (int i = 0; i < depth; i++) {
            var op = RequestOp.newBuilder().setRequestTxn(outer);
            outer = i % 2 == 0
                    ? TxnRequest.newBuilder().addSuccess(op)
                    : TxnRequest.newBuilder().addFailure(op);
        }
        return outer;
    }

    private static void watches(List<Row> rows) {
        rows.add(watch("a key", watch("k1", ""), READ));
        rows.add(watch("all that is granted", watch("k", "l"), READ));
        rows.add(watch("more than is granted", watch("k", "m"), ROOT));
        rows.add(watch("all from a key on", watch("k1", "\0"), ROOT));
        rows.add(watch("everything", watch("", "\0"), ROOT));
        rows.add(watch("the past", watch("x", "").setStartRevision(1), ROOT));
        rows.add(watch("prev_kv", watch("k1", "").setPrevKv(true), READ));
    }

    private static Row watch(String what, WatchCreateRequest.Builder create, Set<String> may) {
        return new Row(
                "Watch/Watch",
                what,
                WatchRequest.newBuilder().setCreateRequest(create).build(),
                may);
    }

    private static void leases(List<Row> rows) {
        rows.add(new Row("Lease/LeaseGrant", "", grant(0), SOMEBODY));
        rows.add(revoke(NEVER_GRANTED, SOMEBODY));
        rows.add(revoke(TO_REVOKE_OF_ROOT, ROOT));
        rows.add(revoke(TO_REVOKE_OF_K, WRITE));
        rows.add(keepAlive(NEVER_GRANTED, SOMEBODY));
        rows.add(keepAlive(OF_ROOT, ROOT));
        rows.add(keepAlive(OF_K, WRITE));
        rows.add(timeToLive("", LeaseTimeToLiveRequest.newBuilder().setID(OF_ROOT), SOMEBODY));
        rows.add(timeToLive(
                "keys", LeaseTimeToLiveRequest.newBuilder().setID(OF_ROOT).setKeys(true), ROOT));
        rows.add(timeToLive(
                "keys", LeaseTimeToLiveRequest.newBuilder().setID(OF_K).setKeys(true), READ));
        rows.add(new Row("Lease/LeaseLeases", "", LeaseLeasesRequest.getDefaultInstance(), ROOT));
    }

    private static Row revoke(long id, Set<String> may) {
        return new Row(
                "Lease/LeaseRevoke",
                "lease " + id,
                LeaseRevokeRequest.newBuilder().setID(id).build(),
                may);
    }

    private static Row keepAlive(long id, Set<String> may) {
        return new Row(
                "Lease/LeaseKeepAlive",
                "lease " + id,
                LeaseKeepAliveRequest.newBuilder().setID(id).build(),
                may);
    }

    private static Row timeToLive(String what, LeaseTimeToLiveRequest.Builder request, Set<String> may) {
        return new Row("Lease/LeaseTimeToLive", what + request.getID(), request.build(), may);
    }

    private static void cluster(List<Row> rows) {
        rows.add(new Row("Cluster/MemberList", "", MemberListRequest.getDefaultInstance(), ANYBODY));
        rows.add(new Row("Cluster/MemberAdd", "", MemberAddRequest.getDefaultInstance(), ROOT));
        rows.add(new Row(
                "Cluster/MemberRemove",
                "",
                MemberRemoveRequest.newBuilder().setID(99).build(),
                ROOT));
        rows.add(new Row(
                "Cluster/MemberUpdate",
                "",
                MemberUpdateRequest.newBuilder().setID(99).build(),
                ROOT));
        rows.add(new Row(
                "Cluster/MemberPromote",
                "",
                MemberPromoteRequest.newBuilder().setID(99).build(),
                ROOT));
    }

    private static void maintenance(List<Row> rows) {
        rows.add(new Row("Maintenance/Status", "", StatusRequest.getDefaultInstance(), ANYBODY));
        rows.add(alarm(AlarmAction.GET, SOMEBODY));
        rows.add(alarm(AlarmAction.ACTIVATE, ROOT));
        rows.add(alarm(AlarmAction.DEACTIVATE, ROOT));
        rows.add(new Row("Maintenance/Defragment", "", DefragmentRequest.getDefaultInstance(), ROOT));
        rows.add(new Row("Maintenance/Hash", "", HashRequest.getDefaultInstance(), ROOT));
        rows.add(new Row("Maintenance/HashKV", "", HashKVRequest.getDefaultInstance(), ROOT));
        rows.add(new Row("Maintenance/Snapshot", "", SnapshotRequest.getDefaultInstance(), ROOT));
        rows.add(new Row(
                "Maintenance/MoveLeader",
                "",
                MoveLeaderRequest.newBuilder().setTargetID(99).build(),
                ROOT));
    }

    /// Of nothing for nobody, which changes nothing.
    private static Row alarm(AlarmAction action, Set<String> may) {
        return new Row(
                "Maintenance/Alarm",
                action.name(),
                AlarmRequest.newBuilder().setAction(action).build(),
                may);
    }

    /// What root may do comes to nothing here, for want of such users and roles; the last row is the last
    /// thing that anybody is asked for.
    private static void users(List<Row> rows) {
        rows.add(new Row(
                "Auth/Authenticate",
                "",
                AuthenticateRequest.newBuilder()
                        .setName("reader")
                        .setPassword("?")
                        .build(),
                ANYBODY));
        rows.add(new Row(
                "Auth/UserGet",
                "own",
                AuthUserGetRequest.newBuilder().setName("reader").build(),
                OWN));
        rows.add(new Row(
                "Auth/UserGet",
                "another",
                AuthUserGetRequest.newBuilder().setName("root").build(),
                ROOT));
        rows.add(new Row(
                "Auth/RoleGet",
                "own",
                AuthRoleGetRequest.newBuilder().setRole("reader").build(),
                OWN));
        rows.add(new Row(
                "Auth/RoleGet",
                "another",
                AuthRoleGetRequest.newBuilder().setRole("x").build(),
                ROOT));
        for (var request : List.<Message>of(
                AuthUserListRequest.getDefaultInstance(),
                AuthUserAddRequest.newBuilder().setName("root").build(),
                AuthUserDeleteRequest.newBuilder().setName("x").build(),
                AuthUserChangePasswordRequest.newBuilder().setName("x").build(),
                AuthUserGrantRoleRequest.newBuilder().setUser("x").setRole("x").build(),
                AuthUserRevokeRoleRequest.newBuilder().setName("x").setRole("x").build(),
                AuthRoleListRequest.getDefaultInstance(),
                AuthRoleAddRequest.newBuilder().setName("root").build(),
                AuthRoleDeleteRequest.newBuilder().setRole("x").build(),
                AuthRoleGrantPermissionRequest.newBuilder()
                        .setName("x")
                        .setPerm(Permission.getDefaultInstance())
                        .build(),
                AuthRoleRevokePermissionRequest.newBuilder().setRole("x").build(),
                AuthEnableRequest.getDefaultInstance(),
                AuthDisableRequest.getDefaultInstance())) {
            var name = request.getDescriptorForType().getName().replaceFirst("Request$", "");
            var method = name.matches("Auth(User|Role).*") ? name.substring("Auth".length()) : name;
            rows.add(new Row("Auth/" + method, "", request, ROOT));
        }
    }

    // ---- the tests ----

    @Test
    void everyMethodHasARow() {
        var served = new TreeSet<String>();
        Stream.of(
                        KVGrpc.getServiceDescriptor(),
                        WatchGrpc.getServiceDescriptor(),
                        LeaseGrpc.getServiceDescriptor(),
                        ClusterGrpc.getServiceDescriptor(),
                        MaintenanceGrpc.getServiceDescriptor(),
                        AuthGrpc.getServiceDescriptor())
                .flatMap(service -> service.getMethods().stream())
                .forEach(method -> served.add(method.getFullMethodName().replace("etcdserverpb.", "")));
        assertThat(new TreeSet<>(rows().stream().map(Row::method).toList())).isEqualTo(served);
    }

    @Test
    void everyCallerMayWhatItMayAndNothingElse() throws Exception {
        var wrong = new LinkedHashSet<String>();
        for (var row : rows()) {
            for (var caller : CALLERS) {
                var told = call(row, headers(caller));
                var expected = row.may().contains(caller) ? "" : refusal(row.method(), caller);
                if (!told.equals(expected)) {
                    wrong.add(row.method() + " " + row.what() + " by " + caller + ": '" + told + "'");
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    private Metadata headers(String caller) throws Exception {
        return caller.equals("nobody") ? GuardedMember.nobody() : member.as(caller);
    }

    /// Empty for a call that is not refused for want of rights.
    private String call(Row row, Metadata headers) throws Exception {
        var told = member.call(row.method(), row.request(), headers);
        if (row.method().equals("Watch/Watch")) {
            var response = WatchResponse.parseFrom(told.messages().getFirst());
            assertThat(response.getCreated()).isTrue();
            return response.getCancelReason();
        }
        boolean refused = REFUSALS.contains(told.text());
        assertThat(told.messages().isEmpty() || !refused).isTrue();
        return refused ? told.text() : "";
    }

    private static final Set<String> REFUSALS = Set.of(
            Refusal.PERMISSION_DENIED.text(),
            Refusal.USER_EMPTY.text(),
            Refusal.INVALID_TOKEN.text(),
            Refusal.OLD_AUTH_REVISION.text(),
            Refusal.RAW_PERMISSION_DENIED.text(),
            Refusal.RAW_USER_EMPTY.text());

    private static String refusal(String method, String caller) {
        if (method.equals("Watch/Watch")) {
            return "rpc error: code = PermissionDenied desc = etcdserver: permission denied";
        }
        var why = caller.equals("nobody") ? Refusal.USER_EMPTY : Refusal.PERMISSION_DENIED;
        boolean raw = method.matches("Maintenance/(Defragment|Hash|HashKV|Snapshot)");
        return raw ? why.raw().text() : why.text();
    }
}
