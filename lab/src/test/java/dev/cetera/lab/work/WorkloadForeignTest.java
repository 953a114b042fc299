package dev.cetera.lab.work;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.api.Refusal;
import dev.cetera.lab.check.Checks;
import dev.cetera.lab.check.Slack;
import dev.cetera.lab.cluster.Cluster;
import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.cluster.Program;
import dev.cetera.lab.history.History;
import dev.cetera.lab.history.Outcome;
import dev.cetera.testkit.Await;
import dev.cetera.testkit.Evidence;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Real members find nothing malformed in what clients without a plan ask for, answer all of it, and keep
/// their promises: ours, and the etcd that clients know them from.
class WorkloadForeignTest {
    private static final Duration LENGTH = Duration.ofSeconds(5);

    /// On a machine with more to do than it can, a second is soon gone.
    private static final double CLOCK_RATE = 0.05;

    private static final Duration OVERDUE = Duration.ofSeconds(30);

    @RegisterExtension
    final Evidence evidence = new Evidence();

    @Test
    void oursTakesEveryRequest() throws Exception {
        var profile = Profile.usual(new Random(1)).withOperators();
        assertSensible(run(Program.underTest(), 1, profile));
    }

    @Test
    void etcdTakesEveryRequest() throws Exception {
        var profile = Profile.usual(new Random(2)).withOperators().forEtcd();
        assertSensible(run(Program.etcd(), 2, profile));
    }

    private History run(Program program, long seed, Profile profile) throws Exception {
        Member member = evidence.closing(Member.in(evidence.directory(), "solo"));
        member.start(program);
        try (var stage = new ExecutorStage()) {
            URI endpoint = URI.create(member.endpoint());
            ManagedChannel channel = NettyChannelBuilder.forAddress(endpoint.getHost(), endpoint.getPort())
                    .usePlaintext()
                    .executor(stage.executor())
                    .build();
            try {
                var door = new Door(member.name(), channel);
                var workload = new Workload(stage, _ -> door, profile, new Random(seed));
                stage.in(0, workload::begin);
                stage.in(LENGTH.toNanos(), workload::end);
                Await.await(
                        "everything is answered", LENGTH.plus(Cluster.PATIENCE), () -> stage.ask(workload::isSettled));
                stage.in(0, workload::readAll);
                Await.await("everything is read", Cluster.PATIENCE, () -> stage.ask(workload::isSettled));
                // What nobody can know without bookmarks is not asked for.
                boolean settled = profile.progress() == Profile.Progress.BOOKMARK;
                return stage.ask(() -> workload.history(settled, 1));
            } finally {
                channel.shutdownNow();
            }
        }
    }

    private static void assertSensible(History history) {
        long calm = history.operations().getFirst().called();
        var story = Checks.check(history, Slack.calmSince(calm, CLOCK_RATE, OVERDUE.toNanos()));
        assertThat(story.undecided()).isNull();
        assertThat(history.operations()).hasSizeGreaterThan(50);
        assertThat(history.operations()).anyMatch(operation -> operation.outcome() instanceof Outcome.Answered);
        var malformed = List.of(
                Refusal.EMPTY_KEY.text(),
                Refusal.DUPLICATE_KEY.text(),
                Refusal.VALUE_PROVIDED.text(),
                Refusal.LEASE_PROVIDED.text(),
                Refusal.TOO_MANY_OPS.text(),
                Refusal.REQUEST_TOO_LARGE.text());
        assertThat(history.operations())
                .noneMatch(operation ->
                        operation.outcome() instanceof Outcome.Refused refused && malformed.contains(refused.text()));
        assertThat(history.operations())
                .noneMatch(operation -> operation.outcome() instanceof Outcome.Unknown unknown
                        && !unknown.why().equals("given up"));
    }
}
