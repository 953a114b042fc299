package dev.cetera.node;

import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveResponse;
import dev.cetera.apply.Outcome;
import dev.cetera.apply.StateMachine;
import dev.cetera.auth.Hashing;
import dev.cetera.auth.Identity;
import dev.cetera.cluster.Membership;
import dev.cetera.disk.Disk;
import dev.cetera.logs.Log;
import dev.cetera.mvcc.Feed;
import dev.cetera.raft.ConfChange;
import dev.cetera.raft.ConfState;
import dev.cetera.raft.Message.InstallSnapshot;
import dev.cetera.raft.Raft;
import dev.cetera.raft.RaftConfig;
import dev.cetera.raft.Recovered;
import dev.cetera.raft.Role;
import dev.cetera.raft.Status;
import dev.cetera.token.Tokens;
import dev.cetera.wal.Wal;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/// A member without threads: the four loops, wired. Whoever owns it starts the loops and the clock ([Member]),
/// or turns them one by one in an order of its own (the simulator). Time passes by [#tick] and its sisters.
///
/// Shared: proposals, reads and messages may come from any thread; each loop keeps to one.
public final class Engine implements Inbound {
    /// Of what a leader has appended and a quorum has not: a leader cut off from the others fills its memory
    /// no further until it steps down.
    private static final long MAX_UNCOMMITTED_BYTES = 512L << 20;

    private static final Log LOG = Log.of("etcdserver");

    private final MemberConfig config;
    private final Time time;
    private final Link link;
    private final long memberId;
    private final long clusterId;
    private final StateMachine machine;
    private final Peers peers;
    private final Tokens tokens;
    private final Hashing hashing;
    private final Wal wal;
    private final RequestIds ids;

    private final Arrivals arrivals;
    private final Reads reads;
    private final Proposer proposer;
    private final Timeouts timeouts;
    private final LeaderTransfers transfers;
    private final Duties duties;
    private final Removal removal;
    private final Departures departures = new Departures();
    private final ReceivedDatabases received;
    private final HeadStart headStart;

    private final RaftLoop raft;
    private final Applier applier;
    private final Loops loops;

    /// A tick that the raft loop has not come to: a second one would only make it hurry.
    private final AtomicBoolean tickWaits = new AtomicBoolean();

    private final AtomicBoolean tickMissed = new AtomicBoolean();

    /// Whether anything has gone wrong that the member can't go on after.
    private final AtomicBoolean failed = new AtomicBoolean();

    private final Consumer<Throwable> fatal;
    private final Meters meters;
    private volatile boolean stopping;

    /// The loops, in the order of a request's way through them.
    public enum Stage {
        RAFT,
        WAL,
        APPLY,
        BOLT
    }

    /// Opens the data directory. Nothing moves yet.
    public static Engine open(Disk disk, MemberConfig config, Feed watchers, Surroundings surroundings)
            throws IOException {
        var booted = Boot.open(disk, config, watchers, surroundings);
        Engine engine = null;
        try {
            engine = new Engine(config, booted, surroundings);
            return engine;
        } finally {
            if (engine == null) {
                booted.close();
            }
        }
    }

    private Engine(MemberConfig config, Boot.Booted booted, Surroundings around) {
        this.config = config;
        this.time = around.time();
        this.link = around.link();
        this.meters = around.meters();
        this.fatal = around.fatal();
        this.memberId = booted.memberId();
        this.clusterId = booted.clusterId();
        this.machine = booted.machine();
        this.peers = around.peers();
        this.tokens = around.tokens();
        this.hashing = around.hashing();
        this.wal = booted.wal();
        this.ids = new RequestIds(memberId, time.unixNanos() / 1_000_000);
        this.loops = new Loops(this::fail);
        var members = machine.members();
        this.arrivals = new Arrivals(memberId, members::now);
        this.reads = new Reads(around.reading(), meters);
        this.proposer = new Proposer(config, memberId, time, ids, machine, loops::raft, this::behind);
        this.timeouts = new Timeouts(memberId, link, members::now, this::status, config.electionMillis());
        this.transfers = new LeaderTransfers(time, config.requestTimeoutMillis() * 1_000_000);
        this.duties = new Duties(config, memberId, clusterId, machine, this::status, proposer, this::linearize, around);
        this.removal = new Removal(around.removed());
        this.received = new ReceivedDatabases(booted.disk(), booted.snapshots(), this::restore, time, meters);
        this.headStart = new HeadStart(memberId, config, time.nanos());
        this.raft = raft(booted.recovered(), around.seed(), around.logLimits());
        this.applier = applier(booted, around.logLimits());
        var snapshot = booted.recovered().snapshot();
        var afterWal = new AfterWal(loops, new Wal.SnapshotMark(snapshot.index(), snapshot.term()));
        var walWriter = new WalWriter(wal, booted.snapshots(), afterWal.newestSnapshot(), afterWal, link, time, meters);
        loops.connect(raft, walWriter, applier, committer(booted, around, afterWal));
        begin(booted);
    }

