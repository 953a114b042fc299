package dev.cetera.node;

import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.AlarmType;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.Request;
import dev.cetera.api.etcdserverpb.RequestHeader;
import dev.cetera.apply.Outcome;
import dev.cetera.apply.StateMachine;
import dev.cetera.cluster.MemberId;
import dev.cetera.cluster.Members;
import dev.cetera.disk.Disk;
import dev.cetera.lease.Leases;
import dev.cetera.lease.Renewal;
import dev.cetera.mvcc.Changes;
import dev.cetera.mvcc.Compaction;
import dev.cetera.raft.ConfChange;
import dev.cetera.raft.Entry;
import dev.cetera.raft.Raft;
import dev.cetera.raft.RaftConfig;
import dev.cetera.raft.Ready;
import dev.cetera.raft.Recovered;
import dev.cetera.raft.Role;
import dev.cetera.raft.Snapshot;
import dev.cetera.raft.Status;
import dev.cetera.wal.Wal;
import dev.cetera.wal.WalOptions;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// A member without threads: the four loops, wired. Whoever owns it starts the loops and the clock ([Member]),
/// or turns them one by one in an order of its own (the simulator). Time passes by [#tick] and its sisters.
///
/// Shared: proposals and reads may come from any thread; each loop keeps to one.
public final class Engine {
    /// Entries that stay in memory behind a snapshot, for members that lag a little.
    private static final long CATCH_UP_ENTRIES = 5_000;

    /// Changes that wait for the backend file. When it falls so far behind, new requests are refused instead
    /// of filling the memory.
    private static final long MAX_PENDING_BYTES = 512L << 20;

    /// Revocations of ended leases on their way at once.
    private static final int MAX_REVOKING = 1_000;

    private static final Logger SERVER_LOG = System.getLogger("etcdserver");

    private final MemberConfig config;
    private final Time time;
    private final long memberId;
    private final long clusterId;
    private final StateMachine machine;
    private final Wal wal;
    private final RequestIds ids;
    private final Proposals proposals = new Proposals();
    private final Reads reads = new Reads();
    private final Renewals renewals = new Renewals();

    private final RaftLoop raft;
    private final Applier applier;
    private final Loop<RaftLoop.Input> raftLoop;
    private final Loop<WalWriter.Task> walLoop;
    private final Loop<Applier.Task> applyLoop;
    private final Loop<Committer.Task> boltLoop;

    /// Ended leases whose revocation is on its way.
    private final Set<Long> revoking = ConcurrentHashMap.newKeySet();

    /// The newest snapshot that the log has a record of: a restart begins there.
    private volatile Wal.SnapshotMark countedSnapshot;

    /// Whether anything has gone wrong that the member can't go on after.
    private final AtomicBoolean failed = new AtomicBoolean();

    private final Consumer<Throwable> fatal;
    private volatile boolean stopping;
    private final Attempt settingVersion = new Attempt();
    private final Attempt publishing = new Attempt();

    /// Under which this member's own attributes are on their way; 0 when they are not, or known.
    private final AtomicLong publishId = new AtomicLong();

    private volatile boolean known;

    private final Runnable published;
    private final Meters meters;

    /// What its owner brings.
    ///
    /// @param link         to the other members
    /// @param seed         of the election timeouts
    /// @param walOptions   how the log is cut
    /// @param meters       told what happens
    /// @param continueSoon brings the next [#compactMore] after a pause
    /// @param published    told once, when this member's attributes are known to the cluster and it may serve
    /// @param fatal        told when the member can't go on; it must stop at once
    public record Surroundings(
            Time time,
            Link link,
            long seed,
            WalOptions walOptions,
            Meters meters,
            Runnable continueSoon,
            Runnable published,
            Consumer<Throwable> fatal) {}

    /// The loops, in the order of a request's way through them.
    public enum Stage {
        RAFT,
        WAL,
        APPLY,
        BOLT
    }

