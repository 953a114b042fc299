package dev.cetera.raft;

import java.util.HashMap;
import java.util.Map;

/// What a member is in its term. What only matters in one role lives only as long as the role.
sealed interface State permits State.Follower, State.Candidate, Leader {
    /// Follows `leader`, 0 while it isn't known.
    record Follower(long leader) implements State {}

    /// Asks for votes, or for the promise of votes. Confined to its machine.
    final class Candidate implements State {
        final Message.Campaign campaign;

        /// The write that makes the candidate's vote for itself durable; only then does it count.
        final long ownVoteWrite;

        private final Map<Long, Quorum.Answer> answers = new HashMap<>();

        Candidate(Message.Campaign campaign, long ownVoteWrite) {
            this.campaign = campaign;
            this.ownVoteWrite = ownVoteWrite;
        }

        Message.Ballot ballot() {
            return campaign == Message.Campaign.PRE_VOTE ? Message.Ballot.PRE_VOTE : Message.Ballot.VOTE;
        }

        /// The first answer of a voter counts.
        void record(long voter, Quorum.Answer answer) {
            answers.putIfAbsent(voter, answer);
        }

        Quorum.Verdict verdict(Membership members) {
            return members.verdict(voter -> answers.getOrDefault(voter, Quorum.Answer.NONE));
        }
    }
}
