package dev.cetera.peer;

import static dev.cetera.testkit.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.cluster.Member;
import dev.cetera.http.Transport;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import dev.cetera.raft.Message;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PeerTransportTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final List<AutoCloseable> opened = new ArrayList<>();
    private Transport transport;

    @BeforeEach
    void open() {
        transport = Transport.best();
    }

    @AfterEach
    void close() throws Exception {
        for (var member : opened) {
            member.close();
        }
        transport.close();
    }

    private TestMember member(long id) {
        return member(id, 0, options -> options);
    }

    private TestMember member(long id, int port, UnaryOperator<PeerOptions> change) {
        var member = new TestMember(id, transport, port, change);
        opened.add(member);
        return member;
    }

    private static void awaitStreams(TestMember member, long other) {
        await("streams to " + other, SOON, () -> hasStreams(member, other));
    }

    private static Message append(long to, long from, long term, long prev, int count) {
        var entries = new ArrayList<Entry>();
        for (int i = 1; i <= count; i++) {
            entries.add(new Entry(
                    term, prev + i, EntryType.NORMAL, ("value " + (prev + i)).getBytes(StandardCharsets.US_ASCII)));
        }
        return new Message.Append(to, from, term, prev == 0 ? 0 : term, prev, entries, prev);
    }

    @Test
    void streamsCarryMessagesBothWaysInOrder() {
        var one = member(1);
        var two = member(2);
        one.start(one.asMember(), two.asMember());
        two.start(one.asMember(), two.asMember());
        awaitStreams(one, 2);
        awaitStreams(two, 1);
        var there = new ArrayList<Message>();
        var back = new ArrayList<Message>();
        for (int i = 0; i < 500; i++) {
            there.add(append(2, 1, 3, i * 4L, 4));
            back.add(new Message.AppendAccepted(1, 2, 3, i * 4L));
        }
        one.peers.send(there);
        two.peers.send(back);
        await("all there", SOON, () -> two.inbound.received.size() == 500);
        await("all back", SOON, () -> one.inbound.received.size() == 500);
        assertThat(two.inbound.received).containsExactlyElementsOf(there);
        assertThat(one.inbound.received).containsExactlyElementsOf(back);
        assertThat(one.peers.activeSince(2)).isPresent();
        assertThat(one.inbound.timesUnreachable(2)).isZero();
    }

    @Test
    void withoutStreamsMessagesArePostedAndStrangersAnswered() {
        var one = member(1);
        var two = member(2);
        one.start(one.asMember(), two.asMember());
        two.start(two.asMember()); // it has not heard of the other one, and asks it for nothing
        var hello = new Message.Heartbeat(2, 1, 3, 0, Message.NO_CONTEXT);
        one.peers.send(List.of(hello));
        await("posted", SOON, () -> two.inbound.received.size() == 1);
        var answer = new Message.HeartbeatReply(1, 2, 3, Message.NO_CONTEXT);
        two.peers.send(List.of(answer));
        await("answered", SOON, () -> one.inbound.received.size() == 1);
        assertThat(two.inbound.received.peek()).isInstanceOf(Message.Heartbeat.class);
        assertThat(one.inbound.received.peek()).isInstanceOf(Message.HeartbeatReply.class);
    }

    @Test
    void streamsComeBackAfterARestart() throws Exception {
        var one = member(1);
        var two = member(2);
        one.start(one.asMember(), two.asMember());
        two.start(one.asMember(), two.asMember());
        awaitStreams(one, 2);
        awaitStreams(two, 1);
        two.close();
        await("the loss is known", SOON, () -> one.peers.activeSince(2).isEmpty() && !hasStreams(one, 2));
        var again = member(2, two.portNumber(), options -> options);
        again.start(one.asMember(), again.asMember());
        awaitStreams(one, 2);
        awaitStreams(again, 1);
        one.peers.send(List.of(append(2, 1, 3, 0, 2)));
        await("it hears again", SOON, () -> again.inbound.received.size() == 1);
    }

    private static boolean hasStreams(TestMember member, long other) {
        var peer = member.peers.peer(other);
        return peer != null && peer.serves(StreamKind.APPEND) && peer.serves(StreamKind.MESSAGE);
    }

    @Test
    void aMemberThatMovesIsFoundAtItsNewUrl() {
        var one = member(1);
        var two = member(2);
        one.start(one.asMember(), Member.of(2, List.of("http://127.0.0.1:1"), "m2"));
        two.start(two.asMember());
        var hello = new Message.TimeoutNow(2, 1, 3);
        one.peers.send(List.of(hello));
        await("it is not there", SOON, () -> one.inbound.timesUnreachable(2) > 0);
        one.know(one.asMember(), two.asMember());
        one.peers.send(List.of(hello));
        await("it is there", SOON, () -> two.inbound.received.contains(hello));
    }

    @Test
    void aMemberWithSeveralUrlsIsTriedAtEach() {
        var one = member(1);
        var two = member(2);
        var urls = List.of("http://127.0.0.1:1", "http://127.0.0.1:2", two.url());
        one.start(one.asMember(), Member.of(2, urls, "m2"));
        two.start(one.asMember(), two.asMember());
        awaitStreams(two, 1);
    }

    @Test
    void aRemovedMemberIsToldSo() {
        var one = member(1);
        var two = member(2);
        one.inbound.remove(2);
        one.start(one.asMember());
        two.start(one.asMember(), two.asMember());
        await("told", SOON, two.inbound.removed::get);
        assertThat(one.inbound.removed).isFalse();
    }

    @Test
    void aMemberThatWasRemovedIsLeftAlone() {
        var one = member(1);
        var two = member(2);
        one.start(one.asMember(), two.asMember());
        two.start(one.asMember(), two.asMember());
        awaitStreams(one, 2);
        one.know(one.asMember());
        assertThat(one.peers.peer(2)).isNull();
        assertThat(one.peers.activeSince(2)).isEmpty();
        await("the other side sees it", SOON, () -> two.peers.activeSince(1).isEmpty());
    }

    @Test
    void oneThatDoesNotReadCostsABoundedQueueAndNobodyElse() throws Exception {
        var one = member(1, 0, options -> options.withQueuedBytes(1 << 20).withSilenceNanos(3_000_000_000L));
        var three = member(3);
        try (var slow = new Socket(InetAddress.getLoopbackAddress(), one.portNumber())) {
            one.start(one.asMember(), Member.of(2, List.of("http://127.0.0.1:1"), "m2"), three.asMember());
            three.start(one.asMember(), three.asMember());
            awaitStreams(one, 3);
            requestStream(slow, "msgapp");
            var peer = Objects.requireNonNull(one.peers.peer(2));
            await("attached", SOON, () -> peer.serves(StreamKind.APPEND));
            var entry = new Entry(3, 1, EntryType.NORMAL, new byte[200_000]);
            await("more is sent than all buffers take", SOON, () -> {
                one.peers.send(List.of(new Message.Append(2, 1, 3, 0, 0, List.of(entry), 0)));
                return one.inbound.timesUnreachable(2) > 100;
            });
            one.peers.send(List.of(append(3, 1, 3, 0, 2)));
            await("others hear", SOON, () -> three.inbound.received.size() == 1);
            assertThat(one.inbound.timesUnreachable(3)).isZero();
            await("it is given up", SOON, () -> !peer.serves(StreamKind.APPEND));
        }
    }

    private static void requestStream(Socket socket, String kind) throws IOException {
        var request = "GET /raft/stream/" + kind + "/2 HTTP/1.1\r\nHost: h\r\nX-Etcd-Cluster-ID: 9ae45c0afb30b22d\r\n"
                + "X-Server-Version: 3.3.27\r\nX-Min-Cluster-Version: 3.0.0\r\nX-Raft-To: 1\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void malformedPeerUrlsAreRefused() {
        var one = member(1);
        one.start(one.asMember(), Member.of(2, List.of("nonsense"), "m2"));
        for (var urls : List.of(
                List.of(""),
                List.of("http://"),
                List.of("ftp://a:1"),
                List.of("http://a:70000"),
                List.of("http://a:1/path"),
                List.of("http://127.0.0.1:1", "%zz"))) {
            one.peers.addRemote(77, urls);
        }
        one.peers.send(List.of(new Message.TimeoutNow(77, 1, 3), new Message.TimeoutNow(2, 1, 3)));
        await("nobody to send to", SOON, () -> one.inbound.timesUnreachable(2) > 0);
        assertThat(one.inbound.timesUnreachable(77)).isZero();
    }

    @Test
    void beforeTheStartEverythingWaits() {
        var one = member(1);
        var two = member(2);
        one.know(one.asMember(), two.asMember());
        one.peers.send(List.of(new Message.TimeoutNow(2, 1, 3)));
        two.start(one.asMember(), two.asMember());
        assertThat(one.peers.activeSince(2)).isEmpty();
        one.peers.start(one.inbound);
        awaitStreams(one, 2);
        awaitStreams(two, 1);
        assertThat(two.inbound.received).isEmpty();
    }
}
