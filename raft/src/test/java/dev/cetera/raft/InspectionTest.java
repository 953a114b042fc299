package dev.cetera.raft;

import static dev.cetera.raft.LoneMember.accepted;
import static dev.cetera.raft.LoneMember.append;
import static dev.cetera.raft.LoneMember.entry;
import static dev.cetera.raft.LoneMember.heartbeat;
import static dev.cetera.raft.LoneMember.vote;
import static dev.cetera.raft.LoneMember.voteRequest;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.raft.Objection.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What is refused, and that nothing comes of it.
final class InspectionTest {
    private static void refuses(LoneMember member, Reason reason, Message message) {
        member.settle();
        var before = member.raft.status();
        var terms = member.terms();
        var objection = member.raft.step(message);
        assertThat(objection).as("%s", message).isNotNull();
        if (objection != null) {
            assertThat(objection.reason()).as(objection.text()).isEqualTo(reason);
            assertThat(objection.from()).isEqualTo(message.from());
        }
        assertThat(member.raft.status()).isEqualTo(before);
        assertThat(member.terms()).isEqualTo(terms);
        assertThat(member.raft.hasReady()).isFalse();
    }

    private static Message.InstallSnapshot snapshot(long from, long term, long snapshotTerm, long index, Long... ids) {
        var meta = new SnapshotMeta(index, snapshotTerm, ConfState.of(List.of(ids)));
        return new Message.InstallSnapshot(1, from, term, new Snapshot(meta, new byte[0]));
    }

    @Test
    void aMessageForSomebodyElseOrFromNobody() {
        var member = LoneMember.withLog(2);
        refuses(member, Reason.MISDIRECTED, new Message.Heartbeat(2, 3, 2, 1, Message.NO_CONTEXT));
        refuses(member, Reason.MISDIRECTED, voteRequest(0, 3, 2, 2));
    }

    @Test
    void anotherMemberUnderTheSameIdentity() {
        var member = LoneMember.withLog(2).leads();
        refuses(member, Reason.OWN_IDENTITY, voteRequest(1, 9, 8, 9));
        refuses(member, Reason.OWN_IDENTITY, append(1, 9, 2, 2, 2));
        refuses(member, Reason.OWN_IDENTITY, vote(1, member.term()));
        // Its own question that comes back after a change of leaders is none.
        assertThat(member.raft.step(new Message.ReadIndex(1, 1, new byte[8]))).isNull();
    }

    @Test
    void anAppendThatContradictsItself() {
        var member = LoneMember.withLog(2, 2);
        refuses(member, Reason.IMPOSSIBLE, append(2, 3, 2, 3, 1, entry(3, 5)));
        refuses(member, Reason.IMPOSSIBLE, append(2, 3, 2, 3, 1, entry(3, 4), entry(3, 6)));
        refuses(member, Reason.IMPOSSIBLE, append(2, 3, 2, 3, 1, entry(3, 4), entry(2, 5)));
        refuses(member, Reason.IMPOSSIBLE, append(2, 3, 2, 3, 1, entry(4, 4)));
        refuses(member, Reason.IMPOSSIBLE, append(2, 3, 2, 3, 1, entry(1, 4)));
        refuses(member, Reason.IMPOSSIBLE, append(2, 3, 2, -1, 1));
        refuses(member, Reason.IMPOSSIBLE, append(2, 3, 2, 3, -1));
        refuses(member, Reason.IMPOSSIBLE, append(2, 0, 0, 0, 0));
        refuses(member, Reason.IMPOSSIBLE, append(2, 3, 2, Long.MAX_VALUE, 1, entry(3, 4)));
    }

    @Test
    void numbersOfTwoToThe63rdAndBeyond() {
        var member = LoneMember.withLog(2);
        refuses(member, Reason.IMPOSSIBLE, heartbeat(2, -1, 1));
        refuses(member, Reason.IMPOSSIBLE, heartbeat(2, 2, -1));
        refuses(member, Reason.IMPOSSIBLE, voteRequest(2, -1, 2, 2));
        refuses(member, Reason.IMPOSSIBLE, voteRequest(2, 3, 2, -2));
        refuses(member, Reason.IMPOSSIBLE, accepted(2, 2, Long.MIN_VALUE));
        refuses(member, Reason.IMPOSSIBLE, new Message.AppendRejected(1, 2, 2, 2, -1, 0));
        refuses(member, Reason.IMPOSSIBLE, new Message.TimeoutNow(1, 2, -9));
    }

