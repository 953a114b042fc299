package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.Member;
import dev.cetera.api.etcdserverpb.MemberAddRequest;
import dev.cetera.api.etcdserverpb.MemberAddResponse;
import dev.cetera.api.etcdserverpb.MemberPromoteRequest;
import dev.cetera.api.etcdserverpb.MemberPromoteResponse;
import dev.cetera.api.etcdserverpb.MemberRemoveRequest;
import dev.cetera.api.etcdserverpb.MemberRemoveResponse;
import dev.cetera.api.etcdserverpb.MemberUpdateRequest;
import dev.cetera.api.etcdserverpb.MemberUpdateResponse;
import dev.cetera.cluster.MemberId;
import dev.cetera.cluster.Membership;
import dev.cetera.config.Clustering;
import dev.cetera.config.Clustering.Caution;
import dev.cetera.node.HandTurned.Kept;
import dev.cetera.raft.Message;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.Test;

final class MemberChangesTest {
    /// Knows who can be reached, and nothing else.
    private record Sight(LongPredicate reachable) implements Link {
        @Override
        public void send(List<Message> messages) {}

        @Override
        public void sendSnapshot(OutgoingSnapshot snapshot) {}

        @Override
        public void members(Membership now) {}

        @Override
        public void remotes(List<dev.cetera.cluster.Member> others) {}

        @Override
        public OptionalLong activeSince(long member) {
            return reachable.test(member) ? OptionalLong.of(0) : OptionalLong.empty();
        }
    }

    private static MemberChanges changes(Several cluster, Several.One at, LongPredicate reachable) {
        return new MemberChanges(at.engine(), at.config, new Sight(reachable), cluster.time);
    }

    private static MemberChanges lenient(Several cluster, Several.One at) {
        var config = at.config.withClustering(Clustering.DEFAULTS.withCaution(Caution.NONE));
        return new MemberChanges(at.engine(), config, new Sight(_ -> false), cluster.time);
    }

    private static <Q, A> Kept<A> ask(Several cluster, BiConsumer<Q, Answer<A>> operation, Q request) throws Exception {
        var kept = new Kept<A>();
        operation.accept(request, kept);
        cluster.settle();
        cluster.pass(300);
        return kept;
    }

    private static Kept<MemberAddResponse> add(Several cluster, MemberChanges changes, String... urls)
            throws Exception {
        var request =
                MemberAddRequest.newBuilder().addAllPeerURLs(List.of(urls)).build();
        return ask(cluster, changes::add, request);
    }

    private static Kept<MemberRemoveResponse> remove(Several cluster, MemberChanges changes, long id) throws Exception {
        return ask(
                cluster,
                changes::remove,
                MemberRemoveRequest.newBuilder().setID(id).build());
    }

    private static Kept<MemberUpdateResponse> update(Several cluster, MemberChanges changes, long id, String... urls)
            throws Exception {
        var request = MemberUpdateRequest.newBuilder()
                .setID(id)
                .addAllPeerURLs(List.of(urls))
                .build();
        return ask(cluster, changes::update, request);
    }

    @Test
    void anAddedMemberIsNamedByItsUrlsAndTheMoment() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            long seconds = cluster.time.unixNanos() / 1_000_000_000;
            var added = add(cluster, changes(cluster, cluster.follower(), _ -> true), "http://d:2", "HTTP://d:1");

