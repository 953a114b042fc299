package dev.cetera.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.common.collect.ImmutableList;
import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RangeResponse;
import dev.cetera.api.etcdserverpb.RangeStreamResponse;
import dev.cetera.http.Numbers;
import dev.cetera.http.TestServer;
import dev.cetera.node.FakeNode;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RangeStreamTest {
    private static final ByteString EVERYTHING = ByteString.copyFrom(new byte[1]);
    private static final RangeRequest ALL =
            RangeRequest.newBuilder().setKey(EVERYTHING).setRangeEnd(EVERYTHING).build();

    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = new TestServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private List<RangeStreamResponse> chunks(RangeRequest request) {
        return ImmutableList.copyOf(KVGrpc.newBlockingStub(server.channel()).rangeStream(request));
    }

    private static RangeResponse merged(List<RangeStreamResponse> chunks) {
        var all = RangeResponse.newBuilder();
        chunks.forEach(chunk -> all.mergeFrom(chunk.getRangeResponse()));
        return all.build();
    }

    @Test
    void chunksMergeToTheAnswerOfRange() {
        server.node.list = new Numbers(9_000, 1_000);
        var chunks = chunks(ALL);
        server.node.list = new Numbers(9_000, 1_000);
        var whole = KVGrpc.newBlockingStub(server.channel())
                .withMaxInboundMessageSize(Integer.MAX_VALUE)
                .range(ALL);
        assertThat(merged(chunks)).isEqualTo(whole);
        assertThat(chunks).hasSizeBetween(30, 60);
    }

    @Test
    void onlyTheLastChunkSaysHowManyThereAre() {
        server.node.list = new Numbers(900, 1_000);
        var chunks = chunks(ALL);
        assertThat(chunks.subList(0, chunks.size() - 1)).isNotEmpty().allSatisfy(chunk -> {
            assertThat(chunk.getRangeResponse().hasHeader()).isFalse();
            assertThat(chunk.getRangeResponse().getCount()).isZero();
            assertThat(chunk.getRangeResponse().getKvsList()).isNotEmpty();
        });
        assertThat(chunks.getLast().getRangeResponse().getCount()).isEqualTo(900);
        assertThat(chunks.getLast().getRangeResponse().hasHeader()).isTrue();
    }

    @Test
    void aShortAnswerIsOneChunk() {
        var whole = KVGrpc.newBlockingStub(server.channel()).range(ALL);
        var chunks = chunks(ALL);
        assertThat(chunks).hasSize(1);
        assertThat(chunks.getFirst().getRangeResponse()).isEqualTo(whole);
    }

    @Test
    void nothingIsReadAheadOfAClientThatDoesNotTakeIt() throws Exception {
        var list = new Numbers(90_000, 1_000);
        server.node.list = list;
        ClientCall<RangeRequest, RangeStreamResponse> call =
                server.channel().newCall(KVGrpc.getRangeStreamMethod(), CallOptions.DEFAULT);
        call.start(new ClientCall.Listener<>() {}, new Metadata());
        call.sendMessage(ALL);
        call.halfClose();
        // By the same connection: what was sent of the list before has arrived by then.
        for (int i = 0; i < 20; i++) {
            var put = PutRequest.newBuilder().setKey(EVERYTHING).build();
            assertThat(KVGrpc.newBlockingStub(server.channel()).put(put).hasHeader())
                    .isTrue();
        }
        assertThat(list.given.get()).isLessThan(8_000_000);
        call.cancel("not wanted any more", null);
        assertThat(list.closed.get(10, TimeUnit.SECONDS)).isNull();
    }

    /// A call whose client is ready again while a message is still being sent.
    private static final class Eager extends ServerCall<InputStream, RangeStream.Chunk> {
        final List<Boolean> sentWithinAnother = new ArrayList<>();
        final CompletableFuture<Status> end = new CompletableFuture<>();
        private ServerCall.Listener<InputStream> listener = new ServerCall.Listener<>() {};
        private boolean sending;

        void ask(RangeStream stream) {
            listener = stream.startCall(this, new Metadata());
            listener.onMessage(new ByteArrayInputStream(ALL.toByteArray()));
            listener.onHalfClose();
        }

        @Override
        public void request(int count) {}

        @Override
        public void sendHeaders(Metadata headers) {}

        @Override
        public void sendMessage(RangeStream.Chunk message) {
            sentWithinAnother.add(sending);
            sending = true;
            listener.onReady();
            sending = false;
        }

        @Override
        public void close(Status status, Metadata trailers) {
            end.complete(status);
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public MethodDescriptor<InputStream, RangeStream.Chunk> getMethodDescriptor() {
            return KVGrpc.getRangeStreamMethod().toBuilder(Incoming.BYTES, RangeStream.Chunk.MARSHALLER)
                    .build();
        }
    }

    @Test
    void oneChunkIsSentAfterTheOther() throws Exception {
        try (var node = new FakeNode()) {
            node.list = new Numbers(9_000, 1_000);
            var limits = new RpcLimits(128, 1 << 20);
            var call = new Eager();
            call.ask(new RangeStream(node, limits.maxMessageBytes(), new KvService(node, limits)));
            assertThat(call.end.get(10, TimeUnit.SECONDS).isOk()).isTrue();
            assertThat(call.sentWithinAnother).hasSizeBetween(30, 60).doesNotContain(true);
        }
    }

    @Test
    void whatCannotBeReadInTheOrderOfKeysIsRefused() {
        assertThat(refusal(ALL.toBuilder().setSortOrder(RangeRequest.SortOrder.DESCEND)))
                .isEqualTo("UNIMPLEMENTED: RangeStream does not support custom sort orders");
        assertThat(refusal(ALL.toBuilder()
                        .setSortOrder(RangeRequest.SortOrder.ASCEND)
                        .setSortTarget(RangeRequest.SortTarget.MOD)))
                .isEqualTo("UNIMPLEMENTED: RangeStream does not support custom sort orders");
        for (int filter : IntStream.range(0, 4).toArray()) {
            assertThat(refusal(filtered(filter)))
                    .isEqualTo("UNIMPLEMENTED: RangeStream does not support revision filters");
        }
        assertThat(refusal(RangeRequest.newBuilder())).isEqualTo("INVALID_ARGUMENT: etcdserver: key is not provided");
        assertThat(chunks(ALL.toBuilder()
                        .setSortOrder(RangeRequest.SortOrder.ASCEND)
                        .setSortTarget(RangeRequest.SortTarget.KEY)
                        .build()))
                .isNotEmpty();
    }

    private static RangeRequest.Builder filtered(int filter) {
        var request = ALL.toBuilder();
        return switch (filter) {
            case 0 -> request.setMinModRevision(1);
            case 1 -> request.setMaxModRevision(1);
            case 2 -> request.setMinCreateRevision(1);
            default -> request.setMaxCreateRevision(1);
        };
    }

    private String refusal(RangeRequest.Builder request) {
        Status status = catchThrowableOfType(StatusRuntimeException.class, () -> chunks(request.build()))
                .getStatus();
        return status.getCode() + ": " + status.getDescription();
    }
}
