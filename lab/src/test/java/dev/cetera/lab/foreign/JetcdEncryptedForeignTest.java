package dev.cetera.lab.foreign;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.lab.cluster.Encryption;
import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.cluster.Program;
import dev.cetera.testkit.Await;
import dev.cetera.testkit.Evidence;
import dev.cetera.tls.TestAuthority;
import dev.cetera.tls.TestAuthority.Signed;
import dev.cetera.tls.TestAuthority.Wish;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.auth.Permission;
import io.etcd.jetcd.options.WatchOption;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// jetcd by TLS, with certificates on both sides, right and wrong ones.
class JetcdEncryptedForeignTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final ByteSequence KEY = bytes("k");

    @RegisterExtension
    final Evidence evidence = new Evidence();

    private TestAuthority authority;
    private Member member;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        authority = new TestAuthority(evidence.directory(), "authority");
        member = evidence.closing(Member.in(evidence.directory(), "solo", encryption(sign("member"))));
        member.start(Program.underTest());
    }

    private Encryption encryption(Signed signed) {
        return new Encryption(authority.file(), signed.certificate(), signed.key());
    }

    private Signed sign(String name) {
        return authority.sign(name, Wish.of(name, "IP:127.0.0.1", "DNS:localhost"));
    }

    /// Fails instead of trying for ever.
    private Client client(Consumer<SslContextBuilder> certificates) throws IOException {
        return evidence.closing(Client.builder()
                .endpoints(member.endpoint())
                .authority("localhost")
                .waitForReady(false)
                .retryMaxAttempts(1)
                .sslContext(certificates)
                .build());
    }

    private Consumer<SslContextBuilder> showing(Signed own, TestAuthority trusted) {
        return tls -> tls.trustManager(trusted.file().toFile())
                .keyManager(own.certificate().toFile(), own.key().toFile());
    }

    @Test
    void callsAndStreamsGoThrough() throws Exception {
        var client = client(showing(sign("client"), authority));
        var events = new CopyOnWriteArrayList<String>();
        try (var _ = client.getWatchClient()
                .watch(
                        KEY,
                        WatchOption.builder().withRevision(1).build(),
                        response -> response.getEvents()
                                .forEach(event -> events.add(
                                        event.getKeyValue().getValue().toString(UTF_8))))) {
            get(client.getKVClient().put(KEY, bytes("1")));
            get(client.getKVClient().put(KEY, bytes("2")));
            Await.await("both events", SOON, () -> events.size() == 2);
            assertThat(events).containsExactly("1", "2");
        }
        var lease = get(client.getLeaseClient().grant(60));
        assertThat(get(client.getLeaseClient().keepAliveOnce(lease.getID())).getTTL())
                .isEqualTo(60);
        var members = get(client.getClusterClient().listMember()).getMembers();
        assertThat(members.getFirst().getClientURIs())
                .extracting(Object::toString)
                .containsExactly(member.endpoint());
    }

    @Test
    void whoShowsNoneOrAStrangersCertificateIsRefused() throws Exception {
        var stranger = new TestAuthority(evidence.directory(), "stranger");
        var strange = stranger.sign("strange", Wish.of("client", "IP:127.0.0.1"));
        var expired =
                authority.sign("expired", Wish.of("client", "IP:127.0.0.1").expired());
        refused(client(tls -> tls.trustManager(authority.file().toFile())));
        refused(client(showing(strange, authority)));
        refused(client(showing(expired, authority)));
        // And a client that trusts somebody else does not go on with this server.
        refused(client(showing(sign("client"), stranger)));
        // The member is none the worse for it.
        get(client(showing(sign("client"), authority)).getKVClient().put(KEY, bytes("1")));
    }

    private static void refused(Client client) {
        assertThatThrownBy(() -> get(client.getKVClient().get(KEY))).hasMessageContaining("UNAVAILABLE");
    }

    /// With authentication on, a certificate's common name is a user without a password.
    @Test
    void theNameInACertificateIsTheUser() throws Exception {
        var root = client(showing(sign("root"), authority));
        var auth = root.getAuthClient();
        for (String user : new String[] {"root", "alice"}) {
            get(auth.userAdd(bytes(user), bytes("secret")));
            get(auth.roleAdd(bytes(user)));
            get(auth.userGrantRole(bytes(user), bytes(user)));
        }
        get(auth.roleGrantPermission(bytes("alice"), KEY, bytes("l"), Permission.Type.READWRITE));
        get(auth.authEnable());

        var alice = client(showing(sign("alice"), authority)).getKVClient();
        get(alice.put(KEY, bytes("hers")));
        assertThatThrownBy(() -> get(alice.put(bytes("x"), bytes("not hers"))))
                .hasMessageContaining("etcdserver: permission denied");
        var nobody = client(showing(sign("nobody"), authority)).getKVClient();
        assertThatThrownBy(() -> get(nobody.get(KEY))).hasMessageContaining("etcdserver: permission denied");
        assertThat(get(root.getKVClient().get(KEY)).getKvs()).hasSize(1);
        get(auth.authDisable());
        get(nobody.get(KEY));
    }

    /// Certificates are exchanged under a running server: who connects after that gets the new ones.
    @Test
    void aNewCertificateIsShownWithoutARestart() throws Exception {
        var first = client(showing(sign("client"), authority)).getKVClient();
        get(first.put(KEY, bytes("1")));
        var next = new TestAuthority(evidence.directory(), "authority");
        next.sign("member", Wish.of("member", "IP:127.0.0.1", "DNS:localhost"));
        var renewed = next.sign("client", Wish.of("client", "IP:127.0.0.1"));
        Await.await("the next authority's clients are let in", SOON, () -> {
            var client = client(showing(renewed, next));
            return get(client.getKVClient().get(KEY)).getCount() == 1;
        });
        // A connection that is there stays.
        get(first.put(KEY, bytes("2")));
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, UTF_8);
    }

    private static <T> T get(CompletableFuture<T> future) {
        return future.orTimeout(SOON.toSeconds(), TimeUnit.SECONDS).join();
    }
}
