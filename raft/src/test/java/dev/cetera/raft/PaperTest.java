package dev.cetera.raft;

import static dev.cetera.raft.LoneMember.accepted;
import static dev.cetera.raft.LoneMember.append;
import static dev.cetera.raft.LoneMember.entry;
import static dev.cetera.raft.LoneMember.heartbeat;
import static dev.cetera.raft.LoneMember.voteRequest;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// The rules of Figures 2 and 13 of the Raft paper, each by its words, and what its text claims beside them.
/// Where etcd answers with silence instead of "false", so do we. The logs here begin after a snapshot at 1/1.
final class PaperTest {
    private static Message.VoteReply voted(long to, long term) {
        return new Message.VoteReply(to, 1, term, Message.Ballot.VOTE, true);
    }

    private static Message.VoteReply refused(long to, long term) {
        return new Message.VoteReply(to, 1, term, Message.Ballot.VOTE, false);
    }

    @Nested
    final class AppendEntriesRpc {
        @Test
        void replyFalseIfTermIsOlderThanCurrentTerm() {
            var member = LoneMember.withLog(5);
            var sent = member.hears(append(2, 4, 4, 2, 2, entry(4, 3)));
            assertThat(sent).containsExactly(new Message.AppendAccepted(2, 1, 5, 0));
            assertThat(member.terms()).containsExactly(5L);
        }

        @Test
        void replyFalseIfTheLogHasNoEntryAtPrevLogIndexWithPrevLogTerm() {
            var member = LoneMember.withLog(2, 2);
            assertThat(member.hears(append(2, 4, 3, 3, 1, entry(4, 4))))
                    .containsExactly(new Message.AppendRejected(2, 1, 4, 3, 3, 2));
            assertThat(member.hears(append(2, 4, 4, 9, 1, entry(4, 10))))
                    .containsExactly(new Message.AppendRejected(2, 1, 4, 9, 3, 2));
            assertThat(member.terms()).containsExactly(2L, 2L);
        }

        @Test
        void anExistingEntryThatConflictsIsDeletedWithAllThatFollowIt() {
            var member = LoneMember.withLog(2, 2, 2, 2);
            assertThat(member.hears(append(2, 4, 2, 2, 1, entry(2, 3), entry(4, 4))))
                    .containsExactly(new Message.AppendAccepted(2, 1, 4, 4));
            assertThat(member.terms()).containsExactly(2L, 2L, 4L);
        }

        @Test
        void anyNewEntriesNotAlreadyInTheLogAreAppended() {
            var member = LoneMember.withLog(2);
            member.hears(append(2, 2, 2, 2, 1, entry(2, 3), entry(2, 4)));
            assertThat(member.terms()).containsExactly(2L, 2L, 2L);
        }

        @Test
        void whatIsThereAlreadyAndDoesNotConflictStays() {
            var member = LoneMember.withLog(2, 2, 2);
            assertThat(member.hears(append(2, 2, 1, 1, 1, entry(2, 2))))
                    .containsExactly(new Message.AppendAccepted(2, 1, 2, 2));
            assertThat(member.terms()).containsExactly(2L, 2L, 2L);
        }

        @Test
        void commitIndexIsTheLesserOfLeaderCommitAndTheLastNewEntry() {
            var member = LoneMember.withLog(2, 2, 2);
            member.hears(append(2, 3, 2, 2, 4, entry(2, 3)));
            assertThat(member.commit()).isEqualTo(3);
            member.hears(append(2, 3, 2, 4, 4));
            assertThat(member.commit()).isEqualTo(4);
            member.hears(append(2, 3, 2, 4, 2));
            assertThat(member.commit()).isEqualTo(4);
        }
    }

    @Nested
    final class RequestVoteRpc {
        @Test
        void noVoteIfTermIsOlderThanCurrentTerm() {
            var member = LoneMember.withLog(5);
            assertThat(member.hears(voteRequest(2, 4, 3, 9))).isEmpty();
        }

