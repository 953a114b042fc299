package dev.cetera.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.testkit.Evidence;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What etcd's guide for upgrades from 3.2 to 3.3 says of clients, a test for each statement.
class UpgradeGuideClientTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    @RegisterExtension
    final Evidence evidence = new Evidence();

    private FakeMember member() throws IOException {
        return evidence.closing(new FakeMember(1));
    }

    private Client client(FakeMember member) {
        return evidence.closing(builder(member).connect());
    }

    private static ClientBuilder builder(FakeMember member) {
        return Client.builder().endpoints(member.endpoint()).dialTimeout(SOON).waitUntilConnected();
    }

    @Test
    void theSendLimitIsTwoMebibytesUnlessConfigured() throws IOException {
        var member = member();
        var client = client(member);
        assertThatThrownBy(() -> client.kv().put(Key.of("foo"), Value.of(new byte[5 << 20])))
                .isInstanceOf(LimitException.class)
                .hasMessage("grpc: trying to send message larger than max (5242890 vs. 2097152)");
        assertThat(member.count("Put")).isZero();
        client.kv().put(Key.of("foo"), Value.of(new byte[(2 << 20) - 1000]));
        var larger = evidence.closing(builder(member).maxSendBytes(6 << 20).connect());
        larger.kv().put(Key.of("foo"), Value.of(new byte[5 << 20]));
        assertThat(member.count("Put")).isEqualTo(2);
    }

    /// The limit is the member's, so its refusal is what arrives.
    @Test
    void whatIsTooLargeForTheMemberIsItsRequestTooLarge() throws IOException {
        var member = member();
        member.refusals.add(Refusal.REQUEST_TOO_LARGE.status());
        var client = client(member);
        assertThatThrownBy(() -> client.kv().put(Key.of("foo"), Value.of(new byte[1700 << 10])))
                .isInstanceOfSatisfying(RefusedException.class, refused -> {
                    assertThat(refused.is(Refusal.REQUEST_TOO_LARGE)).isTrue();
                    assertThat(refused.code()).isEqualTo(Code.INVALID_ARGUMENT);
                })
                .hasMessage("etcdserver: request is too large");
    }

    @Test
    void theReceiveLimitIsNoneUnlessConfigured() throws IOException {
        var member = member();
        member.value = ByteString.copyFrom(new byte[4 << 20]);
        var client = evidence.closing(builder(member).maxReceiveBytes(3 << 20).connect());
        assertThatThrownBy(() -> client.kv().get("a"))
                .isInstanceOf(LimitException.class)
                .hasMessageMatching("grpc: received message larger than max \\(\\d+ vs\\. 3145728\\)");
        assertThat(client(member).kv().get("a").first().orElseThrow().value().length())
                .isEqualTo(4 << 20);
    }

    @Test
    void aReceiveLimitBelowTheSendLimitIsRefused() {
        assertThatThrownBy(
                        () -> Client.builder().endpoints("a").maxReceiveBytes(1).config())
                .hasMessage("gRPC message recv limit (1 bytes) must be greater than send limit (2097152 bytes)");
    }

    @Test
    void aWrappedStubHonoursTheClientsCallOptions() throws IOException {
        var member = member();
        member.value = ByteString.copyFrom(new byte[4 << 20]);
        var client = evidence.closing(builder(member).maxReceiveBytes(3 << 20).connect());
        var channel = NettyChannelBuilder.forAddress("127.0.0.1", member.port())
                .usePlaintext()
                .build();
        try {
            var kv = Stubs.kv(KVGrpc.newFutureStub(channel), client);
            assertThatThrownBy(() -> kv.get("a")).isInstanceOf(LimitException.class);
            assertThatThrownBy(() -> kv.put(Key.of("a"), Value.of(new byte[3 << 20])))
                    .isInstanceOf(LimitException.class);
            assertThat(kv.put("a", "1").header().memberId()).isEqualTo(1);
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void aSnapshotReportsCancellationAndDeadlineAsPublicErrors() throws IOException {
        var client = client(member());
        var canceled = client.maintenance().snapshot();
        assertThat(canceled.read()).isEqualTo('h');
        canceled.close();
        assertThatThrownBy(canceled::readAllBytes)
                .isInstanceOf(CanceledException.class)
                .hasMessage("context canceled");
        try (var late = client.maintenance().within(Duration.ofMillis(300)).snapshot()) {
            assertThatThrownBy(late::readAllBytes)
                    .isInstanceOf(DeadlineException.class)
                    .hasMessage("context deadline exceeded");
        }
    }

    @Test
    void aDialThatRunsOutOfTimeIsTheDeadlineError() throws IOException {
        int nobody = freePort();
        assertThatThrownBy(() -> Client.builder()
                        .endpoints("127.0.0.1:" + nobody)
                        .dialTimeout(Duration.ofMillis(100))
                        .waitUntilConnected()
                        .connect())
                .isInstanceOf(DeadlineException.class)
                .hasMessage("context deadline exceeded");
    }

    @Test
    void connectingWaitsOnlyWhenAsked() throws IOException {
        int nobody = freePort();
        var client = evidence.closing(Client.builder()
                .endpoints("127.0.0.1:" + nobody)
                .dialTimeout(Duration.ofMillis(100))
                .connect());
        assertThat(client.connectedEndpoints()).isEmpty();
    }

    @Test
    void aCanceledConnectionIsToldApart() throws IOException {
        var client = client(member());
        client.close();
        var late = catchThrowableOfType(ClosedException.class, () -> client.kv().get("a"));
        assertThat(late.isConnectionCanceled()).isTrue();
        assertThat(EtcdException.isConnectionCanceled(late)).isTrue();
        assertThat(EtcdException.isConnectionCanceled(new CancellationException()))
                .isTrue();
        assertThat(EtcdException.isConnectionCanceled(new IllegalStateException("x")))
                .isFalse();
        assertThat(EtcdException.isConnectionCanceled(new RefusedException(Refusal.TIMED_OUT)))
                .isFalse();
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
