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
    void twoLeadersInOneTermStopTheMember() {
        var raft = leader();
        var rival = new Message.Heartbeat(1, 2, raft.status().term(), 0, Message.NO_CONTEXT);
        assertThatThrownBy(() -> raft.step(rival)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aHeartbeatThatCommitsWhatIsNotThereStopsTheMember() {
        var raft = raft(new Recovered(new HardState(2, 1, 10), ALONE, List.of(), 10));
        assertThatThrownBy(() -> raft.step(new Message.Heartbeat(1, 2, 3, 12, Message.NO_CONTEXT)))
                .hasMessage(
                        "tocommit(12) is out of range [lastIndex(10)]. Was the raft log corrupted, truncated, or lost?");
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
}
