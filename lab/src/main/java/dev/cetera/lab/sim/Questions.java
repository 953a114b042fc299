package dev.cetera.lab.sim;

import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.HashKVResponse;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveResponse;
import dev.cetera.cluster.Member;
import dev.cetera.mvcc.Answer.Found;
import dev.cetera.mvcc.KvHash;
import dev.cetera.node.Answer;
import dev.cetera.node.PeerException;
import dev.cetera.node.Peers;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One member's questions to others. They and their answers travel as messages do, and like them are lost.
/// Confined.
final class Questions implements Peers {
    private static final long GIVES_UP = Timeline.SECOND;

    private final Host asking;
    private final int life;
    private final Network network;

    Questions(Host asking, Network network) {
        this.asking = asking;
        this.life = asking.life();
        this.network = network;
    }

    /// Asks on the host that is asked; what it completes travels back.
    @FunctionalInterface
    private interface Question<T> {
        void ask(Host asked, CompletableFuture<T> answer);
    }

    private <T> CompletableFuture<T> ask(String url, Question<T> question) {
        if (!asking.isUp()) {
            return askAtOnce(url, question);
        }
        var result = new CompletableFuture<T>();
        asking.soon(life, GIVES_UP, () -> result.completeExceptionally(new PeerException("no answer from " + url)));
        var asked = network.at(url);
        if (asked == null || !network.connects(asking, asked)) {
            return result;
        }
        int target = asked.life();
        asked.soon(target, network.delay(asking, asked), () -> {
            var answer = new CompletableFuture<T>();
            var _ = answer.whenComplete((value, failed) -> travel(asked, result, value, failed));
            question.ask(asked, answer);
        });
        return result;
    }

    /// A start waits for what it asks, and no time passes meanwhile.
    private <T> CompletableFuture<T> askAtOnce(String url, Question<T> question) {
        var asked = network.at(url);
        if (asked == null || asked == asking || !network.connects(asking, asked)) {
            return CompletableFuture.failedFuture(new PeerException("no answer from " + url));
        }
        var answer = new CompletableFuture<T>();
        question.ask(asked, answer);
        return answer;
    }

    private <T> void travel(Host asked, CompletableFuture<T> result, @Nullable T value, @Nullable Throwable failed) {
        if (!network.connects(asked, asking)) {
            return;
        }
        asking.soon(life, network.delay(asked, asking), () -> {
            if (failed != null) {
                result.completeExceptionally(failed);
            } else {
                result.complete(value);
            }
        });
    }

    @Override
    public CompletableFuture<Versions> versions(Member member) {
        return ask(member.peerUrls().getFirst(), (asked, answer) -> {
            var version = asked.engine().membership().version();
            answer.complete(new Versions("3.3.27", version == null ? "not_decided" : version.text()));
        });
    }

    @Override
    public CompletableFuture<ClusterView> members(String peerUrl) {
        return ask(
                peerUrl,
                (asked, answer) -> answer.complete(new ClusterView(
                        asked.engine().clusterId(), asked.engine().membership().members())));
    }

    @Override
    public CompletableFuture<Long> renew(Member leader, long lease) {
        return ask(
                leader.peerUrls().getFirst(),
                (asked, answer) -> asked.engine()
                        .caughtUp(to(answer, _ -> asked.engine().renewAsPrimary(lease, to(answer, answer::complete)))));
    }

    private static <T, R> Answer<T> to(CompletableFuture<R> answer, Consumer<T> whenDone) {
        return new Answer<>() {
            @Override
            public void done(T value) {
                whenDone.accept(value);
            }

            @Override
            public void refused(Refusal why) {
                answer.completeExceptionally(new PeerException(why.text()));
            }
        };
    }

    @Override
    public CompletableFuture<LeaseTimeToLiveResponse> timeToLive(Member leader, LeaseTimeToLiveRequest request) {
        return ask(
                leader.peerUrls().getFirst(),
                (asked, answer) -> answer.complete(asked.engine().timeToLiveHere(request)));
    }

    @Override
    public CompletableFuture<HashKVResponse> hashKv(Member member, long revision) {
        return ask(member.peerUrls().getFirst(), (asked, answer) -> {
            try {
                if (asked.engine().machine().store().hashKv(revision) instanceof Found<KvHash>(var found)) {
                    answer.complete(
                            HashKVResponse.newBuilder().setHash(found.hash()).build());
                } else {
                    answer.completeExceptionally(new PeerException("no such revision"));
                }
            } catch (IOException failed) {
                answer.completeExceptionally(failed);
            }
        });
    }

    @Override
    public CompletableFuture<List<Member>> promote(Member leader, long learner) {
        return CompletableFuture.failedFuture(new PeerException("no learners here"));
    }
}
