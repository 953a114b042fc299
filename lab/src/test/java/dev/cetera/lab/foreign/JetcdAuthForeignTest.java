package dev.cetera.lab.foreign;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.cluster.Program;
import dev.cetera.testkit.Await;
import dev.cetera.testkit.Evidence;
import dev.cetera.tls.TestAuthority;
import dev.cetera.tls.TestAuthority.Wish;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.auth.Permission;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// jetcd with a user's name and password, whose tokens end under it.
class JetcdAuthForeignTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    /// More than the second that a token lives here, and the half of one in which its end is noticed.
    private static final Duration UNUSED = Duration.ofSeconds(2);

    @RegisterExtension
    final Evidence evidence = new Evidence();

    /// A member where root may do all and alice what is below `hers/`.
    private Member member(String... flags) throws IOException, InterruptedException {
        var member = evidence.closing(Member.in(evidence.directory(), "solo"));
        member.start(Program.underTest(), flags);
        try (var client = Client.builder().endpoints(member.endpoint()).build()) {
            var auth = client.getAuthClient();
            get(auth.userAdd(bytes("root"), bytes("root's")));
            get(auth.roleAdd(bytes("root")));
            get(auth.userGrantRole(bytes("root"), bytes("root")));
            get(auth.userAdd(bytes("alice"), bytes("alice's")));
            get(auth.roleAdd(bytes("writer")));
            get(auth.roleGrantPermission(bytes("writer"), bytes("hers/"), bytes("hers0"), Permission.Type.READWRITE));
            get(auth.userGrantRole(bytes("alice"), bytes("writer")));
            get(auth.authEnable());
            assertThatThrownBy(() -> get(client.getKVClient().get(bytes("hers/"))))
                    .hasMessageContaining("etcdserver: user name is empty");
        }
        return member;
    }

    private Client client(Member member, String user, String password) {
        return evidence.closing(Client.builder()
                .endpoints(member.endpoint())
                .user(bytes(user))
                .password(bytes(password))
                .build());
    }

    @Test
    void everybodyMayDoWhatTheirRolesSay() throws Exception {
        var member = member();
        var kv = client(member, "alice", "alice's").getKVClient();
        get(kv.put(bytes("hers/1"), bytes("x")));
        var all = GetOption.builder().isPrefix(true).build();
        assertThat(get(kv.get(bytes("hers/"), all)).getKvs()).hasSize(1);
        denied(kv.put(bytes("other"), bytes("x")));
        denied(kv.get(bytes("\0"), GetOption.builder().withRange(bytes("\0")).build()));
        denied(kv.delete(bytes("other")));
        denied(kv.txn()
                .If(new Cmp(bytes("hers/1"), Cmp.Op.EQUAL, CmpTarget.version(99)))
                .Then(Op.put(bytes("other"), bytes("x"), PutOption.DEFAULT))
                .Else(Op.get(bytes("hers/1"), GetOption.DEFAULT))
                .commit());
        assertThatThrownBy(
                        () -> get(client(member, "alice", "wrong").getKVClient().get(bytes("hers/1"))))
                .hasStackTraceContaining("etcdserver: authentication failed, invalid user ID or password");

        var root = client(member, "root", "root's");
        assertThat(get(root.getAuthClient().userGet(bytes("alice"))).getRoles()).containsExactly("writer");
        get(root.getAuthClient().userRevokeRole(bytes("alice"), bytes("writer")));
        denied(kv.put(bytes("hers/1"), bytes("y")));
        get(root.getAuthClient().authDisable());
        var anybody =
                evidence.closing(Client.builder().endpoints(member.endpoint()).build());
        get(anybody.getKVClient().put(bytes("other"), bytes("z")));
    }

    @Test
    void aClientWhoseTokenEndedGetsAnotherOne() throws Exception {
        var member = member("--auth-token-ttl=1");
        var alice = client(member, "alice", "alice's");
        var kv = alice.getKVClient();
        var seen = new CopyOnWriteArrayList<String>();
        try (var _ = alice.getWatchClient()
                .watch(
                        bytes("hers/"),
                        // From the beginning: the put may be faster than the watch.
                        WatchOption.builder().isPrefix(true).withRevision(1).build(),
                        response -> response.getEvents()
                                .forEach(event ->
                                        seen.add(event.getKeyValue().getKey().toString(UTF_8))))) {
            get(kv.put(bytes("hers/1"), bytes("x")));
            long start = System.nanoTime();
            Await.await("a token's time is over", SOON, () -> System.nanoTime() - start > UNUSED.toNanos());
            get(kv.put(bytes("hers/2"), bytes("x")));
            // A member that starts again knows no token at all.
            member.kill();
            member.start(Program.underTest(), "--auth-token-ttl=1");
            get(kv.put(bytes("hers/3"), bytes("x")));
            Await.await("the watch goes on", SOON, () -> seen.contains("hers/3"));
        }
        assertThat(seen).containsExactly("hers/1", "hers/2", "hers/3");
        denied(kv.put(bytes("other"), bytes("x")));
    }

    @Test
    void signedTokensOutliveARestartAndEndWhenRightsChange() throws Exception {
        var keys = new TestAuthority(evidence.directory(), "authority").sign("token", Wish.of("token"));
        var flag = "--auth-token=jwt,sign-method=ES256,pub-key=" + keys.certificate() + ",priv-key=" + keys.key();
        var member = member(flag);
        var kv = client(member, "alice", "alice's").getKVClient();
        get(kv.put(bytes("hers/1"), bytes("x")));
        member.kill();
        member.start(Program.underTest(), flag);
        get(kv.put(bytes("hers/1"), bytes("y")));
        var root = client(member, "root", "root's").getAuthClient();
        get(root.roleGrantPermission(bytes("writer"), bytes("more"), bytes("morf"), Permission.Type.READWRITE));
        // What etcd 3.3 says then; no release of jetcd knows what to make of it.
        assertThatThrownBy(() -> get(kv.put(bytes("more"), bytes("z"))))
                .hasMessageContaining("auth: revision in header is old");
        var again = client(member, "alice", "alice's").getKVClient();
        get(again.put(bytes("more"), bytes("z")));
        denied(again.put(bytes("other"), bytes("x")));
    }

    private static void denied(CompletableFuture<?> call) {
        assertThatThrownBy(() -> get(call)).hasMessageContaining("etcdserver: permission denied");
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, UTF_8);
    }

    private static <T> T get(CompletableFuture<T> future) {
        return future.orTimeout(SOON.toSeconds(), TimeUnit.SECONDS).join();
    }
}
