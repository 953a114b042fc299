package dev.cetera.peer;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantResponse;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.cluster.Member;
import dev.cetera.http.DualPort;
import dev.cetera.http.PeerServer;
import dev.cetera.http.PortTimes;
import dev.cetera.http.Transport;
import dev.cetera.node.Answer;
import dev.cetera.node.PeerException;
import dev.cetera.node.Peers;
import dev.cetera.testkit.Await;
import dev.cetera.tls.ClientTls;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PeerCallsTest {
    private final Transport transport = Transport.best();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final PeerCalls calls = new PeerCalls(transport, ClientTls.withoutFiles(), 1000, () -> 0xc1);
    private PeerServer server;
    private Member member;

    @BeforeEach
    void start() throws Exception {
        server = new PeerServer();
        member = at(server.url());
    }

    @AfterEach
    void stop() throws Exception {
        calls.close();
        for (var one : open) {
            one.close();
        }
        server.close();
        transport.close();
    }

    private static Member at(String... urls) {
        return Member.of(0xb1, List.of(urls), "b");
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(10, TimeUnit.SECONDS);
    }

    private static PeerException failure(CompletableFuture<?> future) throws Exception {
        try {
            future.get(10, TimeUnit.SECONDS);
        } catch (ExecutionException failed) {
            assertThat(failed.getCause()).isInstanceOf(PeerException.class);
            return (PeerException) java.util.Objects.requireNonNull(failed.getCause());
        }
        throw new AssertionError("it was answered");
    }

    /// A server that answers each request as told, by its first line.
    private Fake fake(Function<String, String> answers) throws IOException {
        var fake = new Fake(answers);
        open.add(fake);
        return fake;
    }

    /// An address where nobody listens.
    private static String nobody() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return "http://127.0.0.1:" + socket.getLocalPort();
        }
    }

    private static String ok(String body) {
        return answer("200 OK", body);
    }

    private static String answer(String status, String body, String... headers) {
        return "HTTP/1.1 " + status + "\r\n" + (headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n")
                + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }

    // ---- our own pages ----

    @Test
    void versionsAreAsked() throws Exception {
        assertThat(get(calls.versions(member))).isEqualTo(new Peers.Versions("3.3.27", "3.3.0", "cetera"));
    }

    @Test
    void membersAreAskedWithTheirClustersId() throws Exception {
        var view = get(calls.members(server.url()));
        assertThat(view.clusterId()).isEqualTo(0xc1);
        assertThat(view.members()).isEqualTo(server.node.members);
    }

    @Test
    void leasesAreRenewedAndAskedFor() throws Exception {
        grant(7, 60);
        assertThat(get(calls.renew(member, 7))).isEqualTo(60);
        assertThat(get(calls.renew(member, 8))).isZero();
        var left = get(calls.timeToLive(
                member,
                LeaseTimeToLiveRequest.newBuilder().setID(7).setKeys(true).build()));
        assertThat(left.getTTL()).isEqualTo(60);
        assertThat(left.hasHeader()).isFalse();
        var gone = get(calls.timeToLive(
                member, LeaseTimeToLiveRequest.newBuilder().setID(8).build()));
        assertThat(gone.getTTL()).isEqualTo(-1);
        assertThat(gone.getID()).isEqualTo(8);
        server.node.leader = false;
        assertThat(failure(calls.renew(member, 7))).hasMessage("lease: unknown error(not a primary lessor)");
        server.node.behind = true;
        assertThat(failure(calls.renew(member, 7)))
                .hasMessage("waiting for node to catch up its applied index has timed out");
    }

    private void grant(long lease, long seconds) throws Exception {
        var granted = new CompletableFuture<LeaseGrantResponse>();
        server.node.leaseGrant(
                LeaseGrantRequest.newBuilder().setID(lease).setTTL(seconds).build(), new Answer<>() {
                    @Override
                    public void done(LeaseGrantResponse value) {
                        granted.complete(value);
                    }

                    @Override
                    public void refused(Refusal why) {
                        granted.cancel(false);
                    }
                });
        get(granted);
    }

    @Test
    void hashesAreAsked() throws Exception {
        var hash = get(calls.hashKv(member, 1));
        assertThat(hash.getHash()).isEqualTo(8);
        assertThat(hash.getCompactRevision()).isEqualTo(-1);
        assertThat(hash.getHeader().getRevision()).isEqualTo(1);
        assertThat(failure(calls.hashKv(member, 99)).refusal()).isEqualTo(Refusal.FUTURE_REVISION);
    }

    @Test
    void learnersArePromoted() throws Exception {
        assertThat(get(calls.promote(member, -1))).isEqualTo(server.node.members);
        for (var why : List.of(Refusal.MEMBER_NOT_FOUND, Refusal.MEMBER_NOT_LEARNER, Refusal.LEARNER_NOT_READY)) {
            server.node.promotion = why;
            assertThat(failure(calls.promote(member, 5)).refusal()).isEqualTo(why);
        }
        server.node.promotion = Refusal.STOPPED;
        assertThat(failure(calls.promote(member, 5)))
                .hasMessage("member promote: unknown error({\"message\":\"Internal Server Error\"})");
    }

    // ---- connections ----

    @Test
    void oneConnectionCarriesOneQuestionAfterTheOther() throws Exception {
        var fake = fake(_ -> ok("{\"etcdserver\":\"3.3.27\",\"etcdcluster\":\"3.3.0\"}"));
        for (int i = 0; i < 5; i++) {
            get(calls.versions(at(fake.url)));
        }
        assertThat(fake.connections).hasSize(1);
        assertThat(fake.requests).hasSize(5);
    }

    @Test
    void manyQuestionsAtOnceAreAllAnswered() throws Exception {
        grant(7, 60);
        var renewed = new ArrayList<CompletableFuture<Long>>();
        for (int i = 0; i < 2000; i++) {
            renewed.add(calls.renew(member, 7));
        }
        for (var one : renewed) {
            assertThat(get(one)).isEqualTo(60);
        }
    }

    @Test
    void aConnectionThatTheOtherSideHasClosedIsReplaced() throws Exception {
        var fake = fake(_ -> ok("{}"));
        get(calls.versions(at(fake.url)));
        fake.closeAfterNext = true;
        get(calls.versions(at(fake.url)));
        assertThat(get(calls.versions(at(fake.url)))).isEqualTo(new Peers.Versions("", ""));
        assertThat(fake.connections).hasSize(2);
    }

    @Test
    void anAnswerWithoutALengthEndsWithItsConnection() throws Exception {
        var fake = fake(_ -> "HTTP/1.0 200 OK\r\n\r\n{\"etcdserver\":\"3.2.0\"}");
        fake.closeAfterNext = true;
        assertThat(get(calls.versions(at(fake.url))).server()).isEqualTo("3.2.0");
    }

    @Test
    void theNextUrlIsAskedWhenOneFails() throws Exception {
        assertThat(get(calls.versions(at(nobody(), server.url()))).server()).isEqualTo("3.3.27");
        var broken = fake(_ -> "nonsense\r\n\r\n");
        assertThat(get(calls.versions(at(broken.url, server.url()))).server()).isEqualTo("3.3.27");
        var fake = fake(_ -> answer("404 Not Found", "lease not found\n"));
        assertThat(get(calls.renew(at(fake.url, server.url()), 7)))
                .as("a lease that is gone is an answer")
                .isZero();
    }

    // ---- failures ----

    @Test
    void whoIsNotThereIsNamedAsGoNamesIt() throws Exception {
        var url = nobody();
        var address = url.substring("http://".length());
        var refused = "Get " + url + "/version: dial tcp " + address + ": connect: connection refused";
        assertThat(failure(calls.versions(at(url)))).hasMessage(refused);
        assertThat(failure(calls.versions(at("http://no.such.host.invalid:1"))))
                .hasMessage(
                        "Get http://no.such.host.invalid:1/version: dial tcp: lookup no.such.host.invalid: no such host");
        assertThat(failure(calls.members(url)))
                .hasMessageStartingWith("could not get cluster response from " + url + ": Get ");
        for (var bad : List.of("https://127.0.0.1:1", "unix://localhost:1", "http://127.0.0.1", "%%", "")) {
            assertThat(failure(calls.versions(at(bad)))).hasMessageStartingWith("Get " + bad + "/version: ");
        }
        assertThat(failure(calls.versions(at()))).hasMessage("member b1 has no peer URL");
    }

    @Test
    void badAnswersAreFailures() throws Exception {
        var answers = Map.of(
                "not JSON",
                ok("404 page not found"),
                "a list",
                ok("[]"),
                "nothing",
                ok(""),
                "no HTTP",
                "\u0000\u0001\u0002\r\n\r\n",
                "a bad length",
                "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
                "endless headers",
                "HTTP/1.1 200 OK\r\n" + "X: y\r\n".repeat(10_000),
                "endless body",
                "HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + "y".repeat(1_500_000),
                "a bad chunk",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
        for (var one : answers.entrySet()) {
            var fake = fake(_ -> one.getValue());
            assertThat(failure(calls.versions(at(fake.url)))).as(one.getKey()).isNotNull();
            assertThat(failure(calls.hashKv(at(fake.url), 1))).as(one.getKey()).isNotNull();
            var view = failure(calls.members(fake.url));
            assertThat(view).as(one.getKey()).hasMessageStartingWith("could not ");
        }
        var leases = fake(_ -> ok("\b\u0007\u0010\u0009"));
        assertThat(failure(calls.renew(at(leases.url), 7))).hasMessage("lease: renew id mismatch");
        var protobuf = fake(_ -> ok("\u0008"));
        assertThat(failure(calls.renew(at(protobuf.url), 7))).hasMessageStartingWith("lease: ");
        var noCluster = fake(_ -> ok("[]"));
        assertThat(failure(calls.members(noCluster.url)))
                .hasMessage(
                        "could not parse the cluster ID from cluster res: strconv.ParseUint: parsing \"\": invalid syntax");
    }

    @Test
    void whoDoesNotAnswerIsGivenUp() throws Exception {
        var silent = fake(_ -> "");
        var http = new HttpCalls(transport, ClientTls.withoutFiles(), TimeUnit.SECONDS.toNanos(2));
        open.add(http);
        var url = silent.url;
        var call = new HttpCalls.Call(
                HttpMethod.GET, url, "/version", "", ByteString.EMPTY, 0, 1000, TimeUnit.MILLISECONDS.toNanos(200));
        var asked = new ArrayList<CompletableFuture<HttpCalls.Answered>>();
        for (int i = 0; i < 70; i++) {
            asked.add(http.ask(call));
        }
        for (var one : asked) {
            assertThat(failure(one)).hasMessage("Get " + url + "/version: context deadline exceeded");
        }
        assertThat(silent.connections.size()).as("no more than are allowed").isLessThanOrEqualTo(64 + 6);
        Await.await("they are closed", Duration.ofSeconds(10), () -> silent.ended.size() == silent.connections.size());
    }

    @Test
    void whatIsUnderWayEndsWithTheMember() throws Exception {
        var silent = fake(_ -> "");
        var asked = calls.versions(at(silent.url));
        Await.await("it was asked", Duration.ofSeconds(10), () -> !silent.requests.isEmpty());
        calls.close();
        assertThat(failure(asked)).isNotNull();
        assertThat(failure(calls.versions(at(silent.url)))).hasMessageEndingWith("the member is stopping");
        assertThat(failure(calls.hashKv(at(silent.url), 1))).isNotNull();
    }

    // ---- the way to a hash ----

    @Test
    void anOlderMemberIsAskedForItsHashByGrpcAndThatIsRemembered() throws Exception {
        try (var older = new PeerServer(
                DualPort.Early.REFUSE, () -> List.of(new WithoutHashPage(pagesAsked)), PortTimes.DEFAULT)) {
            older.serve();
            var hash = get(calls.hashKv(at(older.url()), 1));
            assertThat(hash.getHash()).isEqualTo(8);
            assertThat(hash.getHeader().getMemberId()).isEqualTo(0xa1);
            assertThat(failure(calls.hashKv(at(older.url()), 99)).refusal()).isEqualTo(Refusal.FUTURE_REVISION);
            assertThat(pagesAsked).hasSize(1);
        }
    }

    private final List<String> pagesAsked = new CopyOnWriteArrayList<>();

    @Test
    void aMemberWithNeitherWayIsAFailure() throws Exception {
        var fake = fake(line -> line.startsWith("PRI ")
                ? "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
                : answer("404 Not Found", "404 page not found\n"));
        assertThat(failure(calls.hashKv(at(fake.url), 1))).isNotNull();
        var mismatch = fake(_ -> answer("412 Precondition Failed", "cluster ID mismatch\n"));
        assertThat(failure(calls.hashKv(at(mismatch.url), 1))).hasMessage("cluster ID mismatch");
    }

    @Test
    void theRequestIsAsOthersSendIt() throws Exception {
        var fake = fake(_ -> answer("400 Bad Request", "mvcc: required revision has been compacted\n"));
        assertThat(failure(calls.hashKv(at(fake.url), 5)).refusal()).isEqualTo(Refusal.COMPACTED);
        assertThat(fake.requests.getFirst())
                .startsWith("GET /members/hashkv HTTP/1.1\r\n")
                .containsIgnoringCase("\r\nHost: " + fake.url.substring("http://".length()) + "\r\n")
                .containsIgnoringCase("\r\nContent-Type: application/json\r\n")
                .containsIgnoringCase("\r\nX-Etcd-Cluster-Id: c1\r\n")
                .containsIgnoringCase("\r\nContent-Length: 14\r\n")
                .doesNotContainIgnoringCase("upgrade");
        assertThat(failure(calls.renew(at(fake.url), 5))).isNotNull();
        assertThat(fake.requests.get(1))
                .startsWith("POST /leases HTTP/1.1\r\n")
                .containsIgnoringCase("\r\nContent-Type: application/protobuf\r\n")
                .doesNotContainIgnoringCase("x-etcd-cluster-id");
    }

    /// Says 404 to the page of hashes, as members before 3.4.4 do.
    private static final class WithoutHashPage extends ChannelInboundHandlerAdapter {
        private final List<String> asked;

        WithoutHashPage(List<String> asked) {
            this.asked = asked;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof HttpRequest request) {
                asked.add(request.uri());
                request.setUri("/not/there");
            }
            ctx.fireChannelRead(message);
        }
    }

    /// A server of few words. Each connection has a thread.
    private static final class Fake implements AutoCloseable {
        final ServerSocket listening = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        final String url = "http://127.0.0.1:" + listening.getLocalPort();
        final List<Socket> connections = new CopyOnWriteArrayList<>();
        final List<String> requests = new CopyOnWriteArrayList<>();
        final Set<Socket> ended = ConcurrentHashMap.newKeySet();
        volatile boolean closeAfterNext;
        private final Function<String, String> answers;

        Fake(Function<String, String> answers) throws IOException {
            this.answers = answers;
            Thread.ofVirtual().start(this::accept);
        }

        private void accept() {
            try {
                while (true) {
                    var socket = listening.accept();
                    connections.add(socket);
                    Thread.ofVirtual().start(() -> serve(socket));
                }
            } catch (IOException closed) {
                assert listening.isClosed();
            }
        }

        private void serve(Socket socket) {
            try (socket) {
                var in = socket.getInputStream();
                while (true) {
                    var head = new StringBuilder();
                    while (head.indexOf("\r\n\r\n") < 0) {
                        int next = in.read();
                        if (next < 0) {
                            return;
                        }
                        head.append((char) next);
                    }
                    var length = Pattern.compile("(?i)content-length: (\\d+)").matcher(head);
                    in.readNBytes(length.find() ? Integer.parseInt(length.group(1)) : 0);
                    requests.add(head.toString());
                    socket.getOutputStream()
                            .write(answers.apply(head.toString()).getBytes(StandardCharsets.ISO_8859_1));
                    if (closeAfterNext) {
                        closeAfterNext = false;
                        return;
                    }
                }
            } catch (IOException broken) {
                assert !connections.isEmpty(); // the other side has had enough; that is what tests look at
            } finally {
                ended.add(socket);
            }
        }

        @Override
        public void close() throws IOException {
            listening.close();
            for (var socket : connections) {
                socket.close();
            }
        }
    }
}