            var response = added.values.getFirst();
            assertThat(response.getMember().getID())
                    .isEqualTo(MemberId.added(List.of("http://d:1", "http://d:2"), seconds));
            assertThat(response.getMember().getPeerURLsList()).containsExactly("http://d:1", "http://d:2");
            assertThat(response.getMembersList())
                    .extracting(Member::getName)
                    .containsExactlyInAnyOrder("a", "b", "c", "");
            for (var one : cluster.all.values()) {
                assertThat(one.engine().membership().members()).hasSize(4);
            }
        }
    }

    @Test
    void whatIsNoUrlIsRefused() throws Exception {
        try (var cluster = Several.started("a")) {
            var changes = changes(cluster, cluster.leader(), _ -> true);
            assertThat(add(cluster, changes).refusals).containsExactly(Refusal.BAD_MEMBER_URLS);
            assertThat(add(cluster, changes, "http://d").refusals).containsExactly(Refusal.BAD_MEMBER_URLS);
            long own = cluster.leader().id();
            assertThat(update(cluster, changes, own, "nonsense").refusals).containsExactly(Refusal.BAD_MEMBER_URLS);
            assertThat(update(cluster, changes, own).refusals).containsExactly(Refusal.BAD_MEMBER_URLS);
        }
    }

    @Test
    void aUrlBelongsToOneMember() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var at = cluster.leader();
            var changes = changes(cluster, at, _ -> true);
            var taken = cluster.follower().peerUrl;
            assertThat(add(cluster, changes, taken).refusals).containsExactly(Refusal.PEER_URL_EXISTS);
            assertThat(update(cluster, changes, at.id(), taken).refusals).containsExactly(Refusal.PEER_URL_EXISTS);
        }
    }

    @Test
    void urlsAreUpdatedInTheOrderGiven() throws Exception {
        try (var cluster = Several.started("a")) {
            var at = cluster.leader();
            var updated = update(cluster, changes(cluster, at, _ -> true), at.id(), "http://z:1", "http://y:1");
            assertThat(updated.values.getFirst().getMembers(0).getPeerURLsList())
                    .containsExactly("http://z:1", "http://y:1");
        }
    }

    @Test
    void whoIsNotThereCanNotBeChanged() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var changes = changes(cluster, cluster.leader(), _ -> true);
            assertThat(remove(cluster, changes, 99).refusals).containsExactly(Refusal.MEMBER_NOT_FOUND);
            assertThat(update(cluster, changes, 99, "http://z:1").refusals).containsExactly(Refusal.MEMBER_NOT_FOUND);

            long follower = cluster.follower().id();
            assertThat(remove(cluster, changes, follower).values).hasSize(1);
            assertThat(remove(cluster, changes, follower).refusals).containsExactly(Refusal.MEMBER_NOT_FOUND);
        }
    }

    @Test
    void aStrictMemberLooksWhoIsThere() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var at = cluster.leader();
            var alone = changes(cluster, at, _ -> false);
            assertThat(add(cluster, alone, "http://d:1").refusals).containsExactly(Refusal.UNHEALTHY);
            assertThat(remove(cluster, alone, at.id()).refusals).containsExactly(Refusal.UNHEALTHY);
            assertThat(add(cluster, lenient(cluster, at), "http://d:1").values).hasSize(1);
        }
    }

    @Test
    void learnersAreForNewerClusters() throws Exception {
        try (var cluster = Several.started("a")) {
            var changes = changes(cluster, cluster.leader(), _ -> true);
            Kept<MemberAddResponse> added = ask(
                    cluster,
                    changes::add,
                    MemberAddRequest.newBuilder()
                            .addPeerURLs("http://d:1")
                            .setIsLearner(true)
                            .build());
            assertThat(added.refusals).containsExactly(Refusal.LEARNERS_NEED_NEWER_CLUSTER);
            Kept<MemberPromoteResponse> promoted = ask(
                    cluster,
                    changes::promote,
                    MemberPromoteRequest.newBuilder().setID(1).build());
            assertThat(promoted.refusals).containsExactly(Refusal.LEARNERS_NEED_NEWER_CLUSTER);
        }
    }

    @Test
    void aLeaderThatStopsHandsOn() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var leader = cluster.leader();
            var successor = cluster.follower();
            var sight = new Sight(id -> id == successor.id());
            var handover = new Handover(leader.engine(), sight, cluster.time, 60_000);
            var stopping = Thread.ofVirtual().start(() -> {
                try {
                    handover.run();
                } catch (InterruptedException hurried) {
                    Thread.currentThread().interrupt();
                }
            });
            while (stopping.isAlive()) {
                cluster.settle();
                Thread.onSpinWait();
            }
            assertThat(successor.leads()).isTrue();
        }
    }

    @Test
    void whoDoesNotLeadOrIsAloneHasNothingToHandOn() throws Exception {
        try (var cluster = Several.started("a", "b", "c");
                var alone = Several.started("a");
                var lines = new LogLines("etcdserver")) {
            new Handover(cluster.follower().engine(), Link.NONE, cluster.time, 1).run();
            new Handover(alone.leader().engine(), Link.NONE, alone.time, 1).run();
            new Handover(cluster.leader().engine(), Link.NONE, cluster.time, 1).run();
            assertThat(lines.lines)
                    .contains(
                            "skipped leadership transfer for stopping non-leader member",
                            "skipped leadership transfer for single member cluster",
                            MemberId.text(cluster.leader().id())
                                    + " failed to transfer leadership (etcdserver: unhealthy cluster)");
        }
    }

    @Test
    void theVersionIsSetByTheFirstLeaderAndHeldBackByWhoIsNotKnown() throws Exception {
        try (var cluster = new Several("a", "b", "c")) {
            cluster.one("a").start();
            cluster.one("b").start();
            cluster.pass(5_000);
            var version = cluster.leader().engine().membership().version();
            assertThat(version).hasToString("3.0.0");

            cluster.one("c").start();
            cluster.pass(6_000);
            assertThat(cluster.leader().engine().membership().version()).hasToString("3.3.0");
        }
    }
}
