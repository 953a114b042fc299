package dev.cetera.raft;

import dev.cetera.raft.Message.Ballot;
import dev.cetera.raft.Message.Campaign;
import dev.cetera.raft.State.Candidate;
import dev.cetera.raft.State.Follower;
import java.util.ArrayDeque;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// The machine of one member. Confined to one thread. Pure: no I/O, no clock, no logger.
///
/// Inputs are [#tick], [#step], [#propose], [#readIndex], [#persisted], [#applied] and the like. They take
/// effect at once and leave their consequences to be collected by [#ready].
public final class Raft {
    private final RaftConfig config;
    private final SplittableRandom random;

    // ---- what a member remembers ----

    private final Log log;
    private long term;

    /// The candidate that has this member's vote in `term`, 0 for none. Never changes within a term once it is
    /// set.
    private long vote;

    private Membership members;

    // ---- what it does at the moment ----

    private State state = new Follower(0);

    /// Since the last sign of a leader, or of a candidate that got the vote; at most the timeout. It starts
    /// over only with an election that takes place: a member that may not campaign must not claim that it
    /// heard of a leader.
    private int ticksOfSilence;

    private int electionTimeout;

    // ---- what it asks of the world ----

    private final Writes writes;
    private final Outbox outbox = new Outbox();
    private final Intake intake;

    /// Indexes of the configuration changes that were handed out and not yet confirmed by [#confChanged].
    private final ArrayDeque<Long> changing = new ArrayDeque<>();

    /// The term whose leader this member succeeds as soon as its configuration is applied, 0 for none.
    private long takesOverInTerm;

    /// Starts as a follower.
    ///
    /// @throws IllegalStateException when what was recovered contradicts itself
    public Raft(RaftConfig config, Recovered recovered) {
        this.config = config;
        // Members with the same seed would campaign at the same moment, time after time.
        random = new SplittableRandom(config.seed() ^ Long.reverse(config.id()));
        var remembered = recovered.hardState();
        log = new Log(recovered.snapshot(), recovered.entries(), remembered.commit(), recovered.applied());
        // A crash may have kept entries of a new term and lost the hard state; then no vote was given in that term.
        term = Math.max(remembered.term(), log.lastTerm());
        vote = term == remembered.term() ? remembered.vote() : 0;
        members = new Membership(recovered.snapshot().conf());
        writes = new Writes(new HardState(remembered.term(), remembered.vote(), log.committed()), log.lastIndex());
        intake = new Intake(config.id(), log, writes, outbox);
        drawTimeout();
    }

    // ---- time ----

    /// One unit of time has passed.
    public void tick() {
        switch (state) {
            case Leader leader -> {
                if (leader.tick() == Leader.Tick.STEPS_DOWN) {
                    follow(term, 0);
                }
            }
            case Follower _, Candidate _ -> {
                ticksOfSilence = Math.min(ticksOfSilence + 1, electionTimeout);
                if (ticksOfSilence == electionTimeout) {
                    campaign();
                }
            }
        }
    }

    private void drawTimeout() {
        ticksOfSilence = 0;
        electionTimeout = config.electionTicks() + random.nextInt(config.electionTicks());
    }

    // ---- messages ----

    /// A message from a peer has arrived.
    ///
    /// @return why it was refused, null when it was not
    public @Nullable Objection step(Message message) {
        var objection = Inspection.of(message, config.id(), term, state, log);
        if (objection == null && !isReplyOfStranger(message)) {
            take(message);
        }
        return objection;
    }

    /// This member asks only those whom it knows; answers of others, as of members that were removed, are
    /// late.
    private boolean isReplyOfStranger(Message message) {
        return switch (message) {
            case Message.AppendAccepted _, Message.AppendRejected _, Message.HeartbeatReply _, Message.VoteReply _ ->
                !members.isMember(message.from());
            default -> false;
        };
    }

