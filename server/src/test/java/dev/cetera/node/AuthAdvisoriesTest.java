package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.cetera.api.Refusal;
import dev.cetera.api.authpb.Permission;
import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.AlarmType;
import dev.cetera.api.etcdserverpb.AuthUserAddRequest;
import dev.cetera.api.etcdserverpb.AuthUserAddResponse;
import dev.cetera.api.etcdserverpb.AuthUserChangePasswordRequest;
import dev.cetera.api.etcdserverpb.AuthUserDeleteRequest;
import dev.cetera.api.etcdserverpb.AuthUserGrantRoleRequest;
import dev.cetera.api.etcdserverpb.AuthUserRevokeRoleRequest;
import dev.cetera.api.etcdserverpb.AuthenticateRequest;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.InternalAuthenticateRequest;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveResponse;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import dev.cetera.api.etcdserverpb.WatchRequest;
import dev.cetera.api.etcdserverpb.WatchResponse;
import dev.cetera.apply.Applied;
import dev.cetera.apply.Outcome;
import dev.cetera.disk.FakeDisk;
import dev.cetera.node.HandTurned.Kept;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.token.Tokens;
import io.grpc.Metadata;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What was found wrong with etcd's access control, by the number of its advisory or the fix that came later.
class AuthAdvisoriesTest {
    private static final String DENIED = Refusal.PERMISSION_DENIED.text();
    private static final String NOBODY = Refusal.USER_EMPTY.text();

    private GuardedMember member;

    @BeforeEach
    void open() throws Exception {
        member = new GuardedMember();
        member.user("u", Permission.Type.READWRITE, "k", "l");
        member.user("writer", Permission.Type.WRITE, "k", "l");
        put("k1", 0);
        put("secret", 0);
        member.enable();
    }

    @AfterEach
    void close() throws Exception {
        member.close();
    }

    private void put(String key, long lease) throws Exception {
        var headers = member.desk.asksWho() ? member.as("root") : GuardedMember.nobody();
        assertThat(told("KV/Put", putRequest(key).setLease(lease).build(), headers))
                .isEmpty();
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static PutRequest.Builder putRequest(String key) {
        return PutRequest.newBuilder().setKey(bytes(key)).setValue(bytes("value of " + key));
    }

    private static RangeRequest.Builder range(String key, String end) {
        return RangeRequest.newBuilder().setKey(bytes(key)).setRangeEnd(bytes(end));
    }

    private String told(String method, MessageLite request, Metadata headers) throws Exception {
        return member.call(method, request, headers).text();
    }

    private static TxnRequest nested(RequestOp.Builder op, int depth) {
        var txn = TxnRequest.newBuilder().addSuccess(op);
        for (int i = 0; i < depth; i++) {
            txn = TxnRequest.newBuilder().addSuccess(RequestOp.newBuilder().setRequestTxn(txn));
        }
        return txn.build();
    }

    /// GHSA-rfx7-8w68-q57q.
    @Test
    void cve2026_33343TransactionsInTransactionsAreNoWayAroundPermissions() throws Exception {
        for (int depth = 1; depth < 20; depth++) {
            for (var op : new RequestOp.Builder[] {
                RequestOp.newBuilder().setRequestRange(range("secret", "")),
                RequestOp.newBuilder().setRequestPut(putRequest("secret")),
                RequestOp.newBuilder()
                        .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(bytes("secret")))
            }) {
                assertThat(told("KV/Txn", nested(op, depth), member.as("u"))).isEqualTo(DENIED);
                assertThat(told("KV/Txn", nested(op, depth), GuardedMember.nobody()))
                        .isEqualTo(NOBODY);
            }
        }
    }

    /// GHSA-q8m4-xhhv-38mg.
    @Test
    void cve2026_33413AlarmsCompactionsAndLeasesNeedAName() throws Exception {
        var alarm = AlarmRequest.newBuilder()
                .setAction(AlarmRequest.AlarmAction.ACTIVATE)
                .setAlarm(AlarmType.NOSPACE)
                .build();
        assertThat(told("Maintenance/Alarm", alarm, GuardedMember.nobody())).isEqualTo(NOBODY);
        assertThat(told("Maintenance/Alarm", alarm, member.as("u"))).isEqualTo(DENIED);
        assertThat(member.desk.alarms()).isEmpty();
        var compact = CompactionRequest.newBuilder().setRevision(2).build();
        assertThat(told("KV/Compact", compact, GuardedMember.nobody())).isEqualTo(NOBODY);
        assertThat(told("KV/Compact", compact, member.as("u"))).isEqualTo(DENIED);
        var grant = LeaseGrantRequest.newBuilder().setTTL(10).build();
        assertThat(told("Lease/LeaseGrant", grant, GuardedMember.nobody())).isEqualTo(NOBODY);
    }

