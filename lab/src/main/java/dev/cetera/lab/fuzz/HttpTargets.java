package dev.cetera.lab.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.cetera.api.etcdserverpb.LeaseKeepAliveRequest;
import dev.cetera.cluster.Membership;
import dev.cetera.http.Pages;
import dev.cetera.http.Transport;
import dev.cetera.lab.fuzz.FuzzTarget.Budget;
import dev.cetera.metrics.Metrics;
import dev.cetera.node.Inbound;
import dev.cetera.node.Time;
import dev.cetera.peer.PeerMeters;
import dev.cetera.peer.PeerOptions;
import dev.cetera.peer.PeerTransport;
import dev.cetera.raft.Message;
import dev.cetera.raftpb.MessageCodec;
import dev.cetera.tls.ClientTls;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;

/// HTTP/1.1 on the client and the peer port, from the codec to the pages. What tells it from gRPC, by the
/// first bytes, is not in front.
final class HttpTargets {
    private static final long CLUSTER = 0x9ae45c0afb30b22dL;

    /// That no snapshot is for by accident: its database would be written by another thread.
    private static final long MEMBER = 0x5ca1ab1e0ddba11L;

    private static final List<String> WORDS = List.of(
            "Transfer-Encoding: chunked\r\n",
            "Content-Length: 9223372036854775808\r\n",
            "Content-Length: -1\r\n",
            "Content-Length: 4, 4\r\n",
            "Content-Length: 2147483648\r\n",
            "Expect: 100-continue\r\n",
            "Connection: close\r\n",
            "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n",
            "X-Server-Version: 3.99999999999.1\r\n",
            "X-Server-Version: \r\n",
            "X-Server-From: ffffffffffffffffffff\r\n",
            "X-Raft-To: zz\r\n",
            "\r\n",
            "\n",
            "\0",
            "ffffffffffffffff\r\n",
            "0\r\n\r\n",
            "HEAD / HTTP/1.0\r\n\r\n",
            "GET http://h:1/version HTTP/1.1\r\n\r\n",
            "OPTIONS * HTTP/1.1\r\n\r\n",
            "GET /members/promote/+18446744073709551616 HTTP/1.1\r\n\r\n",
            "{\"revision\":1e99}",
            "[[[[[[[[");

    private HttpTargets() {}

    static FuzzTarget client() {
        var pages = Pages.client(FakeMember.of(null), new Metrics(Metrics.Detail.BASIC), _ -> {});
        var seed = request("GET /health", "", "")
                + request("GET /version?x=y", "", "")
                + request("PUT /config/local/log", "", "{\"Level\":\"DEBUG\"}")
                + request("GET /debug/vars", "", "")
                + request("POST /v2/keys/a", "Content-Type: application/x-www-form-urlencoded\r\n", "value=1");
        return target("client-http", List.of(seed), () -> pages, List::of);
    }

    static FuzzTarget peer() {
        var pages = Pages.peer(FakeMember.of(null));
        var peers = new PeerTransport(
                Transport.best(),
                ClientTls.withoutFiles(),
                PeerOptions.of(List.of("http://h:1"), 1_000_000_000L),
                PeerMeters.NONE,
                Time.system());
        peers.start(new Deaf());
        var head = """
                X-Etcd-Cluster-ID: 9ae45c0afb30b22d
                X-Server-Version: 3.3.27
                X-Min-Cluster-Version: 3.0.0
                X-Server-From: 22
                """.replace("\n", "\r\n");
        var heartbeat =
                new String(MessageCodec.encode(new Message.Heartbeat(MEMBER, 0x22, 3, 4, new byte[8])), ISO_8859_1);
        var renewal =
                new String(LeaseKeepAliveRequest.newBuilder().setID(7).build().toByteArray(), ISO_8859_1);
        var seeds = List.of(
                request("POST /raft", head, heartbeat),
                request("POST /raft/snapshot", head, "\0\0\0\0\0\0\0\4abcd"),
                request("GET /raft/stream/msgapp/22", head + "X-Raft-To: 5ca1ab1e0ddba11\r\n", ""),
                request("GET /raft/probing", "", "") + request("GET /members", "", ""),
                request("POST /leases", "", renewal)
                        + request("POST /leases/internal", "", "\n\4\b\7\20\1")
                        + request("GET /members/hashkv", "", "{\"revision\":5}")
                        + request("POST /members/promote/17", "", ""));
        return target("peer-http", seeds, () -> pages, () -> List.of(peers.newHandler()));
    }