    private RaftLoop raft(Recovered recovered, long seed, LogLimits logLimits) {
        var defaults = RaftConfig.defaults(memberId, seed);
        var raftConfig = defaults.withTicks(config.electionTicks(), 1)
                .withPreVote(config.clustering().preVote())
                .withLimits(logLimits.appendBytes(), defaults.maxInflightMessages(), MAX_UNCOMMITTED_BYTES);
        return new RaftLoop(
                new Raft(raftConfig, recovered),
                new AfterRaft(loops, link, time, proposer, timeouts, transfers, departures, meters),
                arrivals,
                reads,
                ids,
                time,
                config,
                meters);
    }

    private Applier applier(Boot.Booted booted, LogLimits logLimits) {
        var membershipLog = new MembershipLog(clusterId);
        return new Applier(
                machine,
                proposer,
                new AfterApply(
                        loops, link, time, memberId, machine, this::status, reads, proposer, duties, removal, meters),
                time,
                config,
                membershipLog,
                new Installation(booted.disk(), booted.snapshots(), machine, membershipLog),
                departures,
                logLimits,
                booted.recovered().snapshot());
    }

    private Committer committer(Boot.Booted booted, Surroundings around, AfterWal afterWal) {
        var retention = new LogRetention(around.logLimits(), departures, time);
        return new Committer(
                machine.backend(),
                booted.snapshots(),
                received,
                wal,
                config,
                time,
                meters,
                new AfterCommit(loops, link, departures, retention, afterWal::newestSnapshot),
                around.continueSoon());
    }

    private void begin(Boot.Booted booted) {
        raft.describe(booted.recovered());
        var now = machine.members().now();
        new MembershipLog(clusterId).loaded(now);
        var version = now.version();
        LOG.info("starting server... [version: " + Boot.RELEASE.text() + ", cluster version: "
                + (version == null ? "to_be_decided" : version.shortText()) + "]");
        var unfinished = booted.unfinished();
        if (unfinished != null) {
            loops.bolt(new Committer.Task.Compact(unfinished, () -> {}));
        }
        reads.applied(applier.appliedIndex());
        duties.applied(applier.appliedIndex());
        link.members(now);
        link.remotes(booted.remotes().stream()
                .filter(other -> other.id() != memberId)
                .toList());
        if (now.isRemoved(memberId)) {
            removal.applied(time.nanos());
        }
    }

    MemberConfig config() {
        return config;
    }

    Link link() {
        return link;
    }

    Meters meters() {
        return meters;
    }

    Time time() {
        return time;
    }

    List<Loop<?>> loops() {
        return loops.all();
    }

    /// Works off what has gathered for one stage, on the caller's thread; only where the loops were not
    /// started.
    ///
    /// @return false when there was nothing
    /// @throws Exception what would be fatal to the member
    public boolean turn(Stage stage) throws Exception {
        return loops.turn(stage);
    }

    // ---- facts, for any thread ----

    @Override
    public long memberId() {
        return memberId;
    }

    @Override
    public long clusterId() {
        return clusterId;
    }

    @Override
    public Membership membership() {
        return machine.members().now();
    }

    public StateMachine machine() {
        return machine;
    }

    Peers peers() {
        return peers;
    }

    Tokens tokens() {
        return tokens;
    }

