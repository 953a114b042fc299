package dev.cetera.embed;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Runs the program once for the JVM to note what a start needs, on ports that are free and in a folder that
/// is given. Says on standard output where it serves, uses itself, and ends when standard input does.
final class Rehearsal {
    /// What serves a thousand times sooner has failed.
    private static final long LIMIT_MILLIS = 120_000;
    private static final int PAUSE_MILLIS = 20;
    private static final int EXIT_FAILED = 1;

    private final int port;

    private Rehearsal(int port) {
        this.port = port;
    }

    static void main(String[] args) throws Exception {
        endAfterLimit();
        var ports = freePorts();
        var client = "http://127.0.0.1:" + ports[0];
        var peer = "http://127.0.0.1:" + ports[1];
        var flags = List.of(
                "--data-dir=" + Path.of(args[0]).resolve("data"),
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=default=" + peer);
        Thread.ofPlatform().name("member").start(() -> {
            new Main(RealMember::start).run(flags, Map.of());
            Runtime.getRuntime().halt(EXIT_FAILED); // nobody asked it to end
        });
        var rehearsal = new Rehearsal(ports[0]);
        rehearsal.awaitServing();
        rehearsal.use();
        System.out.println("127.0.0.1:" + ports[0]);
        System.out.flush();
        System.in.transferTo(OutputStream.nullOutputStream());
        System.exit(0);
    }

    private static void endAfterLimit() {
        var limit = CompletableFuture.delayedExecutor(LIMIT_MILLIS, TimeUnit.MILLISECONDS);
        limit.execute(() -> Runtime.getRuntime().halt(EXIT_FAILED));
    }

    private static int[] freePorts() throws IOException {
        var loopback = InetAddress.getLoopbackAddress();
        try (var one = new ServerSocket(0, 1, loopback);
                var other = new ServerSocket(0, 1, loopback)) {
            return new int[] {one.getLocalPort(), other.getLocalPort()};
        }
    }

    private void awaitServing() throws InterruptedException {
        while (true) {
            try {
                if (ask("GET /health HTTP/1.1", "").contains("true")) {
                    return;
                }
            } catch (IOException notYet) {
                // The port is not there before the configuration is read.
            }
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    /// What nearly every client does, by way of the gateway, which calls the same services as gRPC.
    private void use() throws IOException {
        for (int i = 0; i < 20; i++) {
            expect("\"revision\"", post("kv/put", "{\"key\":\"a2V5\",\"value\":\"dmFsdWU=\"}"));
            expect("dmFsdWU=", post("kv/range", "{\"key\":\"a2V5\"}"));
        }
        expect("\"succeeded\"", post("kv/txn", """
                {"compare":[{"key":"a2V5","target":"VERSION","version":"20"}],
                 "success":[{"request_put":{"key":"a2V5","value":"dmFsdWU="}}]}"""));
        expect("\"ID\"", post("lease/grant", "{\"TTL\":60}"));
        expect("\"created\"", post("watch", "{\"create_request\":{\"key\":\"a2V5\",\"start_revision\":1}}"));
        expect("etcd_server_has_leader", ask("GET /metrics HTTP/1.1", ""));
        expect("etcdserver", ask("GET /version HTTP/1.1", ""));
    }

    private String post(String method, String json) throws IOException {
        return ask("POST /v3beta/" + method + " HTTP/1.1", json);
    }

    private static void expect(String part, String answer) throws IOException {
        if (!answer.contains(part)) {
            throw new IOException("expected " + part + " in " + answer);
        }
    }

    /// The answer as it came: all of it, or the first piece of one that does not end.
    private String ask(String request, String body) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            var head = request + "\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n"
                    + "Content-Length: " + body.length() + "\r\n\r\n";
            socket.getOutputStream().write((head + body).getBytes(StandardCharsets.UTF_8));
            return answer(socket.getInputStream());
        }
    }

    private static String answer(InputStream in) throws IOException {
        var all = new StringBuilder();
        var piece = new byte[1 << 16];
        int length = in.read(piece);
        while (length >= 0) {
            all.append(new String(piece, 0, length, StandardCharsets.UTF_8));
            if (all.indexOf("\"created\"") >= 0) {
                break;
            }
            length = in.read(piece);
        }
        return all.toString();
    }
}
