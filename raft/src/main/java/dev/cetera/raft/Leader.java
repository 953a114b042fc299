package dev.cetera.raft;

import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/// A member while it leads: it feeds its peers, counts what they have, commits, and confirms reads. Confined
/// to its machine.
///
/// What a step changes is sent by [#flush], once for all steps in between: a hundred proposals become one
/// append per peer.
final class Leader implements State {
    private final RaftConfig config;
    private final long term;
    private final Log log;
    private final Writes writes;
    private final Outbox outbox;
    private final Reads reads = new Reads();

    /// Index of the first entry of this term. An entry is committed by counting only from here on (§5.4.2);
    /// all before are committed along with it.
    private final long termStart;

    private Membership members;
    private Peer[] peers = {};

    private final LongUnaryOperator matchOf = this::match;
    private final LongUnaryOperator echoOf = this::echo;

    /// Data appended and not committed.
    private long uncommittedBytes;

    /// No configuration change is accepted before this index is applied. At first it is the end of the log
    /// that the leader took over, which may contain one.
    private long pendingConfiguration;

    /// The peer that is to take over, 0 for none.
    private long transferee;

    private int ticksOfTransfer;
    private int ticksSinceHeartbeat;
    private int ticksSinceQuorumCheck;

    /// The oldest outstanding write as of the last check of the quorum.
    private long oldestWriteAtCheck;

    enum Tick {
        STAYS,
        STEPS_DOWN
    }

    Leader(RaftConfig config, long term, Log log, Writes writes, Outbox outbox, Membership members) {
        this.config = config;
        this.term = term;
        this.log = log;
        this.writes = writes;
        this.outbox = outbox;
        this.members = members;
        pendingConfiguration = log.lastIndex();
        uncommittedBytes = log.bytesIn(log.committed() + 1, log.lastIndex());
        termStart = log.lastIndex() + 1;
        oldestWriteAtCheck = writes.next();
        meetPeers();
        for (var peer : peers) {
            peer.active = true;
        }
        log.append(new Entry(term, termStart, EntryType.NORMAL, Entry.NO_DATA));
        retireIfRemoved();
    }

    // ---- counting ----

    /// The leader's own log counts as far as it is durable.
    private long match(long id) {
        if (id == config.id()) {
            return writes.durable();
        }
        var peer = peer(id);
        return peer == null ? 0 : peer.match;
    }

    private long echo(long id) {
        if (id == config.id()) {
            return reads.round();
        }
        var peer = peer(id);
        return peer == null ? 0 : peer.echoedRound;
    }

    /// Commits what a quorum has by now.
    void count() {
        long reached = members.reached(matchOf);
        long before = log.committed();
        if (reached < termStart || reached <= before) {
            return;
        }
        uncommittedBytes -= log.bytesIn(before + 1, reached);
        log.commitTo(reached);
        if (before < termStart) {
            reads.ripen(reached);
        }
    }

    private @Nullable Peer peer(long id) {
        for (var peer : peers) {
            if (peer.id == id) {
                return peer;
            }
        }
        return null;
    }

    // ---- proposals ----

    boolean takesProposals() {
        return transferee == 0 && members.isVoter(config.id());
    }

    Proposal propose(EntryType type, byte[] data) {
        if (!takesProposals()) {
            return new Proposal.Refused(Proposal.Reason.TRANSFERRING);
        }
        if (type != EntryType.NORMAL && (pendingConfiguration > log.applied() || !mayFollowNow(type, data))) {
            return new Proposal.Refused(Proposal.Reason.CONFIGURATION_PENDING);
        }
        // A single proposal of any size fits when nothing else is waiting.
        if (data.length > 0 && uncommittedBytes > 0 && uncommittedBytes > config.maxUncommittedBytes() - data.length) {
            return new Proposal.Refused(Proposal.Reason.TOO_MUCH_UNCOMMITTED);
        }
        long index = log.lastIndex() + 1;
        log.append(new Entry(term, index, type, data));
        uncommittedBytes += data.length;
        if (type != EntryType.NORMAL) {
            pendingConfiguration = index;
        }
        return new Proposal.Accepted(term, index);
    }

    /// A joint configuration can only be left, and no other can. Of what was forwarded only this is known
    /// here; the rest shows when it is applied.
    private boolean mayFollowNow(EntryType type, byte[] data) {
        boolean leaves = type == EntryType.CONF_CHANGE_V2 && data.length == 0;
        return members.isJoint() ? type == EntryType.CONF_CHANGE_V2 : !leaves;
    }

    /// A joint configuration that nobody else ends is left once it is applied (§6).
    void leaveJointIfDue() {
        if (members.conf().autoLeave() && pendingConfiguration <= log.applied()) {
            pendingConfiguration = log.lastIndex() + 1;
            log.append(new Entry(term, pendingConfiguration, EntryType.CONF_CHANGE_V2, Entry.NO_DATA));
        }
    }

    // ---- replies ----