    /// Opens the data directory. Nothing moves yet.
    public static Engine open(Disk disk, MemberConfig config, Consumer<Changes> watchers, Surroundings surroundings)
            throws IOException {
        var booted = Boot.open(disk, config, watchers, surroundings.walOptions());
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
        this.published = around.published();
        this.meters = around.meters();
        this.fatal = around.fatal();
        this.memberId = booted.memberId();
        this.clusterId = booted.clusterId();
        this.machine = booted.machine();
        this.wal = booted.wal();
        this.ids = new RequestIds(memberId, time.unixNanos() / 1_000_000);
        var raftConfig = RaftConfig.defaults(memberId, around.seed()).withTicks(config.electionTicks(), 1);
        var machineOfRaft = new Raft(raftConfig, booted.recovered());
        this.raft = new RaftLoop(
                machineOfRaft,
                new RaftEffects(),
                around.link(),
                proposals,
                reads,
                ids,
                config.fastForwardElection(),
                around.meters());
        this.applier = new Applier(
                machine,
                proposals,
                new ApplyEffects(),
                time,
                config,
                new MembershipLog(clusterId),
                booted.recovered().snapshot().index());
        var snapshot = booted.recovered().snapshot();
        this.countedSnapshot = new Wal.SnapshotMark(snapshot.index(), snapshot.term());
        var walWriter = new WalWriter(
                wal,
                receipt -> this.raftLoop().offer(new RaftLoop.Input.Durable(receipt)),
                mark -> countedSnapshot = mark,
                around.link(),
                time,
                around.meters());
        var committer = new Committer(
                machine.backend(),
                booted.snapshots(),
                wal,
                config,
                time,
                around.meters(),
                new CommitEffects(),
                around.continueSoon());
        this.raftLoop = new Loop<>("raft", raft, this::fail);
        this.walLoop = new Loop<>("wal", walWriter, this::fail);
        this.applyLoop = new Loop<>("apply", applier, this::fail);
        this.boltLoop = new Loop<>("bolt", committer, this::fail);
        describe(booted.recovered());
        var unfinished = booted.unfinished();
        if (unfinished != null) {
            boltLoop.offer(new Committer.Task.Compact(unfinished, () -> {}));
        }
    }

    private void describe(Recovered recovered) {
        raft.describe(recovered);
        new MembershipLog(clusterId).loaded(machine.members().now());
        var version = machine.members().now().version();
        SERVER_LOG.log(
                Level.INFO,
                "starting server... [version: {0}, cluster version: {1}]",
                Boot.RELEASE.text(),
                version == null ? "to_be_decided" : version.shortText());
        if (config.fastForwardElection()) {
            SERVER_LOG.log(
                    Level.INFO,
                    "{0} as single-node; fast-forwarding {1} ticks (election ticks {2})",
                    MemberId.text(memberId),
                    RaftLoop.decimal(config.electionTicks() - 1),
                    RaftLoop.decimal(config.electionTicks()));
        }
    }

    private Loop<RaftLoop.Input> raftLoop() {
        return raftLoop;
    }

    List<Loop<?>> loops() {
        return List.of(raftLoop, walLoop, applyLoop, boltLoop);
    }

    /// Works off what has gathered for one stage, on the caller's thread; only where the loops were not
    /// started.
    ///
    /// @return false when there was nothing
    /// @throws Exception what would be fatal to the member
    public boolean turn(Stage stage) throws Exception {
        return switch (stage) {
            case RAFT -> raftLoop.turn();
            case WAL -> walLoop.turn();
            case APPLY -> applyLoop.turn();
            case BOLT -> boltLoop.turn();
        };
    }

    // ---- facts, for any thread ----

    public long memberId() {
        return memberId;
    }

    public long clusterId() {
        return clusterId;
    }

    public StateMachine machine() {
        return machine;
    }

    public Status status() {
        return raft.status();
    }

    public long appliedIndex() {
        return applier.appliedIndex();
    }

    int proposalsWaiting() {
        return proposals.size();
    }

    long walBytesWritten() {
        return wal.bytesWritten();
    }

    // ---- requests, from any thread ----

    /// Proposes a request; it is answered when it is applied here, refused, or given up.
    public void propose(InternalRaftRequest.Builder request, Answer<Outcome<? extends Message>> answer) {
        long id = ids.next();
        var complete = request.setHeader(RequestHeader.newBuilder().setID(id)).build();
        if (!machine.quota().allows(complete)) {
            raiseNoSpace(() -> answer.refused(Refusal.NO_SPACE));
            return;
        }
        if (machine.backend().pendingBytes() > MAX_PENDING_BYTES) {
            answer.refused(Refusal.TOO_MANY_REQUESTS);
            return;
        }
        if (complete.getSerializedSize() > config.maxRequestBytes()) {
            answer.refused(Refusal.REQUEST_TOO_LARGE);
            return;
        }
        var refusal = proposals.register(id, answer, deadline());
        if (refusal != null) {
            answer.refused(refusal);
            return;
        }
        raftLoop.offer(new RaftLoop.Input.Propose(id, complete.toByteArray()));
    }