    private void take(Message message) {
        boolean termless = message instanceof Message.Propose || message instanceof Message.ReadIndex;
        if (!termless && message.term() < term) {
            answerThePast(message);
            return;
        }
        if (message.term() > term && !enterTermOf(message)) {
            return;
        }
        switch (message) {
            case Message.Append append -> {
                followLeader(append.from());
                if (!append.entries().isEmpty()) {
                    // It goes on leading.
                    takesOverInTerm = 0;
                }
                intake.append(append);
            }
            case Message.Heartbeat heartbeat -> {
                followLeader(heartbeat.from());
                intake.heartbeat(heartbeat);
            }
            case Message.InstallSnapshot install -> {
                followLeader(install.from());
                install(install);
            }
            case Message.AppendAccepted reply when state instanceof Leader leader -> leader.accepted(reply);
            case Message.AppendRejected reply when state instanceof Leader leader -> leader.rejected(reply);
            case Message.HeartbeatReply reply when state instanceof Leader leader -> leader.heartbeatEchoed(reply);
            case Message.AppendAccepted _, Message.AppendRejected _, Message.HeartbeatReply _ -> {}
            case Message.VoteRequest request -> voteRequested(request);
            case Message.VoteReply reply -> voteAnswered(reply);
            case Message.Propose propose -> proposed(propose);
            case Message.ReadIndex question -> readIndexAsked(question);
            case Message.ReadIndexReply reply -> readIndexAnswered(reply);
            case Message.TransferLeader transfer -> transferLeader(transfer.from());
            case Message.TimeoutNow _ -> takeOver();
        }
    }

    /// A leader or candidate of an older term is told that time went on, where it would not learn it
    /// otherwise: with leases and pre-votes this member doesn't force its newer term on others by a campaign.
    private void answerThePast(Message message) {
        boolean fromLeader = message instanceof Message.Append || message instanceof Message.Heartbeat;
        if (fromLeader && (config.checkQuorum() || config.preVote())) {
            outbox.atOnce(new Message.AppendAccepted(message.from(), config.id(), term, 0));
        } else if (message instanceof Message.VoteRequest request && request.campaign() == Campaign.PRE_VOTE) {
            outbox.atOnce(new Message.VoteReply(request.from(), config.id(), term, Ballot.PRE_VOTE, false));
        }
    }

    /// Handles the newer term of a message. False when the message is to be ignored.
    private boolean enterTermOf(Message message) {
        switch (message) {
            case Message.VoteRequest request
            when request.campaign() != Campaign.TRANSFER && hearsFromLeader() -> {
                return false;
            }
            case Message.VoteRequest request when request.campaign() == Campaign.PRE_VOTE -> {}
            case Message.VoteReply reply when reply.ballot() == Ballot.PRE_VOTE && reply.granted() -> {}
            case Message.Append _, Message.Heartbeat _, Message.InstallSnapshot _ ->
                follow(message.term(), message.from());
            default -> follow(message.term(), 0);
        }
        return true;
    }

    /// The lease: while a leader is heard of, candidates are not.
    private boolean hearsFromLeader() {
        return config.checkQuorum()
                && switch (state) {
                    case Leader _ -> true;
                    case Follower(long leader) -> leader != 0 && ticksOfSilence < config.electionTicks();
                    case Candidate _ -> false;
                };
    }

    private void follow(long newTerm, long leader) {
        if (newTerm != term) {
            term = newTerm;
            vote = 0;
        }
        state = new Follower(leader);
        drawTimeout();
    }

    /// The sender leads the current term.
    private void followLeader(long sender) {
        switch (state) {
            case Follower(long leader) when leader == sender -> ticksOfSilence = 0;
            case Follower(long leader) when leader == 0 -> follow(term, sender);
            case Candidate _ -> follow(term, sender);
            case Follower _, Leader _ ->
                throw new IllegalStateException("members " + leader() + " and " + sender + " lead term " + term);
        }
    }

    // ---- following ----

    private void install(Message.InstallSnapshot install) {
        // Changes that wait are older than the snapshot and would be mistaken for newer ones. The leader tries
        // again.
        if (changing.isEmpty() && intake.install(install)) {
            members = new Membership(install.snapshot().meta().conf());
        }
    }

    // ---- elections ----

    /// Starts an election as if the timeout had passed, if this member may.
    public void campaign() {
        campaign(config.preVote() ? Campaign.PRE_VOTE : Campaign.ELECTION);
    }

    /// The leader hands over. Where it does so because a change has removed it, this member may still have to
    /// apply that change; the leader may be out of reach when that is done.
    private void takeOver() {
        boolean follows = state instanceof Follower;
        if (follows && log.configurationLags()) {
            takesOverInTerm = term;
        } else if (follows) {
            campaign(Campaign.TRANSFER);
        }
    }

    private void campaign(Campaign campaign) {
        if (members.isVoter(config.id())) {
            stand(campaign);
        }
    }

