package dev.cetera.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// What the scenarios don't show: recovery, contracts of the calls, and the shape of [Ready].
final class RaftTest {
    private static final SnapshotMeta ALONE = new SnapshotMeta(10, 2, ConfState.of(List.of(1L)));

    private static Entry entry(long term, long index) {
        return new Entry(term, index, EntryType.NORMAL, new byte[] {(byte) index});
    }

    private static Entry addition(long index, long id) {
        return new Entry(1, index, EntryType.CONF_CHANGE, FakeMember.encode(ConfChange.Type.ADD_NODE, id));
    }

    private static Raft raft(Recovered recovered) {
        return new Raft(RaftConfig.defaults(1, 1), recovered);
    }

    private static Ready.Write write(Ready ready) {
        return Objects.requireNonNull(ready.write());
    }

    /// Takes what is ready, reports it durable and applied, until nothing is left.
    private static void settle(Raft raft) {
        while (raft.hasReady()) {
            var ready = raft.ready();
            if (ready.write() != null) {
                raft.persisted(ready.write().done());
            }
            for (var entry : ready.apply()) {
                if (entry.type() != EntryType.NORMAL) {
                    raft.confChanged(FakeMember.decode(entry.data()));
                }
                raft.applied(entry.index());
            }
        }
    }

    private static Raft leader() {
        var raft = raft(new Recovered(new HardState(2, 1, 10), ALONE, List.of(), 10));
        raft.campaign();
        settle(raft);
        assertThat(raft.status().role()).isEqualTo(Role.LEADER);
        return raft;
    }

    @Test
    void aMemberThatKnowsNothingWaits() {
        var raft = raft(Recovered.NOTHING);
        for (int tick = 0; tick < 100; tick++) {
            raft.tick();
        }
        raft.campaign();
        assertThat(raft.hasReady()).isFalse();
        assertThat(raft.status()).isEqualTo(new Status(1, 0, 0, Role.FOLLOWER, 0, 0, 0));
        assertThat(raft.propose(new byte[1])).isEqualTo(new Proposal.Refused(Proposal.Reason.NO_LEADER));
    }

    @Test
    void aFoundingMemberCampaignsOnlyAfterItsConfigurationIsApplied() {
        var raft = raft(new Recovered(new HardState(1, 0, 1), SnapshotMeta.NONE, List.of(addition(1, 1)), 0));
        var apply = raft.ready().apply();
        assertThat(apply).containsExactly(addition(1, 1));
        raft.campaign();
        assertThat(raft.status().role()).isEqualTo(Role.FOLLOWER);
        assertThat(raft.confChanged(FakeMember.decode(addition(1, 1).data()))).isEqualTo(ConfState.of(List.of(1L)));
        raft.applied(1);
        raft.campaign();
        assertThat(raft.status().role()).isEqualTo(Role.CANDIDATE);
    }

    @Test
    void whatWasAppliedIsNotHandedOutAgain() {
        var log = List.of(entry(2, 11), entry(2, 12), entry(2, 13));
        var raft = raft(new Recovered(new HardState(2, 1, 13), ALONE, log, 12));
        assertThat(raft.ready().apply()).containsExactly(entry(2, 13));
        assertThat(raft.hasReady()).isFalse();
    }

    @Test
    void whatWasAppliedIsCommittedEvenIfTheHardStateDoesNotKnowIt() {
        var raft = raft(new Recovered(new HardState(2, 1, 10), ALONE, List.of(entry(2, 11), entry(2, 12)), 11));
        assertThat(raft.status().commit()).isEqualTo(11);
    }

    @Test
    void entriesOfANewerTermThanTheHardStateRaiseItWithoutAVote() {
        var raft = raft(new Recovered(new HardState(2, 1, 10), ALONE, List.of(entry(3, 11)), 10));
        assertThat(raft.status().term()).isEqualTo(3);
        assertThat(write(raft.ready()).hardState()).isEqualTo(new HardState(3, 0, 10));
    }