    @Test
    void aCandidateWhoseLogIsOfItsOwnTermOrLater() {
        refuses(LoneMember.withLog(2), Reason.IMPOSSIBLE, voteRequest(2, 3, 3, 9));
    }

    @Test
    void aVoteThatWasNeverAskedFor() {
        refuses(LoneMember.withLog(2), Reason.IMPOSSIBLE, vote(2, 7));
    }

    @Test
    void aTermThatLeapsSoFarThatCountingWouldEnd() {
        var member = LoneMember.withLog(2);
        refuses(member, Reason.TERM_OUT_OF_REACH, heartbeat(2, Long.MAX_VALUE, 1));
        refuses(member, Reason.TERM_OUT_OF_REACH, voteRequest(2, (1L << 62) + 1, 2, 2));
        member.hears(heartbeat(2, 1L << 62, 1));
        assertThat(member.term()).isEqualTo(1L << 62);
        member.hears(voteRequest(3, (1L << 62) + 1, 2, 2));
        assertThat(member.term()).isEqualTo(1L << 62);
        member.timesOut();
        assertThat(member.term()).isEqualTo((1L << 62) + 1);
        refuses(member, Reason.TERM_OUT_OF_REACH, heartbeat(2, Long.MAX_VALUE, 1));
    }

    @Test
    void anAppendThatContradictsWhatIsCommitted() {
        var member = LoneMember.withLog(2, 2, 3);
        member.hears(append(2, 4, 3, 4, 4));
        refuses(member, Reason.CONFLICTS_WITH_COMMITTED, append(2, 4, 2, 4, 4));
        refuses(member, Reason.CONFLICTS_WITH_COMMITTED, append(2, 4, 1, 3, 4));
        refuses(member, Reason.CONFLICTS_WITH_COMMITTED, append(2, 4, 2, 2, 4, entry(2, 3), entry(4, 4)));
        refuses(member, Reason.CONFLICTS_WITH_COMMITTED, append(3, 5, 1, 1, 4, entry(5, 2)));
        assertThat(member.hears(append(2, 4, 2, 2, 4, entry(2, 3), entry(3, 4))))
                .containsExactly(new Message.AppendAccepted(2, 1, 4, 4));
    }

    @Test
    void aHeartbeatThatCommitsWhatIsNotThere() {
        refuses(LoneMember.withLog(2), Reason.COMMIT_OUT_OF_RANGE, heartbeat(2, 2, 3));
        refuses(LoneMember.withLog(2), Reason.COMMIT_OUT_OF_RANGE, heartbeat(2, 9, Long.MAX_VALUE));
        var leader = LoneMember.withLog(2).leads();
        refuses(leader, Reason.COMMIT_OUT_OF_RANGE, heartbeat(2, 9, 99));
    }

    @Test
    void aSecondLeaderInATerm() {
        var follower = LoneMember.withLog(2);
        follower.hears(heartbeat(2, 3, 1));
        refuses(follower, Reason.SECOND_LEADER, heartbeat(3, 3, 1));
        refuses(follower, Reason.SECOND_LEADER, append(3, 3, 2, 2, 1));
        refuses(follower, Reason.SECOND_LEADER, snapshot(3, 3, 3, 9, 1L, 2L, 3L));
        refuses(follower, Reason.SECOND_LEADER, new Message.TimeoutNow(1, 3, 3));
        var leader = LoneMember.withLog(2).leads();
        refuses(leader, Reason.SECOND_LEADER, heartbeat(2, leader.term(), 1));
        follower.hears(heartbeat(3, 4, 1));
        assertThat(follower.raft.status().leader()).isEqualTo(3);
    }

    @Test
    void aSnapshotThatIsNoneOrContradictsWhatIsCommitted() {
        var member = LoneMember.withLog(2, 3);
        member.hears(append(2, 4, 3, 3, 3));
        refuses(member, Reason.IMPOSSIBLE, snapshot(2, 4, 4, 0, 1L, 2L));
        refuses(member, Reason.IMPOSSIBLE, snapshot(2, 4, 5, 9, 1L, 2L));
        refuses(member, Reason.IMPOSSIBLE, snapshot(2, 4, 4, 9));
        refuses(member, Reason.IMPOSSIBLE, snapshot(2, 4, 4, 9, 2L, 3L));
        refuses(member, Reason.CONFLICTS_WITH_COMMITTED, snapshot(2, 4, 2, 9, 1L, 2L));
        refuses(member, Reason.CONFLICTS_WITH_COMMITTED, snapshot(2, 4, 1, 2, 1L, 2L));
    }