    /// A snapshot that is still being installed, or a configuration that is committed and not applied, may
    /// change who has to be asked.
    private void stand(Campaign campaign) {
        boolean lags = log.applied() < log.base() || log.configurationLags();
        if (state instanceof Leader || lags || term == Long.MAX_VALUE) {
            return;
        }
        long electionTerm = term + 1;
        var candidate = new Candidate(campaign, writes.next());
        state = candidate;
        drawTimeout();
        if (campaign == Campaign.PRE_VOTE) {
            candidate.record(config.id(), Quorum.Answer.YES);
        } else {
            term = electionTerm;
            vote = config.id();
        }
        for (long voter : members.all()) {
            if (voter != config.id() && members.isVoter(voter)) {
                var request = new Message.VoteRequest(
                        voter, config.id(), electionTerm, campaign, log.lastTerm(), log.lastIndex());
                if (campaign == Campaign.PRE_VOTE) {
                    outbox.atOnce(request);
                } else {
                    outbox.whenDurable(request);
                }
            }
        }
        judge(candidate);
    }

    private void judge(Candidate candidate) {
        switch (candidate.verdict(members)) {
            case OPEN -> {}
            case LOST -> follow(term, 0);
            case WON -> {
                if (candidate.campaign == Campaign.PRE_VOTE) {
                    stand(Campaign.ELECTION);
                } else {
                    state = new Leader(config, term, log, writes, outbox, members);
                }
            }
        }
    }

    private void voteRequested(Message.VoteRequest request) {
        boolean preVote = request.campaign() == Campaign.PRE_VOTE;
        boolean free = vote == request.from() || (vote == 0 && leader() == 0) || (preVote && request.term() > term);
        boolean granted = free && log.isNoNewerThan(request.lastTerm(), request.lastIndex());
        long replyTerm = granted ? request.term() : term;
        if (preVote) {
            outbox.atOnce(new Message.VoteReply(request.from(), config.id(), replyTerm, Ballot.PRE_VOTE, granted));
        } else {
            if (granted) {
                vote = request.from();
                ticksOfSilence = 0;
            }
            outbox.whenDurable(new Message.VoteReply(request.from(), config.id(), replyTerm, Ballot.VOTE, granted));
        }
        if (free && !granted) {
            standForLackOfVoters(request.from());
        }
    }

    /// Where one of two comes or goes, it may be the only one with the end of the log and not know that it
    /// votes, or not vote any more, while the other one can't be elected without its vote. So who is asked,
    /// has more and is no voter stands for election himself, to bring the other one up to date; as a leader
    /// that is no voter he then hands over.
    private void standForLackOfVoters(long candidate) {
        if (!members.isVoter(config.id()) && members.isVoter(candidate) && leader() == 0) {
            stand(config.preVote() ? Campaign.PRE_VOTE : Campaign.ELECTION);
        }
    }

    private void voteAnswered(Message.VoteReply reply) {
        if (!(state instanceof Candidate candidate) || candidate.ballot() != reply.ballot()) {
            return;
        }
        // Members of etcd 3.2 promise a vote under their own term.
        boolean ofAnotherTerm = reply.ballot() == Ballot.PRE_VOTE && reply.granted() && reply.term() - term > 1;
        if (ofAnotherTerm || !members.isVoter(reply.from())) {
            return;
        }
        candidate.record(reply.from(), reply.granted() ? Quorum.Answer.YES : Quorum.Answer.NO);
        judge(candidate);
    }

    /// Asks the leader, which may be this member, to hand over to `target`. No answer; watch [#status].
    public void transferLeader(long target) {
        switch (state) {
            case Leader leader -> leader.transferTo(target);
            case Follower(long leader)
            when leader != 0 && leader != target -> outbox.atOnce(new Message.TransferLeader(leader, target, term));
            case Follower _, Candidate _ -> {}
        }
    }

    // ---- proposals and reads ----

    /// Proposes a request to the state machine.
    public Proposal propose(byte[] data) {
        return propose(EntryType.NORMAL, data);
    }

    /// Proposes a change of the configuration; `encoded` is what stands in the log for it. A change that would
    /// leave no voter is refused.
    public Proposal proposeConfChange(ConfChange change, byte[] encoded) {
        if (members.hasVoters() && !members.with(change).hasVoters()) {
            return new Proposal.Refused(Proposal.Reason.LAST_VOTER);
        }
        return propose(EntryType.CONF_CHANGE, encoded);
    }

