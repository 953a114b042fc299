package dev.cetera.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.HashKVRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveRequest;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveResponse;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.api.etcdserverpb.MaintenanceGrpc;
import dev.cetera.api.leasepb.LeaseInternalRequest;
import dev.cetera.api.leasepb.LeaseInternalResponse;
import dev.cetera.cluster.Member;
import dev.cetera.node.Answer;
import dev.cetera.testkit.Await;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PeerPortTest {
    private static final PortTimes SHORT = new PortTimes(300, 300, 300);

    private PeerServer server;
    private HttpClient http;

    @BeforeEach
    void start() throws Exception {
        server = new PeerServer();
        http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    @AfterEach
    void stop() {
        http.close();
        server.close();
    }

    private HttpResponse<byte[]> send(String method, String path, byte[] body, String... headers) throws Exception {
        var request = java.net.http.HttpRequest.newBuilder(URI.create(server.url() + path))
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofByteArray());
    }

    private HttpResponse<byte[]> send(String method, String path) throws Exception {
        return send(method, path, new byte[0]);
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    private static void assertError(HttpResponse<byte[]> response, int status, String line) {
        assertThat(text(response)).isEqualTo(line + "\n");
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(header(response, "content-type")).isEqualTo("text/plain; charset=utf-8");
        assertThat(header(response, "x-content-type-options")).isEqualTo("nosniff");
    }

    // ---- the pages ----

    @Test
    void membersAreListedWithTheClustersId() throws Exception {
        server.node.members = List.of(
                Member.of(3, List.of("http://p<1>:1", "http://p2:2"), ""),
                new Member(-1, List.of("http://p"), "s\u00e91", List.of("http://c?a&b"), true));
        var listed = send("GET", "/members");
        assertThat(text(listed))
                .isEqualTo("[{\"id\":3,\"peerURLs\":[\"http://p\\u003c1\\u003e:1\",\"http://p2:2\"]},"
                        + "{\"id\":18446744073709551615,\"peerURLs\":[\"http://p\"],\"isLearner\":true,"
                        + "\"name\":\"s\u00e91\",\"clientURLs\":[\"http://c?a\\u0026b\"]}]\n");
        assertThat(header(listed, "x-etcd-cluster-id")).isEqualTo("c1");
        assertThat(header(listed, "content-type")).isEqualTo("application/json");
        assertThat(header(listed, "date")).endsWith(" GMT");
    }

    @Test
    void theVersionIsTold() throws Exception {
        var version = send("GET", "/version");
        assertThat(text(version))
                .isEqualTo("{\"etcdserver\":\"3.3.27\",\"etcdcluster\":\"3.3.0\",\"program\":\"cetera\"}");
        assertThat(header(version, "x-etcd-cluster-id")).isEmpty();
    }

    @Test
    void otherMethodsAreNotAllowed() throws Exception {
        for (var path : List.of("/members", "/version", "/members/hashkv")) {
            var refused = send("POST", path);
            assertError(refused, 405, "Method Not Allowed");
            assertThat(header(refused, "allow")).isEqualTo("GET");
            assertThat(header(refused, "x-etcd-cluster-id")).isEmpty();
        }
        var promotion = send("GET", "/members/promote/1");
        assertError(promotion, 405, "Method Not Allowed");
        assertThat(header(promotion, "allow")).isEqualTo("POST");
        for (var path : List.of("/leases", "/leases/internal")) {
            var refused = send("GET", path);
            assertError(refused, 405, "Method Not Allowed");
            assertThat(header(refused, "allow")).isEmpty();
        }
    }

    @Test
    void otherPathsAreNotFound() throws Exception {
        for (var path : List.of("/", "/members/", "/members/x", "/leases/", "/health", "/metrics", "/raft")) {
            assertError(send("GET", path), 404, "404 page not found");
        }
    }

    private static byte[] keepAlive(long lease) {
        return LeaseKeepAliveRequest.newBuilder().setID(lease).build().toByteArray();
    }

    private static byte[] timeToLive(long lease) {
        return LeaseInternalRequest.newBuilder()
                .setLeaseTimeToLiveRequest(LeaseTimeToLiveRequest.newBuilder().setID(lease))
                .build()
                .toByteArray();
    }

    private void grant(long lease, long seconds) throws Exception {
        var granted = new CompletableFuture<Object>();
        server.node.leaseGrant(
                LeaseGrantRequest.newBuilder().setID(lease).setTTL(seconds).build(), new Answer<>() {
                    @Override
                    public void done(dev.cetera.api.etcdserverpb.LeaseGrantResponse value) {
                        granted.complete(value);
                    }

                    @Override
                    public void refused(Refusal why) {
                        granted.cancel(false);
                    }
                });
        granted.get(10, TimeUnit.SECONDS);
    }

    @Test
    void leasesAreRenewedForOtherMembers() throws Exception {
        grant(7, 60);
        var renewed = send("POST", "/leases", keepAlive(7));
        assertThat(renewed.statusCode()).isEqualTo(200);
        assertThat(header(renewed, "content-type")).isEqualTo("application/protobuf");
        assertThat(renewed.body()).containsExactly(0x10, 7, 0x18, 60);
        assertThat(LeaseKeepAliveResponse.parseFrom(renewed.body()).hasHeader()).isFalse();
        assertError(send("POST", "/leases", keepAlive(8)), 404, "lease not found");
        assertError(send("POST", "/leases", new byte[] {8}), 400, "error unmarshalling request");
        server.node.leader = false;
        assertError(send("POST", "/leases", keepAlive(7)), 400, "not a primary lessor");
        server.node.behind = true;
        var late = send("POST", "/leases", keepAlive(7));
        assertError(late, 408, "waiting for node to catch up its applied index has timed out");
    }

    @Test
    void whatIsLeftOfALeaseIsToldToOtherMembers() throws Exception {
        grant(7, 60);
        var left = send("POST", "/leases/internal", timeToLive(7));
        assertThat(header(left, "content-type")).isEqualTo("application/protobuf");
        assertThat(left.body()).containsExactly(0x0a, 8, 0x0a, 0, 0x10, 7, 0x18, 60, 0x20, 60);
        assertThat(LeaseInternalResponse.parseFrom(left.body())
                        .getLeaseTimeToLiveResponse()
                        .hasHeader())
                .isTrue();
        assertError(send("POST", "/leases/internal", timeToLive(8)), 404, "lease not found");
        assertError(send("POST", "/leases/internal", new byte[0]), 404, "lease not found");
        assertError(send("POST", "/leases/internal", new byte[] {8, -1}), 400, "error unmarshalling request");
        server.node.behind = true;
        var late = send("POST", "/leases/internal", timeToLive(7));
        assertError(late, 408, "waiting for node to catch up its applied index has timed out");
    }

    private HttpResponse<byte[]> hash(String json, String... headers) throws Exception {
        return send("GET", "/members/hashkv", json.getBytes(StandardCharsets.UTF_8), headers);
    }

    @Test
    void theHashOfTheKeysIsToldToOtherMembers() throws Exception {
        for (var asked : List.of("{\"revision\":1}", "{}", "null", "{\"other\":2,\"revision\":null}")) {
            var hash = hash(asked, "X-Etcd-Cluster-ID", "c1", "Content-Type", "application/json");
            assertThat(text(hash)).isEqualTo("{\"header\":{\"revision\":1},\"hash\":8,\"compact_revision\":-1}");
            assertThat(header(hash, "x-etcd-cluster-id")).isEqualTo("c1");
            assertThat(header(hash, "content-type")).isEqualTo("application/json");
        }
        assertThat(hash("{}").statusCode()).isEqualTo(200);
        var ahead = hash("{\"revision\":99}");
        assertError(ahead, 400, "mvcc: required revision is a future revision");
        assertThat(header(ahead, "x-etcd-cluster-id")).isEmpty();
        assertError(hash("{}", "X-Etcd-Cluster-ID", "c2"), 412, "cluster ID mismatch");
        for (var bad : List.of(
                "",
                "[",
                "[]",
                "7",
                "{} {}",
                "{revision:1}",
                "[".repeat(2000),
                "{\"revision\":\"1\"}",
                "{\"revision\":{}}",
                "{\"revision\":1.5}")) {
            assertError(hash(bad), 400, "error unmarshalling request");
        }
    }

    @Test
    void theHashOfTheKeysIsToldByGrpcToo() {
        var channel =
                NettyChannelBuilder.forAddress(server.address()).usePlaintext().build();
        try {
            var hash = MaintenanceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(10, TimeUnit.SECONDS)
                    .hashKV(HashKVRequest.getDefaultInstance());
            assertThat(hash.getHash()).isEqualTo(8);
            assertThat(hash.getHeader().getMemberId()).isEqualTo(0xa1);
            assertThat(hash.getHeader().getRevision()).isEqualTo(1);
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void learnersArePromotedForOtherMembers() throws Exception {
        var promoted = send("POST", "/members/promote/18446744073709551615");
        assertThat(text(promoted)).startsWith("[{\"id\":18446744073709551615,");
        assertThat(header(promoted, "x-etcd-cluster-id")).isEqualTo("c1");
        for (var bad : List.of("x", "", "-1", "+1", "18446744073709551616")) {
            var refused = send("POST", "/members/promote/" + bad);
            assertError(refused, 404, "member " + bad + " not found in cluster");
            assertThat(header(refused, "x-etcd-cluster-id")).isEqualTo("c1");
        }
        server.node.promotion = Refusal.MEMBER_NOT_FOUND;
        assertError(send("POST", "/members/promote/5"), 404, "membership: ID not found");
        server.node.promotion = Refusal.MEMBER_NOT_LEARNER;
        assertError(send("POST", "/members/promote/5"), 412, "membership: can only promote a learner member");
        server.node.promotion = Refusal.LEARNER_NOT_READY;
        assertError(
                send("POST", "/members/promote/5"),
                412,
                "etcdserver: can only promote a learner member which is in sync with leader");
        server.node.promotion = Refusal.TIMED_OUT;
        var failed = send("POST", "/members/promote/5");
        assertThat(failed.statusCode()).isEqualTo(500);
        assertThat(text(failed)).isEqualTo("{\"message\":\"Internal Server Error\"}");
    }

    // ---- before there is a member ----

    @Test
    void aMemberThatIsNotThereYetTellsItsVersionAndNothingElse() throws Exception {
        try (var early = new PeerServer(DualPort.Early.REFUSE, List::of, PortTimes.DEFAULT)) {
            assertThat(early.raw(get("/version", "Connection: close")))
                    .startsWith("HTTP/1.1 200 OK")
                    .endsWith("{\"etcdserver\":\"3.3.27\",\"etcdcluster\":\"not_decided\"}");
            assertThat(early.raw(get("/members", "Connection: close")))
                    .startsWith("HTTP/1.1 503 Service Unavailable")
                    .doesNotContainIgnoringCase("x-etcd-cluster-id");
            early.serve();
            assertThat(early.raw(get("/members", "Connection: close"))).startsWith("HTTP/1.1 200 OK");
        }
    }

    @Test
    void aMemberThatWillSoonBeBackLetsOthersWait() throws Exception {
        try (var early = new PeerServer(DualPort.Early.WAIT, List::of, PortTimes.DEFAULT);
                var waiting = early.connect()) {
            var channel = NettyChannelBuilder.forAddress(early.address())
                    .usePlaintext()
                    .build();
            var hash = MaintenanceGrpc.newFutureStub(channel).hashKV(HashKVRequest.getDefaultInstance());
            waiting.getOutputStream().write(get("/members", "Connection: close").getBytes(StandardCharsets.US_ASCII));
            assertThat(early.raw(get("/version", "Connection: close"))).endsWith("\"not_decided\"}");
            assertThat(waiting.getInputStream().available()).isZero();
            assertThat(hash.isDone()).isFalse();
            early.serve();
            assertThat(new String(waiting.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 200 OK");
            assertThat(hash.get(10, TimeUnit.SECONDS).getHash()).isEqualTo(8);
            channel.shutdownNow();
        }
    }

    // ---- handlers in front ----

    /// Answers everything under `/raft` without end, and counts the bytes it is sent.
    private static final class Endless extends ChannelInboundHandlerAdapter {
        private final AtomicLong received;
        private boolean mine;

        Endless(AtomicLong received) {
            this.received = received;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof HttpRequest request) {
                mine = request.uri().startsWith("/raft");
            }
            if (!mine) {
                ctx.fireChannelRead(message);
                return;
            }
            if (message instanceof HttpRequest) {
                var head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
                HttpUtil.setTransferEncodingChunked(head, true);
                var _ = ctx.writeAndFlush(head);
            }
            if (message instanceof HttpContent content) {
                received.addAndGet(content.content().readableBytes());
                var _ = ctx.writeAndFlush(new DefaultHttpContent(Unpooled.copiedBuffer(new byte[] {'.'})));
            }
            ReferenceCountUtil.release(message);
        }
    }

    @Test
    void whatAHandlerInFrontTakesHasNoLimitAndNoDeadline() throws Exception {
        var received = new AtomicLong();
        try (var fronted = new PeerServer(
                        DualPort.Early.REFUSE, () -> List.<ChannelHandler>of(new Endless(received)), SHORT);
                var socket = fronted.connect()) {
            fronted.serve();
            assertThat(fronted.raw(get("/version", "Connection: close"))).contains("etcdserver");
            socket.getOutputStream()
                    .write("POST /raft/snapshot HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            long begun = System.nanoTime();
            var piece = new byte[10_000];
            for (int i = 0; i < 100; i++) {
                socket.getOutputStream().write(piece);
                long soFar = (i + 1) * 10_000L;
                Await.await("the bytes are taken", Duration.ofSeconds(10), () -> received.get() == soFar);
                if (i == 50) {
                    // Others, who say nothing, are cut off meanwhile; so the deadline has passed here too.
                    assertThat(fronted.raw()).isEmpty();
                    assertThat(fronted.raw("GET /ver")).isEmpty();
                }
            }
            assertThat(System.nanoTime() - begun).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(300));
            assertThat(socket.getInputStream().read()).isEqualTo('H');
            socket.setSoTimeout(1);
            Await.await("all has been read that was sent", Duration.ofSeconds(10), () -> quiet(socket));
            assertThat(received).hasValue(1_000_000);
        }
    }

    private static boolean quiet(java.net.Socket socket) throws java.io.IOException {
        try {
            if (socket.getInputStream().read(new byte[8192]) < 0) {
                throw new AssertionError("the connection was closed");
            }
            return false;
        } catch (java.net.SocketTimeoutException nothing) {
            return true;
        }
    }

    // ---- bad input ----

    private static String get(String path, String... headers) {
        return "GET " + path + " HTTP/1.1\r\nHost: x\r\n"
                + (headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n") + "\r\n";
    }

    @Test
    void badInputIsRefusedAndTheNextRequestIsServed() throws Exception {
        record Case(String input, String begins) {}
        var cases = List.of(
                new Case("\u0016\u0003\u0001\u0002\r\n\r\n", "HTTP/1.1 400 "),
                new Case("nonsense\r\n\r\n", "HTTP/1.1 400 "),
                new Case("GET /members\r\n\r\n", "HTTP/1.1 400 "),
                new Case("GET " + "/x".repeat(4000) + " HTTP/1.1\r\n\r\n", "HTTP/1.1 414 "),
                new Case(get("/members", "X: " + "y".repeat(20_000)), "HTTP/1.1 431 "),
                new Case(get("/members", "X: y\r\n".repeat(5_000) + "Z: z"), "HTTP/1.1 431 "),
                new Case(
                        "POST /leases HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n" + "y".repeat(70_000),
                        "HTTP/1.1 413 "),
                new Case(
                        "POST /leases HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                                + ("1000\r\n" + "y".repeat(4096) + "\r\n").repeat(20),
                        "HTTP/1.1 413 "),
                new Case(
                        "POST /leases HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                        "HTTP/1.1 400 "),
                new Case("POST /leases HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", "HTTP/1.1 400 "),
                new Case(
                        "POST /leases HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
                        "HTTP/1.1 400 "));
        try (var hurried = new PeerServer(DualPort.Early.REFUSE, List::of, SHORT)) {
            hurried.serve();
            for (var one : cases) {
                assertThat(hurried.raw(one.input()))
                        .as(one.input().lines().findFirst().orElse(""))
                        .startsWith(one.begins());
                assertThat(hurried.raw(get("/version", "Connection: close"))).contains("etcdcluster");
            }
        }
    }

    @Test
    void whoIsTooSlowIsCutOff() throws Exception {
        try (var hurried = new PeerServer(DualPort.Early.REFUSE, List::of, SHORT)) {
            hurried.serve();
            for (var half : List.of(
                    "",
                    "PRI * HTTP/2.0\r\n",
                    "GET /members HTTP/1.1\r\nHost",
                    "POST /leases HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc",
                    "POST /leases HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")) {
                assertThat(hurried.raw(half)).isEmpty();
            }
            // Between two requests as well.
            assertThat(hurried.raw(get("/version")))
                    .startsWith("HTTP/1.1 200 OK")
                    .endsWith("}");
        }
    }

    @Test
    void aBodyThatComesInPiecesIsOneBody() throws Exception {
        grant(7, 60);
        var answer = server.raw(
                "POST /leases HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n1\r\n\b\r\n",
                "1\r\n\u0007\r\n",
                "0\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 200 OK").endsWith("\r\n\r\n\u0010\u0007\u0018<");
        assertThat(ByteString.copyFrom(keepAlive(7)).toByteArray()).containsExactly(8, 7);
    }
}
