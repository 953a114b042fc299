package dev.cetera.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.config.Config.KeepAlive;
import dev.cetera.metrics.Metrics;
import dev.cetera.node.FakeNode;
import dev.cetera.rpc.Services;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Ports at the files of Unix sockets.
class SocketFileTest {
    @TempDir
    Path directory;

    private final Transport transport = Transport.best();
    private final FakeNode node = new FakeNode();
    private final Metrics metrics = new Metrics(Metrics.Detail.BASIC);

    @AfterEach
    void close() {
        transport.close();
        node.close();
    }

    private Path file() {
        return directory.resolve("localhost:2379");
    }

    private DualPort bind() throws BindFailure {
        var address = new DualPort.Address(transport.file(file().toString()), "localhost:2379");
        var port = DualPort.forClients(
                transport, List.of(address), 1000, new KeepAlive(0, 0, 0), metrics, List::of, PortTimes.DEFAULT);
        port.serve(new Services(node, TestServer.LIMITS, metrics, List.of()), Pages.client(node, metrics, _ -> {}));
        return port;
    }

    private String page() throws IOException {
        try (var socket = SocketChannel.open(UnixDomainSocketAddress.of(file()))) {
            var request = "GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
            socket.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
            return new String(Channels.newInputStream(socket).readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void callsAndPagesAreServedThereAndTheFileGoesInTheEnd() throws IOException {
        try (var port = bind()) {
            assertThat(page()).contains("\"etcdserver\":\"3.3.27\"");
            assertThat(port.addresses()).isEmpty();
            var channel = NettyChannelBuilder.forAddress(transport.file(file().toString()))
                    .eventLoopGroup(transport.workers())
                    .channelType(transport.outgoingFileType())
                    .usePlaintext()
                    .build();
            var answer = KVGrpc.newBlockingStub(channel)
                    .range(RangeRequest.newBuilder()
                            .setKey(ByteString.copyFromUtf8("a"))
                            .build());
            assertThat(answer.getKvsCount()).isZero();
            channel.shutdownNow();
        }
        assertThat(file()).doesNotExist();
    }

    @Test
    void aFileThatAKilledProcessLeftBehindIsNoObstacle() throws IOException {
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(file()))
                .close();
        assertThat(file()).exists();

        try (var _ = bind()) {
            assertThat(page()).contains("200 OK");
        }
    }

    @Test
    void whereSomebodyElseListensNothingIsBound() throws IOException {
        try (var other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(file()));

            assertThatThrownBy(this::bind)
                    .isInstanceOf(BindFailure.class)
                    .hasMessage("listen unix localhost:2379: bind: address already in use");
            assertThat(file()).exists();
        }
    }

    @Test
    void noOtherFileIsTouched() throws IOException {
        Files.writeString(file(), "precious");

        assertThatThrownBy(this::bind).isInstanceOf(BindFailure.class);

        assertThat(file()).hasContent("precious");
    }
}
