package dev.cetera.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What the Raft paper claims of whole clusters: the five properties of Figure 3, the hard case of Figure 8,
/// and changes of membership (§6). [SimulationTest] looks for the five under any trouble; here each stands in
/// the situation that would break it.
final class PaperClusterTest {
    private final FakeCluster cluster = new FakeCluster();

    /// Without leases, so that whoever is told to campaigns and is heard; entries travel one by one.
    private void found(long... ids) {
        for (long id : ids) {
            cluster.add(config(id), ids);
        }
        cluster.settle();
    }

    private static RaftConfig config(long id) {
        return RaftConfig.defaults(id, id).withCheckQuorum(false).withLimits(1, 1, Long.MAX_VALUE);
    }

    private FakeMember elect(long id) {
        var member = cluster.member(id);
        member.raft().campaign();
        cluster.settle();
        assertThat(member.raft().status().role()).isEqualTo(Role.LEADER);
        return member;
    }

    private void heartbeats(long leader) {
        for (int tick = 0; tick < 3; tick++) {
            cluster.member(leader).raft().tick();
            cluster.settle();
        }
    }

    private static byte[] data(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void cutOff(long... ids) {
        var list = Arrays.stream(ids).boxed().toList();
        cluster.cut = (from, to) -> list.contains(from) != list.contains(to);
    }

    private void heal() {
        cluster.cut = (from, to) -> false;
    }

    private static List<Long> terms(FakeMember member) {
        var terms = new ArrayList<Long>();
        for (long index = member.raft().firstIndex(); index <= member.raft().lastIndex(); index++) {
            terms.add(member.raft().termAt(index));
        }
        return terms;
    }

    // ---- Figure 3 ----

    @Test
    void electionSafetyAtMostOneLeaderCanBeElectedInATerm() {
        found(1, 2, 3, 4, 5);
        cluster.member(1).raft().campaign();
        cluster.member(2).raft().campaign();
        cluster.settle();
        var leaders = cluster.up().stream()
                .filter(member -> member.raft().status().role() == Role.LEADER)
                .toList();
        assertThat(leaders).hasSizeLessThanOrEqualTo(1);
        assertThat(cluster.up()).allMatch(member -> member.raft().status().term() == 2);
    }

    @Test
    void leaderAppendOnlyALeaderKeepsWhatANewerOneOverwrites() {
        found(1, 2, 3);
        var old = elect(1);
        cutOff(1);
        old.raft().propose(data("lost"));
        cluster.settle();
        var before = terms(old);
        elect(2);
        assertThat(old.raft().status().role()).isEqualTo(Role.LEADER);
        assertThat(terms(old)).isEqualTo(before);
        heal();
        heartbeats(2);
        assertThat(old.raft().status().role()).isEqualTo(Role.FOLLOWER);
        assertThat(terms(old)).isEqualTo(terms(cluster.member(2)));
    }

    @Test
    void logMatchingLogsThatAgreeSomewhereAgreeBeforeIt() {
        found(1, 2, 3, 4, 5);
        elect(1);
        cutOff(1, 2);
        cluster.member(1).raft().propose(data("a"));
        cluster.member(1).raft().propose(data("b"));
        cluster.settle();
        elect(3);
        cluster.member(3).raft().propose(data("c"));
        cluster.settle();
        heal();
        heartbeats(3);
        assertThat(cluster.up()).allSatisfy(member -> assertThat(terms(member)).isEqualTo(terms(cluster.member(3))));
    }

    @Test
    void leaderCompletenessWhoLacksACommittedEntryIsNotElected() {
        found(1, 2, 3);
        elect(1);
        cutOff(3);
        cluster.member(1).raft().propose(data("committed"));
        cluster.settle();
        cluster.member(1).crash(0, 0);
        heal();
        cluster.member(3).raft().campaign();
        cluster.settle();
        assertThat(cluster.member(3).raft().status().role()).isNotEqualTo(Role.LEADER);
        elect(2);
        assertThat(cluster.member(3).applied).isEqualTo(cluster.member(2).applied);
    }

    @Test
    void stateMachineSafetyAllApplyTheSameAtAnIndex() {
        found(1, 2, 3);
        elect(1);
        cutOff(1);
        cluster.member(1).raft().propose(data("never applied"));
        cluster.settle();
        elect(2);
        cluster.member(2).raft().propose(data("applied"));
        cluster.settle();
        heal();
        heartbeats(2);
        assertThat(cluster.up()).allMatch(member -> member.digest == cluster.member(2).digest);
        assertThat(cluster.up()).allMatch(member -> member.applied == cluster.member(2).applied);
    }

    // ---- Figure 8, §5.4.2 ----

    private static Message withoutEntriesOfItsTerm(Message message) {
        if (!(message instanceof Message.Append append)) {
            return message;
        }
        var old = append.entries().stream()
                .takeWhile(entry -> entry.term() < append.term())
                .toList();
        return new Message.Append(
                append.to(), append.from(), append.term(), append.prevTerm(), append.prevIndex(), old, append.commit());
    }

    /// Up to (c): S1 brings an entry of an older term to a majority; S5 has one of a term in between.
    private long oldEntryOnAMajority() {
        found(1, 2, 3, 4, 5);
        elect(1);
        long committed = cluster.checker.committed();
        // (a) S1 leads and gets its entry to S2 alone.
        cutOff(1, 2);
        cluster.member(1).raft().propose(data("of S1"));
        cluster.settle();
        cluster.member(1).crash(0, 0);
        // (b) S5 is elected by S3 and S4 and gets its entry to nobody.
        cluster.fate = message -> message instanceof Message.Append ? null : message;
        elect(5);
        cluster.member(5).crash(0, 0);
        // (c) S1 leads again and brings the old entry to S3, but none of its new term to anybody.
        heal();
        cluster.fate = PaperClusterTest::withoutEntriesOfItsTerm;
        cluster.member(1).restart(FakeMember.StateAfterCrash.KEPT, 7);
        cutOff(4);
        cluster.member(1).raft().campaign();
        cluster.settle();
        elect(1);
        heartbeats(1);
        long index = committed + 1;
        assertThat(List.of(1L, 2L, 3L)).allMatch(id -> cluster.member(id).hasDurable(index, 2));
        assertThat(cluster.checker.committed()).isEqualTo(committed);
        return index;
    }

    @Test
    void figure8AnEntryOfAnOlderTermOnAMajorityMayStillBeOverwritten() {
        long index = oldEntryOnAMajority();
        cluster.member(1).crash(0, 0);
        heal();
        cluster.fate = message -> message;
        cluster.member(5).restart(FakeMember.StateAfterCrash.KEPT, 8);
        cluster.member(5).raft().campaign();
        cluster.settle();
        elect(5);
        assertThat(List.of(2L, 3L, 4L, 5L))
                .allMatch(id -> cluster.member(id).raft().termAt(index) == 3);
    }

    @Test
    void figure8AnEntryOfTheLeadersOwnTermCommitsWhatIsBeforeIt() {
        long index = oldEntryOnAMajority();
        cluster.fate = message -> message;
        heartbeats(1);
        assertThat(cluster.checker.committed()).isGreaterThan(index);
        cluster.member(1).crash(0, 0);
        heal();
        cluster.member(5).restart(FakeMember.StateAfterCrash.KEPT, 8);
        for (int attempt = 0; attempt < 3; attempt++) {
            cluster.member(5).raft().campaign();
            cluster.settle();
        }
        assertThat(cluster.member(5).raft().status().role()).isNotEqualTo(Role.LEADER);
    }

    // ---- membership, §6 ----

    @Test
    void aNewServerCatchesUpBeforeItVotes() {
        found(1, 2, 3);
        cluster.add(config(4));
        elect(1);
        cluster.member(1).propose(ConfChange.Type.ADD_LEARNER, 4);
        cluster.settle();
        heartbeats(1);
        var learner = cluster.member(4);
        assertThat(learner.applied).isEqualTo(cluster.member(1).applied);
        cutOff(3, 4);
        long before = cluster.checker.committed();
        cluster.member(1).raft().propose(data("by two of three"));
        cluster.settle();
        assertThat(cluster.checker.committed()).isEqualTo(before + 1);
        cutOff(2, 3);
        cluster.member(1).raft().propose(data("the learner does not count"));
        cluster.settle();
        assertThat(cluster.checker.committed()).isEqualTo(before + 1);
    }

    @Test
    void inAJointConfigurationBothMajoritiesMustAgree() {
        found(1, 2, 3);
        cluster.add(config(4));
        cluster.add(config(5));
        elect(1);
        assertThat(cluster.member(1).proposeV2("!+4,+5,-2,-3")).isInstanceOf(Proposal.Accepted.class);
        cluster.settle();
        heartbeats(1);
        assertThat(cluster.member(1).raft().confState())
                .isEqualTo(new ConfState(List.of(1L, 4L, 5L), List.of(), List.of(1L, 2L, 3L), List.of(), false));
        long before = cluster.checker.committed();
        cutOff(4, 5);
        cluster.member(1).raft().propose(data("a majority of the old ones"));
        cluster.settle();
        assertThat(cluster.checker.committed()).isEqualTo(before);
        heal();
        heartbeats(1);
        assertThat(cluster.checker.committed()).isEqualTo(before + 1);
        cutOff(2, 3);
        cluster.member(1).raft().propose(data("a majority of the new ones"));
        cluster.settle();
        assertThat(cluster.checker.committed()).isEqualTo(before + 1);
        cutOff(3, 5);
        heartbeats(1);
        assertThat(cluster.checker.committed()).isEqualTo(before + 2);
    }

    @Test
    void anElectionInAJointConfigurationNeedsBothMajorities() {
        found(1, 2, 3);
        cluster.add(config(4));
        cluster.add(config(5));
        elect(1);
        cluster.member(1).proposeV2("!+4,+5,-2,-3");
        cluster.settle();
        heartbeats(1);
        cutOff(4, 5);
        cluster.member(2).raft().campaign();
        cluster.settle();
        assertThat(cluster.member(2).raft().status().role()).isEqualTo(Role.CANDIDATE);
        heal();
        elect(2);
    }

    @Test
    void aLeaderThatIsNotInTheNewConfigurationStepsDownOnceThatIsCommitted() {
        for (long id = 1; id <= 3; id++) {
            cluster.add(RaftConfig.defaults(id, id), 1, 2, 3);
        }
        cluster.settle();
        elect(1);
        cluster.member(1).propose(ConfChange.Type.REMOVE_NODE, 1);
        assertThat(cluster.member(1).raft().status().role()).isEqualTo(Role.LEADER);
        cluster.settle();
        heartbeats(1);
        assertThat(cluster.member(1).raft().status().role()).isEqualTo(Role.FOLLOWER);
        assertThat(cluster.leader()).isNotNull();
        assertThat(cluster.member(2).raft().confState()).isEqualTo(ConfState.of(List.of(2L, 3L)));
        assertThat(cluster.member(1).raft().propose(data("x"))).isNotInstanceOf(Proposal.Accepted.class);
    }

    @Test
    void removedServersDoNotDisruptTheCluster() {
        for (long id = 1; id <= 4; id++) {
            cluster.add(RaftConfig.defaults(id, id), 1, 2, 3, 4);
        }
        cluster.settle();
        var leader = elect(1);
        cutOff(4);
        leader.propose(ConfChange.Type.REMOVE_NODE, 4);
        cluster.settle();
        heal();
        long term = leader.raft().status().term();
        for (int tick = 0; tick < 100; tick++) {
            for (var member : cluster.up()) {
                member.raft().tick();
                cluster.settle();
            }
        }
        assertThat(cluster.member(4).raft().status().term()).isGreaterThan(term);
        assertThat(leader.raft().status()).matches(now -> now.role() == Role.LEADER && now.term() == term);
    }

    // ---- a pair, where each needs the other ----

    @Test
    void whoStaysOfTwoGoesOnAloneAlthoughTheOtherStopsAsSoonAsItKnows() {
        found(1, 2);
        var stays = elect(1);
        stays.propose(ConfChange.Type.REMOVE_NODE, 2);
        var goes = cluster.member(2);
        for (int turn = 0; turn < 100 && !goes.removed; turn++) {
            goes.work();
            goes.persistAll();
            while (goes.hasWork()) {
                goes.applyOne();
            }
            // The one that stays writes nothing unless the other waits for it.
            if (cluster.inFlight.isEmpty() && !goes.removed) {
                stays.work();
                stays.persistAll();
            }
            stays.work();
            while (!cluster.inFlight.isEmpty()) {
                cluster.deliver(0);
            }
        }
        assertThat(goes.removed).isTrue();
        goes.crash(9, 0);
        stays.crash(0, 0);
        stays.restart(FakeMember.StateAfterCrash.LOST, 5);
        cluster.settle();
        elect(1);
        assertThat(stays.raft().confState()).isEqualTo(ConfState.of(List.of(1L)));
    }

    @Test
    void whoHasTheEndOfTheLogAndDoesNotKnowThatItVotesBringsTheOtherUpToDate() {
        found(1);
        cluster.add(config(2));
        elect(1);
        var first = cluster.member(1);
        var second = cluster.member(2);
        first.propose(ConfChange.Type.ADD_NODE, 2);
        first.work();
        first.persistAll();
        first.work();
        first.applyOne();
        // The newcomer gets the log and never hears what of it is committed; the other one's disk lags.
        first.raft().propose(data("ahead of its disk"));
        for (int turn = 0; turn < 20; turn++) {
            first.work();
            cluster.inFlight.replaceAll(message -> message instanceof Message.Append append
                    ? new Message.Append(
                            append.to(),
                            append.from(),
                            append.term(),
                            append.prevTerm(),
                            append.prevIndex(),
                            append.entries(),
                            Math.min(append.commit(), 2))
                    : message);
            while (!cluster.inFlight.isEmpty()) {
                cluster.deliver(0);
            }
            second.work();
            second.persistAll();
        }
        first.crash(0, 0);
        first.restart(FakeMember.StateAfterCrash.KEPT, 5);
        assertThat(second.raft().lastIndex()).isGreaterThan(first.raft().lastIndex());
        assertThat(second.raft().confState().voters()).doesNotContain(2L);
        first.raft().campaign();
        cluster.settle();
        for (int tick = 0; tick < 60 && cluster.leader() == null; tick++) {
            cluster.up().forEach(member -> member.raft().tick());
            cluster.settle();
        }
        assertThat(cluster.leader()).isNotNull();
        assertThat(second.raft().confState()).isEqualTo(ConfState.of(List.of(1L, 2L)));
    }
}
