package dev.cetera.embed;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.DeleteRangeResponse;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.PutResponse;
import dev.cetera.config.CommandLine;
import dev.cetera.config.CommandLine.Outcome;
import dev.cetera.metrics.Metrics;
import dev.cetera.node.Answer;
import dev.cetera.node.Link;
import dev.cetera.node.Node;
import dev.cetera.node.NodeFactory;
import dev.cetera.node.Peers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeyCountTest {
    @TempDir
    private Path dir;

    /// Waits until it is done.
    private static final class Waiting<T> implements Answer<T> {
        private final CompletableFuture<T> answered = new CompletableFuture<>();

        @Override
        public void done(T value) {
            answered.complete(value);
        }

        @Override
        public void refused(Refusal why) {
            answered.completeExceptionally(new AssertionError(why));
        }

        void await() throws Exception {
            var _ = answered.get(30, TimeUnit.SECONDS);
        }
    }

    private static void put(Node node, String key) throws Exception {
        var waiting = new Waiting<PutResponse>();
        node.put(PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build(), waiting);
        waiting.await();
    }

    @Test
    void keysAreCountedOnceAndFollowedFromThen() throws Exception {
        var config = ((Outcome.Run) CommandLine.read(List.of("--data-dir=" + dir), Map.of())).config();
        var metrics = new Metrics(Metrics.Detail.BASIC);
        var member = RealMember.start(config, metrics, new NodeFactory.Ways(Link.NONE, Peers.NONE), _ -> {});
        try {
            member.ready().get(60, TimeUnit.SECONDS);
            var node = member.node();
            put(node, "a");
            put(node, "b");
            assertThat(metrics.mvcc.keys.value()).isEqualTo(2);
            put(node, "b");
            put(node, "c");
            assertThat(metrics.mvcc.keys.value()).isEqualTo(3);
            var deleted = new Waiting<DeleteRangeResponse>();
            node.deleteRange(
                    DeleteRangeRequest.newBuilder()
                            .setKey(ByteString.copyFromUtf8("a"))
                            .setRangeEnd(ByteString.copyFromUtf8("c"))
                            .build(),
                    deleted);
            deleted.await();
            assertThat(metrics.mvcc.keys.value()).isEqualTo(1);
            assertThat(metrics.mvcc.puts.value()).isEqualTo(4);
            assertThat(metrics.mvcc.putBytes.value()).isEqualTo(4);
            assertThat(metrics.mvcc.deletes.value()).isEqualTo(2);
        } finally {
            member.close();
        }
    }
}
