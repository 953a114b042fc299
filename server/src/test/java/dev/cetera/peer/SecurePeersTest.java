package dev.cetera.peer;

import static dev.cetera.testkit.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.cluster.Member;
import dev.cetera.config.Config.PeerAddress;
import dev.cetera.http.DualPort;
import dev.cetera.http.Guard;
import dev.cetera.http.PeerServer;
import dev.cetera.http.PortTimes;
import dev.cetera.http.Transport;
import dev.cetera.raft.Message;
import dev.cetera.tls.ClientTls;
import dev.cetera.tls.ServerTls;
import dev.cetera.tls.ServerTls.Speech;
import dev.cetera.tls.TestAuthority;
import dev.cetera.tls.TestAuthority.Signed;
import dev.cetera.tls.TestAuthority.Wish;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Members that call each other by TLS.
class SecurePeersTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final ServerTls.Rules RULES = new ServerTls.Rules("", PeerAddress.MUST_BE_NAMED);

    @TempDir
    Path directory;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private Transport transport;
    private TestAuthority authority;
    private Signed own;

    @BeforeEach
    void open() {
        transport = Transport.best();
        authority = new TestAuthority(directory, "ca");
        own = authority.sign("peer", Wish.of("peer", "IP:127.0.0.1"));
    }

    @AfterEach
    void close() throws Exception {
        for (var one : opened.reversed()) {
            one.close();
        }
        transport.close();
    }

    private ClientTls dialing(Signed shown) throws IOException {
        return ClientTls.open(shown.side(authority.file()), List.of(), "", "");
    }

    private ServerTls accepting(ServerTls.Rules rules) throws IOException {
        return ServerTls.open(own.side(authority.file()), List.of(), rules);
    }

    private TestMember member(long id) throws IOException {
        var tls = accepting(RULES);
        var member = new TestMember(
                id,
                transport,
                0,
                options -> options,
                "https",
                dialing(own),
                channel -> List.of(tls.newHandler(channel.alloc(), Speech.HTTP_1, transport.handshakes(), 5000)));
        opened.add(member);
        return member;
    }

    private PeerCalls calls(Signed shown) throws IOException {
        var calls = new PeerCalls(transport, dialing(shown), 1000, () -> 0xc1);
        opened.add(calls);
        return calls;
    }

    private PeerServer server(ServerTls.Rules rules) throws IOException {
        var server = new PeerServer(
                DualPort.Early.REFUSE, List::of, PortTimes.DEFAULT, new Guard(accepting(rules), Guard.Clear.REFUSED));
        opened.add(server);
        server.serve();
        return server;
    }

    private static Member at(PeerServer server) {
        return Member.of(2, List.of("https://127.0.0.1:" + server.address().getPort()), "two");
    }

    @Test
    void streamsCarryMessagesBothWays() throws IOException {
        var one = member(1);
        var two = member(2);
        one.start(one.asMember(), two.asMember());
        two.start(one.asMember(), two.asMember());

        await("streams", SOON, () -> {
            one.peers.send(List.of(new Message.AppendAccepted(2, 1, 3, 7)));
            two.peers.send(List.of(new Message.AppendAccepted(1, 2, 3, 8)));
            return !two.inbound.received.isEmpty() && !one.inbound.received.isEmpty();
        });

        assertThat(two.inbound.received).contains(new Message.AppendAccepted(2, 1, 3, 7));
        assertThat(one.inbound.received).contains(new Message.AppendAccepted(1, 2, 3, 8));
    }

    @Test
    void questionsAreAnswered() throws Exception {
        var server = server(RULES);
        var calls = calls(own);

        assertThat(calls.versions(at(server)).get(20, TimeUnit.SECONDS).server())
                .isEqualTo("3.3.27");
        assertThat(calls.members(at(server).peerUrls().getFirst())
                        .get(20, TimeUnit.SECONDS)
                        .members())
                .isNotNull();
    }

    @Test
    void aMemberThatComesFromElsewhereIsRefused() throws IOException {
        var server = server(RULES);
        var elsewhere = authority.sign("elsewhere", Wish.of("peer", "IP:10.0.0.1"));

        assertThatThrownBy(() -> calls(elsewhere)
                        .members(at(server).peerUrls().getFirst())
                        .get(20, TimeUnit.SECONDS))
                .hasMessageContaining("EOF");
    }

    @Test
    void oneWithAnotherNameIsRefused() throws IOException {
        var server = server(new ServerTls.Rules("other", PeerAddress.ANY));

        assertThatThrownBy(() ->
                        calls(own).members(at(server).peerUrls().getFirst()).get(20, TimeUnit.SECONDS))
                .hasMessageContaining("could not get cluster response");
    }

    @Test
    void aServerOfAnotherAuthorityIsNotAsked() throws IOException {
        var server = server(RULES);
        var stranger = new TestAuthority(directory, "other");
        var tls = ClientTls.open(own.side(stranger.file()), List.of(), "", "");
        var calls = new PeerCalls(transport, tls, 1000, () -> 0xc1);
        opened.add(calls);

        assertThatThrownBy(() -> calls.members(at(server).peerUrls().getFirst()).get(20, TimeUnit.SECONDS))
                .hasMessageContaining("x509: certificate signed by unknown authority");
    }
}
