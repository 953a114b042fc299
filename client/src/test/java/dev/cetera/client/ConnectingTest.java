package dev.cetera.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.testkit.Evidence;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Where members are, and which of them will do.
class ConnectingTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    @RegisterExtension
    final Evidence evidence = new Evidence();

    @Test
    void connectingDoesNotWaitUnlessAsked() throws IOException {
        var client = evidence.closing(Client.connect("127.0.0.1:1"));
        assertThat(client.connectedEndpoints()).isEmpty();
        var member = evidence.closing(new FakeMember(1));
        client.endpoints(List.of(member.endpoint()));
        assertThat(client.kv().within(SOON).get("a").count()).isEqualTo(1);
    }

    @Test
    void aSocketFileIsAnEndpoint() throws Exception {
        var file = Files.createTempDirectory("client").resolve("member");
        var loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        try (var member = new FakeMember(
                        3,
                        false,
                        NettyServerBuilder.forAddress(new DomainSocketAddress(file.toFile()))
                                .channelType(EpollServerDomainSocketChannel.class)
                                .bossEventLoopGroup(loops)
                                .workerEventLoopGroup(loops));
                var client = Client.connect("unix://" + file)) {
            assertThat(client.kv().within(SOON).get("a").header().memberId()).isEqualTo(3);
            assertThat(member.count("Range")).isEqualTo(1);
        } finally {
            var unused = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
        }
    }

    @Test
    void anOldClusterIsRefusedWhenThatIsAsked() throws IOException {
        var old = evidence.closing(new FakeMember(1));
        var fresh = evidence.closing(new FakeMember(2));
        old.version = "3.1.20";
        var both = Client.builder().endpoints(old.endpoint(), fresh.endpoint()).dialTimeout(SOON);
        evidence.closing(both.connect());
        assertThatThrownBy(() -> both.rejectOldCluster().connect()).hasMessage("etcdclient: old cluster version");
        old.version = "3.2.0";
        evidence.closing(both.connect());
    }

    @Test
    void srvRecordsNameTheEndpoints() throws Exception {
        var server = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        var thread = new Thread(() -> answer(server));
        thread.start();
        try (server) {
            var at = "dns://127.0.0.1:" + server.getLocalPort();
            assertThat(SrvLookup.endpoints("example.com", "", at))
                    .containsExactly("https://a.example.com:2379", "http://b.example.com:2380");
            assertThatThrownBy(() -> SrvLookup.endpoints("nowhere.example.com", "", at))
                    .hasMessage("no SRV records of etcd's clients for nowhere.example.com");
        }
        thread.join();
    }

    /// A name server that knows two names.
    private static void answer(DatagramSocket server) {
        try {
            while (true) {
                var packet = new DatagramPacket(new byte[512], 512);
                server.receive(packet);
                var answer = answer(ByteBuffer.wrap(packet.getData(), 0, packet.getLength()));
                server.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            }
        } catch (SocketException closed) {
            return;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] answer(ByteBuffer query) {
        var name = new StringBuilder();
        int at = 12;
        for (int length = query.get(at); length > 0; length = query.get(at)) {
            var label = new byte[length];
            query.get(at + 1, label);
            name.append(new String(label, StandardCharsets.US_ASCII)).append('.');
            at += 1 + length;
        }
        int questionEnd = at + 5;
        boolean secure = name.toString().equals("_etcd-client-ssl._tcp.example.com.");
        boolean known = secure || name.toString().equals("_etcd-client._tcp.example.com.");
        var answer = ByteBuffer.allocate(512);
        answer.putShort(query.getShort(0))
                .putShort((short) (known ? 0x8580 : 0x8583)) // an answer with authority; no such name
                .putShort((short) 1)
                .putShort((short) (known ? 1 : 0))
                .putInt(0);
        answer.put(query.slice(12, questionEnd - 12));
        if (known) {
            var host = (secure ? "\1a" : "\1b") + "\7example\3com\0";
            answer.putShort((short) 0xc00c)
                    .putShort((short) 33)
                    .putShort((short) 1)
                    .putInt(60)
                    .putShort((short) (6 + host.length()))
                    .putInt(100) // priority 0, weight 100
                    .putShort((short) (secure ? 2379 : 2380))
                    .put(host.getBytes(StandardCharsets.ISO_8859_1));
        }
        var bytes = new byte[answer.position()];
        answer.get(0, bytes);
        return bytes;
    }
}
