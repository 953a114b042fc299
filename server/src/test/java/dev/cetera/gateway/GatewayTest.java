package dev.cetera.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.cetera.embed.RunningMember;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The gateway of a real member, byte by byte. What it answers here, etcd 3.3.27 answered to the same. The
/// tests share the member; each has keys of its own.
final class GatewayTest {
    private static RunningMember member;

    @BeforeAll
    static void start(@TempDir Path dir) throws Exception {
        member = new RunningMember(dir, "--cors=http://good.example");
    }

    @AfterAll
    static void stop() {
        member.close();
    }

    private static String request(String line, String headers, String body) {
        return line + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "Content-Length: " + body.length() + "\r\n\r\n"
                + body;
    }

    private static String send(String line, String headers, String body) throws IOException {
        var answer = member.raw(request(line, "Connection: close\r\n" + headers, body));
        return answer.replaceFirst("Date: .*\r\n", "")
                .replaceFirst("Connection: close\r\n", "")
                .replaceAll("\"(cluster_id|member_id|raft_term|revision)\":\"\\d+\",?", "")
                .replace("\r\n", "\n");
    }

    private static String post(String path, String body) throws IOException {
        return send("POST " + path, "", body);
    }

    private static String body(String answer) {
        return answer.substring(answer.indexOf("\n\n") + 2);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aPutAndARangeAreObjects() throws IOException {
        assertThat(post("/v3beta/kv/put", "{\"key\":\"YQ==\",\"value\":\"PD4=\"}"))
                .matches("""
                        HTTP/1.1 200 OK
                        Content-Type: application/json
                        Grpc-Metadata-Content-Type: application/grpc
                        Content-Length: \\d+

                        \\{"header":\\{}}""");
        assertThat(body(post("/v3alpha/kv/range", "{\"key\":\"YQ==\"}")))
                .matches("\\{\"header\":\\{},\"kvs\":\\[\\{\"key\":\"YQ==\",\"create_revision\":\"\\d+\","
                        + "\"mod_revision\":\"\\d+\",\"version\":\"1\",\"value\":\"PD4=\"}],\"count\":\"1\"}");
    }

    @Test
    void aRefusalIsChunkedAndHasATrailer() throws IOException {
        assertThat(post("/v3beta/kv/range", "{}")).isEqualTo("""
                        HTTP/1.1 400 Bad Request
                        Content-Type: application/json
                        Trailer: Grpc-Trailer-Content-Type
                        Transfer-Encoding: chunked

                        34
                        {"error":"etcdserver: key is not provided","code":3}
                        0
                        Grpc-Trailer-Content-Type: application/grpc

                        """);
        assertThat(body(post("/v3/kv/range", "{}")))
                .contains("{\"error\":\"etcdserver: key is not provided\",\"message\":"
                        + "\"etcdserver: key is not provided\",\"code\":3}");
    }

    @Test
    void whatCantBeReadNeverBecomesACall() throws IOException {
        assertThat(post("/v3beta/kv/range", "{\"key\":\"Zm9\"}")).isEqualTo("""
                        HTTP/1.1 400 Bad Request
                        Content-Type: application/json
                        Content-Length: 56

                        {"error":"illegal base64 data at input byte 0","code":3}""");
        assertThat(body(post("/v3beta/kv/range", ""))).isEqualTo("{\"error\":\"EOF\",\"code\":3}");
        assertThat(body(post("/v3/kv/range", ""))).contains("etcdserver: key is not provided");
        assertThat(post("/v3beta/watch", "abc"))
                .startsWith("HTTP/1.1 500 ")
                .endsWith("{\"error\":\"invalid character 'a' looking for beginning of value\",\"code\":2}");
    }

    @Test
    void onlyKnownPathsAndPostsAreServed() throws IOException {
        var notFound = """
                HTTP/1.1 404 Not Found
                Content-Type: text/plain; charset=utf-8
                X-Content-Type-Options: nosniff
                Content-Length: 10

                Not Found
                """;
        assertThat(post("/v3beta/nix", "{}")).isEqualTo(notFound);
        assertThat(send("GET /v3beta/", "", "")).isEqualTo(notFound);
        assertThat(post("/v3beta/lease/revoke", "{}")).isEqualTo(notFound);
        assertThat(post("/v3/lease/revoke", "{\"ID\":5}")).contains("requested lease not found");
        assertThat(send("GET /v3beta/kv/range", "", ""))
                .startsWith("HTTP/1.1 405 Method Not Allowed\n")
                .endsWith("\n\nMethod Not Allowed\n");
        assertThat(send("GET /v3beta", "", ""))
                .startsWith("HTTP/1.1 301 Moved Permanently\n")
                .contains("Location: /v3beta/\n");
        assertThat(post("/v2/keys/a", "value=1")).startsWith("HTTP/1.1 404 ").endsWith("404 page not found\n");
    }

    @Test
    void codesBecomeStatusesAsInEachRelease() throws IOException {
        post("/v3beta/lease/grant", "{\"ID\":77,\"TTL\":60}");
        assertThat(post("/v3beta/lease/grant", "{\"ID\":77,\"TTL\":60}")).startsWith("HTTP/1.1 412 ");
        assertThat(post("/v3/lease/grant", "{\"ID\":77,\"TTL\":60}")).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void aStreamIsALineForEachAnswer() throws IOException {
        var answer = post("/v3beta/lease/keepalive", "{\"ID\":\"5\"}\n{\"ID\":6}");
        assertThat(answer)
                .contains("{\"result\":{\"header\":{},\"ID\":\"5\"}}\n", "{\"result\":{\"header\":{},\"ID\":\"6\"}}\n");
        assertThat(answer).startsWith("HTTP/1.1 200 OK\n").endsWith("\n0\n\n");
    }

    @Test
    void aWatchTellsWhatHappensUntilTheClientGoes() throws IOException {
        try (var socket = member.connect()) {
            socket.getOutputStream()
                    .write(request(
                                    "POST /v3beta/watch",
                                    "",
                                    "{\"create_request\":{\"key\":\"" + base64("watched") + "\"}}")
                            .getBytes(StandardCharsets.ISO_8859_1));
            var lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            assertThat(lineWith("created", lines)).contains("\"created\":true");
            post("/v3beta/kv/put", "{\"key\":\"" + base64("watched") + "\",\"value\":\"eA==\"}");
            assertThat(lineWith("events", lines)).contains("\"events\":[{\"kv\":{\"key\":\"" + base64("watched"));
        }
    }

    private static String lineWith(String text, BufferedReader lines) throws IOException {
        for (var line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.contains(text)) {
                return line;
            }
        }
        return "nothing";
    }

    @Test
    void aCallEndsWhenItsTimeIsOver() throws IOException {
        var create = "{\"create_request\":{\"key\":\"YQ==\"}}";
        assertThat(send("POST /v3beta/watch", "Grpc-Timeout: 50m\r\n", create))
                .contains("{\"error\":{\"grpc_code\":4,\"http_code\":408,\"message\":\"rpc error: code = "
                        + "DeadlineExceeded desc = context deadline exceeded\",\"http_status\":\"Request Timeout\"}}");
        assertThat(send("POST /v3/kv/range", "Grpc-Timeout: -5S\r\n", "{\"key\":\"YQ==\"}"))
                .startsWith("HTTP/1.1 504 ");
        assertThat(body(send("POST /v3beta/kv/range", "Grpc-Timeout: 5\r\n", "{}")))
                .isEqualTo("{\"error\":\"invalid grpc-timeout: 5\",\"code\":3}");
    }

    @Test
    void requestsOnOneConnectionAreAnsweredInTurn() throws IOException {
        var last = "Connection: close\r\n";
        var answers = member.raw(request("POST /v3beta/kv/put", "", "{\"key\":\"dHVybg==\"}")
                + request("GET /version", "", "")
                + request("POST /v3beta/kv/range", "", "{\"key\":\"dHVybg==\"}")
                + request("POST /v3beta/kv/range", "", "{")
                + request("GET /nix", last, ""));
        var order = Pattern.compile("etcdcluster|\"count\":\"1\"|unexpected EOF|page not found|HTTP/1.1 \\d+");
        assertThat(order.matcher(answers).results().map(found -> found.group()))
                .containsExactly(
                        "HTTP/1.1 200",
                        "HTTP/1.1 200",
                        "etcdcluster",
                        "HTTP/1.1 200",
                        "\"count\":\"1\"",
                        "HTTP/1.1 400",
                        "unexpected EOF",
                        "HTTP/1.1 404",
                        "page not found");
    }

    @Test
    void aLargeAnswerComesInChunks() throws IOException {
        var value = "x".repeat(300_000);
        post("/v3beta/kv/put", "{\"key\":\"bGFyZ2U=\",\"value\":\"" + base64(value) + "\"}");
        var answer = post("/v3beta/kv/range", "{\"key\":\"bGFyZ2U=\"}");
        assertThat(answer).contains("Transfer-Encoding: chunked");
        assertThat(answer.replaceAll("\n[0-9a-f]+\n", ""))
                .contains(base64(value).substring(0, 100));
        assertThat(answer).hasSizeGreaterThan(400_000);
    }

    @Test
    void whatIsTooLongIsRefusedUnread() throws IOException {
        var tooLong = "{\"key\":\"" + "A".repeat(5_000_000) + "\"}";
        assertThat(body(post("/v3beta/kv/put", tooLong))).contains("grpc: received message larger than max");
    }

    @Test
    void blanksWithoutEndAreTooLongToo() throws IOException {
        assertThat(body(post("/v3beta/kv/put", " ".repeat(4_400_000))))
                .contains("grpc: received message larger than max");
    }

    @Test
    void whoGoesOnAfterTheAnswerIsHungUpOn() throws IOException {
        try (var socket = member.connect()) {
            var out = socket.getOutputStream();
            var head = "POST /v3beta/kv/put HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
            out.write(head.getBytes(StandardCharsets.US_ASCII));
            var chunk = ("10000\r\n" + " ".repeat(65_536) + "\r\n").getBytes(StandardCharsets.US_ASCII);
            assertThatIOException().isThrownBy(() -> {
                for (int i = 0; i < 2_000; i++) {
                    out.write(chunk);
                }
            });
        }
    }

    @Test
    void theDatabaseComesInBlobs() throws IOException {
        var answer = post("/v3beta/maintenance/snapshot", "{}");
        assertThat(answer).startsWith("HTTP/1.1 200 OK\n");
        assertThat(answer.lines()
                        .filter(line -> line.startsWith("{\"result\":{"))
                        .reduce((_, last) -> last)
                        .orElse(""))
                .matches("\\{\"result\":\\{\"blob\":\"[A-Za-z0-9+/]{43}=\"}}");
    }

    @Test
    void everyRouteLeadsToAMethodThatIsServed() throws IOException {
        for (var path : Routes.all().keySet()) {
            var stays = Map.of("watch", "", "observe", "");
            if (stays.containsKey(path.substring(path.lastIndexOf('/') + 1)) || path.contains("/auth/")) {
                continue;
            }
            assertThat(post(path, "{\"name\":\"" + base64(path) + "\"}"))
                    .as(path)
                    .doesNotContain("Method not found");
        }
    }

    // ---- browsers ----

    @Test
    void cve20181098PagesOfOtherSitesDontCall() throws IOException {
        var put = "{\"key\":\"Y3ZlMTA5OA==\"}";
        for (var path : new String[] {"/v3beta/kv/put", "/v3alpha/kv/put", "/v3/kv/put"}) {
            assertThat(send("POST " + path, "Origin: http://evil.example\r\nContent-Type: text/plain\r\n", put))
                    .startsWith("HTTP/1.1 403 Forbidden\n");
            assertThat(send("POST " + path, "Origin: null\r\nContent-Type: text/plain\r\n", put))
                    .startsWith("HTTP/1.1 403 Forbidden\n");
        }
        assertThat(body(post("/v3beta/kv/range", put))).doesNotContain("kvs");
        assertThat(send("POST /v3beta/kv/put", "Origin: http://good.example\r\n", put))
                .startsWith("HTTP/1.1 200 ");
        assertThat(send("POST /v3beta/kv/put", "Origin: http://localhost\r\n", put))
                .startsWith("HTTP/1.1 200 ");
    }

    @Test
    void originsThatAreAllowedAreToldSo() throws IOException {
        assertThat(send("GET /version", "Origin: http://good.example\r\n", "")).startsWith("""
                        HTTP/1.1 200 OK
                        Access-Control-Allow-Headers: accept, content-type, authorization
                        Access-Control-Allow-Methods: POST, GET, OPTIONS, PUT, DELETE
                        Access-Control-Allow-Origin: http://good.example
                        Content-Type: application/json
                        """);
        assertThat(send("GET /version", "Origin: http://other.example\r\n", "")).doesNotContain("Access-Control");
        assertThat(send("OPTIONS /nix", "", "")).isEqualTo("HTTP/1.1 200 OK\nContent-Length: 0\n\n");
        assertThat(send("OPTIONS /v3/kv/put", "Origin: http://good.example\r\n", ""))
                .startsWith("HTTP/1.1 200 OK\nAccess-Control-Allow-Headers: ");
        assertThat(send("OPTIONS /v3beta/kv/put", "Origin: http://good.example\r\n", ""))
                .startsWith("HTTP/1.1 405 Method Not Allowed\nContent-Type: ");
    }
}