    @Test
    void aLogThatEndsBeforeItsCommitIndexIsRefused() {
        assertThatThrownBy(() -> raft(new Recovered(new HardState(2, 1, 12), ALONE, List.of(entry(2, 11)), 10)))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> raft(new Recovered(new HardState(2, 1, 10), ALONE, List.of(entry(2, 12)), 10)))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void manyProposalsMakeOneWriteAndOneBatchToApply() {
        var raft = leader();
        long before = raft.lastIndex();
        for (int n = 0; n < 1000; n++) {
            assertThat(raft.propose(new byte[100])).isInstanceOf(Proposal.Accepted.class);
        }
        var write = write(raft.ready());
        assertThat(write.entries()).hasSize(1000);
        assertThat(write.sync()).isTrue();
        assertThat(raft.hasReady()).isFalse();
        raft.persisted(write.done());
        var ready = raft.ready();
        assertThat(ready.apply()).hasSize(1000);
        assertThat(write(ready).sync()).isFalse();
        assertThat(write(ready).entries()).isEmpty();
        assertThat(raft.status().commit()).isEqualTo(before + 1000);
        assertThat(raft.hasReady()).isFalse();
    }

    @Test
    void aConfigurationChangeMustBeConfirmedBeforeItCountsAsApplied() {
        var raft = leader();
        raft.proposeConfChange(new ConfChange(1, ConfChange.Type.ADD_LEARNER, 2, new byte[0]), new byte[] {'?', '2'});
        raft.persisted(write(raft.ready()).done());
        assertThat(raft.ready().apply()).hasSize(1);
        assertThatThrownBy(() -> raft.applied(raft.lastIndex())).isInstanceOf(IllegalStateException.class);
        assertThat(raft.confChanged(FakeMember.decode(new byte[] {'?', '2'})).learners())
                .containsExactly(2L);
        raft.applied(raft.lastIndex());
        assertThat(raft.status().applied()).isEqualTo(raft.lastIndex());
    }

    @Test
    void anInvalidConfigurationChangeChangesNothingAndMakesRoomForTheNext() {
        var raft = leader();
        var change = new ConfChange(1, ConfChange.Type.ADD_NODE, 2, new byte[0]);
        assertThat(raft.proposeConfChange(change, new byte[] {'+', '2'})).isInstanceOf(Proposal.Accepted.class);
        assertThat(raft.proposeConfChange(change, new byte[] {'+', '2'}))
                .isEqualTo(new Proposal.Refused(Proposal.Reason.CONFIGURATION_PENDING));
        raft.persisted(write(raft.ready()).done());
        raft.ready();
        raft.confChanged(new ConfChange(1, ConfChange.Type.ADD_NODE, 0, new byte[0]));
        raft.applied(raft.lastIndex());
        assertThat(raft.confState()).isEqualTo(ALONE.conf());
        assertThat(raft.proposeConfChange(change, new byte[] {'+', '2'})).isInstanceOf(Proposal.Accepted.class);
    }

