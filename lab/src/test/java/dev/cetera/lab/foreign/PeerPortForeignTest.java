package dev.cetera.lab.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.MemberListRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.StatusResponse;
import dev.cetera.lab.cluster.Cluster;
import dev.cetera.lab.cluster.Contents;
import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.cluster.Program;
import dev.cetera.testkit.Await;
import dev.cetera.testkit.Evidence;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.SoftAssertions;
import org.assertj.core.api.junit.jupiter.InjectSoftAssertions;
import org.assertj.core.api.junit.jupiter.SoftAssertionsExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What may come in on the peer port and shouldn't. It is refused, said once, and changes nothing: not the
/// term, not the leader, not the members, not a key; and nobody stops.
@ExtendWith(SoftAssertionsExtension.class)
class PeerPortForeignTest {
    private static final Duration CALL = Duration.ofSeconds(10);
    private static final int AGAIN = 30;

    /// Lines that one kind of mistake may cost, however often it is made. Both of two listeners may say it.
    private static final int SAID_ONCE = 2;

    private static final String TURNED_DOWN = "4\\d\\d .*|500 .*|" + PeerPort.NO_ANSWER;
    private static final String STRANGER = "deadbeef00000001";

    @RegisterExtension
    final Evidence evidence = new Evidence();

    @InjectSoftAssertions
    private SoftAssertions softly;

    private Cluster cluster;
    private Member leader;
    private Member target;
    private Member other;
    private State before;

    /// What must not change.
    private record State(long term, long leader, Set<Object> members, Contents contents) {}

    @BeforeEach
    void start() throws Exception {
        // Long enough for a busy machine not to elect anew by itself.
        cluster = evidence.closing(
                        Cluster.of(evidence.directory(), 3, "--election-timeout=5000", "--heartbeat-interval=500"))
                .start(Collections.nCopies(3, Program.underTest()));
        leader = cluster.leader();
        target = cluster.others(leader).getFirst();
        other = cluster.others(leader).getLast();
        put(leader, 50);
        before = state();
    }

    private State state() {
        StatusResponse status = cluster.status(target);
        var members = new HashSet<Object>(cluster.direct(target)
                .cluster(CALL)
                .memberList(MemberListRequest.getDefaultInstance())
                .getMembersList());
        return new State(status.getRaftTerm(), status.getLeader(), members, cluster.awaitSame());
    }

    private void put(Member through, int count) throws InterruptedException {
        cluster.direct(through)
                .putAll(
                        count,
                        i -> PutRequest.newBuilder()
                                .setKey(ByteString.copyFromUtf8("key/" + i))
                                .setValue(ByteString.copyFromUtf8("value"))
                                .build());
    }

    @AfterEach
    void nothingHasChanged() throws Exception {
        for (Member member : cluster.members()) {
            assertThat(member.alive())
                    .as(member.name() + " runs\n" + member.logTail())
                    .isTrue();
        }
        assertThat(state()).isEqualTo(before);
        put(target, 10);
        cluster.awaitSame();
    }

    @Test
    void strangersAreTurnedAway() throws Exception {
        PeerPort port = PeerPort.of(cluster, target, other);
        String from = "/raft/stream/message/";
        String own = from + Long.toHexString(cluster.idOf(other, target));
        byte[] message = heartbeat(1).bytes();
        for (String path : List.of("/raft", "/raft/snapshot")) {
            refused(
                    "412 cluster ID mismatch",
                    port.with("X-Etcd-Cluster-ID", "abc").post(path, message));
            refused(
                    "412 incompatible version",
                    port.with("X-Server-Version", "2.3.0").post(path, message));
            refused(
                    "412 incompatible version",
                    port.with("X-Min-Cluster-Version", "9.0.0").post(path, message));
            refused("405 Method Not Allowed", port.get(path));
        }
        refused("412 cluster ID mismatch", port.with("X-Etcd-Cluster-ID", "abc").get(own));
        refused(
                "412 incompatible version",
                port.with("X-Server-Version", "2.3.0").get(own));
        refused("412 to field mismatch", port.with("X-Raft-To", "abc").get(own));
        refused("404 invalid from", port.get(from + "xyz"));
        refused("404 error sender not found", port.get(from + STRANGER));
        refused("404 invalid path", port.get("/raft/stream/msgappv2/" + STRANGER));
        refused("405 Method Not Allowed", port.post(own, message));
        refused("404 404 page not found", port.get("/raft/xyz"));
        for (int i = 0; i < AGAIN; i++) {
            refused(
                    "412 cluster ID mismatch",
                    port.with("X-Etcd-Cluster-ID", "abc").post("/raft", message));
            refused("404 error sender not found", port.get(from + STRANGER));
        }
        assertSaidOnce("cluster ID mismatch");
        assertSaidOnce(STRANGER);
    }

