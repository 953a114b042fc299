package dev.cetera.node;

import dev.cetera.config.GoDuration;
import dev.cetera.disk.Disk;
import dev.cetera.mvcc.Feed;
import dev.cetera.mvcc.Store;
import dev.cetera.token.Tokens;
import dev.cetera.wal.Wal;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/// A running member: an [Engine] with a thread for each loop, a clock, and workers for what takes long.
///
/// Shared: any thread may call any method.
public final class Member implements AutoCloseable {
    /// How often what was applied goes to the backend file, as in etcd.
    private static final long COMMIT_MILLIS = 100;

    /// How often expired leases and requests are looked for, as in etcd.
    private static final long SWEEP_MILLIS = 500;

    /// How often old files are deleted, as in etcd.
    private static final long PURGE_MILLIS = 30_000;

    /// Between two pieces of a compaction, so that the disk is there for others too.
    private static final long COMPACTION_PAUSE_MILLIS = 10;

    private static final Logger SERVER_LOG = System.getLogger("etcdserver");

    private final Engine engine;
    private final Store store;
    private final Desk desk;
    private final Handover handover;
    private final Clock clock = new Clock(this::fail);
    private final Workers workers = new Workers(this::fail);
    private final CompletableFuture<Void> published = new CompletableFuture<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    /// Opens the data directory and starts to work on it. The member may serve once [#published] is complete.
    ///
    /// @param link     to the other members
    /// @param peers    to ask them
    /// @param watchers told of every change, in order, on the thread that applies; must not block
    /// @param tokens   that clients hold
    /// @param meters   told what happens
    /// @param removed  told once when this member was removed from its cluster for good; it must be closed
    /// @param fatal    told once when the member can't go on (a failed sync, a damaged file, a bug of ours):
    ///                 the process must end at once, without [#close]
    /// @throws StartException when the directory or the flags don't allow a start
    /// @throws IOException    when the disk fails or a file is damaged
    public static Member start(
            Disk disk,
            MemberConfig config,
            Link link,
            Peers peers,
            Feed watchers,
            Tokens tokens,
            Meters meters,
            Runnable removed,
            Consumer<Throwable> fatal)
            throws IOException {
        boolean restarts = Wal.exists(disk, config.logDir());
        boolean started = false;
        Member member = null;
        try {
            member = new Member(disk, config, link, peers, watchers, tokens, meters, removed, fatal);
            var check = CorruptionCheck.of(member.engine, member.workers.longWork(), peers);
            if (restarts && config.clustering().initialCheck()) {
                await(check.initial());
            }
            started = true;
            member.run(config, check);
            return member;
        } finally {
            if (!started && member != null) {
                member.close();
            }
        }
    }

    /// Blocks, as nothing is served before the answer is known.
    private static void await(CompletableFuture<Void> check) throws IOException {
        try {
            check.join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof IOException known ? known : new IOException(failed.getCause());
        }
    }

    private Member(
            Disk disk,
            MemberConfig config,
            Link link,
            Peers peers,
            Feed watchers,
            Tokens tokens,
            Meters meters,
            Runnable removed,
            Consumer<Throwable> fatal)
            throws IOException {
        this.engine = Engine.open(
                disk,
                config,
                watchers,
                Surroundings.of(
                                Time.system(),
                                link,
                                peers,
                                ThreadLocalRandom.current().nextLong(),
                                fatal)
                        .withTokens(tokens)
                        .withMeters(meters)
                        .withResolve(new HostNames())
                        .withReading(workers.readers())
                        .withContinueSoon(() -> clock.later(this::compactMore, COMPACTION_PAUSE_MILLIS))
                        .withPublished(() -> published.complete(null))
                        .withRemoved(removed));
        this.store = engine.machine().store();
        this.desk = new Desk(engine, workers.longWork(), workers.passwords());
        this.handover = new Handover(engine, link, engine.time(), config.requestTimeoutMillis());
    }

    private void run(MemberConfig config, CorruptionCheck check) {
        engine.loops().forEach(Loop::start);
        engine.tick();
        clock.every(new Beat(engine::tick, Time.system(), config.tickMillis()), config.tickMillis());
        clock.every(engine::commit, COMMIT_MILLIS);
        clock.every(engine::sweep, SWEEP_MILLIS);
        clock.every(engine::purge, PURGE_MILLIS);
        long checkNanos = config.clustering().checkIntervalNanos();
        if (checkNanos > 0) {
            SERVER_LOG.log(Level.INFO, "enabled corruption checking with " + GoDuration.text(checkNanos) + " interval");
            clock.every(check::round, Math.max(1, TimeUnit.NANOSECONDS.toMillis(checkNanos)));
        }
    }

    private void compactMore() {
        engine.compactMore();
    }

    /// Where clients' requests go.
    public Node node() {
        return desk;
    }

    /// Where other members' messages go.
    public Inbound inbound() {
        return engine;
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

    /// Hands leadership on, if this member has it and another one can take it. To be called before [#close],
    /// while the others can still be reached; blocks no longer than a request may take.
    public void handOver() throws InterruptedException {
        handover.run();
    }

    /// Refuses what is outstanding, lets the loops end and closes the files with all that was applied in them.
    @Override
    public void close() throws IOException {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        clock.stop();
        engine.refuseAll();
        workers.close();
        boolean interrupted = false;
        for (var loop : engine.loops()) {
            // Whoever hurries us can't make it safe to close a file that a loop is writing.
            interrupted |= stop(loop);
        }
        try {
            if (!interrupted && !workers.awaitEnd()) {
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
}