    /// Answers with an applied index once everything acknowledged before this call can be read here.
    public void linearize(Answer<Long> answer) {
        if (stopping) {
            answer.refused(Refusal.STOPPED);
        } else if (raft.leadsAlone()) {
            // Nobody else can commit anything, and whatever was acknowledged was applied first.
            answer.done(applier.appliedIndex());
        } else if (reads.await(answer, deadline())) {
            raftLoop.offer(new RaftLoop.Input.ReadRound());
        }
    }

    /// A number for a lease whose client left the choice to us.
    long newLeaseId() {
        return ids.nextLease();
    }

    /// Starts the countdown of a lease again. One that has ended, and whose revocation is on its way, is only
    /// answered for when it is gone.
    ///
    /// @param answer the seconds until it ends; 0 for a lease that there is not
    public void renew(long lease, Answer<Long> answer) {
        renew(lease, answer, deadline());
    }

    private void renew(long lease, Answer<Long> answer, long deadlineNanos) {
        long now = time.nanos();
        switch (machine.leases().renew(lease, now)) {
            case Renewal.Renewed(long ttlSeconds) -> answer.done(ttlSeconds);
            case Renewal.NotFound() -> answer.done(0L);
            case Renewal.NotPrimary() -> answer.refused(stopping ? Refusal.STOPPED : Refusal.NO_LEADER);
            case Renewal.Expired() -> {
                if (stopping) {
                    answer.refused(Refusal.STOPPED);
                } else if (now - deadlineNanos >= 0) {
                    answer.refused(Refusal.TIMED_OUT);
                } else {
                    renewals.await(lease, () -> renew(lease, answer, deadlineNanos), deadlineNanos);
                    // What this one waits for may have come between the question and the waiting.
                    if (stopping
                            || !machine.leases().isPrimary()
                            || !machine.leases().exists(lease)) {
                        renewals.revoked(lease);
                    }
                }
            }
        }
    }

    private long deadline() {
        return time.nanos() + requestTimeoutNanos();
    }

    private long requestTimeoutNanos() {
        return config.requestTimeoutMillis() * 1_000_000;
    }

    // ---- the clock ----

    /// Every `tickMillis`.
    public void tick() {
        raftLoop.offer(new RaftLoop.Input.Tick());
    }

    /// Every 100 ms: what has gathered goes to the backend file.
    public void commit() {
        boltLoop.offer(new Committer.Task.Commit());
    }

    /// The pause of a compaction is over.
    public void compactMore() {
        boltLoop.offer(new Committer.Task.Continue());
    }

    /// Every 30 s: files beyond those that are to be kept go.
    public void purge() {
        boltLoop.offer(new Committer.Task.Purge());
    }

    /// Every 500 ms: gives up on requests whose time is over, has ended leases revoked, and says what the
    /// cluster does not know yet about this member.
    public void sweep() {
        long now = time.nanos();
        proposals.expire(now);
        reads.expire(now);
        renewals.expire(now);
        revokeEnded(now);
        publishUnlessKnown();
        raiseClusterVersion();
    }

