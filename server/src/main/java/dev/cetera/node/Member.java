package dev.cetera.node;

import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.AlarmMember;
import dev.cetera.api.etcdserverpb.AlarmRequest;
import dev.cetera.api.etcdserverpb.AlarmResponse;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.CompactionResponse;
import dev.cetera.api.etcdserverpb.DefragmentResponse;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.DeleteRangeResponse;
import dev.cetera.api.etcdserverpb.HashKVResponse;
import dev.cetera.api.etcdserverpb.HashResponse;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantResponse;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveResponse;
import dev.cetera.api.etcdserverpb.LeaseLeasesResponse;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.LeaseRevokeResponse;
import dev.cetera.api.etcdserverpb.LeaseStatus;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveResponse;
import dev.cetera.api.etcdserverpb.MemberListResponse;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.PutResponse;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.api.etcdserverpb.StatusResponse;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.api.etcdserverpb.TxnResponse;
import dev.cetera.apply.Outcome;
import dev.cetera.apply.Ranges;
import dev.cetera.disk.Disk;
import dev.cetera.mvcc.Answer.Found;
import dev.cetera.mvcc.Changes;
import dev.cetera.mvcc.KvHash;
import dev.cetera.mvcc.Store;
import dev.cetera.raft.Role;
import dev.cetera.raft.Status;
import dev.cetera.wal.WalOptions;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// A running member: an [Engine] with a thread for each loop, a clock, and workers for what takes long (big
/// ranges, hashes, snapshots, defragmentation).
///
/// Shared: any thread may call any method.
public final class Member implements Node, AutoCloseable {
    /// How often what was applied goes to the backend file, as in etcd.
    private static final long COMMIT_MILLIS = 100;

    /// How often expired leases and requests are looked for, as in etcd.
    private static final long SWEEP_MILLIS = 500;

    /// How often old files are deleted, as in etcd.
    private static final long PURGE_MILLIS = 30_000;

    /// Between two pieces of a compaction, so that the disk is there for others too.
    private static final long COMPACTION_PAUSE_MILLIS = 10;

    /// Ranges that may return more keys than this are read by a worker instead of on the caller's thread.
    private static final long RANGE_IN_PLACE_KEYS = 1_000;

    /// Long reads that may wait for a worker; their clients are told to come back later beyond it.
    private static final int MAX_WORK_WAITING = 10_000;

    /// Long reads may still end when the member stops.
    private static final long WORKERS_END_SECONDS = 10;

    private static final Logger SERVER_LOG = System.getLogger("etcdserver");
    private static final Logger RPC_LOG = System.getLogger("etcdserver/api/v3rpc");

    private final Engine engine;
    private final Store store;
    private final ScheduledThreadPoolExecutor clock;
    private final ExecutorService workers;
    private final CompletableFuture<Void> published = new CompletableFuture<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    /// Opens the data directory and starts to work on it. The member may serve once [#published] is complete.
    ///
    /// @param watchers told of every change, in order, on the thread that applies; must not block
    /// @param meters   told what happens
    /// @param fatal    told once when the member can't go on (a failed sync, a damaged file, a bug of ours):
    ///                 the process must end at once, without [#close]
    /// @throws StartException when the directory or the flags don't allow a start
    /// @throws IOException    when the disk fails or a file is damaged
    public static Member start(
            Disk disk, MemberConfig config, Consumer<Changes> watchers, Meters meters, Consumer<Throwable> fatal)
            throws IOException {
        var clock = new ScheduledThreadPoolExecutor(1, named("clock"));
        clock.setRemoveOnCancelPolicy(true);
        clock.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        boolean started = false;
        try {
            var member = new Member(disk, config, watchers, meters, fatal, clock);
            started = true;
            member.run(config);
            return member;
        } finally {
            if (!started) {
                clock.shutdownNow();
            }
        }
    }