    @Test
    void theLogIsForgottenUpToWhatIsApplied() {
        var raft = leader();
        LongStream.range(0, 50).forEach(n -> raft.propose(new byte[10]));
        settle(raft);
        long last = raft.lastIndex();
        raft.compact(last - 5);
        assertThat(raft.firstIndex()).isEqualTo(last - 4);
        assertThat(raft.logBytes()).isEqualTo(50);
        assertThat(raft.termAt(last - 5)).isEqualTo(3);
        raft.compact(3);
        assertThat(raft.firstIndex()).isEqualTo(last - 4);
        raft.propose(new byte[10]);
        assertThatThrownBy(() -> raft.compact(raft.lastIndex())).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void whatIsHandedOutToApplyIsBoundedInBytes() {
        var raft = leader();
        for (int n = 0; n < 10; n++) {
            raft.propose(new byte[400_000]);
        }
        raft.persisted(write(raft.ready()).done());
        int handedOut = 0;
        int turns = 0;
        while (raft.hasReady()) {
            var apply = raft.ready().apply();
            assertThat(apply.size()).isBetween(1, 2);
            handedOut += apply.size();
            turns++;
        }
        assertThat(handedOut).isEqualTo(10);
        assertThat(turns).isEqualTo(5);
    }

    @Test
    void whatIsHandedOutToApplyIsBoundedInNumber() {
        var raft = leader();
        for (int n = 0; n < 10_000; n++) {
            raft.propose(new byte[1]);
        }
        raft.persisted(write(raft.ready()).done());
        assertThat(raft.ready().apply()).hasSize(4096);
        assertThat(raft.hasReady()).isTrue();
        assertThat(raft.ready().apply()).hasSize(4096);
        assertThat(raft.ready().apply()).hasSize(10_000 - 2 * 4096);
        assertThat(raft.hasReady()).isFalse();
    }

    @Test
    void aSecondChangeInTheLogProvesThatTheFirstIsCommitted() {
        var log = List.of(addition(11, 2), entry(2, 12), addition(13, 3), entry(2, 14));
        var two = log.stream()
                .map(e -> new Entry(2, e.index(), e.type(), e.data()))
                .toList();
        var raft = raft(new Recovered(new HardState(2, 1, 10), ALONE, two, 10));
        assertThat(raft.status().commit()).isEqualTo(11);
        assertThat(raft.ready().apply()).extracting(Entry::index).containsExactly(11L);
    }

    @Test
    void whoShouldTakeOverIsToldAgainWithEverySignOfLife() {
        var leader = LoneMember.withLog(2).leads();
        leader.hears(LoneMember.accepted(2, 3, 3));
        leader.raft.transferLeader(2);
        var now = new Message.TimeoutNow(2, 1, 3);
        assertThat(leader.settle()).containsExactly(now);
        assertThat(leader.hears(new Message.HeartbeatReply(1, 3, 3, Message.NO_CONTEXT)))
                .doesNotContain(now);
        assertThat(leader.hears(new Message.HeartbeatReply(1, 2, 3, Message.NO_CONTEXT)))
                .contains(now);
    }

    @Test
    void whoIsToTakeOverDoesSoAsSoonAsItsConfigurationIsApplied() {
        var member = LoneMember.withLog(2);
        var removal = new Entry(2, 3, EntryType.CONF_CHANGE, FakeMember.encode(ConfChange.Type.REMOVE_NODE, 2));
        member.raft.step(LoneMember.append(2, 2, 2, 2, 3, removal));
        member.raft.step(new Message.TimeoutNow(1, 2, 2));
        assertThat(member.role()).isEqualTo(Role.FOLLOWER);
        var sent = member.settle();
        assertThat(member.role()).isEqualTo(Role.CANDIDATE);
        assertThat(LoneMember.only(Message.VoteRequest.class, sent))
                .isEqualTo(new Message.VoteRequest(3, 1, 3, Message.Campaign.TRANSFER, 2, 3));
    }

    @Test
    void aLeaderThatSendsEntriesHasNotHandedOver() {
        var member = LoneMember.withLog(2);
        var removal = new Entry(2, 3, EntryType.CONF_CHANGE, FakeMember.encode(ConfChange.Type.REMOVE_NODE, 3));
        member.raft.step(LoneMember.append(2, 2, 2, 2, 3, removal));
        member.raft.step(new Message.TimeoutNow(1, 2, 2));
        member.raft.step(LoneMember.append(2, 2, 2, 3, 3, LoneMember.entry(2, 4)));
        member.settle();
        assertThat(member.role()).isEqualTo(Role.FOLLOWER);
    }

    @Test
    void aPromiseOfAVoteCountsUnderTheOldTermAsEtcdInItsEarlyReleasesGivesIt() {
        var member = new LoneMember(
                RaftConfig.defaults(1, 1).withPreVote(true), LoneMember.recovered(LoneMember.THREE, 0, 1, 2));
        member.raft.campaign();
        member.settle();
        assertThat(member.role()).isEqualTo(Role.PRE_CANDIDATE);
        member.hears(new Message.VoteReply(1, 2, 2, Message.Ballot.PRE_VOTE, true));
        assertThat(member.role()).isEqualTo(Role.CANDIDATE);
    }

    @Test
    void aReadBeforeTheFirstCommitOfTheTermWaitsForIt() {
        var leader = LoneMember.withLog(2, 2).leads();
        assertThat(leader.hears(new Message.ReadIndex(1, 2, Reads.encode(4)))).isEmpty();
        var sent = leader.hears(LoneMember.accepted(2, 3, 4));
        var round = LoneMember.only(
                Message.Heartbeat.class,
                sent.stream()
                        .filter(m -> m.to() == 2 && m instanceof Message.Heartbeat)
                        .toList());
        var answer = LoneMember.only(
                Message.ReadIndexReply.class,
                leader.hears(new Message.HeartbeatReply(1, 3, 3, round.context())).stream()
                        .filter(Message.ReadIndexReply.class::isInstance)
                        .toList());
        assertThat(answer.to()).isEqualTo(2);
        assertThat(answer.index()).isEqualTo(4);
        assertThat(answer.context()).isEqualTo(Reads.encode(4));
    }

    @Test
    void appendsForSeveralPeersShareTheirEntries() {
        var leader = LoneMember.withLog(2).leads();
        leader.hears(LoneMember.accepted(2, 3, 3));
        leader.hears(LoneMember.accepted(3, 3, 3));
        leader.raft.propose(LoneMember.DATA);
        var ready = leader.raft.ready();
        var lists = ready.send().stream()
                .filter(Message.Append.class::isInstance)
                .map(message -> ((Message.Append) message).entries())
                .toList();
        assertThat(lists).hasSize(2);
        assertThat(lists.getFirst()).isSameAs(lists.getLast());
    }

    @Test
    void theElectionTimeoutIsUniformBetweenOnceAndTwiceTheBase() {
        var seen = new int[30];
        for (long seed = 0; seed < 1000; seed++) {
            var raft = new Raft(
                    RaftConfig.defaults(1, seed), new Recovered(new HardState(2, 1, 10), ALONE, List.of(), 10));
            int ticks = 0;
            while (raft.status().role() == Role.FOLLOWER) {
                raft.tick();
                ticks++;
            }
            seen[ticks]++;
        }
        for (int ticks = 0; ticks < seen.length; ticks++) {
            if (ticks < 10 || ticks > 19) {
                assertThat(seen[ticks]).isZero();
            } else {
                assertThat(seen[ticks]).isBetween(60, 140);
            }
        }
    }

    /// Follows member 2 in term 3.
    private static Raft follower() {
        var pair = new SnapshotMeta(10, 2, ConfState.of(List.of(1L, 2L)));
        var raft = raft(new Recovered(new HardState(2, 0, 10), pair, List.of(), 10));
        raft.step(new Message.Heartbeat(1, 2, 3, 10, Message.NO_CONTEXT));
        settle(raft);
        return raft;
    }

    /// Whoever asked may lead by now, or be removed.
    @Test
    void aQuestionForAnIndexThatAnotherMemberAskedIsNotPassedOn() {
        var raft = follower();
        for (long asker : new long[] {2, 3}) {
            raft.step(new Message.ReadIndex(1, asker, new byte[] {1}));
            assertThat(raft.hasReady()).isFalse();
        }
        raft.readIndex(7);
        assertThat(raft.ready().send())
                .usingRecursiveFieldByFieldElementComparator()
                .containsExactly(new Message.ReadIndex(2, 1, Reads.encode(7)));
    }

    @Test
    void leadershipIsNotAskedForOnBehalfOfTheLeader() {
        var raft = follower();
        raft.transferLeader(2);
        assertThat(raft.hasReady()).isFalse();
    }
}