    /// As [#proposeConfChange(ConfChange, byte[])], for a change in the newer form. Only where all members
    /// understand it.
    public Proposal proposeConfChange(ConfChangeV2 change, byte[] encoded) {
        if (change.leavesJoint() != members.isJoint()) {
            return new Proposal.Refused(Proposal.Reason.CONFIGURATION_PENDING);
        }
        return propose(EntryType.CONF_CHANGE_V2, encoded);
    }

    private Proposal propose(EntryType type, byte[] data) {
        return switch (state) {
            case Leader leader -> leader.propose(type, data);
            case Follower(long leader)
            when leader != 0 -> {
                var payload = new Message.Payload(type, data);
                outbox.atOnce(new Message.Propose(leader, config.id(), List.of(payload)));
                yield new Proposal.Forwarded(leader);
            }
            case Follower _, Candidate _ -> new Proposal.Refused(Proposal.Reason.NO_LEADER);
        };
    }

    /// Whether a proposal would be appended or passed on to a leader now, limits apart. False without a
    /// leader, and while leadership is about to move: then it is better asked again than refused.
    public boolean takesProposals() {
        return switch (state) {
            case Leader leader -> leader.takesProposals();
            case Follower(long leader) -> leader != 0;
            case Candidate _ -> false;
        };
    }

    /// Nobody waits for an answer, so what is refused is dropped. It is passed on as this member's own: who
    /// sent it may be the one that leads by now.
    private void proposed(Message.Propose propose) {
        switch (state) {
            case Leader leader -> {
                for (var payload : propose.payloads()) {
                    leader.propose(payload.type(), payload.data());
                }
            }
            case Follower(long leader)
            when leader != 0 -> outbox.atOnce(new Message.Propose(leader, config.id(), propose.payloads()));
            case Follower _, Candidate _ -> {}
        }
    }

    /// Asks for an index that is safe to read at; the answer arrives in [Ready#reads], or never, when the
    /// leader changes or there is none. `requestId` should be new and is not 0.
    public void readIndex(long requestId) {
        readIndexAsked(new Message.ReadIndex(config.id(), config.id(), Reads.encode(requestId)));
    }

    /// Another member's question that comes to a follower was meant for the leader that it was. It ends here,
    /// since who asked asks again: in the name of a member that is removed by now, it would have this one told
    /// that it is the one that was removed.
    private void readIndexAsked(Message.ReadIndex question) {
        switch (state) {
            case Leader leader -> leader.readIndex(question.from(), question.context());
            case Follower(long leader)
            when leader != 0 && question.from() == config.id() ->
                outbox.atOnce(new Message.ReadIndex(leader, config.id(), question.context()));
            case Follower _, Candidate _ -> {}
        }
    }

    private void readIndexAnswered(Message.ReadIndexReply reply) {
        long requestId = Reads.decode(reply.context());
        if (requestId != 0 && state instanceof Follower(long leader) && leader == reply.from()) {
            outbox.answer(new ReadState(requestId, reply.index()));
        }
    }

    // ---- reports ----

    /// Hands back the receipt of a write that is durable now, and all before it.
    public void persisted(Persisted done) {
        writes.persisted(done);
        switch (state) {
            case Leader leader -> leader.count();
            case Candidate candidate
            when candidate.ballot() == Ballot.VOTE && done.sequence() >= candidate.ownVoteWrite -> {
                candidate.record(config.id(), Quorum.Answer.YES);
                judge(candidate);
            }
            case Candidate _, Follower _ -> {}
        }
    }

    /// Everything up to `index` is applied, configuration changes included.
    public void applied(long index) {
        if (!changing.isEmpty() && changing.getFirst() <= index) {
            throw new IllegalStateException("applied " + index + ", but the configuration change at "
                    + changing.getFirst() + " was not confirmed");
        }
        log.appliedTo(index);
        if (state instanceof Leader leader) {
            leader.leaveJointIfDue();
        } else if (takesOverInTerm == term && !log.configurationLags()) {
            takesOverInTerm = 0;
            takeOver();
        }
    }

    /// A committed configuration change is being applied; one that turned out to be invalid is given with
    /// nodeId 0.
    ///
    /// @return the configuration from now on
    public ConfState confChanged(ConfChange change) {
        return reconfigure(members.with(change));
    }

    /// As [#confChanged(ConfChange)], for a change in the newer form; one that turned out to be invalid is
    /// given as [ConfChangeV2#NOTHING].
    public ConfState confChanged(ConfChangeV2 change) {
        return reconfigure(members.with(change));
    }