        @Test
        void voteIfVotedForIsNobodyOrTheCandidateAndItsLogIsUpToDate() {
            var member = LoneMember.withLog(5);
            assertThat(member.hears(voteRequest(2, 6, 5, 2))).containsExactly(voted(2, 6));
            assertThat(member.hears(voteRequest(2, 6, 5, 2))).containsExactly(voted(2, 6));
            assertThat(member.hears(voteRequest(3, 6, 5, 9))).containsExactly(refused(3, 6));
        }

        @Test
        void theLogWithTheLaterLastTermIsMoreUpToDate() {
            assertThat(LoneMember.withLog(3, 3, 3).hears(voteRequest(2, 6, 4, 1)))
                    .containsExactly(voted(2, 6));
            assertThat(LoneMember.withLog(3).hears(voteRequest(2, 6, 2, 99))).containsExactly(refused(2, 6));
        }

        @Test
        void ofTwoLogsThatEndWithTheSameTermTheLongerOneIsMoreUpToDate() {
            assertThat(LoneMember.withLog(3, 3).hears(voteRequest(2, 6, 3, 4))).containsExactly(voted(2, 6));
            assertThat(LoneMember.withLog(3, 3).hears(voteRequest(2, 6, 3, 3))).containsExactly(voted(2, 6));
            assertThat(LoneMember.withLog(3, 3).hears(voteRequest(2, 6, 3, 2))).containsExactly(refused(2, 6));
        }

        @Test
        void termAndVoteAreOnStableStorageBeforeTheReply() {
            var raft = LoneMember.withLog(5).raft;
            raft.step(voteRequest(2, 6, 5, 2));
            var ready = raft.ready();
            assertThat(ready.send()).isEmpty();
            var write = ready.write();
            assertThat(write).isNotNull();
            if (write != null) {
                assertThat(write.hardState()).isEqualTo(new HardState(6, 2, 1));
                assertThat(write.sync()).isTrue();
                assertThat(write.then()).containsExactly(voted(2, 6));
            }
        }

        @Test
        void aRestartDoesNotForgetTheVote() {
            var before = LoneMember.withLog(5);
            before.hears(voteRequest(2, 6, 5, 2));
            var recovered = LoneMember.recovered(LoneMember.THREE, 0, 1, 5);
            var after = new LoneMember(
                    RaftConfig.defaults(1, 9),
                    new Recovered(before.remembered, recovered.snapshot(), recovered.entries(), 1));
            assertThat(after.hears(voteRequest(3, 6, 5, 2))).containsExactly(refused(3, 6));
            assertThat(after.hears(voteRequest(2, 6, 5, 2))).containsExactly(voted(2, 6));
        }
    }

    @Nested
    final class RulesForAllServers {
        @Test
        void whatIsCommittedIsAppliedInOrder() {
            var member = LoneMember.withLog(2, 2, 2);
            member.hears(append(2, 2, 2, 4, 3));
            assertThat(member.applied).extracting(Entry::index).containsExactly(2L, 3L);
            member.hears(append(2, 2, 2, 4, 4));
            assertThat(member.applied).extracting(Entry::index).containsExactly(2L, 3L, 4L);
        }

        @Test
        void anyMessageOfANewerTermMakesAFollower() {
            var newer = List.<Message>of(
                    append(2, 9, 1, 1, 1),
                    heartbeat(2, 9, 1),
                    voteRequest(2, 9, 1, 1),
                    accepted(2, 9, 0),
                    new Message.AppendRejected(1, 2, 9, 2, 1, 0),
                    new Message.VoteReply(1, 2, 9, Message.Ballot.VOTE, false),
                    new Message.HeartbeatReply(1, 2, 9, Message.NO_CONTEXT),
                    new Message.InstallSnapshot(
                            1, 2, 9, new Snapshot(new SnapshotMeta(7, 2, LoneMember.THREE), new byte[0])));
            for (var message : newer) {
                var candidate = LoneMember.withLog(2);
                candidate.timesOut();
                candidate.hears(message);
                assertThat(candidate.role()).as("%s", message).isEqualTo(Role.FOLLOWER);
                assertThat(candidate.term()).as("%s", message).isEqualTo(9);
                if (!(message instanceof Message.VoteRequest)) {
                    var leader = LoneMember.withLog(2).leads();
                    leader.hears(message);
                    assertThat(leader.role()).as("%s", message).isEqualTo(Role.FOLLOWER);
                    assertThat(leader.term()).as("%s", message).isEqualTo(9);
                }
            }
        }
    }