    private static String request(String line, String headers, String body) {
        return line + " HTTP/1.1\r\nHost: h\r\n" + headers
                + (body.isEmpty() ? "" : "Content-Length: " + body.length() + "\r\n") + "\r\n" + body;
    }

    private static FuzzTarget target(
            String name, List<String> seeds, Supplier<Pages> pages, Supplier<List<ChannelHandler>> front) {
        return FuzzTarget.of(
                        name,
                        seeds.stream().map(seed -> seed.getBytes(ISO_8859_1)).toList(),
                        Set.of(),
                        input -> serve(input, pages, front.get()))
                .with(HttpTargets::word, HttpTargets::line, Havoc.ONCE)
                .within(new Budget(8L << 20, 2_000, 2_000));
    }

    private static byte[] word(byte[] input, Random random) {
        byte[] word = WORDS.get(random.nextInt(WORDS.size())).getBytes(ISO_8859_1);
        var text = new String(input, ISO_8859_1);
        int line = text.indexOf('\n', random.nextInt(text.length() + 1));
        return Havoc.insert(input, line < 0 ? input.length : line + 1, word);
    }

    private static byte[] line(byte[] input, Random random) {
        var lines = new java.util.ArrayList<>(List.of(new String(input, ISO_8859_1).split("(?<=\n)", -1)));
        int at = random.nextInt(lines.size());
        switch (random.nextInt(3)) {
            case 0 -> lines.remove(at);
            case 1 -> lines.add(random.nextInt(lines.size() + 1), lines.get(at));
            default -> java.util.Collections.swap(lines, at, random.nextInt(lines.size()));
        }
        return String.join("", lines).getBytes(ISO_8859_1);
    }

    /// The bytes come in pieces. A connection may be closed by them; no handler may throw.
    private static String serve(byte[] input, Supplier<Pages> pages, List<ChannelHandler> front)
            throws ReflectiveOperationException, IOException {
        var channel = new EmbeddedChannel(handlers(pages, front).toArray(ChannelHandler[]::new));
        var sizes = new Random(input.length);
        for (int at = 0; at < input.length && channel.isOpen(); ) {
            int size = Math.min(input.length - at, 1 + sizes.nextInt(200));
            channel.writeInbound(Unpooled.copiedBuffer(input, at, size));
            at += size;
        }
        int status = 0;
        int answers = 0;
        for (var out = channel.<Object>readOutbound(); out != null; out = channel.readOutbound()) {
            if (out instanceof ByteBuf bytes && bytes.readableBytes() > 12 && bytes.getByte(0) == 'H') {
                status = Integer.parseInt(bytes.toString(9, 3, ISO_8859_1));
                answers++;
            }
            ReferenceCountUtil.release(out);
        }
        boolean open = channel.isOpen();
        channel.finishAndReleaseAll(); // throws what a handler threw and none caught
        return (open ? "open " : "closed ") + status + " " + Math.min(answers, 2);
    }

    /// How a port handles its connections is nobody's business outside of its package.
    @SuppressWarnings("unchecked") // the signature says so
    private static List<ChannelHandler> handlers(Supplier<Pages> pages, List<ChannelHandler> front)
            throws ReflectiveOperationException {
        var handlers = Class.forName("dev.cetera.http.HttpPipeline")
                .getDeclaredMethod("handlers", Supplier.class, List.class, long.class);
        handlers.setAccessible(true);
        return (List<ChannelHandler>) java.util.Objects.requireNonNull(handlers.invoke(null, pages, front, 60_000L));
    }

    /// A member that takes messages and forgets them.
    private static final class Deaf implements Inbound {
        @Override
        public long memberId() {
            return MEMBER;
        }

        @Override
        public long clusterId() {
            return CLUSTER;
        }

        @Override
        public Membership membership() {
            return new Membership(List.of(Machine.FIRST), Set.of(9L), null);
        }

        @Override
        public boolean receive(Message message) {
            return true;
        }

        @Override
        public void unreachable(long member) {}

        @Override
        public void snapshotDelivered(long member, boolean arrived) {}

        @Override
        public SnapshotInlet receiveSnapshot(Message.InstallSnapshot message) throws IOException {
            throw new IOException("no room");
        }

        @Override
        public void removed() {}
    }
}