    private void revokeEnded(long nowNanos) {
        // Those on their way are named again, and come first.
        int most = Math.min(Leases.EXPIRED_PER_CHECK + revoking.size(), MAX_REVOKING);
        for (long lease : machine.leases().expiredAt(nowNanos, most)) {
            if (!revoking.add(lease)) {
                continue;
            }
            propose(
                    InternalRaftRequest.newBuilder()
                            .setLeaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease)),
                    new Answer<>() {
                        @Override
                        public void done(Outcome<? extends Message> outcome) {
                            revoking.remove(lease);
                            meters.leaseExpired();
                        }

                        @Override
                        public void refused(Refusal why) {
                            revoking.remove(lease);
                            SERVER_LOG.log(
                                    Level.WARNING,
                                    "failed to revoke {0} (\"{1}\")",
                                    HexFormat.of().toHexDigits(lease),
                                    why.text());
                        }
                    });
        }
    }

    private void publishUnlessKnown() {
        if (known || status().leader() == 0 || !publishing.begin(time.nanos(), requestTimeoutNanos())) {
            return;
        }
        var attributes = new dev.cetera.cluster.Member.Attributes(config.name(), config.clientUrls());
        long id = ids.next();
        publishId.set(id);
        proposeLegacy(id, Members.publish(id, memberId, attributes));
    }

    private void raiseClusterVersion() {
        var version = machine.members().now().version();
        var ours = Boot.RELEASE.withoutPatch();
        if (status().role() != Role.LEADER
                || (version != null && version.compareTo(ours) >= 0)
                || !settingVersion.begin(time.nanos(), requestTimeoutNanos())) {
            return;
        }
        SERVER_LOG.log(
                Level.INFO,
                version == null
                        ? "setting up the initial cluster version to " + ours.shortText()
                        : "updating the cluster version from " + version.shortText() + " to " + ours.shortText());
        long id = ids.next();
        proposeLegacy(id, Members.setVersion(id, ours));
    }

    private void proposeLegacy(long id, Request request) {
        raftLoop.offer(new RaftLoop.Input.Propose(id, request.toByteArray()));
    }

    /// Sees to it that the alarm is raised.
    ///
    /// @param then when it is, or can't be
    private void raiseNoSpace(Runnable then) {
        boolean raised = machine.alarms().list().stream()
                .anyMatch(alarm -> alarm.getAlarm() == AlarmType.NOSPACE && alarm.getMemberID() == memberId);
        if (raised) {
            then.run();
            return;
        }
        var alarm = AlarmRequest.newBuilder()
                .setAction(AlarmRequest.AlarmAction.ACTIVATE)
                .setAlarm(AlarmType.NOSPACE)
                .setMemberID(memberId);
        propose(InternalRaftRequest.newBuilder().setAlarm(alarm), new Answer<>() {
            @Override
            public void done(Outcome<? extends Message> outcome) {
                then.run();
            }

            @Override
            public void refused(Refusal why) {
                then.run();
            }
        });
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
        proposals.close();
        reads.close();
        renewals.releaseAll();
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

    private final class RaftEffects implements RaftLoop.Effects {
        @Override
        public void write(Ready.Write write) {
            walLoop.offer(new WalWriter.Task.Append(write));
        }

        @Override
        public void apply(List<Entry> entries) {
            applyLoop.offer(new Applier.Task.Committed(entries));
        }

        @Override
        public void demoted() {
            applyLoop.offer(new Applier.Task.Demoted());
        }
    }

    private final class ApplyEffects implements Applier.Effects {
        @Override
        public void applied(long index) {
            raftLoop.offer(new RaftLoop.Input.Applied(index));
        }

        @Override
        public void confChanged(ConfChange change) {
            raftLoop.offer(new RaftLoop.Input.ConfChanged(change));
        }

        @Override
        public boolean leads(long term) {
            var status = raft.status();
            return status.role() == Role.LEADER && status.term() == term;
        }

        @Override
        public void newTerm() {
            // In this order, so that a member which serves knows the version of its cluster.
            raiseClusterVersion();
            publishUnlessKnown();
        }

        @Override
        public void compact(Compaction physicalHalf, Runnable whenDone) {
            boltLoop.offer(new Committer.Task.Compact(physicalHalf, whenDone));
        }

        @Override
        public void commitSoon() {
            commit();
        }

        @Override
        public void snapshot(Snapshot snapshot) {
            boltLoop.offer(new Committer.Task.Save(snapshot));
        }

        @Override
        public void overQuota(Runnable answer) {
            SERVER_LOG.log(Level.WARNING, "applying raft message exceeded backend quota");
            raiseNoSpace(answer);
        }

        @Override
        public void demoted() {
            renewals.releaseAll();
        }

        @Override
        public void tidyLater() {
            applyLoop.offer(new Applier.Task.Tidy());
        }

        @Override
        public void revoked(long lease) {
            renewals.revoked(lease);
        }

        @Override
        public void legacyApplied(long requestId) {
            if (requestId != 0 && publishId.compareAndSet(requestId, 0) && !known) {
                known = true;
                SERVER_LOG.log(
                        Level.INFO,
                        "published '{'Name:{0} ClientURLs:{1}'}' to cluster {2}",
                        config.name(),
                        "[" + String.join(" ", config.clientUrls()) + "]",
                        MemberId.text(clusterId));
                published.run();
            }
        }
    }

    private final class CommitEffects implements Committer.Effects {
        @Override
        public void committed() {
            applyLoop.offer(new Applier.Task.Tidy());
        }

        /// The log may forget what the snapshot covers, once it names the snapshot.
        @Override
        public void snapshotted(Wal.SnapshotMark mark) {
            walLoop.offer(new WalWriter.Task.Snapshotted(mark));
            if (mark.index() > CATCH_UP_ENTRIES) {
                raftLoop.offer(new RaftLoop.Input.Compact(mark.index() - CATCH_UP_ENTRIES));
            }
        }

        @Override
        public Wal.SnapshotMark counted() {
            return countedSnapshot;
        }
    }
}