    @Nested
    final class RulesForFollowers {
        @Test
        void withoutWordOfALeaderItBecomesACandidate() {
            var member = LoneMember.withLog(2);
            member.timesOut();
            assertThat(member.role()).isEqualTo(Role.CANDIDATE);
        }

        @Test
        void aWordOfTheLeaderStartsTheTimeoutAnew() {
            var member = LoneMember.withLog(2);
            for (int tick = 0; tick < 100; tick++) {
                member.raft.tick();
                member.hears(tick % 2 == 0 ? heartbeat(2, 2, 1) : append(2, 2, 2, 2, 1));
            }
            assertThat(member.role()).isEqualTo(Role.FOLLOWER);
        }

        @Test
        void grantingAVoteStartsTheTimeoutAnewButRefusingDoesNot() {
            int least = 10;
            var granting = LoneMember.withLog(2);
            var refusing = LoneMember.withLog(2);
            for (int tick = 1; tick < least; tick++) {
                granting.raft.tick();
                refusing.raft.tick();
            }
            granting.hears(voteRequest(2, 2, 1, 9));
            granting.hears(voteRequest(2, 3, 2, 2));
            for (int tick = 1; tick < least; tick++) {
                granting.raft.tick();
            }
            assertThat(granting.role()).isEqualTo(Role.FOLLOWER);
            for (int tick = 0; tick < 10; tick++) {
                refusing.raft.step(voteRequest(2, 2, 1, 9));
                refusing.raft.tick();
            }
            assertThat(refusing.role()).isEqualTo(Role.CANDIDATE);
        }
    }

    @Nested
    final class RulesForCandidates {
        @Test
        void anElectionRaisesTheTermVotesForItselfAndAsksAllOthers() {
            var member = LoneMember.withLog(2);
            var sent = member.timesOut();
            assertThat(member.remembered).isEqualTo(new HardState(3, 1, 1));
            assertThat(sent)
                    .containsExactly(
                            new Message.VoteRequest(2, 1, 3, Message.Campaign.ELECTION, 2, 2),
                            new Message.VoteRequest(3, 1, 3, Message.Campaign.ELECTION, 2, 2));
        }

        @Test
        void votesOfAMajorityMakeALeader() {
            var five = LoneMember.in(ConfState.of(List.of(1L, 2L, 3L, 4L, 5L)), 2);
            five.timesOut();
            five.hears(LoneMember.vote(2, 3));
            five.hears(LoneMember.vote(2, 3));
            assertThat(five.role()).isEqualTo(Role.CANDIDATE);
            five.hears(LoneMember.vote(9, 3));
            assertThat(five.role()).isEqualTo(Role.CANDIDATE);
            five.hears(LoneMember.vote(5, 3));
            assertThat(five.role()).isEqualTo(Role.LEADER);
        }

        @Test
        void itsOwnVoteCountsOnlyWhenItIsDurable() {
            var raft = LoneMember.withLog(2).raft;
            raft.campaign();
            var write = raft.ready().write();
            raft.step(LoneMember.vote(2, 3));
            assertThat(raft.status().role()).isEqualTo(Role.CANDIDATE);
            assertThat(write).isNotNull();
            if (write != null) {
                raft.persisted(write.done());
            }
            assertThat(raft.status().role()).isEqualTo(Role.LEADER);
        }

        @Test
        void appendEntriesFromANewLeaderMakesAFollower() {
            var member = LoneMember.withLog(2);
            member.timesOut();
            member.hears(append(3, 3, 2, 2, 1));
            assertThat(member.raft.status()).isEqualTo(new Status(1, 3, 3, Role.FOLLOWER, 1, 1, 2));
        }