    /// GHSA-xg4h-6gfc-h4m8: the right to one key was taken for that to all keys from it on.
    @Test
    void ghsa_xg4h_6gfc_h4m8AWatchWithoutAnEndNeedsTheRightToAllThatFollows() throws Exception {
        member.user("one", Permission.Type.READ, "k1", "");
        assertThat(watch("one", "k1", "\0")).contains("PermissionDenied");
        assertThat(watch("one", "k1", "")).isEmpty();
    }

    private String watch(String user, String key, String end) throws Exception {
        var open = member.open("Watch/Watch", member.as(user));
        open.send(create(key, end));
        return WatchResponse.parseFrom(open.told().messages().getFirst()).getCancelReason();
    }

    private static WatchRequest create(String key, String end) {
        return WatchRequest.newBuilder()
                .setCreateRequest(
                        WatchCreateRequest.newBuilder().setKey(bytes(key)).setRangeEnd(bytes(end)))
                .build();
    }

    /// GHSA of June 2023: the keys of a lease were told to whoever asked.
    @Test
    void cve2023_32082TheKeysOfALeaseAreShownToWhoeverMayReadThem() throws Exception {
        assertThat(told(
                        "Lease/LeaseGrant",
                        LeaseGrantRequest.newBuilder().setID(5).setTTL(100).build(),
                        member.as("u")))
                .isEmpty();
        put("secret", 5);
        var keys = LeaseTimeToLiveRequest.newBuilder().setID(5).setKeys(true).build();
        assertThat(told("Lease/LeaseTimeToLive", keys, member.as("u"))).isEqualTo(DENIED);
        assertThat(told("Lease/LeaseTimeToLive", keys, GuardedMember.nobody())).isEqualTo(NOBODY);
        var shown = member.call("Lease/LeaseTimeToLive", keys, member.as("root"));
        assertThat(LeaseTimeToLiveResponse.parseFrom(shown.messages().getFirst())
                        .getKeysList())
                .containsExactly(bytes("secret"));
    }

    /// What passwords are good enough is left to whoever gives them, as in etcd after this advisory. However
    /// short one is, nothing else stands for it.
    @Test
    void cve2020_15115APasswordOfAnyLengthFitsOnlyAsItIs() throws Exception {
        var add = AuthUserAddRequest.newBuilder().setName("short").setPassword("x");
        assertThat(told("Auth/UserAdd", add.build(), member.as("root"))).isEmpty();
        var asks = AuthenticateRequest.newBuilder().setName("short");
        assertThat(told("Auth/Authenticate", asks.setPassword("x").build(), GuardedMember.nobody()))
                .isEmpty();
        try (var log = new LogLines("etcdserver")) {
            for (var guess : new String[] {"", "X", "xx", "x ", "x\0"}) {
                assertThat(told("Auth/Authenticate", asks.setPassword(guess).build(), GuardedMember.nobody()))
                        .as("guess '%s'", guess)
                        .isEqualTo(Refusal.AUTH_FAILED.text());
            }
            // What tools count that lock guessers out.
            assertThat(log.lines).hasSize(5).containsOnly("invalid authentication request to user short was issued");
        }
    }

    /// Passwords were kept where a debugging page showed them. The log of slow requests is such a page.
    @Test
    void cve2021_28235PasswordsAndTokensAreNotShown() throws Exception {
        var requests = new InternalRaftRequest.Builder[] {
            InternalRaftRequest.newBuilder()
                    .setAuthUserAdd(AuthUserAddRequest.newBuilder()
                            .setName("x")
                            .setPassword("verysecret")
                            .setHashedPassword("verysecret")),
            InternalRaftRequest.newBuilder()
                    .setAuthUserChangePassword(AuthUserChangePasswordRequest.newBuilder()
                            .setName("x")
                            .setPassword("verysecret")
                            .setHashedPassword("verysecret")),
            InternalRaftRequest.newBuilder()
                    .setAuthenticate(InternalAuthenticateRequest.newBuilder()
                            .setName("x")
                            .setPassword("verysecret")
                            .setSimpleToken("verysecret"))
        };
        try (var log = new LogLines("etcdserver")) {
            for (var request : requests) {
                var built = request.build();
                var applied =
                        new Applied.Account(1, new Outcome.Done<>(AuthUserAddResponse.getDefaultInstance()), built);
                SlowRequests.tellOfSlowApply(
                        1_000_000_000, new Entry(1, 1, EntryType.NORMAL, built.toByteArray()), applied);
            }
            assertThat(log.lines).hasSize(3).noneMatch(line -> line.contains("verysecret"));
            assertThat(log.lines.getFirst()).contains("auth_user_add");
        }
    }