    Hashing hashing() {
        return hashing;
    }

    public Status status() {
        return raft.status();
    }

    /// Raft's configuration, as of the last applied change.
    public ConfState confState() {
        return raft.confState();
    }

    public long appliedIndex() {
        return applier.appliedIndex();
    }

    /// The first index that raft's log still has in memory, as of the end of the raft loop's last batch.
    long firstIndex() {
        return raft.firstIndex();
    }

    private long behind() {
        return status().commit() - appliedIndex();
    }

    int proposalsWaiting() {
        return proposer.requests().size();
    }

    long walBytesWritten() {
        return wal.bytesWritten();
    }

    // ---- requests, from any thread ----

    /// Proposes a request; it is answered when it is applied here, refused, or given up. Without a leader it
    /// waits for one.
    public void propose(InternalRaftRequest.Builder request, Answer<Outcome<? extends Message>> answer) {
        proposer.propose(request, answer);
    }

    /// As above, on somebody's account instead of this member's own.
    void propose(InternalRaftRequest.Builder request, Identity identity, Answer<Outcome<? extends Message>> answer) {
        proposer.propose(request, identity, answer);
    }

    /// Proposes a change of the membership; it is answered when it is applied here, refused, or given up.
    /// Whether it is a wise one is the caller's to know.
    ///
    /// @param change by its request id
    public void reconfigure(LongFunction<ConfChange> change, Answer<Reconfigured> answer) {
        proposer.reconfigure(change, answer);
    }

    /// Hands leadership over to another voter.
    ///
    /// @param answer `target` once that is known to lead; refused where this member doesn't lead, or when it
    ///               takes longer than a request may
    public void transferLeader(long target, Answer<Long> answer) {
        var now = status();
        if (now.role() != Role.LEADER) {
            answer.refused(stopping ? Refusal.STOPPED : Refusal.NOT_LEADER);
        } else if (target == memberId) {
            answer.done(target);
        } else if (transfers.begin(memberId, target, answer)) {
            loops.raft(new RaftLoop.Input.Transfer(target));
        }
    }

    /// Starts an election, if this member may.
    public void campaign() {
        loops.raft(new RaftLoop.Input.Campaign());
    }

    /// Answers with an applied index once everything acknowledged before this call can be read here; on the
    /// caller's thread where that is known at once, else where [Surroundings#reading] runs it.
    public void linearize(Answer<Long> answer) {
        if (stopping) {
            answer.refused(Refusal.STOPPED);
        } else if (raft.leadsAlone()) {
            // Nobody else can commit anything, and whatever was acknowledged was applied first.
            answer.done(applier.appliedIndex());
        } else if (reads.await(answer, time.nanos() + config.requestTimeoutMillis() * 1_000_000)) {
            loops.raft(new RaftLoop.Input.ReadRound());
        }
    }

    /// A number for a lease whose client left the choice to us.
    long newLeaseId() {
        return ids.nextLease();
    }

    /// Starts the countdown of a lease again, here or with the leader.
    ///
    /// @param answer the seconds until it ends; 0 for a lease that there is not
    public void renew(long lease, Answer<Long> answer) {
        duties.leaseKeeper().renew(lease, answer);
    }

    /// What is left of a lease, by the leader's clock; TTL -1 for a lease that there is not.
    public void timeToLive(LeaseTimeToLiveRequest request, Answer<LeaseTimeToLiveResponse> answer) {
        duties.leaseKeeper().timeToLive(request, answer);
    }

    // ---- what other members ask, from any thread ----

    /// See [Inquiries#caughtUp].
    public void caughtUp(Answer<Long> answer) {
        duties.catchingUp().await(status().commit(), time.nanos(), answer);
    }

    /// Answers once an entry is applied here.
    ///
    /// @param answer refused with `TIMED_OUT` when that takes longer than a second
    void whenApplied(long index, Answer<Long> answer) {
        duties.catchingUp().await(index, time.nanos(), answer);
    }

    /// See [Inquiries#renewAsPrimary].
    public void renewAsPrimary(long lease, Answer<Long> answer) {
        duties.keepAlives().renew(lease, answer);
    }