    private void refused(String expected, String answer) {
        softly.assertThat(answer).isEqualTo(expected);
    }

    private void assertSaidOnce(String text) throws IOException {
        softly.assertThat(target.logFrom(0).lines().filter(line -> line.contains(text)))
                .as("lines with \"" + text + "\"")
                .hasSizeLessThanOrEqualTo(SAID_ONCE);
    }

    @Test
    void garbageIsNoMessage() throws Exception {
        PeerPort port = PeerPort.of(cluster, target, other);
        var random = new Random(7);
        refused("400 error unmarshaling raft message", port.post("/raft", new byte[] {10, 50, 1}));
        byte[] whole = heartbeat(1).bytes();
        for (int i = 0; i < AGAIN; i++) {
            byte[] noise = new byte[1 + random.nextInt(2000)];
            random.nextBytes(noise);
            noise[0] = (byte) 0x0f; // no field ends like this: none of the noise is a message by chance
            softly.assertThat(port.post("/raft", noise)).matches(TURNED_DOWN);
            softly.assertThat(port.post("/raft/snapshot", noise)).matches(TURNED_DOWN);
            softly.assertThat(port.post("/raft", Arrays.copyOf(whole, whole.length - 1)))
                    .matches(TURNED_DOWN);
            sendRaw(port, noise);
        }
        for (String text : List.of(
                "GET /raft HTTP/9.9\r\n\r\n",
                "POST /raft HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
                "POST /raft HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
                "GET / HTTP/1.1\r\nX: " + "y".repeat(100_000) + "\r\n\r\n",
                "GET /" + "z".repeat(100_000) + " HTTP/1.1\r\n\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nthis is no frame of any kind",
                "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003")) {
            sendRaw(port, text.getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    /// Sends it and waits for the end of the connection, with or without an answer.
    private static void sendRaw(PeerPort port, byte[] bytes) throws IOException {
        try (Socket socket = port.connect()) {
            socket.setSoTimeout((int) CALL.toMillis());
            OutputStream out = socket.getOutputStream();
            out.write(bytes);
            out.flush();
            socket.shutdownOutput();
            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (SocketException e) {
            // Cut while it was still being sent to: as good an end as any.
            assertThat(e).hasMessageMatching(".*(reset|Broken pipe|closed).*");
        }
    }

    /// From `other` to `target`, at index 0.
    private RaftMessage heartbeat(long term) {
        return message(RaftMessage.HEARTBEAT, term);
    }

    private RaftMessage message(int type, long term) {
        return RaftMessage.of(type, cluster.idOf(target, leader), cluster.idOf(other, leader), term);
    }

    /// Well-formed, from a member, and still not to be believed.
    @Test
    void messagesOutOfPlaceChangeNothing() throws Exception {
        PeerPort port = PeerPort.of(cluster, target, other);
        long term = before.term();
        var noise = ByteString.copyFromUtf8("no request of any version");
        var sent = new ArrayList<RaftMessage>();
        for (int type : List.of(
                RaftMessage.HUP,
                RaftMessage.BEAT,
                RaftMessage.UNREACHABLE,
                RaftMessage.SNAP_STATUS,
                RaftMessage.CHECK_QUORUM,
                42,
                -1)) {
            sent.add(message(type, 0));
            sent.add(message(type, term));
        }
        // Of an earlier term, or of none at all: what a leader says counts in its term only.
        for (long old : new long[] {0, 1}) {
            sent.add(message(RaftMessage.APP, old).at(1, 3, 1L << 40).withEntry(RaftMessage.entry(0, 1, 4, noise)));
            sent.add(message(RaftMessage.HEARTBEAT, old).at(0, 0, 1L << 40));
            sent.add(message(RaftMessage.TIMEOUT_NOW, old));
            sent.add(message(RaftMessage.READ_INDEX_RESP, old));
            sent.add(message(RaftMessage.APP_RESP, old).at(0, 1L << 40, 0));
        }
        // Answers from somebody who was never asked, and of one who is not a member.
        sent.add(message(RaftMessage.APP_RESP, term).at(0, 1L << 40, 0));
        sent.add(message(RaftMessage.HEARTBEAT_RESP, term).at(0, 1L << 40, 0));
        sent.add(RaftMessage.of(
                RaftMessage.APP_RESP, cluster.idOf(target, leader), Long.parseUnsignedLong(STRANGER, 16), term));
        for (RaftMessage message : sent) {
            for (int i = 0; i < 3; i++) {
                softly.assertThat(port.post(message)).as(message.toString()).matches("204|" + TURNED_DOWN);
            }
        }
    }

    /// What another leader said, word for word, after that leader was one.
    @Test
    void messagesOfAnEarlierLeaderAreStale() throws Exception {
        PeerPort listening = PeerPort.of(cluster, leader, target);
        target.freeze();
        byte[] heartbeat = listening.capture(RaftMessage.HEARTBEAT);
        target.thaw();
        cluster.moveLeader(other);
        put(other, 50);
        before = state();
        PeerPort port = PeerPort.of(cluster, target, leader);
        for (int i = 0; i < AGAIN; i++) {
            softly.assertThat(port.post("/raft", heartbeat)).startsWith("204");
        }
    }

    /// Of an index that the receiver has passed, of one that it has not reached, cut short, and with a file
    /// that is none. Nothing of them is left on the disk.
    @Test
    void snapshotsThatAreNoneAreRefused() throws Exception {
        PeerPort port = PeerPort.of(cluster, target, leader);
        long to = cluster.idOf(target, leader);
        long from = cluster.idOf(leader, target);
        byte[] file = Files.readAllBytes(target.dataDir().resolve("member/snap/db"));
        byte[] noise = new byte[32 * 1024];
        new Random(5).nextBytes(noise);
        for (long index : new long[] {2, 1_000_000}) {
            RaftMessage message = RaftMessage.of(RaftMessage.SNAP, to, from, before.term())
                    .withSnapshot(snapshot(index, before.term()));
            for (byte[] db : List.of(noise, new byte[0], Arrays.copyOf(file, file.length / 2 + 7))) {
                softly.assertThat(port.post("/raft/snapshot", framed(message, db)))
                        .as("index " + index + ", " + db.length + " bytes")
                        .matches(TURNED_DOWN);
            }
        }
        refused("400 wrong raft message type", port.post("/raft/snapshot", framed(heartbeat(before.term()), file)));
        assertNothingIsLeftOf();
    }

    private static ByteString snapshot(long index, long term) {
        return RaftMessage.snapshot(ByteString.copyFromUtf8("{}"), index, term);
    }

    private static byte[] framed(RaftMessage message, byte[] db) {
        byte[] head = message.bytes();
        return ByteString.copyFrom(ByteBuffer.allocate(8).putLong(head.length).flip())
                .concat(ByteString.copyFrom(head))
                .concat(ByteString.copyFrom(db))
                .toByteArray();
    }

    private void assertNothingIsLeftOf() throws IOException {
        try (var files = Files.list(target.dataDir().resolve("member/snap"))) {
            softly.assertThat(files.map(Path::getFileName).map(Path::toString)).containsExactly("db");
        }
    }

    /// Connections that say nothing, or stop in the middle of a word, are ended and hold nobody up.
    @Test
    void halfOpenConnectionsAreEnded() throws Exception {
        PeerPort port = PeerPort.of(cluster, target, other);
        List<String> beginnings = List.of(
                "",
                "GE",
                "POST /raft HTTP/1.1\r\nHo",
                "PRI * HTTP/2.0\r\n",
                "POST /raft HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nsome");
        var sockets = new ArrayList<Socket>();
        try {
            for (int i = 0; i < 200; i++) {
                Socket socket = port.connect();
                sockets.add(socket);
                socket.getOutputStream()
                        .write(beginnings.get(i % beginnings.size()).getBytes(StandardCharsets.US_ASCII));
                socket.setSoTimeout(1);
            }
            put(target, 50);
            put(leader, 50);
            before = state();
            var ended = new AtomicInteger();
            var open = new ArrayList<>(sockets);
            Await.await("the server ends them", Cluster.PATIENCE, () -> {
                open.removeIf(PeerPortForeignTest::ended);
                ended.set(sockets.size() - open.size());
                return open.isEmpty();
            });
            assertThat(ended).hasValue(sockets.size());
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    private static boolean ended(Socket socket) {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException open) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    /// A copy of a member's directory, started on other ports, says that it is that member. The member itself
    /// stays what it is, and nothing that was acknowledged is lost.
    @Test
    void aSecondMemberWithTheSameIdentityDoesNoHarm() throws Exception {
        target.terminate();
        Path copied = evidence.directory().resolve("copy.etcd");
        copy(target.dataDir(), copied);
        target.start(target.program());
        Member copy = evidence.closing(Member.in(evidence.directory(), "copy"));
        copy.launch(target.program(), "--name=" + target.name());
        put(leader, 200);
        put(other, 200);
        before = state();
        copy.kill();
        put(leader, 200);
        cluster.awaitSame();
        before = state();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var all = Files.walk(from)) {
            for (Path source : all.toList()) {
                Files.copy(source, to.resolve(from.relativize(source).toString()));
            }
        }
    }
}