    void accepted(Message.AppendAccepted reply) {
        var peer = peer(reply.from());
        if (peer == null) {
            return;
        }
        peer.active = true;
        if (reply.index() < peer.match) {
            return;
        }
        peer.match = reply.index();
        switch (peer.mode) {
            case Replication.Probe _ -> peer.mode = stream(peer.match + 1);
            case Replication.Stream stream -> {
                stream.inFlight.freeTo(peer.match);
                stream.next = Math.max(stream.next, peer.match + 1);
            }
            case Replication.Snapshot _ -> {
                if (peer.match >= log.base()) {
                    peer.mode = stream(peer.match + 1);
                }
            }
        }
        count();
        handOverTo(peer);
    }

    /// Tells the peer to take over, if it is the one and has all that there is.
    private void handOverTo(Peer peer) {
        if (peer.id == transferee && peer.match == log.lastIndex()) {
            outbox.atOnce(new Message.TimeoutNow(peer.id, config.id(), term));
        }
    }

    private Replication.Stream stream(long next) {
        return new Replication.Stream(next, config.maxInflightMessages());
    }

    void rejected(Message.AppendRejected reply) {
        var peer = peer(reply.from());
        if (peer == null) {
            return;
        }
        peer.active = true;
        switch (peer.mode) {
            case Replication.Stream _ -> {
                if (reply.index() > peer.match) {
                    peer.mode = new Replication.Probe(peer.match + 1);
                }
            }
            case Replication.Probe probe -> {
                // A reply to anything but the last probe is late.
                if (reply.index() == probe.next - 1) {
                    long agree = Math.min(reply.index() - 1, lastThatMayAgree(reply));
                    probe.next = Math.max(agree, peer.match) + 1;
                    probe.awaitingReply = false;
                }
            }
            case Replication.Snapshot _ -> {}
        }
    }

    /// The peer's log can't agree after the hint; with the hint's term, ours can't where its terms are higher.
    private long lastThatMayAgree(Message.AppendRejected reply) {
        if (reply.hintTerm() == 0 || reply.hint() < log.base()) {
            return reply.hint();
        }
        return log.lastWithTermAtMost(reply.hint(), reply.hintTerm());
    }

    void heartbeatEchoed(Message.HeartbeatReply reply) {
        var peer = peer(reply.from());
        if (peer == null) {
            return;
        }
        peer.active = true;
        long echoed = Reads.decode(reply.context());
        if (echoed <= reads.round()) {
            peer.echoedRound = Math.max(peer.echoedRound, echoed);
        }
        switch (peer.mode) {
            case Replication.Probe probe -> probe.awaitingReply = false;
            case Replication.Stream stream -> {
                if (stream.inFlight.isFull()) {
                    stream.inFlight.freeFirst();
                }
                stream.nudge = peer.match < log.lastIndex();
            }
            case Replication.Snapshot _ -> {}
        }
        // It may have been told before it could, as long as it had to apply a change of the configuration.
        handOverTo(peer);
    }

    void unreachable(long id) {
        var peer = peer(id);
        if (peer != null && peer.mode instanceof Replication.Stream) {
            peer.mode = new Replication.Probe(peer.match + 1);
        }
    }

    void snapshotSent(long id) {
        var peer = peer(id);
        if (peer != null && peer.mode instanceof Replication.Snapshot(long index)) {
            probeAfterSnapshot(peer, Math.max(peer.match, index) + 1);
        }
    }

    void snapshotFailed(long id) {
        var peer = peer(id);
        if (peer != null && peer.mode instanceof Replication.Snapshot) {
            probeAfterSnapshot(peer, peer.match + 1);
        }
    }

    /// Waits for a sign of life first: the peer needs time to install it, or to recover.
    private static void probeAfterSnapshot(Peer peer, long next) {
        var probe = new Replication.Probe(next);
        probe.awaitingReply = true;
        peer.mode = probe;
    }

    // ---- reads ----

    void readIndex(long from, byte[] context) {
        if (log.committed() < termStart) {
            reads.askEarly(from, context);
        } else {
            reads.ask(from, context, log.committed());
        }
    }

    private void answer(long from, byte[] context, long index) {
        if (from == config.id()) {
            outbox.answer(new ReadState(Reads.decode(context), index));
        } else {
            outbox.atOnce(new Message.ReadIndexReply(from, config.id(), term, index, context));
        }
    }

    // ---- leadership ----

    /// To itself ends a transfer to another.
    void transferTo(long target) {
        if (target == transferee || !members.isVoter(target)) {
            return;
        }
        transferee = 0;
        var peer = peer(target);
        if (peer == null) {
            return;
        }
        transferee = target;
        ticksOfTransfer = 0;
        handOverTo(peer);
    }

    void reconfigure(Membership changed) {
        members = changed;
        meetPeers();
        if (!members.isVoter(transferee)) {
            transferee = 0;
        }
        count();
        retireIfRemoved();
    }

    /// A leader that is no voter any more doesn't just stop: the others might not know yet that its removal
    /// is committed, need its vote, and not get it because its log is longer. It brings one of them up to its
    /// own log and hands over.
    private void retireIfRemoved() {
        if (members.isVoter(config.id())) {
            return;
        }
        Peer best = null;
        for (var peer : peers) {
            if (members.isVoter(peer.id) && (best == null || peer.match > best.match)) {
                best = peer;
            }
        }
        if (best != null) {
            transferTo(best.id);
        }
    }

