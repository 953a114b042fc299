package dev.cetera.http;

import static dev.cetera.testkit.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.config.Config;
import dev.cetera.node.LogLines;
import dev.cetera.tls.ClientTls;
import dev.cetera.tls.CommonName;
import dev.cetera.tls.ServerTls;
import dev.cetera.tls.TestAuthority;
import dev.cetera.tls.TestAuthority.Signed;
import dev.cetera.tls.TestAuthority.Wish;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.util.MutableHandlerRegistry;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The client port by TLS, with real sockets and strangers of every kind.
@Timeout(60)
class SecurePortTest {
    private static final PortTimes SHORT = new PortTimes(400, 400, 400);

    /// For clients that shake hands before they fall silent.
    private static final PortTimes SHORT_THEN = new PortTimes(4000, 400, 400);

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /// Types and flags of HTTP/2's frames (RFC 9113, 6).
    private static final int DATA = 0;

    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;

    @TempDir
    Path directory;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private TestAuthority authority;
    private Signed own;
    private Signed client;
    private LogLines log;

    @BeforeEach
    void sign() {
        authority = new TestAuthority(directory, "ca");
        own = authority.sign("server", Wish.of("server", "IP:127.0.0.1", "DNS:localhost"));
        client = authority.sign("client", Wish.of("alice"));
        log = new LogLines("embed");
        opened.add(log);
    }

    @AfterEach
    void close() throws Exception {
        for (var one : opened.reversed()) {
            one.close();
        }
    }

    private Config.Tls demanding() {
        return own.side(authority.file());
    }

    private TestServer server(PortTimes times, Config.Tls side, Guard.Clear clear) throws IOException {
        var server = new TestServer(times, new Guard(ServerTls.open(side, List.of(), ServerTls.Rules.NONE), clear));
        opened.add(server);
        return server;
    }

    private TestServer server() throws IOException {
        return server(PortTimes.DEFAULT, demanding(), Guard.Clear.REFUSED);
    }

    private ManagedChannel grpc(TestServer server, Signed shown) throws IOException {
        var tls = ClientTls.open(shown.side(authority.file()), List.of(), "", "");
        var channel = NettyChannelBuilder.forAddress(
                        "127.0.0.1", server.address().getPort())
                .sslContext(tls.forGrpc())
                .build();
        opened.add(channel::shutdownNow);
        return channel;
    }