    /// See [Inquiries#timeToLiveHere].
    public LeaseTimeToLiveResponse timeToLiveHere(LeaseTimeToLiveRequest request) {
        return duties.leaseKeeper().timeToLiveHere(request);
    }

    // ---- what the link delivers, from any thread ----

    @Override
    public boolean receive(dev.cetera.raft.Message message) {
        // A snapshot comes with its database or not at all.
        if (stopping || message instanceof InstallSnapshot || !arrivals.admit(message)) {
            return false;
        }
        loops.raft(new RaftLoop.Input.Received(message));
        return true;
    }

    @Override
    public void unreachable(long member) {
        loops.raft(new RaftLoop.Input.Unreachable(member));
    }

    @Override
    public void snapshotDelivered(long member, boolean arrived) {
        departures.ended(arrived, time.nanos());
        loops.raft(new RaftLoop.Input.SnapshotDelivered(member, arrived));
    }

    @Override
    public SnapshotInlet receiveSnapshot(InstallSnapshot message) throws IOException {
        if (stopping || !arrivals.admit(message)) {
            throw new IOException("the snapshot is not for this member, or it has no time for it");
        }
        // From here on there may be only a few of them.
        arrivals.release(message);
        return received.open(message);
    }

    private boolean restore(InstallSnapshot message) {
        loops.raft(new RaftLoop.Input.Restored(message));
        return !stopping;
    }

    @Override
    public void removed() {
        removal.learned();
    }

    // ---- the clock ----

    /// Every `tickMillis`. A tick that comes while the last one still waits is dropped: time that has passed
    /// unnoticed must not pass all at once.
    public void tick() {
        if (tickWaits.compareAndSet(false, true)) {
            loops.raft(new RaftLoop.Input.Tick(this::ticked));
        } else if (tickMissed.compareAndSet(false, true)) {
            RaftLog.tickMissed();
        }
        long now = time.nanos();
        giveHeadStart(now);
        removal.check(now, status().role() == Role.LEADER);
        duties.tick(now);
    }

    private void giveHeadStart(long now) {
        if (headStart.isOpen()) {
            long active = membership().members().stream()
                    .filter(member -> member.id() != memberId
                            && link.activeSince(member.id()).isPresent())
                    .count();
            int ticks = headStart.ticks(now, active);
            if (ticks > 0) {
                loops.raft(new RaftLoop.Input.Advance(ticks));
            }
        }
    }

    private void ticked() {
        tickMissed.set(false);
        tickWaits.set(false);
    }

    /// Every 100 ms: what has gathered goes to the backend file.
    public void commit() {
        loops.bolt(new Committer.Task.Commit());
    }

    /// The pause of a compaction is over.
    public void compactMore() {
        loops.bolt(new Committer.Task.Continue());
    }

    /// Every 30 s: files beyond those that are to be kept go.
    public void purge() {
        loops.bolt(new Committer.Task.Purge());
    }

    /// Every 500 ms: gives up on requests whose time is over, has ended leases revoked, and says what the
    /// cluster does not know yet about this member.
    public void sweep() {
        long now = time.nanos();
        proposer.expire(now, timeouts::why);
        reads.expire(now);
        transfers.expire(now);
        tokens.sweep();
        duties.sweep(now);
    }

    // ---- the end ----

    /// The member can't go on: from here on nothing is acknowledged, and nothing more is done with the files
    /// beyond the batches at hand. Whoever started the member is told, once.
    public void fail(Throwable why) {
        if (!failed.compareAndSet(false, true)) {
            return;
        }
        try {
            refuseAll();
            loops().forEach(Loop::abandon);
        } finally {
            fatal.accept(why);
        }
    }

    /// Refuses all that wait, and all that come later.
    public void refuseAll() {
        stopping = true;
        proposer.close();
        reads.close();
        duties.close();
        transfers.close();
    }

    /// Writes what has gathered and closes the files. The loops must have stopped. After a failure nothing is
    /// written any more.
    public void close() throws IOException {
        stopping = true;
        try (var _ = wal) {
            if (!failed.get()) {
                machine.backend().commit();
            }
        } finally {
            machine.backend().close();
        }
    }
}