    /// PR 21683: what etcd leaves unchecked in a put of a transaction.
    @Test
    void theEarlierValueAndTheLeaseOfAPutInATransactionAreChecked() throws Exception {
        var previous = RequestOp.newBuilder().setRequestPut(putRequest("k1").setPrevKv(true));
        assertThat(told("KV/Txn", nested(previous, 0), member.as("writer"))).isEqualTo(DENIED);
        assertThat(told(
                        "Lease/LeaseGrant",
                        LeaseGrantRequest.newBuilder().setID(6).setTTL(100).build(),
                        member.as("u")))
                .isEmpty();
        put("secret", 6);
        var leased = RequestOp.newBuilder().setRequestPut(putRequest("k1").setLease(6));
        assertThat(told("KV/Txn", nested(leased, 0), member.as("u"))).isEqualTo(DENIED);
        assertThat(told("KV/Txn", nested(leased, 1), member.as("u"))).isEqualTo(DENIED);
    }

    // ---- rights that change ----

    @Test
    void aWatchEndsWithTheRightToIt() throws Exception {
        var open = member.open("Watch/Watch", member.as("u"));
        open.send(create("k", "l"));
        put("k1", 0);
        assertThat(open.told().messages()).hasSize(2);
        member.account(
                InternalRaftRequest.newBuilder()
                        .setAuthUserRevokeRole(AuthUserRevokeRoleRequest.newBuilder()
                                .setName("u")
                                .setRole("u")),
                com.google.protobuf.Message.class);
        put("k1", 0);
        assertThat(open.told().messages()).hasSize(3);
        var last = WatchResponse.parseFrom(open.told().messages().getLast());
        assertThat(last.getCanceled()).isTrue();
        assertThat(last.getEventsList()).isEmpty();
        assertThat(last.getCancelReason()).contains("permission denied");
        assertThat(open.told().status()).isNull();
    }

    @Test
    void whoWatchedBeforeAnybodyWasAskedDoesNotGoOn() throws Exception {
        try (var fresh = new GuardedMember()) {
            var open = fresh.open("Watch/Watch", GuardedMember.nobody());
            open.send(create("k", "l"));
            fresh.enable();
            var last = WatchResponse.parseFrom(open.told().messages().getLast());
            assertThat(last.getCanceled()).isTrue();
        }
    }

    @Test
    void theTokensOfAUserEndWithItsPassword() throws Exception {
        var before = member.as("u");
        var change = AuthUserChangePasswordRequest.newBuilder()
                .setName("u")
                .setPassword("other")
                .build();
        assertThat(told("Auth/UserChangePassword", change, member.as("root"))).isEmpty();
        assertThat(told("KV/Range", range("k1", "").build(), before)).isEqualTo(Refusal.INVALID_TOKEN.text());
        var old =
                AuthenticateRequest.newBuilder().setName("u").setPassword("pw").build();
        assertThat(told("Auth/Authenticate", old, GuardedMember.nobody())).isEqualTo(Refusal.AUTH_FAILED.text());
        var fresh = old.toBuilder().setPassword("other").build();
        assertThat(told("Auth/Authenticate", fresh, GuardedMember.nobody())).isEmpty();
    }

    @Test
    void aUserThatIsGoneHasNoRights() throws Exception {
        var before = member.as("u");
        assertThat(told(
                        "Auth/UserDelete",
                        AuthUserDeleteRequest.newBuilder().setName("u").build(),
                        member.as("root")))
                .isEmpty();
        assertThat(told("KV/Range", range("k1", "").build(), before)).isEqualTo(Refusal.INVALID_TOKEN.text());
    }