        @Test
        void aTimeoutWithoutAWinnerStartsANewElection() {
            var member = LoneMember.withLog(2);
            member.timesOut();
            for (int tick = 0; tick < 20; tick++) {
                member.raft.tick();
            }
            assertThat(member.term()).isGreaterThan(3);
            assertThat(member.role()).isEqualTo(Role.CANDIDATE);
        }
    }

    @Nested
    final class RulesForLeaders {
        @Test
        void uponElectionEverybodyIsToldAtOnceAndThenInEveryHeartbeatInterval() {
            var member = LoneMember.withLog(2);
            member.timesOut();
            var first = new Entry(3, 3, EntryType.NORMAL, Entry.NO_DATA);
            assertThat(member.hears(LoneMember.vote(2, 3)))
                    .containsExactly(
                            new Message.Append(2, 1, 3, 2, 2, List.of(first), 1),
                            new Message.Append(3, 1, 3, 2, 2, List.of(first), 1));
            for (int tick = 0; tick < 5; tick++) {
                member.raft.tick();
                assertThat(member.settle())
                        .extracting(Message::to)
                        .as("tick %d", tick)
                        .containsExactly(2L, 3L);
            }
        }

        @Test
        void aCommandIsAppendedAndAppliedOnlyOnceAMajorityHasIt() {
            var leader = LoneMember.withLog(2).leads();
            leader.hears(accepted(2, 3, 3));
            assertThat(leader.raft.propose(LoneMember.DATA)).isEqualTo(new Proposal.Accepted(3, 4));
            leader.settle();
            assertThat(leader.applied).extracting(Entry::index).doesNotContain(4L);
            leader.hears(accepted(3, 3, 4));
            assertThat(leader.applied).extracting(Entry::index).contains(4L);
        }

        @Test
        void aFollowerIsSentWhatItLacksFromNextIndexOn() {
            var leader = LoneMember.withLog(2).leads();
            leader.hears(accepted(2, 3, 3));
            leader.raft.propose(LoneMember.DATA);
            leader.raft.propose(LoneMember.DATA);
            var sent = leader.settle();
            assertThat(sent).containsExactly(new Message.Append(2, 1, 3, 3, 3, List.of(entry(3, 4), entry(3, 5)), 3));
        }

        @Test
        void afterAnInconsistencyNextIndexFallsAndItTriesAgain() {
            var leader = LoneMember.withLog(2, 2, 2).leads();
            var sent = leader.hears(new Message.AppendRejected(1, 2, 3, 4, 2, 0));
            var again = LoneMember.only(Message.Append.class, sent);
            assertThat(again.prevIndex()).isEqualTo(2);
            assertThat(again.entries()).extracting(Entry::index).containsExactly(3L, 4L, 5L);
        }

        @Test
        void anEntryOfItsTermOnAMajorityIsCommitted() {
            var leader =
                    LoneMember.in(ConfState.of(List.of(1L, 2L, 3L, 4L, 5L)), 2).leads();
            leader.hears(accepted(2, 3, 3));
            assertThat(leader.commit()).isEqualTo(1);
            leader.hears(accepted(4, 3, 3));
            assertThat(leader.commit()).isEqualTo(3);
        }

        @Test
        void anEntryOfAnOlderTermOnAMajorityIsNotCommitted() {
            var leader = LoneMember.withLog(2, 2, 2).leads();
            leader.hears(accepted(2, 3, 4));
            leader.hears(accepted(3, 3, 4));
            assertThat(leader.commit()).isEqualTo(1);
            leader.hears(accepted(3, 3, 5));
            assertThat(leader.commit()).isEqualTo(5);
        }

