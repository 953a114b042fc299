package dev.cetera.lab.foreign;

import dev.cetera.lab.cluster.Cluster;
import dev.cetera.lab.cluster.Member;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// The peer port of one member, spoken to as if by another member, or by nobody that it knows. Immutable.
final class PeerPort {
    private static final Duration CALL = Duration.ofSeconds(10);

    /// What [#post] and [#get] return where the connection ended without an answer.
    static final String NO_ANSWER = "no answer";

    private final Member member;
    private final Map<String, String> headers;

    private PeerPort(Member member, Map<String, String> headers) {
        this.member = member;
        this.headers = headers;
    }

    /// That of `member` in the eyes of `from`, another one of the same cluster.
    static PeerPort of(Cluster cluster, Member member, Member from) {
        var header = cluster.status(member).getHeader();
        return new PeerPort(
                member,
                Map.of(
                        "X-Etcd-Cluster-ID", Long.toHexString(header.getClusterId()),
                        "X-Server-From", Long.toHexString(cluster.idOf(from, member)),
                        "X-Raft-To", Long.toHexString(header.getMemberId()),
                        "X-Server-Version", "3.3.27",
                        "X-Min-Cluster-Version", "3.0.0",
                        "X-PeerURLs", from.peerUrl()));
    }

    PeerPort with(String header, String value) {
        var changed = new HashMap<>(headers);
        changed.put(header, value);
        return new PeerPort(member, Map.copyOf(changed));
    }

    /// Status and text of the answer, or [#NO_ANSWER], as in "412 cluster ID mismatch".
    String post(String path, byte[] body) throws InterruptedException {
        return answer(request(path).POST(HttpRequest.BodyPublishers.ofByteArray(body)));
    }

    String post(RaftMessage message) throws InterruptedException {
        return post("/raft", message.bytes());
    }

    String get(String path) throws InterruptedException {
        return answer(request(path).GET());
    }

    private static String answer(HttpRequest.Builder request) throws InterruptedException {
        try (HttpClient http = client()) {
            var response = http.send(request.timeout(CALL).build(), HttpResponse.BodyHandlers.ofString());
            return (response.statusCode() + " " + response.body()).strip();
        } catch (HttpTimeoutException e) {
            throw new AssertionError("neither an answer nor an end of the connection within " + CALL, e);
        } catch (IOException e) {
            return NO_ANSWER;
        }
    }

    /// A new one, thus a new connection, each time: a server may end one after a mistake.
    private static HttpClient client() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CALL)
                .build();
    }

    private HttpRequest.Builder request(String path) {
        var request = HttpRequest.newBuilder(URI.create(member.peerUrl() + path));
        headers.forEach(request::header);
        return request;
    }

    /// The first message of `type` that the member sends on its general stream to the one that asks: captured,
    /// to be sent again later. The one asked for must be frozen meanwhile, or it takes its stream back.
    byte[] capture(int type) throws IOException, InterruptedException {
        String path = "/raft/stream/message/" + headers.get("X-Server-From");
        try (HttpClient http = client();
                InputStream body = http.send(request(path).GET().build(), HttpResponse.BodyHandlers.ofInputStream())
                        .body()) {
            var in = new DataInputStream(body);
            while (true) {
                byte[] message = new byte[Math.toIntExact(in.readLong())];
                in.readFully(message);
                // Type comes first in every message; a receiver of 0 makes it the stream's own heartbeat.
                if (message[1] == type && message[3] != 0) {
                    return message;
                }
            }
        }
    }

    /// A bare connection.
    Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), member.peerPort());
    }
}
