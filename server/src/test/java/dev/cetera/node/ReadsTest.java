package dev.cetera.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.api.Refusal;
import dev.cetera.node.HandTurned.Kept;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReadsTest {
    private static final long SECOND = 1_000_000_000;

    private final List<Runnable> handedOn = new ArrayList<>();
    private final Reads reads = new Reads(handedOn::add, Meters.NONE);
    private final List<Long> asked = new ArrayList<>();
    private long lastId;

    private Kept<Long> arrive() {
        var reader = new Kept<Long>();
        boolean _ = reads.await(reader, 7 * SECOND);
        return reader;
    }

    private void ask(long nowNanos, long leader) {
        reads.ask(nowNanos, leader, () -> ++lastId, asked::add);
    }

    private void runHandedOn() {
        handedOn.forEach(Runnable::run);
        handedOn.clear();
    }

    @Test
    void readersOfOneRoundShareAQuestionAndOneTask() {
        var readers = IntStream.range(0, 100).mapToObj(_ -> arrive()).toList();
        ask(0, 1);
        reads.applied(5);
        reads.confirm(1, 5);
        assertThat(asked).containsExactly(1L);
        assertThat(handedOn).hasSize(1);
        assertThat(readers).allMatch(Kept::isOpen);
        runHandedOn();
        assertThat(readers).allSatisfy(reader -> assertThat(reader.values).containsExactly(5L));
    }

    @Test
    void aReaderGoesOnWhenItsIndexIsConfirmedAndApplied() {
        var reader = arrive();
        ask(0, 1);
        reads.applied(4);
        reads.confirm(1, 5);
        runHandedOn();
        assertThat(reader.isOpen()).isTrue();
        reads.applied(6);
        runHandedOn();
        assertThat(reader.values).hasSize(1);
    }

    @Test
    void whoeverComesAfterTheQuestionWaitsForTheNextOne() {
        var first = arrive();
        ask(0, 1);
        var second = arrive();
        reads.applied(5);
        reads.confirm(1, 5);
        runHandedOn();
        assertThat(first.values).hasSize(1);
        assertThat(second.isOpen()).isTrue();
        ask(0, 1);
        reads.confirm(2, 5);
        runHandedOn();
        assertThat(second.values).hasSize(1);
    }

    @Test
    void aQuestionWithoutAnAnswerIsPutAgainAndAllItsNumbersCount() {
        for (long answered : List.of(1L, 2L, 3L)) {
            asked.clear();
            lastId = 0;
            var fresh = new Reads(Runnable::run, Meters.NONE);
            var reader = new Kept<Long>();
            boolean _ = fresh.await(reader, 7 * SECOND);
            for (int tick = 0; tick <= 10; tick++) {
                fresh.ask(tick * SECOND / 10, 1, () -> ++lastId, asked::add);
            }
            assertThat(asked).containsExactly(1L, 2L, 3L);
            fresh.applied(9);
            fresh.confirm(answered, 9);
            assertThat(reader.values).containsExactly(9L);
            fresh.confirm(answered, 9);
            assertThat(reader.values).hasSize(1);
        }
    }

    @Test
    void anAnswerAlsoServesTheRoundsBefore() {
        var first = arrive();
        ask(0, 1);
        var second = arrive();
        ask(0, 1);
        var third = arrive();
        ask(0, 1);
        reads.applied(7);
        reads.confirm(2, 7);
        runHandedOn();
        assertThat(first.values).hasSize(1);
        assertThat(second.values).hasSize(1);
        assertThat(third.isOpen()).isTrue();
    }

    @Test
    void moreRoundsThanMayBeUnderWayAreOneRoundMore() {
        for (int i = 0; i < 3 * Reads.MAX_ROUNDS; i++) {
            arrive();
            ask(0, 1);
        }
        assertThat(asked).hasSize(Reads.MAX_ROUNDS);
        reads.confirm(1, 0);
        ask(0, 1);
        assertThat(asked).hasSize(Reads.MAX_ROUNDS + 1);
        reads.confirm(lastId, 0);
        runHandedOn();
        ask(0, 1);
        assertThat(asked).as("nobody waits any more").hasSize(Reads.MAX_ROUNDS + 1);
    }

    @Test
    void questionsToALeaderOfBeforeAreRefusedThoseToNobodyAreAskedAnew() {
        var toOld = arrive();
        ask(0, 1);
        reads.newLeader();
        assertThat(toOld.refusals).containsExactly(Refusal.LEADER_CHANGED);

        var toNobody = arrive();
        ask(0, 0);
        var notAsked = arrive();
        reads.newLeader();
        ask(1, 2);
        assertThat(asked).as("again, and for the one that came later").hasSize(4);
        reads.confirm(lastId, 0);
        runHandedOn();
        assertThat(toNobody.values).hasSize(1);
        assertThat(notAsked.values).hasSize(1);
    }

    @Test
    void whoeverWaitsTooLongIsToldSoWhereverItWaits() {
        var confirmed = arrive();
        ask(0, 1);
        reads.confirm(1, 100);
        var asking = arrive();
        ask(0, 1);
        var arrived = arrive();
        reads.expire(7 * SECOND - 1);
        assertThat(List.of(confirmed, asking, arrived)).allMatch(Kept::isOpen);
        reads.expire(7 * SECOND);
        assertThat(List.of(confirmed, asking, arrived))
                .allSatisfy(one -> assertThat(one.refusals).containsExactly(Refusal.TIMED_OUT));
        reads.applied(100);
        reads.confirm(2, 100);
        runHandedOn();
        assertThat(asking.values).isEmpty();
    }

    @Test
    void atTheEndAllAreRefused() {
        var waiting = arrive();
        ask(0, 1);
        reads.close();
        assertThat(waiting.refusals).containsExactly(Refusal.STOPPED);
        assertThat(arrive().refusals).containsExactly(Refusal.STOPPED);
    }

    // ---- in a cluster ----

    @Test
    void everyMemberReadsWhatWasAcknowledged() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var put = cluster.leader().put("key", "value");
            cluster.settle();
            assertThat(put.values).hasSize(1);
            for (var one : cluster.all.values()) {
                var read = one.linearize();
                assertThat(read.isOpen()).as("without a quorum nothing is read").isTrue();
                cluster.settle();
                assertThat(read.values).hasSize(1);
                assertThat(one.get("key")).isEqualTo("value");
            }
        }
    }

    @Test
    void aLeaderThatWasReplacedUnnoticedReadsNothing() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var old = cluster.leader();
            cluster.cutOff(old);
            old.paused = true;
            cluster.pass(3_000);
            var put = cluster.leader().put("key", "value");
            cluster.settle();
            assertThat(put.values).hasSize(1);
            old.paused = false;
            assertThat(old.leads()).isTrue();
            var read = old.linearize();
            cluster.settle();
            assertThat(read.values).isEmpty();

            cluster.heal();
            cluster.pass(1_000);
            assertThat(read.values).isEmpty();
            assertThat(read.refusals).containsExactly(Refusal.LEADER_CHANGED);
            var again = old.linearize();
            cluster.settle();
            assertThat(again.values).hasSize(1);
            assertThat(old.get("key")).isEqualTo("value");
        }
    }

    @Test
    void aReadWhoseMessagesGetLostIsAskedAgain() throws Exception {
        try (var cluster = Several.started("a", "b", "c")) {
            var follower = cluster.follower();
            cluster.weather = messages -> messages.stream()
                    .filter(message -> !(message instanceof dev.cetera.raft.Message.ReadIndex))
                    .toList();
            var read = follower.linearize();
            cluster.pass(300);
            assertThat(read.isOpen()).isTrue();
            cluster.weather = messages -> messages;
            cluster.pass(600);
            assertThat(read.values).hasSize(1);
        }
    }

    @Test
    void aLoneLeaderStopsAnsweringByItselfWhenAnotherVoterIsAdded() throws Exception {
        try (var cluster = Several.started("a")) {
            var first = cluster.one("a");
            assertThat(first.linearize().values).hasSize(1);
            var added = new Kept<Reconfigured>();
            var other = dev.cetera.cluster.Member.of(77, List.of("http://b:2380"), "");
            first.engine().reconfigure(id -> dev.cetera.cluster.Members.add(id, other), added);
            cluster.settle();
            assertThat(added.values).hasSize(1);
            var read = first.linearize();
            cluster.settle();
            assertThat(read.values).as("the other one might lead").isEmpty();
        }
    }
}
