package dev.cetera.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.AlarmMember;
import dev.cetera.api.etcdserverpb.AlarmType;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.config.Config.KeepAlive;
import dev.cetera.metrics.Metrics;
import dev.cetera.testkit.Await;
import io.grpc.Status;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ClientPortTest {
    private TestServer server;
    private HttpClient http;

    @BeforeEach
    void start() throws Exception {
        server = new TestServer(new PortTimes(300, 300, 300));
        http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    @Test
    void whoStillWaitsWhenThePortClosesIsToldThatTheConnectionIsGone() {
        server.node.silent = true;
        var put = PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("a")).build();
        var answer = KVGrpc.newFutureStub(server.channel()).put(put);
        Await.await("the put is under way", Duration.ofSeconds(10), () -> !server.node.seen.isEmpty());
        server.port.close();
        var told = catchThrowableOfType(ExecutionException.class, () -> answer.get(10, TimeUnit.SECONDS));
        assertThat(Status.fromThrowable(told).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }

    @AfterEach
    void stop() {
        http.close();
        server.close();
    }

    private HttpResponse<String> send(String method, String path, String body) throws Exception {
        var uri = URI.create("http://127.0.0.1:" + server.address().getPort() + path);
        return http.send(
                HttpRequest.newBuilder(uri)
                        .method(method, BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send("GET", path, "");
    }

    /// What comes back on a raw connection until the server closes it.
    private String raw(byte[]... pieces) throws IOException {
        try (var socket =
                new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
            socket.setSoTimeout(10_000);
            socket.setTcpNoDelay(true);
            for (var piece : pieces) {
                socket.getOutputStream().write(piece);
                socket.getOutputStream().flush();
            }
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void grpcAndHttpShareThePort() throws Exception {
        KVGrpc.newBlockingStub(server.channel())
                .put(PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("a"))
                        .build());
        var version = get("/version");
        assertThat(version.body()).isEqualTo("{\"etcdserver\":\"3.3.27\",\"etcdcluster\":\"3.3.0\"}");
        assertThat(version.headers().firstValue("content-type")).contains("application/json");
    }

    @Test
    void healthIsTrueOnlyWithoutAlarmsAndWithALeader() throws Exception {
        assertThat(get("/health").body()).isEqualTo("{\"health\":\"true\"}");
        assertThat(send("POST", "/health", "").statusCode()).isEqualTo(405);
        server.node.leader = false;
        assertUnhealthy(get("/health"));
        server.node.leader = true;
        server.node.alarms.add(AlarmMember.newBuilder()
                .setMemberID(1)
                .setAlarm(AlarmType.NOSPACE)
                .build());
        assertUnhealthy(get("/health"));
        server.node.alarms.clear();
        server.node.silent = true;
        assertUnhealthy(get("/health"));
        assertThat(server.metrics.server.healthFailures.value()).isEqualTo(3);
    }

    private static void assertUnhealthy(HttpResponse<String> response) {
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.body()).isEqualTo("{\"health\":\"false\"}\n");
    }

    @Test
    void metricsComeAsText() throws Exception {
        var metrics = get("/metrics");
        assertThat(metrics.headers().firstValue("content-type")).contains("text/plain; version=0.0.4; charset=utf-8");
        assertThat(metrics.body())
                .contains("# TYPE etcd_server_proposals_committed_total gauge\n")
                .contains("# TYPE etcd_server_health_success counter\n")
                .contains("etcd_disk_wal_fsync_duration_seconds_bucket{le=\"0.001\"} 0\n")
                .contains("etcd_server_version{server_version=\"3.3.27\"} 1\n")
                .contains("process_resident_memory_bytes ");
    }

    @Test
    void otherPathsAreNotFound() throws Exception {
        var nothing = get("/nope?x=1");
        assertThat(nothing.statusCode()).isEqualTo(404);
        assertThat(nothing.body()).isEqualTo("404 page not found\n");
        assertThat(get("/debug/vars").body()).contains("\"cmdline\"").contains("\"raft.status\"");
        assertThat(get("/debug/pprof/").statusCode()).isEqualTo(404);
    }

    @Test
    void theLogLevelIsSetOverHttp() throws Exception {
        assertThat(send("PUT", "/config/local/log", "{\"Level\":\"debug\"}").statusCode())
                .isEqualTo(204);
        assertThat(send("PUT", "/config/local/log", "{\"Level\":\"bad\"}").body())
                .isEqualTo("{\"message\":\"Invalid log level bad\"}");
        assertThat(send("PUT", "/config/local/log", "nonsense").body())
                .isEqualTo("{\"message\":\"Invalid json body\"}");
        assertThat(get("/config/local/log").headers().firstValue("allow")).contains("PUT");
    }

    @Test
    void requestsBehindEachOtherAreAnsweredInOrder() throws Exception {
        var answer = raw(
                ascii(
                        "GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        assertThat(answer.indexOf("{\"health\":\"true\"}")).isPositive().isLessThan(answer.indexOf("etcdcluster"));
    }

    @Test
    void aRequestInPiecesIsStillARequest() throws Exception {
        var answer = raw(ascii("G"), ascii("ET /version HTTP/1.0\r\n"), ascii("\r\n"));
        assertThat(answer).startsWith("HTTP/1.1 200 OK").contains("etcdserver");
    }

    @Test
    void aPrefaceThatTurnsIntoSomethingElseIsRefused() throws Exception {
        assertThat(raw(ascii("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n")))
                .startsWith("HTTP/1.1 404 ")
                .contains("HTTP/1.1 400 Bad Request");
    }

    @Test
    void aPrefaceInPiecesIsGrpc() throws Exception {
        var settings = new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0};
        try (var socket =
                new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
            socket.setSoTimeout(10_000);
            for (byte one : ascii("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")) {
                socket.getOutputStream().write(one);
                socket.getOutputStream().flush();
            }
            socket.getOutputStream().write(settings);
            var frame = socket.getInputStream().readNBytes(9);
            assertThat(frame[3]).isEqualTo((byte) 4); // the server's own SETTINGS
        }
    }

    @Test
    void garbageIsRefused() throws Exception {
        assertThat(raw(new byte[] {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3, '\r', '\n', '\r', '\n'}))
                .startsWith("HTTP/1.1 400 Bad Request");
    }

    @Test
    void headersHaveALimit() throws Exception {
        var answer = raw(ascii("GET / HTTP/1.1\r\nX: " + "x".repeat(20_000) + "\r\n\r\n"));
        assertThat(answer).startsWith("HTTP/1.1 431 ");
    }

    @Test
    void whoSaysNothingOrTooLittleIsCutOff() throws Exception {
        assertThat(raw()).isEmpty();
        assertThat(raw(ascii("PRI * HT"))).isEmpty();
        assertThat(raw(ascii("GET / HTTP/1.1\r\nX-"))).isEmpty();
    }

    @Test
    void whoSaysNothingToAPortForMetricsIsCutOff() throws Exception {
        try (var transport = Transport.best();
                var port = HttpPort.bind(
                        transport,
                        new DualPort.Address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), "127.0.0.1:0"),
                        new PortTimes(300, 60_000, 60_000))) {
            port.serve(Pages.client(server.node, server.metrics, _ -> {}));
            try (var socket = new Socket()) {
                socket.setSoTimeout(30_000);
                socket.connect(port.address());
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            }
        }
    }

    /// An HTTP/2 frame.
    private static byte[] frame(int type, int flags, int stream, byte[] content) {
        return ByteBuffer.allocate(9 + content.length)
                .putInt(content.length << 8 | type)
                .put((byte) flags)
                .putInt(stream)
                .put(content)
                .array();
    }

    private static byte[] http2(byte[]... frames) {
        var all = new ByteArrayOutputStream();
        all.writeBytes(ascii("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
        all.writeBytes(frame(4, 0, 0, new byte[0]));
        for (var frame : frames) {
            all.writeBytes(frame);
        }
        return all.toByteArray();
    }

    @Test
    void aClientThatGivesUpCallsAllTheTimeIsCutOff() throws Exception {
        var headers = new ByteArrayOutputStream();
        header(headers, ":method", "POST");
        header(headers, ":scheme", "http");
        header(headers, ":path", "/etcdserverpb.KV/Range");
        header(headers, "content-type", "application/grpc");
        header(headers, "te", "trailers");
        var cancel = new byte[] {0, 0, 0, 8};
        var frames = new ArrayList<byte[]>();
        for (int i = 0; i <= 10_000; i++) {
            frames.add(frame(1, 4, 2 * i + 1, headers.toByteArray()));
            frames.add(frame(3, 0, 2 * i + 1, cancel));
        }
        assertThat(raw(http2(frames.toArray(byte[][]::new)))).contains("\0\0\0\u000b");
    }

    /// In full, as any table of headers allows.
    private static void header(ByteArrayOutputStream to, String name, String value) {
        to.write(0);
        to.write(name.length());
        to.writeBytes(ascii(name));
        to.write(value.length());
        to.writeBytes(ascii(value));
    }

    @Test
    void aClientThatChangesItsSettingsAllTheTimeIsCutOff() throws Exception {
        var settings = frame(4, 0, 0, new byte[0]);
        var frames = Collections.nCopies(10_000, settings).toArray(byte[][]::new);
        assertThat(raw(http2(frames))).contains("settings change all the time");
    }

    @Test
    void anAddressInUseIsSaidAsGoSaysIt() {
        var address = new DualPort.Address(server.address(), "127.0.0.1:2379");
        try (var transport = Transport.best()) {
            var failure = catchThrowableOfType(
                    BindFailure.class,
                    () -> DualPort.forClients(
                            transport,
                            List.of(address),
                            1000,
                            new KeepAlive(0, 0, 0),
                            new Metrics(Metrics.Detail.BASIC),
                            List::of,
                            PortTimes.DEFAULT));
            assertThat(failure).hasMessage("listen tcp 127.0.0.1:2379: bind: address already in use");
            var plain = catchThrowableOfType(
                    BindFailure.class,
                    () -> HttpPort.bind(
                            transport, new DualPort.Address(server.address(), "127.0.0.1:2380"), PortTimes.DEFAULT));
            assertThat(plain).hasMessage("listen tcp 127.0.0.1:2380: bind: address already in use");
        }
    }
}
