package dev.cetera.http;

import static dev.cetera.testkit.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.PutResponse;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RangeResponse;
import dev.cetera.node.Answer;
import dev.cetera.node.FakeNode;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class OutflowTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final CallOptions ANY_SIZE = CallOptions.DEFAULT.withMaxInboundMessageSize(Integer.MAX_VALUE);
    private static final RangeRequest ALL = RangeRequest.newBuilder()
            .setKey(ByteString.copyFrom(new byte[1]))
            .setRangeEnd(ByteString.copyFrom(new byte[1]))
            .build();

    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = new TestServer();
    }

    private Numbers serve(int number, int valueBytes, PortTimes times) throws Exception {
        server.close();
        server = new TestServer(times);
        var list = new Numbers(number, valueBytes);
        server.node.list = list;
        return list;
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /// A client that takes the message only when it is told to.
    private static final class Reluctant extends ClientCall.Listener<RangeResponse> {
        final CompletableFuture<RangeResponse> message = new CompletableFuture<>();
        final CompletableFuture<Status> end = new CompletableFuture<>();
        final ClientCall<RangeRequest, RangeResponse> call;

        Reluctant(TestServer server) {
            call = server.channel().newCall(KVGrpc.getRangeMethod(), ANY_SIZE);
            call.start(this, new Metadata());
            call.sendMessage(ALL);
            call.halfClose();
        }

        @Override
        public void onMessage(RangeResponse response) {
            message.complete(response);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            end.complete(status);
        }
    }

    /// Those on connections of their own: the one that is full is full for all of its calls.
    private void otherCallsGoOn() {
        var put = PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("a")).build();
        var other =
                NettyChannelBuilder.forAddress(server.address()).usePlaintext().build();
        try {
            assertThat(KVGrpc.newBlockingStub(other).put(put).hasHeader()).isTrue();
        } finally {
            other.shutdownNow();
        }
    }

    /// Waits for a range that is being answered.
    private static int asked(FakeNode node) {
        synchronized (node) {
            return node.seen.size();
        }
    }

    @Test
    void aLongAnswerArrivesAsOneMessage() throws Exception {
        var list = serve(9_000, 1_000, PortTimes.DEFAULT);
        var response = ClientCalls.blockingUnaryCall(server.channel(), KVGrpc.getRangeMethod(), ANY_SIZE, ALL);
        assertThat(response.getCount()).isEqualTo(9_000);
        assertThat(response.getHeader().getRevision()).isEqualTo(1);
        assertThat(response.getKvsList().stream().map(kv -> kv.toByteString()))
                .isEqualTo(IntStream.range(0, 9_000)
                        .mapToObj(i -> ByteString.copyFrom(list.at(i).encoded()))
                        .toList());
        assertThat(server.metrics.server.clientSentBytes.value()).isEqualTo(response.getSerializedSize());
        assertThat(server.services.unaryInFlight()).isZero();
        otherCallsGoOn();
    }

    @Test
    void manyOfThemShareAConnection() throws Exception {
        var clients = new ArrayList<Reluctant>();
        for (int i = 0; i < 20; i++) {
            server.node.list = new Numbers(1_000 + i, 1_000);
            clients.add(new Reluctant(server));
            int asked = i + 1;
            await("the range is asked for", LONG, () -> asked(server.node) == asked);
        }
        clients.forEach(client -> client.call.request(1));
        for (int i = 0; i < clients.size(); i++) {
            assertThat(clients.get(i).message.get(30, TimeUnit.SECONDS).getKvsCount())
                    .isEqualTo(1_000 + i);
        }
    }

    @Test
    void whatAClientDoesNotReadIsNotMade() throws Exception {
        var list = serve(50_000, 1_000, PortTimes.DEFAULT);
        var client = new Reluctant(server);
        await("a piece is made", LONG, () -> list.given.get() > 0);
        otherCallsGoOn();
        otherCallsGoOn();
        long window = 1 << 20; // the client library's, which it fills unasked
        assertThat(list.given.get()).isLessThan(2 * window);
        client.call.request(1);
        assertThat(client.message.get(30, TimeUnit.SECONDS).getKvsCount()).isEqualTo(50_000);
        assertThat(client.end.get(30, TimeUnit.SECONDS)).isEqualTo(Status.OK);
    }

    @Test
    void aClientThatReadsNothingForTooLongIsCutOff() throws Exception {
        var list = serve(50_000, 1_000, new PortTimes(10_000, 10_000, 200));
        var client = new Reluctant(server);
        list.closed.get(30, TimeUnit.SECONDS);
        assertThat(list.given.get()).isPositive().isLessThan(list.bytes());
        await("gRPC has forgotten it", LONG, () -> server.services.unaryInFlight() == 0);
        otherCallsGoOn();
        client.call.request(1);
        assertThat(client.end.get(30, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    }

    private long listsAskedFor() {
        return server.node.seen.stream().filter(ALL::equals).count();
    }

    @Test
    void callsWaitBehindAnswersThatTheirClientDoesNotRead() throws Exception {
        var large = PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("k"))
                .setValue(ByteString.copyFrom(new byte[5 << 20]))
                .build();
        server.node.put(large, new Answer<>() {
            @Override
            public void done(PutResponse value) {}

            @Override
            public void refused(Refusal why) {
                throw new AssertionError(why);
            }
        });
        var first = new Reluctant(server);
        await("the first list is asked for", LONG, () -> listsAskedFor() == 1);
        otherCallsGoOn(); // the node answers one after the other, so the list has been answered
        var second = new Reluctant(server);
        otherCallsGoOn();
        assertThat(listsAskedFor()).isEqualTo(1);
        first.call.request(1);
        assertThat(first.message.get(30, TimeUnit.SECONDS).getKvsCount()).isEqualTo(1);
        second.call.request(1);
        assertThat(second.message.get(30, TimeUnit.SECONDS).getKvsCount()).isEqualTo(2);
        assertThat(listsAskedFor()).isEqualTo(2);
    }

    @Test
    void aClientThatGoesLetsGoOfTheList() throws Exception {
        var list = serve(50_000, 1_000, PortTimes.DEFAULT);
        var client = new Reluctant(server);
        await("a piece is made", LONG, () -> list.given.get() > 0);
        client.call.cancel("enough", null);
        list.closed.get(30, TimeUnit.SECONDS);
        otherCallsGoOn();
    }

    @Test
    void aListThatCannotBeReadToItsEndEndsTheCall() throws Exception {
        var list = serve(50_000, 1_000, PortTimes.DEFAULT);
        var client = new Reluctant(server);
        await("a piece is made", LONG, () -> list.given.get() > 0);
        list.broken = true;
        client.call.request(1);
        assertThat(client.end.get(30, TimeUnit.SECONDS).isOk()).isFalse();
        list.closed.get(30, TimeUnit.SECONDS);
        otherCallsGoOn();
    }

    @Test
    void anAnswerThatNoMessageCanHoldIsRefused() throws Exception {
        var list = serve(3_000_000, 1_000, PortTimes.DEFAULT);
        var refused = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> ClientCalls.blockingUnaryCall(server.channel(), KVGrpc.getRangeMethod(), ANY_SIZE, ALL));
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(refused.getStatus().getDescription())
                .startsWith("grpc: trying to send message larger than max (")
                .endsWith(" vs. 2147483647)");
        assertThat(list.closed).isDone();
    }
}
