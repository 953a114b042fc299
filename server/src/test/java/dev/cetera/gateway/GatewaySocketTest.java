package dev.cetera.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Index.atIndex;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.AuthEnableRequest;
import dev.cetera.api.etcdserverpb.AuthGrpc;
import dev.cetera.api.etcdserverpb.AuthRoleAddRequest;
import dev.cetera.api.etcdserverpb.AuthUserAddRequest;
import dev.cetera.api.etcdserverpb.AuthUserGrantRoleRequest;
import dev.cetera.api.etcdserverpb.AuthenticateRequest;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.embed.RunningMember;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The gateway over web sockets, asked by the JDK's client. The tests share the member.
@Timeout(60)
final class GatewaySocketTest {
    /// That the socket is there, by a server without anything else to say.
    private static final int ANSWER_BYTES = 129;

    private static RunningMember member;
    private static HttpClient http;

    @BeforeAll
    static void start(@TempDir Path dir) throws Exception {
        member = new RunningMember(dir);
        http = HttpClient.newHttpClient();
    }

    @AfterAll
    static void stop() {
        http.close();
        member.close();
    }

    /// What comes over one socket: its messages, and at last how it was closed.
    private static final class Heard implements WebSocket.Listener {
        private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
        private final StringBuilder message = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            message.append(data);
            if (last) {
                messages.add(message.toString());
                message.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onPong(WebSocket socket, ByteBuffer data) {
            messages.add("pong " + StandardCharsets.UTF_8.decode(data));
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            messages.add("closed " + code);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            messages.add("broken: " + error + ", " + error.getCause());
        }

        String next() throws InterruptedException {
            return String.valueOf(messages.poll(20, TimeUnit.SECONDS));
        }
    }

    private static URI uri(RunningMember of, String path) {
        return URI.create("ws://127.0.0.1:" + of.address().getPort() + path);
    }

    private static WebSocket open(String path, Heard heard) {
        return http.newWebSocketBuilder().buildAsync(uri(member, path), heard).join();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static void put(RunningMember to, String key, String value) {
        KVGrpc.newBlockingStub(to.channel())
                .put(PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .setValue(ByteString.copyFromUtf8(value))
                        .build());
    }

    @Test
    void aWatchGoesBothWays() throws Exception {
        for (var path : new String[] {"/v3beta/watch", "/v3alpha/watch", "/v3/watch"}) {
            var heard = new Heard();
            var socket = open(path, heard);
            socket.sendText("{\"create_request\":{\"key\":\"" + base64("w") + "\"}}", true)
                    .join();
            assertThat(heard.next()).startsWith("{\"result\":{\"header\":").contains("\"created\":true");
            put(member, "w", "1");
            assertThat(heard.next())
                    .contains("\"value\":\"" + base64("1") + "\"")
                    .endsWith("}}");
            // A message in two frames, of bytes this time.
            socket.sendBinary(ByteBuffer.wrap("{\"create_request\":{\"key\":".getBytes(StandardCharsets.UTF_8)), false)
                    .join();
            socket.sendBinary(ByteBuffer.wrap("\"eA==\",\"watch_id\":\"7\"}}".getBytes(StandardCharsets.UTF_8)), true)
                    .join();
            assertThat(heard.next()).contains("\"created\":true");
            socket.sendPing(ByteBuffer.wrap(new byte[] {'p'})).join();
            assertThat(heard.next()).isEqualTo("pong p");
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "bye").join();
            assertThat(heard.next()).isEqualTo("closed 1000");
        }
    }

    @Test
    void anEventThatIsLongerThanAFrameIsOneMessage() throws Exception {
        var heard = new Heard();
        var socket = open("/v3beta/watch", heard);
        socket.sendText("{\"create_request\":{\"key\":\"" + base64("long") + "\"}}", true)
                .join();
        heard.next();
        var value = "x".repeat(300_000);
        put(member, "long", value);
        assertThat(heard.next()).contains("\"value\":\"" + base64(value) + "\"");
        socket.abort();
    }

    @Test
    void aCallWithOneAnswerEndsWithIt() throws Exception {
        var heard = new Heard();
        open("/v3beta/kv/put", heard)
                .sendText("{\"key\":\"" + base64("one") + "\",\"value\":\"eA==\"}", true)
                .join();
        assertThat(heard.next()).startsWith("{\"header\":{");
        assertThat(heard.next()).isEqualTo("closed 1000");
        var refused = new Heard();
        open("/v3beta/kv/range", refused).sendText("{}", true).join();
        assertThat(refused.next()).isEqualTo("{\"error\":\"etcdserver: key is not provided\",\"code\":3}");
        assertThat(refused.next()).isEqualTo("closed 1000");
    }