    private static void put(ManagedChannel channel) {
        KVGrpc.newBlockingStub(channel)
                .put(PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("a"))
                        .build());
    }

    private SSLContext java(Signed shown) throws Exception {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setKeyEntry("own", shown.keys().getPrivate(), new char[0], new X509Certificate[] {shown.x509()});
        var keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, new char[0]);
        var trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry("ca", authority.certificate());
        var trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private HttpClient http(HttpClient.Version version) throws Exception {
        var http = HttpClient.newBuilder()
                .sslContext(java(client))
                .version(version)
                .build();
        opened.add(http);
        return http;
    }

    private static HttpResponse<String> send(
            HttpClient http, String scheme, TestServer server, String method, String path, String body)
            throws Exception {
        var uri = URI.create(scheme + "://127.0.0.1:" + server.address().getPort() + path);
        return http.send(
                HttpRequest.newBuilder(uri)
                        .method(method, BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    // ---- those who may come in ----

    @Test
    void callsAndPagesShareThePort() throws Exception {
        var server = server();
        put(grpc(server, client));

        for (var version : HttpClient.Version.values()) {
            if (version.name().equals("HTTP_3")) {
                continue;
            }
            var http = http(version);
            var page = send(http, "https", server, "GET", "/version", "");
            assertThat(page.version()).isEqualTo(version);
            assertThat(page.body()).isEqualTo("{\"etcdserver\":\"3.3.27\",\"etcdcluster\":\"3.3.0\"}");
            assertThat(page.headers().firstValue("content-type")).contains("application/json");
            assertThat(send(http, "https", server, "GET", "/nosuch", "").statusCode())
                    .isEqualTo(404);
            assertThat(send(http, "https", server, "PUT", "/config/local/log", "{\"Level\":\"INFO\"}")
                            .statusCode())
                    .isEqualTo(204);
            assertThat(send(http, "https", server, "PUT", "/config/local/log", "x".repeat(100_000))
                            .statusCode())
                    .isEqualTo(413);
            assertThat(send(http, "https", server, "GET", "/metrics", "").body())
                    .contains("etcd_server_has_leader");
        }
    }

    /// The stream is ended while its client still sends.
    @Test
    void whoSendsTooMuchReadsTheAnswer() throws Exception {
        var server = server();
        var http = http(HttpClient.Version.HTTP_2);
        for (int i = 0; i < 50; i++) {
            assertThat(send(http, "https", server, "PUT", "/config/local/log", "x".repeat(100_000))
                            .statusCode())
                    .isEqualTo(413);
        }
    }

    /// A client that hasn't come to the answer's end would take a reset for the answer.
    @Test
    void aPageThatIsReadInFullIsNotFollowedByAReset() throws Exception {
        var server = server();
        try (var socket = shaken(server, "h2")) {
            socket.setSoTimeout(20_000);
            var in = new DataInputStream(socket.getInputStream());
            var out = socket.getOutputStream();
            out.write(PREFACE);
            out.write(frame(SETTINGS, 0, 0));
            // GET by https, then a path and an authority as they are (RFC 7541, appendix A and 6.2.2)
            out.write(frame(HEADERS, END_STREAM | END_HEADERS, 1, 0x82, 0x87, 4, 8, "/version", 1, 1, "x"));
            assertThat(framesUntil(in, frame -> frame.stream() == 1 && (frame.flags() & END_STREAM) != 0))
                    .anyMatch(frame -> frame.type() == DATA);

            out.write(frame(PING, 0, 0, "whatever"));

            assertThat(framesUntil(in, frame -> frame.type() == PING)).noneMatch(frame -> frame.type() == RST_STREAM);
        }
    }

    private record Frame(int type, int flags, int stream) {}

    /// @param payload bytes, and strings of them
    private static byte[] frame(int type, int flags, int stream, Object... payload) {
        var bytes = new ByteArrayOutputStream();
        for (var part : payload) {
            if (part instanceof String text) {
                bytes.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
            } else {
                bytes.write((int) part);
            }
        }
        return ByteBuffer.allocate(9 + bytes.size())
                .putInt(bytes.size() << 8 | type)
                .put((byte) flags)
                .putInt(stream)
                .put(bytes.toByteArray())
                .array();
    }

    /// All that come, the one looked for at the end.
    private static List<Frame> framesUntil(DataInputStream in, Predicate<Frame> last) throws IOException {
        var frames = new ArrayList<Frame>();
        do {
            int lengthAndType = in.readInt();
            frames.add(new Frame(lengthAndType & 0xff, in.readUnsignedByte(), in.readInt()));
            in.skipNBytes(lengthAndType >>> 8);
        } while (!last.test(frames.getLast()));
        return frames;
    }

    @Test
    void manyPagesAtOnceComeOverOneConnection() throws Exception {
        var server = server();
        var http = http(HttpClient.Version.HTTP_2);
        send(http, "https", server, "GET", "/version", "");
        var uri = URI.create("https://127.0.0.1:" + server.address().getPort() + "/metrics");

        var answers = new ArrayList<java.util.concurrent.CompletableFuture<HttpResponse<String>>>();
        for (int i = 0; i < 50; i++) {
            answers.add(http.sendAsync(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()));
        }

        assertThat(answers)
                .allSatisfy(answer -> assertThat(answer.join().statusCode()).isEqualTo(200));
    }

    @Test
    void callsKnowTheCertificateOfTheirClient() throws Exception {
        var seen = new AtomicReference<SSLSession>();
        var server = server();
        var registry = new MutableHandlerRegistry();
        registry.addService(ServerInterceptors.intercept(
                ServerServiceDefinition.builder("etcdserverpb.KV")
                        .addMethod(KVGrpc.getPutMethod(), (_, _) -> new ServerCall.Listener<>() {})
                        .build(),
                new ServerInterceptor() {
                    @Override
                    public <Q, A> ServerCall.Listener<Q> interceptCall(
                            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                        seen.set(Objects.requireNonNull(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION)));
                        call.close(Status.ABORTED, new Metadata());
                        return new ServerCall.Listener<>() {};
                    }
                }));
        server.port.serve(registry, Pages.client(server.node, server.metrics, _ -> {}));

        assertThatThrownBy(() -> put(grpc(server, client))).hasMessageContaining("ABORTED");

        assertThat(CommonName.of((X509Certificate) seen.get().getPeerCertificates()[0]))
                .isEqualTo("alice");
    }

    @Test
    void oneAddressCanTakeBothKinds() throws Exception {
        var server = server(PortTimes.DEFAULT, demanding(), Guard.Clear.SERVED);
        put(server.channel());
        put(grpc(server, client));
        for (var scheme : List.of("http", "https")) {
            assertThat(send(http(HttpClient.Version.HTTP_1_1), scheme, server, "GET", "/version", "")
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    // ---- those who may not ----

    @Test
    void whoSpeaksInTheClearIsRejected() throws Exception {
        var server = server();

        assertThat(raw(server, "GET /version HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII)))
                .isEmpty();

        await("a line", SOON, () -> !log.lines.isEmpty());
        assertThat(log.lines.getFirst())
                .matches("rejected connection from \"127.0.0.1:\\d+\" \\(error "
                        + "\"tls: first record does not look like a TLS handshake\", ServerName \"\"\\)");
    }

    @Test
    void aCertificateOfAnotherAuthorityIsRejected() throws Exception {
        var server = server();
        var stranger = new TestAuthority(directory, "other").sign("stranger", Wish.of("alice"));
        var channel = grpc(server, stranger);

        assertThatThrownBy(() -> put(channel)).isInstanceOf(StatusRuntimeException.class);

        await("a line", SOON, () -> log.lines.stream().anyMatch(line -> line.contains("unknown authority")));
    }

    @Test
    void aRevokedCertificateIsRejectedWithWhatItNames() throws Exception {
        var named = authority.sign("named", Wish.of("alice", "IP:10.0.0.1", "DNS:a.example"));
        var server =
                server(PortTimes.DEFAULT, own.side(authority.file(), authority.revoke(named)), Guard.Clear.REFUSED);
        put(grpc(server, client));

        assertThatThrownBy(() -> put(grpc(server, named))).isInstanceOf(StatusRuntimeException.class);

        await("a line", SOON, () -> log.lines.stream().anyMatch(line -> line.contains("revoked")));
        assertThat(log.lines.stream().filter(line -> line.contains("revoked")).findFirst())
                .hasValueSatisfying(line -> assertThat(line)
                        .matches("rejected connection from \"127.0.0.1:\\d+\" \\(error \"transport: certificate serial "
                                + "[0-9a-f]+ revoked\", ServerName \"\", IPAddresses \\[\"10.0.0.1\"], DNSNames "
                                + "\\[\"a.example\"]\\)"));
    }

    // ---- those who never say what they want ----

    @Test
    void thousandsOfSilentConnectionsEndAndOthersGoOnMeanwhile() throws Exception {
        var server = server(SHORT_THEN, demanding(), Guard.Clear.SERVED);
        var silent = new ArrayList<Socket>();
        opened.add(() -> {
            for (var socket : silent) {
                socket.close();
            }
        });
        for (int i = 0; i < 2000; i++) {
            silent.add(new Socket(
                    InetAddress.getLoopbackAddress(), server.address().getPort()));
        }

        put(grpc(server, client));

        for (var socket : silent) {
            socket.setSoTimeout(20_000);
            assertThat(socket.getInputStream().read()).isNegative();
        }
        assertThat(log.lines).isEmpty();
    }

    @Test
    void aHandshakeWithoutAnEndIsCutOff() throws Exception {
        var server = server(SHORT, demanding(), Guard.Clear.REFUSED);
        var hello = new byte[] {22, 3, 1, 1, 0, 1, 0, 0, (byte) 0xfc, 3, 3};

        trickle(server, hello, 0);

        await("a line", SOON, () -> log.lines.stream().anyMatch(line -> line.contains("i/o timeout")));
    }

    /// Sends the first bytes at once and then one every 50 ms, until the connection ends.
    private static void trickle(TestServer server, byte[] first, int then) throws IOException, InterruptedException {
        try (var socket =
                new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
            socket.getOutputStream().write(first);
            socket.setSoTimeout(50);
            trickle(socket, then);
        }
    }

    private static void trickle(Socket socket, int then) throws IOException {
        while (true) {
            try {
                if (socket.getInputStream().read() < 0) {
                    return;
                }
            } catch (java.net.SocketTimeoutException stillOpen) {
                socket.getOutputStream().write(then);
                socket.getOutputStream().flush();
            } catch (SocketException ended) {
                return;
            }
        }
    }

    private SSLSocket shaken(TestServer server, String... protocols) throws Exception {
        var socket = (SSLSocket) java(client)
                .getSocketFactory()
                .createSocket("127.0.0.1", server.address().getPort());
        var parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    @Test
    void oneByteOfAHeaderNowAndThenIsNotEnough() throws Exception {
        var server = server(SHORT_THEN, demanding(), Guard.Clear.REFUSED);
        try (var socket = shaken(server)) {
            socket.getOutputStream().write("GET /version HTTP/1.1\r\nX: ".getBytes(StandardCharsets.US_ASCII));
            socket.setSoTimeout(50);
            trickle(socket, 'x');
        }
    }

    @Test
    void whoIsSilentAfterTheHandshakeIsCutOff() throws Exception {
        var server = server(SHORT_THEN, demanding(), Guard.Clear.REFUSED);
        try (var socket = shaken(server, "h2")) {
            assertThat(socket.getApplicationProtocol()).isEqualTo("h2");
            assertThat(socket.getInputStream().readAllBytes()).isEmpty();
        }
    }

    @Test
    void whoIsSilentAfterThePrefaceIsCutOff() throws Exception {
        var server = server(SHORT_THEN, demanding(), Guard.Clear.SERVED);
        try (var socket = shaken(server, "h2");
                var clear = new Socket(
                        InetAddress.getLoopbackAddress(), server.address().getPort())) {
            for (var one : List.of(socket, clear)) {
                one.getOutputStream().write(PREFACE);
                one.getOutputStream().flush();
                var _ = one.getInputStream().readAllBytes(); // perhaps the server's own settings, and then the end
            }
        }
    }

    private static String raw(TestServer server, byte[] sent) throws IOException {
        try (var socket =
                new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(sent);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (SocketException reset) {
            return "";
        }
    }
}