    private Member(
            Disk disk,
            MemberConfig config,
            Consumer<Changes> watchers,
            Meters meters,
            Consumer<Throwable> fatal,
            ScheduledThreadPoolExecutor clock)
            throws IOException {
        this.clock = clock;
        this.engine = Engine.open(
                disk,
                config,
                watchers,
                new Engine.Surroundings(
                        Time.system(),
                        messages -> {
                            throw new IllegalStateException("a message to other members, and there are none");
                        },
                        ThreadLocalRandom.current().nextLong(),
                        WalOptions.DEFAULTS,
                        meters,
                        () -> later(this::compactMore, COMPACTION_PAUSE_MILLIS),
                        () -> published.complete(null),
                        fatal));
        this.store = engine.machine().store();
        int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
        this.workers = new ThreadPoolExecutor(
                threads, threads, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_WORK_WAITING), named("worker"));
    }

    private void run(MemberConfig config) {
        engine.loops().forEach(Loop::start);
        engine.tick();
        every(engine::tick, config.tickMillis());
        every(engine::commit, COMMIT_MILLIS);
        every(engine::sweep, SWEEP_MILLIS);
        every(engine::purge, PURGE_MILLIS);
    }

    private void compactMore() {
        engine.compactMore();
    }

    private static ThreadFactory named(String name) {
        return Thread.ofPlatform().name(name + "-", 0).daemon(true).factory();
    }

    private void every(Runnable task, long millis) {
        var _ = clock.scheduleAtFixedRate(guarded(task), millis, millis, TimeUnit.MILLISECONDS);
    }

    private void later(Runnable task, long millis) {
        try {
            var _ = clock.schedule(guarded(task), millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException stopped) {
            if (!closed.get()) {
                throw stopped;
            }
        }
    }

    /// An executor would swallow what is thrown; here it is a bug that must stop the member.
    private Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException | Error bug) {
                engine.fail(bug);
            }
        };
    }

    /// Whoever works for this member, and can't go on, says so here; the member stops as if it had failed
    /// itself.
    public void fail(Throwable why) {
        engine.fail(why);
    }

    /// Completes when the member's name and URLs have gone through the log, which is when it may serve
    /// clients.
    public CompletableFuture<Void> published() {
        return published.copy();
    }

    /// The keys and their history, for watchers.
    public Store store() {
        return store;
    }

    /// Figures that are asked for instead of told.
    public Figures figures() {
        var status = engine.status();
        return new Figures(status.commit(), engine.appliedIndex(), engine.proposalsWaiting(), engine.walBytesWritten());
    }

    /// Where the member stands.
    ///
    /// @param committed index of the last committed entry
    /// @param applied   index of the last applied entry
    /// @param pending   proposals without an answer
    /// @param walBytes  written to the log since the start
    public record Figures(long committed, long applied, long pending, long walBytes) {}

    /// The file that holds what was applied.
    public dev.cetera.schema.Backend backend() {
        return engine.machine().backend();
    }

    /// Refuses what is outstanding, lets the loops end and closes the files with all that was applied in them.
    @Override
    public void close() throws IOException {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        clock.shutdownNow();
        engine.refuseAll();
        workers.shutdown();
        boolean interrupted = false;
        for (var loop : engine.loops()) {
            // Whoever hurries us can't make it safe to close a file that a loop is writing.
            interrupted |= stop(loop);
        }
        try {
            if (!workers.awaitTermination(interrupted ? 0 : WORKERS_END_SECONDS, TimeUnit.SECONDS)) {
                SERVER_LOG.log(Level.WARNING, "a long read is still running; closing under it");
            }
        } catch (InterruptedException _) {
            interrupted = true;
        }
        try {
            engine.close();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static boolean stop(Loop<?> loop) {
        boolean interrupted = false;
        while (true) {
            try {
                loop.stop();
                return interrupted;
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
    }

    // ---- who answers ----

    @Override
    public long clusterId() {
        return engine.clusterId();
    }

    @Override
    public long memberId() {
        return engine.memberId();
    }

    @Override
    public long term() {
        return engine.status().term();
    }

    @Override
    public long revision() {
        return store.view().revision();
    }

    @Override
    public boolean hasLeader() {
        return engine.status().leader() != 0;
    }

    @Override
    public boolean isLeader() {
        return engine.status().role() == Role.LEADER;
    }

    @Override
    public String clusterVersion() {
        var version = engine.machine().members().now().version();
        return version == null ? "not_decided" : version.text();
    }

    @Override
    public List<AlarmMember> alarms() {
        return engine.machine().alarms().list();
    }

    // ---- key-value ----

    @Override
    public void range(RangeRequest request, Answer<RangeAnswer> answer) {
        long began = System.nanoTime();
        var told = new Answer<RangeAnswer>() {
            @Override
            public void done(RangeAnswer found) {
                answer.done(found);
                SlowRequests.tellOfSlowRange(
                        System.nanoTime() - began, request, found.kvs().size());
            }

            @Override
            public void refused(Refusal why) {
                answer.refused(why);
            }
        };
        if (request.getSerializable()) {
            read(request, told);
        } else {
            afterLinearization(told, () -> read(request, told));
        }
    }

    private void read(RangeRequest request, Answer<RangeAnswer> answer) {
        if (mayBeBig(request)) {
            onWorker(answer, () -> readNow(request, answer));
        } else {
            orFatal(answer, () -> readNow(request, answer));
        }
    }

    private static boolean mayBeBig(RangeRequest request) {
        boolean limited = request.getLimit() > 0 && request.getLimit() <= RANGE_IN_PLACE_KEYS;
        return !request.getRangeEnd().isEmpty() && !request.getCountOnly() && !limited;
    }

    private void readNow(RangeRequest request, Answer<RangeAnswer> answer) throws IOException {
        switch (Ranges.range(store::range, request)) {
            case Found<Ranges.Ranged>(var found) ->
                answer.done(new RangeAnswer(found.revision(), found.kvs(), found.more(), found.count()));
            case dev.cetera.mvcc.Answer.Refused<Ranges.Ranged>(var why) -> answer.refused(why);
        }
    }

    @Override
    public void put(PutRequest request, Answer<PutResponse> answer) {
        propose(InternalRaftRequest.newBuilder().setPut(request), PutResponse.class, answer);
    }

    @Override
    public void deleteRange(DeleteRangeRequest request, Answer<DeleteRangeResponse> answer) {
        propose(InternalRaftRequest.newBuilder().setDeleteRange(request), DeleteRangeResponse.class, answer);
    }

    @Override
    public void txn(TxnRequest request, Answer<TxnResponse> answer) {
        if (!readsOnly(request)) {
            propose(InternalRaftRequest.newBuilder().setTxn(request), TxnResponse.class, answer);
        } else if (operations(request).allMatch(op -> op.getRequestRange().getSerializable())) {
            onWorker(answer, () -> readNow(request, answer));
        } else {
            afterLinearization(answer, () -> onWorker(answer, () -> readNow(request, answer)));
        }
    }

    private static boolean readsOnly(TxnRequest request) {
        return operations(request).allMatch(RequestOp::hasRequestRange);
    }

    private static Stream<RequestOp> operations(TxnRequest request) {
        return Stream.concat(request.getSuccessList().stream(), request.getFailureList().stream());
    }

    private void readNow(TxnRequest request, Answer<TxnResponse> answer) throws IOException {
        switch (engine.machine().read(request)) {
            case Found<TxnResponse>(var response) -> answer.done(response);
            case dev.cetera.mvcc.Answer.Refused<TxnResponse>(var why) -> answer.refused(why);
        }
    }

    @Override
    public void compact(CompactionRequest request, Answer<CompactionResponse> answer) {
        propose(InternalRaftRequest.newBuilder().setCompaction(request), CompactionResponse.class, answer);
    }

    @Override
    public void linearize(Answer<Long> answer) {
        afterLinearization(answer, () -> answer.done(revision()));
    }

    // ---- leases ----

    @Override
    public void leaseGrant(LeaseGrantRequest request, Answer<LeaseGrantResponse> answer) {
        var complete = request.getID() != 0
                ? request
                : request.toBuilder().setID(engine.newLeaseId()).build();
        propose(InternalRaftRequest.newBuilder().setLeaseGrant(complete), LeaseGrantResponse.class, answer);
    }

    @Override
    public void leaseRevoke(LeaseRevokeRequest request, Answer<LeaseRevokeResponse> answer) {
        propose(InternalRaftRequest.newBuilder().setLeaseRevoke(request), LeaseRevokeResponse.class, answer);
    }

    @Override
    public void leaseRenew(long leaseId, Answer<LeaseKeepAliveResponse> answer) {
        var response = LeaseKeepAliveResponse.newBuilder()
                .setID(leaseId)
                .setHeader(ResponseHeader.newBuilder().setRevision(revision()));
        engine.renew(leaseId, new Answer<>() {
            @Override
            public void done(Long ttlSeconds) {
                answer.done(response.setTTL(ttlSeconds).build());
            }

            @Override
            public void refused(Refusal why) {
                answer.refused(why);
            }
        });
    }

    @Override
    public void leaseTimeToLive(LeaseTimeToLiveRequest request, Answer<LeaseTimeToLiveResponse> answer) {
        var leases = engine.machine().leases();
        long now = System.nanoTime();
        var left = request.getKeys()
                ? leases.timeToLiveWithKeys(request.getID(), now)
                : leases.timeToLive(request.getID(), now);
        var response = LeaseTimeToLiveResponse.newBuilder()
                .setID(request.getID())
                .setTTL(left.remainingSeconds())
                .setGrantedTTL(left.grantedSeconds());
        left.keys().forEach(key -> response.addKeys(com.google.protobuf.ByteString.copyFrom(key)));
        answer.done(response.build());
    }

    @Override
    public void leaseLeases(Answer<LeaseLeasesResponse> answer) {
        var response = LeaseLeasesResponse.newBuilder();
        for (long id : engine.machine().leases().list()) {
            response.addLeases(LeaseStatus.newBuilder().setID(id));
        }
        answer.done(response.build());
    }

    // ---- cluster and maintenance ----

    @Override
    public void alarm(AlarmRequest request, Answer<AlarmResponse> answer) {
        propose(InternalRaftRequest.newBuilder().setAlarm(request), AlarmResponse.class, answer);
    }

    @Override
    public void memberList(Answer<MemberListResponse> answer) {
        var response = MemberListResponse.newBuilder();
        for (var member : engine.machine().members().now().members()) {
            response.addMembers(dev.cetera.api.etcdserverpb.Member.newBuilder()
                    .setID(member.id())
                    .setName(member.name())
                    .addAllPeerURLs(member.peerUrls())
                    .addAllClientURLs(member.clientUrls())
                    .setIsLearner(member.learner()));
        }
        answer.done(response.build());
    }

    @Override
    public void status(Answer<StatusResponse> answer) {
        Status status = engine.status();
        var backend = engine.machine().backend();
        var response = StatusResponse.newBuilder()
                .setDbSize(backend.size())
                .setDbSizeInUse(backend.sizeInUse())
                .setLeader(status.leader())
                .setRaftIndex(engine.appliedIndex())
                .setRaftAppliedIndex(engine.appliedIndex())
                .setRaftTerm(status.term());
        if (status.leader() == 0) {
            response.addErrors(Refusal.NO_LEADER.text());
        }
        for (var alarm : alarms()) {
            response.addErrors(
                    "memberID:" + Long.toUnsignedString(alarm.getMemberID()) + " alarm:" + alarm.getAlarm() + " ");
        }
        answer.done(response.build());
    }

    @Override
    public void defragment(Answer<DefragmentResponse> answer) {
        onWorker(answer, () -> {
            RPC_LOG.log(Level.INFO, "starting to defragment the storage backend...");
            try {
                engine.machine().backend().defragment();
            } catch (IOException failed) {
                if (!engine.machine().backend().isWritable()) {
                    throw failed;
                }
                // The old file is still there and in use; mostly there was no room for a second one.
                RPC_LOG.log(Level.ERROR, "failed to defragment the storage backend ({0})", failed.getMessage());
                answer.refused(Refusal.NO_SPACE);
                return;
            }
            RPC_LOG.log(Level.INFO, "finished defragmenting the storage backend");
            answer.done(DefragmentResponse.getDefaultInstance());
        });
    }

    @Override
    public void hash(Answer<HashResponse> answer) {
        onWorker(
                answer,
                () -> answer.done(HashResponse.newBuilder()
                        .setHash(engine.machine().backend().hash())
                        .build()));
    }

    @Override
    public void hashKv(long revision, Answer<HashKVResponse> answer) {
        onWorker(answer, () -> {
            switch (store.hashKv(revision)) {
                case Found<KvHash>(var found) ->
                    answer.done(HashKVResponse.newBuilder()
                            .setHash(found.hash())
                            .setCompactRevision(found.compactRevision())
                            .build());
                case dev.cetera.mvcc.Answer.Refused<KvHash>(var why) -> answer.refused(why);
            }
        });
    }

    @Override
    public void snapshot(Answer<SnapshotSource> answer) {
        onWorker(answer, () -> {
            engine.machine().backend().commit();
            answer.done(new BackendImage(engine.machine().backend().snapshot()));
        });
    }

    /// The backend file as one commit left it.
    private static final class BackendImage implements SnapshotSource {
        private final dev.cetera.schema.Snapshot snapshot;
        private final byte[] piece = new byte[1 << 16];
        private long position;

        BackendImage(dev.cetera.schema.Snapshot snapshot) {
            this.snapshot = snapshot;
        }

        @Override
        public long size() {
            return snapshot.size();
        }

        @Override
        public int read(ByteBuffer into) throws IOException {
            int read = snapshot.readCopy(position, piece, 0, Math.min(piece.length, into.remaining()));
            if (read > 0) {
                into.put(piece, 0, read);
                position += read;
            }
            return read;
        }

        @Override
        public void close() {
            snapshot.close();
        }
    }

    // ---- how work is handed on ----

    private <T extends Message> void propose(InternalRaftRequest.Builder request, Class<T> type, Answer<T> answer) {
        engine.propose(request, new Answer<>() {
            @Override
            public void done(Outcome<? extends Message> outcome) {
                switch (outcome) {
                    case Outcome.Done<? extends Message>(var response) -> answer.done(type.cast(response));
                    case Outcome.Refused<? extends Message>(var why) -> answer.refused(why);
                }
            }

            @Override
            public void refused(Refusal why) {
                answer.refused(why);
            }
        });
    }

    private void afterLinearization(Answer<?> answer, Runnable then) {
        engine.linearize(new Answer<>() {
            @Override
            public void done(Long index) {
                then.run();
            }

            @Override
            public void refused(Refusal why) {
                answer.refused(why);
            }
        });
    }

    /// Work that reads files.
    @FunctionalInterface
    private interface Reading {
        void run() throws IOException;
    }

    private void onWorker(Answer<?> answer, Reading work) {
        try {
            workers.execute(() -> orFatal(answer, work));
        } catch (RejectedExecutionException _) {
            answer.refused(closed.get() ? Refusal.STOPPED : Refusal.TOO_MANY_REQUESTS);
        }
    }

    /// A file that can't be read any more ends the member: what it would answer next might be wrong. So does a
    /// bug. The answer may have been given by then; that is up to the client's call to see.
    private void orFatal(Answer<?> answer, Reading work) {
        if (closed.get()) {
            answer.refused(Refusal.STOPPED);
            return;
        }
        try {
            work.run();
        } catch (IOException | RuntimeException | Error broken) {
            if (!closed.get()) {
                engine.fail(broken);
            }
            answer.refused(Refusal.STOPPED);
        }
    }
}
