package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RunningClusterTest {
    private static final long NANOS = 1_000_000;

    @Test
    void everyUrlThatFailedIsALineOfItsOwn() throws Exception {
        var line = "could not get cluster response from http://a: Get http://a/members: EOF";
        var silent = new CompletableFuture<Peers.ClusterView>();
        var cluster = new RunningCluster(answering(
                Map.of("http://a", CompletableFuture.failedFuture(new PeerException(line)), "http://b", silent)));
        assertThat(cluster.ask(List.of("http://a", "http://b"), NANOS))
                .isEqualTo(new RunningCluster.NotFound(
                        List.of(line, "could not get cluster response from http://b: no answer in time")));
    }

    @Test
    void theFirstThatAnswersIsTaken() throws Exception {
        var view = new Peers.ClusterView(7, List.of());
        var cluster = new RunningCluster(answering(Map.of(
                "http://a",
                CompletableFuture.failedFuture(new PeerException("refused")),
                "http://b",
                CompletableFuture.completedFuture(view))));
        assertThat(cluster.ask(List.of("http://a", "http://b"), NANOS)).isEqualTo(new RunningCluster.Found(view));
    }

    /// What is asked at each URL; no other question is.
    private static Peers answering(Map<String, CompletableFuture<Peers.ClusterView>> answers) {
        return (Peers) Proxy.newProxyInstance(
                Peers.class.getClassLoader(),
                new Class<?>[] {Peers.class},
                (_, _, asked) -> Objects.requireNonNull(answers.get((String) asked[0])));
    }
}
