package dev.cetera.peer;

import static dev.cetera.testkit.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.cluster.Member;
import dev.cetera.http.Transport;
import dev.cetera.raft.Message;
import dev.cetera.raftpb.MessageCodec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Streams of a member that is played by a socket: cut, silent, senseless.
final class BrokenStreamTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String OK =
            "HTTP/1.1 200 OK\r\nX-Server-Version: 3.3.27\r\nTransfer-Encoding: chunked\r\n\r\n";

    private final Queue<Socket> connections = new ConcurrentLinkedQueue<>();
    private final AtomicInteger streams = new AtomicInteger();
    private Transport transport;
    private ServerSocket port;
    private TestMember one;

    /// What the played member does with a connection whose request has been read.
    @FunctionalInterface
    private interface Behaviour {
        void serve(Socket socket, String request) throws IOException;
    }

    @BeforeEach
    void open() throws IOException {
        transport = Transport.best();
        port = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        one = new TestMember(1, transport, 0, options -> options.withSilenceNanos(TimeUnit.SECONDS.toNanos(1)));
    }

    @AfterEach
    void close() throws IOException {
        port.close();
        for (var socket : connections) {
            socket.close();
        }
        one.close();
        transport.close();
    }

    private void play(Behaviour behaviour) {
        Thread.ofPlatform().daemon().start(() -> {
            try {
                while (true) {
                    var socket = port.accept();
                    connections.add(socket);
                    Thread.ofPlatform().daemon().start(() -> serve(behaviour, socket));
                }
            } catch (IOException closed) {
                // The test is over.
            }
        });
        one.start(one.asMember(), Member.of(2, List.of("http://127.0.0.1:" + port.getLocalPort()), "m2"));
    }

    private void serve(Behaviour behaviour, Socket socket) {
        try {
            var request = new StringBuilder();
            while (request.indexOf("\r\n\r\n") < 0) {
                int next = socket.getInputStream().read();
                if (next < 0) {
                    return;
                }
                request.append((char) next);
            }
            if (request.toString().startsWith("GET /raft/stream/")) {
                streams.incrementAndGet();
            }
            behaviour.serve(socket, request.toString());
        } catch (IOException closed) {
            // By the other side, which is what is tested.
        }
    }

    private static void write(Socket socket, String head, byte[] chunk) throws IOException {
        var out = socket.getOutputStream();
        out.write((head + Integer.toHexString(chunk.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.write(chunk);
        out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private static byte[] frame(Message message) {
        byte[] bytes = MessageCodec.encode(message);
        return ByteBuffer.allocate(8 + bytes.length)
                .putLong(bytes.length)
                .put(bytes)
                .array();
    }

    @Test
    void aFrameThatIsCutOffIsNoMessage() {
        var message = new Message.TimeoutNow(1, 2, 3);
        play((socket, request) -> {
            byte[] frame = frame(message);
            if (request.contains("/message/")) {
                write(socket, OK, frame);
                write(socket, "", java.util.Arrays.copyOf(frame, frame.length - 3));
            }
            socket.close();
        });
        await("a second attempt, and a third", SOON, () -> streams.get() > 6);
        assertThat(one.inbound.received).isNotEmpty().allMatch(message::equals);
        assertThat(one.inbound.received.size()).isLessThanOrEqualTo(streams.get());
    }

    @Test
    void nonsenseEndsTheStream() {
        play((socket, request) -> {
            if (request.contains("/msgapp/")) {
                write(socket, OK, new byte[] {0, 0, 77});
            } else {
                write(socket, OK, frame(new Message.TimeoutNow(1, 3, 3))); // in another member's name
                write(socket, "", frame(new Message.TimeoutNow(7, 2, 3))); // for another member
                write(socket, "", frame(new Message.TimeoutNow(1, 2, 3)));
                write(socket, "", new byte[] {0, 0, 0, 0, 0, 0, 0, 1, (byte) 0x80});
            }
        });
        await("more attempts", SOON, () -> streams.get() > 6);
        assertThat(one.inbound.received).isNotEmpty().allMatch(new Message.TimeoutNow(1, 2, 3)::equals);
    }

    @Test
    void aSilentStreamIsGivenUp() {
        play((socket, request) -> {
            socket.getOutputStream().write(OK.getBytes(StandardCharsets.US_ASCII)); // and then nothing
            socket.getOutputStream().flush();
        });
        await("it was there", SOON, () -> one.peers.activeSince(2).isPresent());
        await("it is not", SOON, () -> one.peers.activeSince(2).isEmpty());
        await("another attempt", SOON, () -> streams.get() > 2);
    }

    @Test
    void oneThatNeverAnswersCostsABoundedNumberOfMessages() {
        play((socket, request) -> {});
        int sent = 0;
        while (one.inbound.timesUnreachable(2) == 0) {
            one.peers.send(List.of(new Message.Heartbeat(2, 1, 3, 0, Message.NO_CONTEXT)));
            sent++;
        }
        assertThat(sent).isBetween(64, 100);
        await("what is under way is given up too", SOON, () -> one.inbound.timesUnreachable(2) > 4);
        assertThat(one.peers.activeSince(2)).isEmpty();
    }

    @Test
    void refusalsAreSeenAndTriedAgain() {
        play((socket, request) -> socket.getOutputStream()
                .write(String.join(
                                "\r\n",
                                "HTTP/1.1 412 Precondition Failed",
                                "X-Server-Version: 3.3.27",
                                "X-Etcd-Cluster-Id: abc",
                                "Content-Length: 20",
                                "",
                                "cluster ID mismatch\n")
                        .getBytes(StandardCharsets.US_ASCII)));
        await("more attempts", SOON, () -> streams.get() > 4);
        assertThat(one.inbound.removed).isFalse();
        assertThat(one.peers.activeSince(2)).isEmpty();
    }
}