    /// A caller whose own rights are those of the moment is not told that somebody else's have changed.
    @Test
    void aPutGoesOnWhenRightsChangeWhileItIsUnderWay() throws Exception {
        var kept = new Kept<dev.cetera.api.etcdserverpb.PutResponse>();
        var change = new Kept<com.google.protobuf.Message>();
        member.desk.account(
                InternalRaftRequest.newBuilder()
                        .setAuthUserGrantRole(AuthUserGrantRoleRequest.newBuilder()
                                .setUser("writer")
                                .setRole("u")),
                com.google.protobuf.Message.class,
                change);
        member.desk.as(new Caller.Named("u")).put(putRequest("k1").build(), kept);
        member.desk
                .as(new Caller.Dated("u", member.desk.authRevision()))
                .put(putRequest("k1").build(), kept);
        member.settle();
        assertThat(kept.values).hasSize(1);
        assertThat(kept.refusals).containsExactly(Refusal.OLD_AUTH_REVISION);
    }

    // ---- tokens ----

    @Test
    void whatIsNoTokenIsRefusedEvenWhileNobodyIsAsked() throws Exception {
        try (var fresh = new GuardedMember()) {
            for (var headers : new Metadata[] {GuardedMember.bearing("garbage"), GuardedMember.bearing("a.1")}) {
                assertThat(fresh.call("KV/Range", range("k", "").build(), headers)
                                .text())
                        .isEqualTo(Refusal.INVALID_TOKEN.text());
                assertThat(fresh.call("Lease/LeaseLeases", range("k", "").build(), headers)
                                .text())
                        .isEmpty();
            }
        }
    }

    @Test
    void aTokenOfAnEntryThatIsNotAppliedHereIsWaitedForAndNotForEver() throws Exception {
        var open = member.open("KV/Range", GuardedMember.bearing("letters.1000000"));
        open.send(range("k1", "").build());
        open.listener.onHalfClose();
        member.settle();
        assertThat(open.told().status()).isNull();
        member.member.pass(1_100);
        member.member.engine.tick();
        member.settle();
        assertThat(open.told().text()).isEqualTo(Refusal.INVALID_TOKEN.text());
    }

    @Test
    void withoutTokensNobodyGetsOne() throws Exception {
        try (var fresh = new GuardedMember(new FakeDisk(1), Tokens.none())) {
            fresh.enable();
            var request = AuthenticateRequest.newBuilder()
                    .setName("root")
                    .setPassword("pw")
                    .build();
            assertThat(fresh.call("Auth/Authenticate", request, GuardedMember.nobody())
                            .text())
                    .isEqualTo(Refusal.AUTH_FAILED.text());
        }
    }

    @Test
    void thePasswordOfAUserWithoutOneIsNotTheEmptyOne() throws Exception {
        var add = AuthUserAddRequest.newBuilder().setName("byname");
        add.getOptionsBuilder().setNoPassword(true);
        assertThat(told("Auth/UserAdd", add.build(), member.as("root"))).isEmpty();
        var request = AuthenticateRequest.newBuilder().setName("byname").build();
        assertThat(told("Auth/Authenticate", request, GuardedMember.nobody())).isEqualTo(Refusal.AUTH_FAILED.text());
    }

    /// A cluster of members of ours keeps no password in its log.
    @Test
    void passwordsAreNotOnTheDisk() throws Exception {
        var disk = new FakeDisk(1);
        try (var fresh = new GuardedMember(disk)) {
            var add = AuthUserAddRequest.newBuilder().setName("someone").setPassword("verysecret");
            assertThat(fresh.call("Auth/UserAdd", add.build(), GuardedMember.nobody())
                            .text())
                    .isEmpty();
            var change = AuthUserChangePasswordRequest.newBuilder()
                    .setName("someone")
                    .setPassword("mostsecret");
            assertThat(fresh.call("Auth/UserChangePassword", change.build(), GuardedMember.nobody())
                            .text())
                    .isEmpty();
            fresh.member.engine.commit();
            fresh.settle();
            var written = new StringBuilder();
            for (var file : disk.files().values()) {
                written.append(new String(file, StandardCharsets.ISO_8859_1));
            }
            assertThat(written).contains("someone").doesNotContain("verysecret", "mostsecret");
        }
    }

    /// A hash that a client sends is not taken for one.
    @Test
    void hashesAreMadeByMembersAlone() throws Exception {
        var add = AuthUserAddRequest.newBuilder().setName("x").setPassword("pw").setHashedPassword("eA==");
        assertThat(told("Auth/UserAdd", add.build(), member.as("root"))).isEmpty();
        assertThat(member.token("x")).isNotEmpty();
    }
}
