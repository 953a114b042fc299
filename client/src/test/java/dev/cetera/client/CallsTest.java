package dev.cetera.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cetera.api.Refusal;
import dev.cetera.testkit.Await;
import dev.cetera.testkit.Evidence;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Which requests are sent again, to whom, and how they fail.
class CallsTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    @RegisterExtension
    final Evidence evidence = new Evidence();

    private FakeMember member() throws IOException {
        return evidence.closing(new FakeMember(1));
    }

    private Client client(FakeMember... members) {
        return evidence.closing(builder(members).connect());
    }

    private static ClientBuilder builder(FakeMember... members) {
        return Client.builder()
                .endpoints(List.of(members).stream().map(FakeMember::endpoint).toList())
                .dialTimeout(SOON)
                .waitUntilConnected();
    }

    @Test
    void aReadIsRepeatedWhenAMemberIsNotAvailable() throws IOException {
        var member = member();
        member.refusals.addAll(List.of(Refusal.NO_LEADER.status(), Status.UNAVAILABLE, Refusal.TIMED_OUT.status()));
        assertThat(client(member).kv().get("a").count()).isEqualTo(1);
        assertThat(member.count("Range")).isEqualTo(4);
    }

    @Test
    void aWriteThatWasSentIsNeverRepeated() throws IOException {
        var member = member();
        member.refusals.add(Status.UNAVAILABLE.withDescription("transport is closing"));
        var client = client(member);
        var failure = catchThrowableOfType(
                ConnectionException.class, () -> client.kv().put("a", "1"));
        assertThat(failure.fate()).isEqualTo(EtcdException.Fate.UNKNOWN);
        assertThat(failure.isConnectionCanceled()).isTrue();
        assertThat(member.count("Put")).isEqualTo(1);
    }

    @Test
    void aWriteGoesToAnotherMemberWhenTheFirstIsDown() throws IOException {
        int nobody = freePort();
        var member = member();
        var client = evidence.closing(Client.connect("http://127.0.0.1:" + nobody, member.endpoint()));
        for (int i = 0; i < 4; i++) {
            client.kv().within(SOON).put("a", "1");
        }
        assertThat(member.count("Put")).isEqualTo(4);
    }

    /// The member has room for one call, so that the write waits for it on this side, in the connection: gRPC
    /// has not sent it, but whoever closes the connection may, since with it the first call ends and makes room.
    @Test
    void aWriteOnAConnectionThatIsGivenUpIsNotRepeated() throws IOException {
        var here = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        var member = evidence.closing(
                new FakeMember(1, false, NettyServerBuilder.forAddress(here).maxConcurrentCallsPerConnection(1)));
        var client = evidence.closing(builder(member)
                .keepAlive(Duration.ofMillis(200), Duration.ofMillis(200))
                .connect());
        member.silent.set(true);
        var first = client.kv().within(Duration.ofMinutes(1)).async().get("a");
        Await.await("the member is busy", SOON, () -> member.count("Range") == 1);
        var failure = catchThrowableOfType(
                ConnectionException.class, () -> client.kv().within(SOON).put("a", "1"));
        assertThat(failure.fate()).isEqualTo(EtcdException.Fate.UNKNOWN);
        assertThat(member.callers.getOrDefault("Put", Set.of())).isSubsetOf(member.callers.get("Range"));
        first.cancel(true);
    }

    @Test
    void membersTakeTurns() throws IOException {
        var first = member();
        var second = evidence.closing(new FakeMember(2));
        var client = client(first, second);
        Await.await("both connected", SOON, () -> client.connectedEndpoints().size() == 2);
        for (int i = 0; i < 10; i++) {
            client.kv().get("a");
        }
        assertThat(first.count("Range")).isEqualTo(5);
        assertThat(second.count("Range")).isEqualTo(5);
    }

    @Test
    void anEndpointThatIsTakenAwayMayStillAnswer() throws Exception {
        var first = member();
        var second = evidence.closing(new FakeMember(2));
        first.slowPuts.set(true);
        var client = client(first);
        var pending = client.kv().async().put("a", "1");
        Await.await("asked", SOON, () -> first.count("Put") == 1);
        client.endpoints(List.of(second.endpoint()));
        assertThat(client.kv().within(SOON).get("a").header().memberId()).isEqualTo(2);
        first.mayAnswerPuts.countDown();
        assertThat(pending.get(30, TimeUnit.SECONDS).header().memberId()).isEqualTo(1);
    }

    @Test
    void aMemberThatHangsIsFoundOutAndLeft() throws IOException {
        var hung = member();
        var well = evidence.closing(new FakeMember(2));
        var client = evidence.closing(builder(hung, well)
                .keepAlive(Duration.ofMillis(200), Duration.ofMillis(200))
                .connect());
        Await.await("both connected", SOON, () -> client.connectedEndpoints().size() == 2);
        hung.silent.set(true);
        for (int i = 0; i < 4; i++) {
            assertThat(client.kv().within(SOON).get("a").header().memberId()).isEqualTo(2);
        }
    }

    @Test
    void aMemberThatHangsIsFoundOutThoughOthersGiveTheirCallsUpSooner() throws Exception {
        var hung = member();
        var client = evidence.closing(builder(hung)
                .keepAlive(Duration.ofMillis(500), Duration.ofMillis(500))
                .connect());
        hung.silent.set(true);
        var write = client.kv().async().put("a", "1");
        Await.await("the connection is given up", SOON, () -> {
            assertThatThrownBy(() -> client.kv().within(Duration.ofMillis(50)).get("a"))
                    .isInstanceOf(EtcdException.class);
            return write.isDone();
        });
        assertThat(write).isCompletedExceptionally();
    }

    @Test
    void aMemberThatHangsIsFoundOutThoughEachCallIsGivenUpBeforeTheNext() throws Exception {
        var hung = member();
        var client = evidence.closing(builder(hung)
                .keepAlive(Duration.ofMillis(500), Duration.ofMillis(500))
                .connect());
        client.kv().get("a");
        assertThat(hung.connections).hasValue(1);
        hung.silent.set(true);
        Await.await("the connection is made anew", SOON, () -> {
            assertThatThrownBy(() -> client.kv().within(Duration.ofMillis(50)).get("a"))
                    .isInstanceOf(EtcdException.class);
            return hung.connections.get() > 1;
        });
    }

    @Test
    void aRefusedTokenIsReplacedOnceForAll() throws IOException {
        var member = member();
        member.goodToken = "first";
        var client = evidence.closing(builder(member).login("root", "right").connect());
        assertThat(member.logins).hasValue(1);
        member.goodToken = "second";
        client.kv().put("a", "1");
        client.kv().put("a", "2");
        assertThat(member.logins).hasValue(2);
    }

    @Test
    void aWrongPasswordIsReportedWhenConnecting() throws IOException {
        var member = member();
        member.goodToken = "any";
        assertThatThrownBy(() -> builder(member).login("root", "wrong").connect())
                .isInstanceOf(RefusedException.class)
                .hasMessage("etcdserver: authentication failed, invalid user ID or password");
    }

    @Test
    void aLoginIsNotNeededWhereThereAreNoUsers() throws IOException {
        var member = member();
        var client = evidence.closing(builder(member).login("root", "any").connect());
        client.kv().put("a", "1");
        assertThat(member.count("Put")).isEqualTo(1);
    }

    @Test
    void aCallThatRunsOutOfTimeIsTheDeadlineError() throws IOException {
        var member = member();
        var client = client(member);
        member.silent.set(true);
        assertThatThrownBy(() -> client.kv().within(Duration.ofMillis(100)).get("a"))
                .isInstanceOf(DeadlineException.class)
                .hasMessage("context deadline exceeded");
    }

    @Test
    void anInterruptGivesUpTheCall() throws Exception {
        var member = member();
        var client = client(member);
        member.silent.set(true);
        var seen = new CopyOnWriteArrayList<Throwable>();
        var thread = new Thread(() -> {
            try {
                client.kv().get("a");
            } catch (EtcdException e) {
                seen.add(e);
            }
        });
        thread.start();
        Await.await("asked", SOON, () -> member.count("Range") == 1);
        thread.interrupt();
        thread.join();
        assertThat(seen).singleElement().isInstanceOf(CanceledException.class);
    }

    @Test
    void aClosedClientSaysSo() throws IOException {
        var member = member();
        var client = client(member);
        member.silent.set(true);
        var pending = client.kv().async().get("a");
        Await.await("asked", SOON, () -> member.count("Range") == 1);
        client.close();
        assertThatThrownBy(pending::join).hasCauseInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> client.kv().get("a"))
                .isInstanceOf(ClosedException.class)
                .hasMessage("grpc: the client connection is closing");
    }

    @Test
    void everyRefusalIsKnownByItsText() throws IOException {
        var member = member();
        var client = client(member);
        for (var refusal : Refusal.values()) {
            member.refusals.clear();
            // Sent under a code that is not its own, as etcd does for some of them.
            member.refusals.add(Status.UNKNOWN.withDescription(refusal.text()));
            var failure = catchThrowableOfType(
                    RefusedException.class, () -> client.kv().put("a", "1"));
            assertThat(failure.refusal()).contains(refusal);
            assertThat(failure.code().number()).isEqualTo(refusal.code().value());
        }
    }

    @Test
    void theObserverHearsOfEveryCall() throws IOException {
        var member = member();
        member.refusals.add(Status.UNAVAILABLE);
        var heard = new HashSet<String>();
        var client = evidence.closing(builder(member)
                .observer((method, endpoint, outcome, took, attempts) ->
                        heard.add(method + " " + endpoint + " " + outcome + " " + attempts))
                .connect());
        client.kv().get("a");
        assertThat(heard).containsExactly("etcdserverpb.KV/Range " + member.endpoint() + " OK 2");
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