    private ConfState reconfigure(Membership changed) {
        changing.poll();
        members = changed;
        if (state instanceof Leader leader) {
            leader.reconfigure(members);
        }
        return members.conf();
    }

    /// The configuration that counts now.
    public ConfState confState() {
        return members.conf();
    }

    /// Sending to `peer` has failed.
    public void unreachable(long peer) {
        if (state instanceof Leader leader) {
            leader.unreachable(peer);
        }
    }

    /// The snapshot for `peer` has arrived there, as far as the transport knows.
    public void snapshotSent(long peer) {
        if (state instanceof Leader leader) {
            leader.snapshotSent(peer);
        }
    }

    /// The snapshot for `peer` has not arrived.
    public void snapshotFailed(long peer) {
        if (state instanceof Leader leader) {
            leader.snapshotFailed(peer);
        }
    }

    /// Forgets the log up to and including `index`, which must be applied; already forgotten is fine.
    public void compact(long index) {
        log.compact(index);
    }

    /// Forgets what a snapshot at `index`, which must be applied, makes dispensable: all up to there but the
    /// last `keepEntries` entries of it, and fewer when their data is more than `keepBytes`.
    public void compactBehind(long index, long keepEntries, long keepBytes) {
        log.compact(log.dispensableBehind(index, keepEntries, keepBytes));
    }

    // ---- results ----

    /// Whether [#ready] would hold anything. A leader decides here what to send, so ask after a batch of
    /// inputs, not after each.
    public boolean hasReady() {
        flush();
        return !outbox.isEmpty() || hasWrite() || applicable() > log.handed();
    }

    private void flush() {
        if (state instanceof Leader leader) {
            leader.flush();
        }
    }

    /// Collects what is to be done. Never the same thing twice.
    public Ready ready() {
        flush();
        if (outbox.hasWaiting() && !hasWrite() && writes.isIdle()) {
            outbox.releaseWaiting();
        }
        var write = hasWrite() || outbox.hasWaiting() ? takeWrite() : null;
        var apply = log.handOut(applicable(), config.maxMessageBytes());
        for (var entry : apply) {
            if (entry.type() != EntryType.NORMAL) {
                changing.add(entry.index());
            }
        }
        return new Ready(outbox.takeAtOnce(), write, apply, outbox.takeReads());
    }

    private long applicable() {
        return Math.min(writes.sureCommit(members, log), writes.durable());
    }

    private boolean hasWrite() {
        return writes.written() < log.lastIndex()
                || intake.hasSnapshot()
                || writes.hardState().commit() != log.committed()
                || hasNewPromise();
    }

    private boolean hasNewPromise() {
        return writes.hardState().term() != term || writes.hardState().vote() != vote;
    }

    private Ready.Write takeWrite() {
        var entries = log.slice(writes.written() + 1, log.lastIndex());
        var snapshot = intake.takeSnapshot();
        boolean sync = !entries.isEmpty() || snapshot != null || hasNewPromise() || commitsChangeOfPair();
        var hardState = new HardState(term, vote, log.committed());
        var done = writes.issue(hardState, log.lastIndex());
        return new Ready.Write(hardState, entries, snapshot, outbox.takeWhenDurable(), done, sync);
    }

    private boolean commitsChangeOfPair() {
        return members.isPair() && log.changesConfiguration(writes.hardState().commit() + 1, log.committed());
    }

    public Status status() {
        return new Status(config.id(), term, leader(), role(), log.committed(), log.applied(), log.lastIndex());
    }

    private Role role() {
        return switch (state) {
            case Follower _ -> Role.FOLLOWER;
            case Candidate candidate -> candidate.ballot() == Ballot.PRE_VOTE ? Role.PRE_CANDIDATE : Role.CANDIDATE;
            case Leader _ -> Role.LEADER;
        };
    }

    private long leader() {
        return switch (state) {
            case Follower(long leader) -> leader;
            case Candidate _ -> 0;
            case Leader _ -> config.id();
        };
    }

    /// The first index that is still in the log; one beyond the last when it is empty.
    public long firstIndex() {
        return log.firstIndex();
    }

    public long lastIndex() {
        return log.lastIndex();
    }

    /// Bytes of data in the log, from the first to the last index.
    public long logBytes() {
        return log.bytes();
    }

    /// The term of the entry at `index`, from `firstIndex - 1` to `lastIndex`.
    ///
    /// @throws IllegalStateException outside of them
    public long termAt(long index) {
        return log.termAt(index);
    }
}