        @Test
        void itsOwnLogCountsOnlyAsFarAsItIsDurable() {
            var leader = LoneMember.withLog(2).leads();
            leader.hears(accepted(2, 3, 3));
            leader.raft.propose(LoneMember.DATA);
            var write = leader.raft.ready().write();
            leader.raft.step(accepted(2, 3, 4));
            assertThat(leader.commit()).isEqualTo(3);
            assertThat(write).isNotNull();
            if (write != null) {
                leader.raft.persisted(write.done());
            }
            assertThat(leader.commit()).isEqualTo(4);
        }

        @Test
        void itNeverOverwritesOrDeletesEntriesInItsLog() {
            var leader = LoneMember.withLog(2, 2).leads();
            var before = leader.terms();
            assertThat(leader.raft.step(append(2, leader.term(), 1, 1, 1, entry(3, 2))))
                    .isNotNull();
            leader.hears(new Message.AppendRejected(1, 2, leader.term(), 3, 1, 1));
            leader.hears(voteRequest(3, leader.term(), 2, 99));
            assertThat(leader.terms()).isEqualTo(before);
            assertThat(leader.role()).isEqualTo(Role.LEADER);
        }
    }

    @Nested
    final class InstallSnapshotRpc {
        private static Message.InstallSnapshot install(long term, long snapshotTerm, long index) {
            return new Message.InstallSnapshot(
                    1, 2, term, new Snapshot(new SnapshotMeta(index, snapshotTerm, LoneMember.THREE), new byte[] {9}));
        }

        @Test
        void nothingHappensIfTermIsOlderThanCurrentTerm() {
            var member = LoneMember.withLog(5);
            assertThat(member.hears(install(4, 4, 9))).isEmpty();
            assertThat(member.restored).isEmpty();
        }

        @Test
        void ifTheLogHasTheSnapshotsLastEntryWhatFollowsItIsRetained() {
            var member = LoneMember.withLog(2, 2, 2);
            assertThat(member.hears(install(3, 2, 3))).containsExactly(new Message.AppendAccepted(2, 1, 3, 3));
            assertThat(member.restored).isEmpty();
            assertThat(member.terms()).containsExactly(2L, 2L, 2L);
            assertThat(member.commit()).isEqualTo(3);
        }

        @Test
        void otherwiseTheWholeLogIsDiscardedAndTheStateIsTheSnapshots() {
            var member = LoneMember.withLog(2, 2, 2);
            assertThat(member.hears(install(4, 3, 3))).containsExactly(new Message.AppendAccepted(2, 1, 4, 3));
            assertThat(member.restored).hasSize(1);
            assertThat(member.terms()).isEmpty();
            assertThat(member.raft.status()).isEqualTo(new Status(1, 4, 2, Role.FOLLOWER, 3, 3, 3));
        }

        @Test
        void theSnapshotIsOnStableStorageBeforeTheReply() {
            var raft = LoneMember.withLog(2).raft;
            raft.step(install(4, 3, 9));
            var ready = raft.ready();
            assertThat(ready.send()).isEmpty();
            var write = ready.write();
            assertThat(write).isNotNull();
            if (write != null) {
                assertThat(write.snapshot()).isEqualTo(install(4, 3, 9).snapshot());
                assertThat(write.then()).containsExactly(new Message.AppendAccepted(2, 1, 4, 9));
            }
        }

        @Test
        void aSnapshotOfWhatIsCommittedAlreadyIsAnsweredAndNotInstalled() {
            var member = LoneMember.withLog(2, 2, 2);
            member.hears(append(2, 3, 2, 4, 4));
            assertThat(member.hears(install(3, 2, 3))).containsExactly(new Message.AppendAccepted(2, 1, 3, 4));
            assertThat(member.restored).isEmpty();
            assertThat(member.terms()).containsExactly(2L, 2L, 2L);
        }

        @Test
        void theSameSnapshotAgainChangesNothing() {
            var member = LoneMember.withLog(2);
            member.hears(install(4, 3, 9));
            assertThat(member.hears(install(4, 3, 9))).containsExactly(new Message.AppendAccepted(2, 1, 4, 9));
            assertThat(member.restored).hasSize(1);
        }
    }
}
