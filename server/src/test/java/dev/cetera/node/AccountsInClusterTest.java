package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.authpb.Permission;
import dev.cetera.api.etcdserverpb.AuthEnableRequest;
import dev.cetera.api.etcdserverpb.AuthRoleAddRequest;
import dev.cetera.api.etcdserverpb.AuthRoleGrantPermissionRequest;
import dev.cetera.api.etcdserverpb.AuthUserAddRequest;
import dev.cetera.api.etcdserverpb.AuthUserChangePasswordRequest;
import dev.cetera.api.etcdserverpb.AuthUserGrantRoleRequest;
import dev.cetera.api.etcdserverpb.AuthenticateRequest;
import dev.cetera.api.etcdserverpb.AuthenticateResponse;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.PutResponse;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.api.etcdserverpb.TxnResponse;
import dev.cetera.auth.Bcrypt;
import dev.cetera.node.HandTurned.Kept;
import dev.cetera.schema.Bucket;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// Users and tokens over several members.
class AccountsInClusterTest {
    private final List<Throwable> fatal = new ArrayList<>();

    private Desk desk(Several.One one) {
        return new Desk(one.engine(), new LongWork(Runnable::run, fatal::add));
    }

    private void ask(Several cluster, Several.One through, InternalRaftRequest.Builder request) throws Exception {
        ask(cluster, desk(through), request);
    }

    private void ask(Several cluster, Node node, InternalRaftRequest.Builder request) throws Exception {
        var kept = new Kept<Message>();
        node.account(request, Message.class, kept);
        cluster.settle();
        assertThat(kept.refusals).isEmpty();
        assertThat(kept.values).hasSize(1);
        assertThat(fatal).isEmpty();
    }

    private void addRoot(Several cluster, Several.One through) throws Exception {
        ask(
                cluster,
                through,
                InternalRaftRequest.newBuilder()
                        .setAuthUserAdd(
                                AuthUserAddRequest.newBuilder().setName("root").setPassword("pw")));
        ask(
                cluster,
                through,
                InternalRaftRequest.newBuilder()
                        .setAuthUserGrantRole(AuthUserGrantRoleRequest.newBuilder()
                                .setUser("root")
                                .setRole("root")));
    }

    private void enable(Several cluster) throws Exception {
        addRoot(cluster, cluster.follower());
        ask(
                cluster,
                cluster.follower(),
                InternalRaftRequest.newBuilder().setAuthEnable(AuthEnableRequest.getDefaultInstance()));
    }

    private static List<ByteString> users(Several.One one) throws IOException {
        var rows = new ArrayList<ByteString>();
        one.engine().machine().backend().forEach(Bucket.AUTH_USERS, (_, row) -> rows.add(ByteString.copyFrom(row)));
        return rows;
    }

    private static ByteString rootsHash(Several.One one) {
        return Objects.requireNonNull(one.engine().machine().accounts().now().passwordHash("root"));
    }

