package dev.cetera.peer;

import static dev.cetera.testkit.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.cluster.Member;
import dev.cetera.http.Transport;
import dev.cetera.raft.ConfState;
import dev.cetera.raft.Message;
import dev.cetera.raft.Snapshot;
import dev.cetera.raft.SnapshotMeta;
import dev.cetera.raftpb.MessageCodec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the peer port answers to requests that are made by hand.
final class RaftHandlerTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String GOOD = lines(
            "X-Etcd-Cluster-ID: 9ae45c0afb30b22d",
            "X-Server-Version: 3.3.27",
            "X-Min-Cluster-Version: 3.0.0",
            "X-Server-From: 1");

    private static String lines(String... lines) {
        return String.join("\r\n", lines) + "\r\n";
    }

    private Transport transport;
    private TestMember member;

    @BeforeEach
    void open() {
        transport = Transport.best();
        member = new TestMember(
                2,
                transport,
                0,
                options -> options.withSilenceNanos(TimeUnit.SECONDS.toNanos(2)).withPostedBytes(100_000));
        member.peers.start(member.inbound);
        member.know(member.asMember(), Member.of(1, List.of("http://127.0.0.1:1"), "m1"));
        member.inbound.remove(9);
    }

    @AfterEach
    void close() {
        member.close();
        transport.close();
    }

    private Socket connect() throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), member.portNumber());
        socket.setSoTimeout(20_000);
        socket.setTcpNoDelay(true);
        return socket;
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    /// One response with its whole body.
    private static String response(Socket socket, boolean withBody) throws IOException {
        var head = new ByteArrayOutputStream();
        var in = socket.getInputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                return head.toString(StandardCharsets.ISO_8859_1) + "EOF";
            }
            head.write(next);
        }
        var text = head.toString(StandardCharsets.ISO_8859_1);
        int length = 0;
        for (var line : text.lines().toList()) {
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(line.substring(15).strip());
            }
        }
        return withBody ? text + new String(in.readNBytes(length), StandardCharsets.ISO_8859_1) : text;
    }

    private String ask(String request) throws IOException {
        try (var socket = connect()) {
            write(socket, request);
            return response(socket, !request.startsWith("HEAD"));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            GET  /raft                       | good | 405 | Method Not Allowed       | allow: POST
            PUT  /raft/snapshot              | good | 405 | Method Not Allowed       | allow: POST
            POST /raft/stream/message/1      | good | 405 | Method Not Allowed       | allow: GET
            GET  /raft/stream/message/1      | X-Etcd-Cluster-ID: 9ae45c0afb30b22d | 412 | incompatible version |
            GET  /raft/stream/message/1      | X-Etcd-Cluster-ID: 9ae45c0afb30b22d;X-Server-Version: 2.3.7 | 412 | incompatible version |
            GET  /raft/stream/message/1      | X-Etcd-Cluster-ID: 9ae45c0afb30b22d;X-Server-Version: 3.9.0;X-Min-Cluster-Version: 3.4.0 | 412 | incompatible version |
            GET  /raft/stream/message/1      | X-Etcd-Cluster-ID: 9ae45c0afb30b22e;X-Server-Version: 3.3.0 | 412 | cluster ID mismatch | x-etcd-cluster-id: 9ae45c0afb30b22d
            GET  /raft/stream/message/1      | X-Etcd-Cluster-ID: 9AE45C0AFB30B22D;X-Server-Version: 3.3.0 | 412 | cluster ID mismatch | x-server-version: 3.3.27
            POST /raft                       | X-Etcd-Cluster-ID: 1;X-Server-Version: 3.3.0 | 412 | cluster ID mismatch | x-etcd-cluster-id: 9ae45c0afb30b22d
            POST /raft/snapshot              | X-Server-Version: 3.3.0;Content-Length: 0 | 412 | cluster ID mismatch |
            GET  /raft/stream/msgappv2/1     | good | 404 | invalid path             | x-etcd-cluster-id: 9ae45c0afb30b22d
            GET  /raft/stream/               | good | 404 | invalid path             |
            GET  /raft/stream/message/1/     | good | 404 | invalid path             |
            GET  /raft/stream/message/xyz    | good | 404 | invalid from             |
            GET  /raft/stream/message/       | good | 404 | invalid from             |
            GET  /raft/stream/message/11111111111111111 | good | 404 | invalid from  |
            GET  /raft/stream/message/9      | good | 410 | removed member           |
            GET  /raft/stream/message/7      | good | 404 | error sender not found   |
            GET  /raft/stream/message/1      | good | 412 | to field mismatch        |
            GET  /raft/stream/msgapp/1       | good;X-Raft-To: 3 | 412 | to field mismatch |
            POST /raft                       | good;Content-Length: 2147483648 | 400 | error reading raft message | connection: close
            POST /raft                       | good;Content-Length: 0 | 204 || x-etcd-cluster-id: 9ae45c0afb30b22d
            """)
    void refusalsAreAsInEtcd(String request, String headers, int status, String body, String header)
            throws IOException {
        var line = request.replaceAll(" +", " ") + " HTTP/1.1\r\nHost: h\r\n";
        var extra = headers.replace("good;", GOOD).replace("good", GOOD).replace(";", "\r\n");
        var response = ask(line + (extra.endsWith("\n") ? extra : extra + "\r\n") + "\r\n");
        assertThat(response).startsWith("HTTP/1.1 " + status + " ");
        if (body != null) {
            assertThat(response)
                    .endsWith("\r\n\r\n" + body + "\n")
                    .containsIgnoringCase("content-type: text/plain; charset=utf-8\r\n")
                    .containsIgnoringCase("x-content-type-options: nosniff\r\n");
        }
        if (header != null) {
            assertThat(response).containsIgnoringCase(header + "\r\n");
        }
        assertThat(response).containsIgnoringCase("\r\ndate: ");
    }

    @ParameterizedTest
    @CsvSource({"X-Server-Version: three", "X-Server-Version: 3.3", "X-Min-Cluster-Version: 3.-1.0"})
    void garbageForAVersionEndsTheConnection(String header) throws IOException {
        assertThat(ask("POST /raft HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n"
                        + "X-Etcd-Cluster-ID: 9ae45c0afb30b22d\r\n" + header + "\r\n\r\n"))
                .isEqualTo("EOF");
    }

    @Test
    void newerReleasesAreAccepted() throws IOException {
        assertThat(ask("POST /raft HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n"
                        + GOOD.replace("3.3.27", "3.6.1-rc.0+git") + "\r\n"))
                .startsWith("HTTP/1.1 204 No Content\r\n");
    }

    @Test
    void otherPathsArePassedOn() throws IOException {
        try (var socket = connect()) {
            write(socket, "POST /raft/xyz HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
            assertThat(response(socket, true)).endsWith("other /raft/xyz 3\n");
            write(socket, "GET /raft/probing HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(response(socket, true))
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .containsPattern("\\{\"OK\":true,\"Now\":\"[0-9-]+T[0-9:.]+Z\"}\n$");
            write(socket, "GET /members HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(response(socket, true)).endsWith("other /members 0\n");
            write(socket, "HEAD /raft/probing HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(response(socket, false)).containsIgnoringCase("content-length: ");
            write(socket, post(MessageCodec.encode(new Message.TimeoutNow(2, 1, 5))));
            assertThat(response(socket, true)).startsWith("HTTP/1.1 204");
        }
        assertThat(member.inbound.received).containsExactly(new Message.TimeoutNow(2, 1, 5));
    }

    private static String post(byte[] body) {
        return "POST /raft HTTP/1.1\r\nHost: h\r\n" + GOOD + "Content-Type: application/protobuf\r\nContent-Length: "
                + body.length + "\r\n\r\n" + new String(body, StandardCharsets.ISO_8859_1);
    }

    private String ask(byte[] body) throws IOException {
        return ask(post(body));
    }

    @Test
    void postedMessagesAreTakenOrRefused() throws IOException {
        assertThat(ask(MessageCodec.encode(new Message.AppendAccepted(2, 1, 3, 4))))
                .startsWith("HTTP/1.1 204");
        assertThat(member.inbound.received).containsExactly(new Message.AppendAccepted(2, 1, 3, 4));
        assertThat(ask("garbage".getBytes(StandardCharsets.US_ASCII)))
                .startsWith("HTTP/1.1 400 ")
                .endsWith("\r\n\r\nerror unmarshaling raft message\n");
        for (var refused : List.of(
                new Message.TimeoutNow(3, 1, 5), // for somebody else
                new Message.TimeoutNow(2, 9, 5), // from a removed member
                new Message.InstallSnapshot(2, 1, 5, snapshot()))) {
            assertThat(ask(MessageCodec.encode(refused)))
                    .startsWith("HTTP/1.1 500 ")
                    .containsIgnoringCase("connection: close\r\n")
                    .endsWith("\r\n\r\nerror processing raft message\n");
        }
        member.inbound.full = true;
        assertThat(ask(MessageCodec.encode(new Message.TimeoutNow(2, 1, 5)))).startsWith("HTTP/1.1 500 ");
        assertThat(member.inbound.received).hasSize(1);
    }

    @Test
    void aBodyThatGoesOnForEverIsCutOff() throws IOException {
        try (var socket = connect()) {
            write(socket, "POST /raft HTTP/1.1\r\nHost: h\r\n" + GOOD + "Transfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < 110; i++) {
                write(socket, "400\r\n" + "x".repeat(1024) + "\r\n");
            }
            assertThat(response(socket, true)).startsWith("HTTP/1.1 400 ").endsWith("error reading raft message\n");
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void silentConnectionsAreClosed() throws IOException {
        try (var idle = connect();
                var half = connect()) {
            write(half, "POST /raft HTTP/1.1\r\nHost: h\r\n" + GOOD + "Content-Length: 100\r\n\r\nabc");
            assertThat(idle.getInputStream().read()).isEqualTo(-1);
            assertThat(half.getInputStream().read()).isEqualTo(-1);
        }
    }

    private static String stream(String kind) {
        return "GET /raft/stream/" + kind + "/1 HTTP/1.1\r\nHost: h\r\n" + GOOD + "X-Raft-To: 2\r\n\r\n";
    }

    @Test
    void aStreamLivesByItsHeartbeats() throws IOException {
        try (var socket = connect()) {
            write(socket, stream("msgapp"));
            assertThat(response(socket, false))
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .containsIgnoringCase("transfer-encoding: chunked\r\n")
                    .containsIgnoringCase("x-server-version: 3.3.27\r\n")
                    .containsIgnoringCase("x-etcd-cluster-id: 9ae45c0afb30b22d\r\n");
            for (int i = 0; i < 5; i++) { // longer than a connection may be silent
                assertThat(socket.getInputStream().readNBytes(6))
                        .containsExactly("1\r\n\0\r\n".getBytes(StandardCharsets.US_ASCII));
            }
        }
    }

    @Test
    void aNewRequestForAStreamReplacesTheOldOne() throws IOException {
        try (var first = connect();
                var second = connect()) {
            write(first, stream("message"));
            assertThat(response(first, false)).startsWith("HTTP/1.1 200 OK\r\n");
            write(second, stream("message"));
            assertThat(response(second, false)).startsWith("HTTP/1.1 200 OK\r\n");
            while (first.getInputStream().read() >= 0) {} // heartbeats, then the end
            member.peers.send(List.of(new Message.TimeoutNow(1, 2, 5)));
            byte[] message = MessageCodec.encode(new Message.TimeoutNow(1, 2, 5));
            var length = Integer.toHexString(message.length + 8);
            byte[] chunk = second.getInputStream().readNBytes(length.length() + 2 + 8 + message.length);
            assertThat(new String(chunk, StandardCharsets.ISO_8859_1))
                    .isEqualTo(length + "\r\n\0\0\0\0\0\0\0" + (char) message.length
                            + new String(message, StandardCharsets.ISO_8859_1));
        }
    }

    // ---- databases ----

    private static Snapshot snapshot() {
        return new Snapshot(
                new SnapshotMeta(7, 3, ConfState.of(List.of(1L, 2L))), "{}".getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] database(Message message, byte[] bytes) {
        byte[] head = MessageCodec.encode(message);
        return ByteBuffer.allocate(8 + head.length + bytes.length)
                .putLong(head.length)
                .put(head)
                .put(bytes)
                .array();
    }

    private static String chunked(byte[] body, boolean whole) {
        var text = new StringBuilder(
                "POST /raft/snapshot HTTP/1.1\r\nHost: h\r\n" + GOOD + "Transfer-Encoding: chunked\r\n\r\n");
        for (int at = 0; at < body.length; at += 1000) {
            int length = Math.min(1000, body.length - at);
            text.append(Integer.toHexString(length)).append("\r\n");
            text.append(new String(body, at, length, StandardCharsets.ISO_8859_1))
                    .append("\r\n");
        }
        return whole ? text.append("0\r\n\r\n").toString() : text.toString();
    }

    @Test
    void aDatabaseIsReceivedByteForByte() throws IOException {
        byte[] bytes = new byte[123_457];
        new java.util.Random(5).nextBytes(bytes);
        var install = new Message.InstallSnapshot(2, 1, 5, snapshot());
        assertThat(ask(chunked(database(install, bytes), true))).startsWith("HTTP/1.1 204 ");
        assertThat(member.inbound.snapshots).containsExactly(install);
        assertThat(member.inbound.databases.peek()).isEqualTo(bytes);
        assertThat(member.inbound.inletsOpen.get()).isZero();
    }

    @Test
    void aDatabaseThatIsCutOffIsGivenUp() throws IOException {
        try (var socket = connect()) {
            var install = new Message.InstallSnapshot(2, 1, 5, snapshot());
            write(socket, chunked(database(install, new byte[5000]), false));
            await("the database has begun", SOON, () -> member.inbound.databaseBytes.sum() == 5000);
        }
        await("it is given up", SOON, () -> member.inbound.abandoned.get() == 1);
        assertThat(member.inbound.databases).isEmpty();
    }

    @Test
    void aDatabaseThatCannotBeSavedIsRefusedWithTheReason() throws IOException {
        member.inbound.badDatabase = "it is none";
        var install = new Message.InstallSnapshot(2, 1, 5, snapshot());
        assertThat(ask(chunked(database(install, new byte[10]), true)))
                .startsWith("HTTP/1.1 500 ")
                .endsWith("\r\n\r\nfailed to save KV snapshot (it is none)\n");
        assertThat(member.inbound.abandoned.get()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            00                                             | 400 | failed to decode raft message (unexpected EOF)
            0000000020000001                               | 400 | failed to decode raft message (rafthttp: error limit exceeded)
            0000000000000002 0a00                          | 400 | failed to decode raft message (proto: wrong wireType = 2 for field Type)
            0000000000000008 0808 1002 1801 2002           | 400 | wrong raft message type
            0000000000000018 0807 1003 1801 2002 4a0c 0800 | 400 | failed to decode raft message (unexpected EOF)
            """)
    void aDatabaseWithoutItsMessageIsRefused(String hex, int status, String text) throws IOException {
        byte[] body = java.util.HexFormat.of().parseHex(hex.replace(" ", ""));
        assertThat(ask(chunked(body, true)))
                .startsWith("HTTP/1.1 " + status + " ")
                .endsWith("\r\n\r\n" + text + "\n");
        assertThat(member.inbound.snapshots).isEmpty();
    }

    @Test
    void aDiskThatHangsStopsTheSenderAndNothingElse() throws IOException {
        var ready = new CountDownLatch(1);
        member.inbound.diskReady = ready;
        var install = new Message.InstallSnapshot(2, 1, 5, snapshot());
        byte[] body = database(install, new byte[40 << 20]);
        byte[] request = chunked(body, true).getBytes(StandardCharsets.ISO_8859_1);
        try (var socket = connect()) {
            var sender = Thread.ofPlatform().daemon().start(() -> {
                try {
                    socket.getOutputStream().write(request);
                } catch (IOException failed) {
                    throw new java.io.UncheckedIOException(failed);
                }
            });
            await(
                    "reading has paused",
                    SOON,
                    () -> member.accepted.stream()
                            .anyMatch(channel -> !channel.config().isAutoRead()));
            // Longer than a connection may be silent: it is this side that does not read.
            socket.setSoTimeout(3_000);
            org.assertj.core.api.Assertions.assertThatExceptionOfType(SocketTimeoutException.class)
                    .isThrownBy(() -> socket.getInputStream().read());
            assertThat(sender.isAlive()).isTrue();
            assertThat(ask(MessageCodec.encode(new Message.TimeoutNow(2, 1, 5))))
                    .startsWith("HTTP/1.1 204");
            ready.countDown();
            socket.setSoTimeout(20_000);
            assertThat(response(socket, true)).startsWith("HTTP/1.1 204");
        }
        assertThat(member.inbound.databases.peek()).hasSize(40 << 20);
    }
}