    private void meetPeers() {
        var met = new Peer[members.isMember(config.id()) ? members.all().length - 1 : members.all().length];
        int n = 0;
        for (long id : members.all()) {
            if (id != config.id()) {
                var known = peer(id);
                met[n++] = known == null ? newPeer(id) : known;
            }
        }
        peers = met;
    }

    /// A newcomer counts as active until the next check, so that adding it doesn't bring the leader down.
    private Peer newPeer(long id) {
        var peer = new Peer(id, log.lastIndex() + 1);
        peer.active = true;
        return peer;
    }

    Tick tick() {
        if (transferee != 0 && ++ticksOfTransfer >= config.electionTicks()) {
            transferee = 0;
            retireIfRemoved();
        }
        if (++ticksSinceQuorumCheck >= config.electionTicks()) {
            ticksSinceQuorumCheck = 0;
            if (config.checkQuorum() && !mayGoOn()) {
                return Tick.STEPS_DOWN;
            }
        }
        if (++ticksSinceHeartbeat >= config.heartbeatTicks()) {
            ticksSinceHeartbeat = 0;
            heartbeat();
        }
        return Tick.STAYS;
    }

    /// Whether a quorum was heard of since the last check, and this member's own disk has not stood still for
    /// as long: others may do better then.
    private boolean mayGoOn() {
        boolean diskHangs = !members.isAlone(config.id()) && writes.oldestOutstanding() == oldestWriteAtCheck;
        oldestWriteAtCheck = writes.isIdle() ? 0 : writes.oldestOutstanding();
        var verdict = members.verdict(id -> {
            var peer = peer(id);
            boolean active = peer == null ? id == config.id() : peer.active;
            return active ? Quorum.Answer.YES : Quorum.Answer.NO;
        });
        for (var peer : peers) {
            peer.active = false;
        }
        return verdict == Quorum.Verdict.WON && !diskHangs;
    }

    // ---- sending ----

    private void heartbeat() {
        byte[] context = reads.context();
        for (var peer : peers) {
            // Beyond its match the peer may hold entries of others, which must not be taken for committed.
            long commit = Math.min(peer.match, writes.sureCommit(members, log));
            outbox.atOnce(new Message.Heartbeat(peer.id, config.id(), term, commit, context));
        }
    }

    /// Sends what the steps since the last time have made necessary, and answers the reads that are confirmed.
    void flush() {
        if (reads.beginRound()) {
            heartbeat();
        }
        reads.confirm(members, echoOf, this::answer);
        for (var peer : peers) {
            feed(peer);
        }
    }

    private void feed(Peer peer) {
        while (wantsAppend(peer)) {
            append(peer);
        }
    }

    private boolean wantsAppend(Peer peer) {
        boolean newsOfCommit = peer.toldCommit < writes.sureCommit(members, log);
        return switch (peer.mode) {
            case Replication.Probe probe -> !probe.awaitingReply && (peer.match < log.lastIndex() || newsOfCommit);
            case Replication.Stream stream ->
                !stream.inFlight.isFull() && (stream.next <= log.lastIndex() || newsOfCommit || stream.nudge);
            case Replication.Snapshot _ -> false;
        };
    }

    private void append(Peer peer) {
        switch (peer.mode) {
            case Replication.Probe probe -> {
                if (probe.next > log.base()) {
                    sendAppend(peer, probe.next);
                    probe.awaitingReply = true;
                } else {
                    sendSnapshot(peer);
                }
            }
            case Replication.Stream stream -> {
                if (stream.next > log.base()) {
                    long last = sendAppend(peer, stream.next);
                    stream.nudge = false;
                    if (last >= stream.next) {
                        stream.inFlight.add(last);
                        stream.next = last + 1;
                    }
                } else {
                    sendSnapshot(peer);
                }
            }
            case Replication.Snapshot _ -> throw new IllegalStateException("an append during a snapshot");
        }
    }

    /// The index of the last entry sent, `next - 1` for none.
    private long sendAppend(Peer peer, long next) {
        var entries = log.sliceWithin(next, config.maxMessageBytes());
        long commit = writes.sureCommit(members, log);
        outbox.atOnce(new Message.Append(peer.id, config.id(), term, log.termAt(next - 1), next - 1, entries, commit));
        peer.toldCommit = commit;
        return next - 1 + entries.size();
    }

    private void sendSnapshot(Peer peer) {
        if (!peer.active) {
            // It would be made for nobody. The reply to a heartbeat brings us back here.
            var probe = new Replication.Probe(log.base());
            probe.awaitingReply = true;
            peer.mode = probe;
            return;
        }
        long index = log.applied();
        var meta = new SnapshotMeta(index, log.termAt(index), members.conf());
        outbox.atOnce(new Message.InstallSnapshot(peer.id, config.id(), term, new Snapshot(meta, Entry.NO_DATA)));
        peer.mode = new Replication.Snapshot(index);
    }
}