    @Test
    void whatIsNoJsonEndsTheCall() throws Exception {
        var heard = new Heard();
        open("/v3beta/watch", heard).sendText("abc", true).join();
        assertThat(heard.next()).contains("invalid character 'a' looking for beginning of value");
        assertThat(heard.next()).isEqualTo("closed 1000");
    }

    @Test
    void aFrameThatIsTooLongIsRefused() throws IOException {
        var upgrade = """
                GET /v3beta/watch HTTP/1.1
                Host: localhost
                Connection: Upgrade
                Upgrade: websocket
                Sec-WebSocket-Version: 13
                Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==

                """.replace("\n", "\r\n");
        // Text, masked, of 65537 bytes; the mask follows.
        byte[] frame = {(byte) 0x81, (byte) 0xff, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0};
        try (var socket = member.connect()) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(upgrade.getBytes(StandardCharsets.US_ASCII));
            var head = new String(socket.getInputStream().readNBytes(ANSWER_BYTES), StandardCharsets.US_ASCII);
            assertThat(head)
                    .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
                    .containsIgnoringCase("sec-websocket-accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=\r\n")
                    .endsWith("\r\n\r\n");
            socket.getOutputStream().write(frame);
            // A frame that closes, and its code, 1009.
            var closed = socket.getInputStream().readAllBytes();
            assertThat(closed).startsWith(0x88).contains(3, atIndex(2)).contains(0xf1, atIndex(3));
        }
    }

    @Test
    void pagesOfOtherSitesGetNone() {
        var refused = http.newWebSocketBuilder()
                .header("Origin", "http://evil.example")
                .buildAsync(uri(member, "/v3/watch"), new Heard());
        assertThatThrownBy(refused::get)
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        WebSocketHandshakeException.class,
                        why -> assertThat(why.getResponse().statusCode()).isEqualTo(403));
    }

    @Test
    void whoAsksWithoutAKeyOrInAnotherVersionIsToldSo() throws IOException {
        var upgrade =
                "GET /v3beta/watch HTTP/1.1\r\nHost: localhost\r\nConnection: close, Upgrade\r\nUpgrade: websocket\r\n";
        assertThat(member.raw(upgrade + "Sec-WebSocket-Version: 13\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(member.raw(upgrade + "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: eA==\r\n\r\n"))
                .startsWith("HTTP/1.1 400 ");
        assertThat(member.raw(upgrade.replace("/v3beta/watch", "/v3beta/nix") + "\r\n"))
                .startsWith("HTTP/1.1 404 ");
    }

    /// Pages can set no header but this one.
    @Test
    void theProtocolIsTheToken(@TempDir Path dir) throws Exception {
        try (var guarded = new RunningMember(dir)) {
            var auth = AuthGrpc.newBlockingStub(guarded.channel());
            var root = AuthUserAddRequest.newBuilder().setName("root").setPassword("secret");
            auth.userAdd(root.build());
            auth.roleAdd(AuthRoleAddRequest.newBuilder().setName("root").build());
            auth.userGrantRole(AuthUserGrantRoleRequest.newBuilder()
                    .setUser("root")
                    .setRole("root")
                    .build());
            auth.authEnable(AuthEnableRequest.getDefaultInstance());
            var token = auth.authenticate(AuthenticateRequest.newBuilder()
                            .setName("root")
                            .setPassword("secret")
                            .build())
                    .getToken();
            var range = "{\"key\":\"eA==\"}";

            var unknown = new Heard();
            http.newWebSocketBuilder()
                    .buildAsync(uri(guarded, "/v3beta/kv/range"), unknown)
                    .join()
                    .sendText(range, true)
                    .join();
            assertThat(unknown.next()).contains("etcdserver: user name is empty");

            var known = new Heard();
            http.newWebSocketBuilder()
                    .subprotocols(token)
                    .buildAsync(uri(guarded, "/v3beta/kv/range"), known)
                    .join()
                    .sendText(range, true)
                    .join();
            assertThat(known.next()).startsWith("{\"header\":{");

            var bearer = http.newWebSocketBuilder()
                    .subprotocols("Bearer", token)
                    .buildAsync(uri(guarded, "/v3beta/kv/range"), new Heard())
                    .join();
            assertThat(bearer.getSubprotocol()).isEqualTo("Bearer");
            bearer.abort();
        }
    }
}
