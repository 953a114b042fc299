package dev.cetera.lab.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.lab.proxy.Conditions.Passage;
import dev.cetera.testkit.Await;
import dev.cetera.testkit.Evidence;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Two sides of real sockets with a proxy between them.
class NetworkTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    /// How long silence is listened to: the shorter, the fewer mistakes are found; none is made up.
    private static final int A_MOMENT_MILLIS = 60;

    @RegisterExtension
    final Evidence evidence = new Evidence();

    private final Network network = evidence.closing(new Network());

    /// A server called "b", and how to get to it.
    private final class Ends {
        private final ServerSocket server = listen();
        private final Proxy proxy;

        Ends(String from) throws IOException {
            proxy = from.equals(Network.SOMEBODY)
                    ? network.peers("b", listen(), server.getLocalPort())
                    : network.clients(from, "b", listen(), server.getLocalPort());
        }

        private static ServerSocket listen() throws IOException {
            return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        }

        Socket call() throws IOException {
            var socket = evidence.closing(new Socket(InetAddress.getLoopbackAddress(), proxy.entrance()));
            socket.setSoTimeout((int) SOON.toMillis());
            return socket;
        }

        Socket accept() throws IOException {
            server.setSoTimeout((int) SOON.toMillis());
            var socket = evidence.closing(server.accept());
            socket.setSoTimeout((int) SOON.toMillis());
            return socket;
        }
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String hear(Socket socket, int length) throws IOException {
        return new String(socket.getInputStream().readNBytes(length), StandardCharsets.ISO_8859_1);
    }

    private static void assertSilence(Socket socket) throws IOException {
        socket.setSoTimeout(A_MOMENT_MILLIS);
        assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        socket.setSoTimeout((int) SOON.toMillis());
    }

    private static void assertReset(Socket socket) {
        assertThatThrownBy(() -> {
                    int first = socket.getInputStream().read();
                    throw new AssertionError("read " + first);
                })
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void bytesPassInBothDirectionsUntilBothSidesHaveEnded() throws Exception {
        var ends = new Ends("a");
        Socket caller = ends.call();
        Socket callee = ends.accept();
        say(caller, "question");
        assertThat(hear(callee, 8)).isEqualTo("question");
        caller.shutdownOutput();
        assertThat(callee.getInputStream().read()).isEqualTo(-1);
        say(callee, "answer");
        assertThat(hear(caller, 6)).isEqualTo("answer");
        callee.close();
        assertThat(caller.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void silenceInOneDirectionHoldsBackWhatIsSaidAndOnlyThat() throws Exception {
        var ends = new Ends("a");
        Socket caller = ends.call();
        Socket callee = ends.accept();
        network.set("b", "a", Conditions.SILENT);
        say(caller, "question");
        assertThat(hear(callee, 8)).isEqualTo("question");
        say(callee, "answer");
        assertSilence(caller);
        network.heal();
        assertThat(hear(caller, 6)).isEqualTo("answer");
    }

    @Test
    void anAnswerThatIsHeldBackIsLostWhenTheConnectionIsReset() throws Exception {
        var ends = new Ends("a");
        Socket caller = ends.call();
        Socket callee = ends.accept();
        network.set("b", "a", Conditions.SILENT);
        say(caller, "q");
        assertThat(hear(callee, 1)).isEqualTo("q");
        say(callee, "answer");
        network.reset("a", "b");
        assertReset(caller);
        assertReset(callee);
        network.heal();
        say(ends.call(), "again");
        assertThat(hear(ends.accept(), 5)).isEqualTo("again");
    }

    @Test
    void refusedConnectionsAreResetThoseThatThereAreAndThoseToCome() throws Exception {
        var ends = new Ends("a");
        Socket before = ends.call();
        Socket callee = ends.accept();
        say(before, "1");
        assertThat(hear(callee, 1)).isEqualTo("1");
        network.set("a", "b", Conditions.REFUSED);
        assertReset(before);
        assertReset(ends.call());
    }

    @Test
    void aServerThatIsDownShowsAsAReset() throws Exception {
        var ends = new Ends("a");
        ends.server.close();
        assertReset(ends.call());
    }

    @Test
    void aServerThatWasDownIsReachedAgain() throws Exception {
        var ends = new Ends("a");
        int port = ends.server.getLocalPort();
        say(ends.call(), "before");
        Socket first = ends.accept();
        assertThat(hear(first, 6)).isEqualTo("before");
        ends.server.close();
        first.close();
        for (int i = 0; i < 50; i++) {
            assertReset(ends.call());
        }
        try (var again = new ServerSocket(port, 50, InetAddress.getLoopbackAddress())) {
            say(ends.call(), "after");
            assertThat(hear(evidence.closing(again.accept()), 5)).isEqualTo("after");
        }
    }

    @Test
    void aPeerIsKnownByTheHeaderOfItsRequestsInPiecesToo() throws Exception {
        network.know("1f", "a");
        network.know("2e", "c");
        network.set("a", "b", Conditions.SILENT);
        var ends = new Ends(Network.SOMEBODY);
        Socket fromA = ends.call();
        Socket atA = ends.accept();
        // The first request names nobody.
        say(fromA, "GET /version HTTP/1.1\r\nHost: b\r\n\r\n");
        assertThat(hear(atA, 34)).endsWith("\r\n\r\n");
        say(fromA, "POST /raft HTTP/1.1\r\nx-server-f");
        assertThat(hear(atA, 31)).endsWith("x-server-f");
        say(fromA, "rom: 1F\r\n\r\n");
        assertSilence(atA);
        Socket fromC = ends.call();
        Socket atC = ends.accept();
        say(fromC, "POST /raft HTTP/1.1\r\nX-Server-From: 2e\r\n\r\n");
        assertThat(hear(atC, 42)).endsWith("2e\r\n\r\n");
    }

    @Test
    void aPeerThatIsCutOffIsResetOnceItIsKnown() throws Exception {
        network.know("1f", "a");
        network.setBetween("a", "b", Conditions.REFUSED);
        var ends = new Ends(Network.SOMEBODY);
        Socket fromA = ends.call();
        say(fromA, "POST /raft HTTP/1.1\r\nX-Server-From: 1f\r\n\r\n");
        assertReset(fromA);
    }

    @Test
    void bytesAreDelayedInOrderAndTogether() throws Exception {
        var ends = new Ends("a");
        Socket caller = ends.call();
        Socket callee = ends.accept();
        network.set("a", "b", Conditions.FAIR.withDelay(TimeUnit.MILLISECONDS.toNanos(50), 5_000_000));
        long begin = System.nanoTime();
        for (int i = 0; i < 10; i++) {
            say(caller, Integer.toString(i));
        }
        assertThat(hear(callee, 10)).isEqualTo("0123456789");
        assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(50));
    }

    @Test
    void aThrottledWayTakesItsTime() throws Exception {
        var ends = new Ends("a");
        Socket caller = ends.call();
        Socket callee = ends.accept();
        network.set("a", "b", Conditions.FAIR.withRate(200_000));
        long begin = System.nanoTime();
        say(caller, "x".repeat(40_000));
        assertThat(hear(callee, 40_000)).hasSize(40_000);
        // The last piece of at most 16 KiB is not waited for.
        assertThat(System.nanoTime() - begin).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(110));
    }

    @Test
    void aSnapshotIsBrokenInItsMiddle() throws Exception {
        network.know("1f", "a");
        network.set("a", "b", Conditions.FAIR.withSnapshotsBrokenAfter(20_000));
        var ends = new Ends(Network.SOMEBODY);
        Socket caller = ends.call();
        Socket callee = ends.accept();
        say(caller, "POST /raft/snapshot HTTP/1.1\r\nX-Server-From: 1f\r\n\r\n");
        assertThat(hear(callee, 51)).endsWith("\r\n\r\n");
        assertThat(network.awaitSnapshot("b", 0, SOON.toNanos())).isTrue();
        byte[] page = new byte[4096];
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 10_000; i++) {
                        caller.getOutputStream().write(page);
                    }
                })
                .isInstanceOf(IOException.class);
        Await.await("it is counted", SOON, () -> network.snapshotsBroken() == 1);
        assertThat(network.awaitSnapshot("b", 1, 1)).isFalse();
    }

    @Test
    void conditionsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> Conditions.FAIR.withRate(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rate");
        assertThat(Conditions.SILENT.passage()).isEqualTo(Passage.SILENT);
    }
}