    @Test
    void aReplyAboutWhatTheLeaderNeverHad() {
        var leader = LoneMember.withLog(2).leads();
        long term = leader.term();
        refuses(leader, Reason.BEYOND_THE_LOG, accepted(2, term, leader.raft.lastIndex() + 1));
        refuses(leader, Reason.BEYOND_THE_LOG, accepted(2, term, Long.MAX_VALUE));
        refuses(leader, Reason.BEYOND_THE_LOG, new Message.AppendRejected(1, 2, term, 99, 0, 0));
    }

    @Test
    void aQuestionOfAnySize() {
        refuses(LoneMember.withLog(2), Reason.IMPOSSIBLE, new Message.ReadIndex(1, 2, new byte[2000]));
    }

    @Test
    void anAnswerFromOutsideOfTheConfigurationIsIgnoredWithItsTerm() {
        var leader = LoneMember.withLog(2).leads();
        var before = leader.raft.status();
        for (var reply : List.of(
                accepted(9, 8, 3),
                new Message.AppendRejected(1, 9, 8, 2, 1, 0),
                new Message.HeartbeatReply(1, 9, 8, Message.NO_CONTEXT),
                new Message.VoteReply(1, 9, 8, Message.Ballot.VOTE, false))) {
            assertThat(leader.hears(reply)).isEmpty();
        }
        assertThat(leader.raft.status()).isEqualTo(before);
    }

    @Test
    void aLeaderOrCandidateThatTheConfigurationDoesNotKnowYetIsHeard() {
        var member = LoneMember.withLog(2);
        assertThat(member.hears(voteRequest(8, 3, 2, 2)))
                .containsExactly(new Message.VoteReply(8, 1, 3, Message.Ballot.VOTE, true));
        assertThat(member.hears(append(9, 4, 2, 2, 1, entry(4, 3))))
                .containsExactly(new Message.AppendAccepted(9, 1, 4, 3));
        assertThat(member.hears(heartbeat(9, 4, 3)))
                .containsExactly(new Message.HeartbeatReply(9, 1, 4, Message.NO_CONTEXT));
        member.hears(snapshot(9, 4, 4, 20, 1L, 9L));
        assertThat(member.restored).hasSize(1);
        assertThat(member.raft.status().leader()).isEqualTo(9);
    }

    @Test
    void aReadIsAnsweredByTheLeaderOnly() {
        var member = LoneMember.withLog(2);
        member.hears(heartbeat(2, 2, 1));
        member.raft.readIndex(5);
        member.settle();
        member.hears(new Message.ReadIndexReply(1, 3, 2, 1, Reads.encode(5)));
        assertThat(member.reads).isEmpty();
        member.hears(new Message.ReadIndexReply(1, 2, 2, 1, Reads.encode(5)));
        assertThat(member.reads).containsExactly(new ReadState(5, 1));
    }

    @Test
    void whoHasLostAcknowledgedEntriesIsBroughtUpToDateByTheNextLeader() {
        var cluster = new FakeCluster();
        for (long id = 1; id <= 3; id++) {
            cluster.add(RaftConfig.defaults(id, id), 1, 2, 3);
        }
        cluster.settle();
        cluster.member(1).raft().campaign();
        cluster.settle();
        var loser = cluster.member(3);
        var lost = List.copyOf(loser.entries);
        var state = loser.hardState;
        for (int n = 0; n < 5; n++) {
            cluster.member(1).raft().propose(new byte[] {1});
            cluster.settle();
        }
        loser.crash(0, 0);
        loser.entries.clear();
        loser.entries.addAll(lost);
        loser.hardState = state;
        loser.restart(FakeMember.StateAfterCrash.LOST, 3);
        for (int tick = 0; tick < 100; tick++) {
            cluster.up().forEach(member -> member.raft().tick());
            cluster.settle();
        }
        assertThat(loser.raft().lastIndex()).isEqualTo(cluster.member(1).raft().lastIndex());
    }
}