    @Test
    void membersOfOursKeepTheSameUsersByteForByte() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            cluster.program = "cetera";
            addRoot(cluster, cluster.follower());
            ask(
                    cluster,
                    cluster.leader(),
                    InternalRaftRequest.newBuilder()
                            .setAuthUserChangePassword(AuthUserChangePasswordRequest.newBuilder()
                                    .setName("root")
                                    .setPassword("other")));
            var rows = new HashSet<List<ByteString>>();
            for (var one : cluster.all.values()) {
                rows.add(users(one));
            }
            assertThat(rows).hasSize(1);
            assertThat(new Bcrypt(4, new SecureRandom()).matches(rootsHash(cluster.leader()), "other"))
                    .isTrue();
        }
    }

    @Test
    void withAMemberOfEtcdEachHashesForItself() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            addRoot(cluster, cluster.follower());
            var hashes = new HashSet<ByteString>();
            for (var one : cluster.all.values()) {
                hashes.add(rootsHash(one));
                assertThat(new Bcrypt(4, new SecureRandom()).matches(rootsHash(one), "pw"))
                        .isTrue();
            }
            assertThat(hashes).hasSize(3);
        }
    }

    @Test
    void aTokenIsGoodOnEveryMember() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            enable(cluster);
            var given = new Kept<AuthenticateResponse>();
            desk(cluster.follower())
                    .authenticate(
                            AuthenticateRequest.newBuilder()
                                    .setName("root")
                                    .setPassword("pw")
                                    .build(),
                            given);
            cluster.settle();
            var token = given.values.getFirst().getToken();
            for (var one : cluster.all.values()) {
                var known = new Kept<Caller>();
                desk(one).identify(token, known);
                assertThat(known.values).containsExactly(new Caller.Named("root"));
                desk(one).identify(token + "1", known);
                cluster.pass(1_200);
                assertThat(known.refusals).containsExactly(Refusal.INVALID_TOKEN);
            }
        }
    }

    @Test
    void aMemberThatLagsDoesNotDenyWhatWasGranted() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            enable(cluster);
            var root = desk(cluster.leader()).as(new Caller.Named("root"));
            var user = AuthUserAddRequest.newBuilder().setName("u").setPassword("pw");
            ask(cluster, root, InternalRaftRequest.newBuilder().setAuthUserAdd(user));
            ask(
                    cluster,
                    root,
                    InternalRaftRequest.newBuilder()
                            .setAuthRoleAdd(AuthRoleAddRequest.newBuilder().setName("r")));
            ask(
                    cluster,
                    root,
                    InternalRaftRequest.newBuilder()
                            .setAuthUserGrantRole(AuthUserGrantRoleRequest.newBuilder()
                                    .setUser("u")
                                    .setRole("r")));
            var lagging = cluster.follower();
            lagging.stuck.add(Engine.Stage.APPLY);
            var key = ByteString.copyFromUtf8("key");
            ask(
                    cluster,
                    root,
                    InternalRaftRequest.newBuilder()
                            .setAuthRoleGrantPermission(AuthRoleGrantPermissionRequest.newBuilder()
                                    .setName("r")
                                    .setPerm(Permission.newBuilder()
                                            .setPermType(Permission.Type.WRITE)
                                            .setKey(key))));
            var granted = new Kept<PutResponse>();
            var denied = new Kept<PutResponse>();
            var asUser = desk(lagging).as(new Caller.Named("u"));
            asUser.put(PutRequest.newBuilder().setKey(key).build(), granted);
            asUser.put(PutRequest.newBuilder().setKey(key).setPrevKv(true).build(), denied);
            cluster.settle();
            assertThat(granted.refusals).isEmpty();
            lagging.stuck.clear();
            cluster.settle();
            assertThat(granted.values).hasSize(1);
            assertThat(denied.refusals).containsExactly(Refusal.PERMISSION_DENIED);
        }
    }

    /// No member looks for rights to what a transaction in a transaction does when it applies the entry, as
    /// etcd's don't.
    @Test
    void aMemberThatLagsDoesNotLetInWhomTheLogWouldNotStop() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            addRoot(cluster, cluster.follower());
            var lagging = cluster.follower();
            lagging.stuck.add(Engine.Stage.APPLY);
            ask(
                    cluster,
                    cluster.leader(),
                    InternalRaftRequest.newBuilder().setAuthEnable(AuthEnableRequest.getDefaultInstance()));
            var put = RequestOp.newBuilder()
                    .setRequestPut(PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("key")));
            var nested =
                    RequestOp.newBuilder().setRequestTxn(TxnRequest.newBuilder().addSuccess(put));
            var told = new Kept<TxnResponse>();
            var nobody = desk(lagging).as(new Caller.Nobody());
            nobody.txn(TxnRequest.newBuilder().addSuccess(nested).build(), told);
            cluster.settle();
            lagging.stuck.clear();
            cluster.settle();
            assertThat(told.refusals).containsExactly(Refusal.USER_EMPTY);
            assertThat(cluster.leader().get("key")).isNull();
        }
    }

    /// The member revokes on root's account, whoever the keys belong to.
    @Test
    void leasesEndWhileEverybodyIsAsked() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            cluster.leader().engine().propose(HandTurned.grant(7, 5), new Kept<>());
            cluster.settle();
            cluster.leader().engine().propose(HandTurned.put("key", "value", 7), new Kept<>());
            cluster.settle();
            enable(cluster);
            assertThat(cluster.leader().get("key")).isEqualTo("value");
            cluster.pass(7_000);
            for (var one : cluster.all.values()) {
                assertThat(one.get("key")).isNull();
            }
        }
    }
}
