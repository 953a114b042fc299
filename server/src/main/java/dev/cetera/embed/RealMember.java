package dev.cetera.embed;

import dev.cetera.bolt.Shrinking;
import dev.cetera.config.Config;
import dev.cetera.config.Config.TickAdvance;
import dev.cetera.config.Url;
import dev.cetera.disk.Disk;
import dev.cetera.logs.Log;
import dev.cetera.metrics.Metrics;
import dev.cetera.mvcc.Changes;
import dev.cetera.mvcc.Event;
import dev.cetera.mvcc.Feed;
import dev.cetera.node.Inbound;
import dev.cetera.node.Member;
import dev.cetera.node.MemberConfig;
import dev.cetera.node.Meters;
import dev.cetera.node.Node;
import dev.cetera.node.NodeFactory;
import dev.cetera.node.RemovedException;
import dev.cetera.node.Time;
import dev.cetera.rpc.RpcLimits;
import dev.cetera.rpc.WatchFeed;
import dev.cetera.rpc.WatchLoop;
import dev.cetera.rpc.WatchMember;
import dev.cetera.rpc.WatchService;
import dev.cetera.token.SimpleTokens;
import dev.cetera.token.TokenOptions;
import dev.cetera.watch.EventRing;
import dev.cetera.watch.WatchLimits;
import io.grpc.ServerServiceDefinition;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// A member on the real disk with its watch service, and its figures on the meters. Shared.
final class RealMember implements NodeFactory.Running {
    private static final Log LOG = Log.of("auth");

    private final Member member;
    private final WatchLoop watches;

    private RealMember(Member member, WatchLoop watches) {
        this.member = member;
        this.watches = watches;
    }

    static RealMember start(Config config, Metrics metrics, NodeFactory.Ways ways, Consumer<Throwable> end)
            throws IOException {
        var feed = new WatchFeed();
        var keys = new KeyCount();
        var changed = new Feed() {
            @Override
            public void accept(Changes changes) {
                count(changes, metrics);
                keys.changed(changes);
                feed.accept(changes);
            }

            @Override
            public void restart(long revision) {
                keys.replaced();
                feed.restart(revision);
            }
        };
        var security = config.security();
        var tokens = TokenOptions.tokens(security.token(), security.tokenSeconds(), Time.system()::nanos);
        if (tokens instanceof SimpleTokens) {
            LOG.warning("simple token is not cryptographically signed");
        }
        var member = Member.start(
                Disk.real(),
                memberConfig(config),
                ways.link(),
                ways.peers(),
                changed,
                tokens,
                meters(metrics),
                () -> end.accept(new RemovedException()),
                end);
        boolean started = false;
        try {
            var watches = watches(member, feed, config);
            follow(member, watches, config, metrics);
            metrics.mvcc.keys.follow(() -> keys.now(member.store()));
            started = true;
            return new RealMember(member, watches);
        } finally {
            if (!started) {
                member.close();
            }
        }
    }

    private static WatchLoop watches(Member member, WatchFeed feed, Config config) {
        var limits = new RpcLimits(config.limits().maxTxnOps(), config.limits().maxRequestBytes());
        var who = WatchMember.of(member.node());
        var watches = new WatchLoop(
                around -> feed.join(
                        member.store(),
                        EventRing::new,
                        who,
                        WatchLimits.DEFAULTS.withResponseBytes(limits.maxMessageBytes()),
                        config.raft().electionMillis() * 1_000_000,
                        around),
                member::fail);
        watches.start();
        return watches;
    }

    private static MemberConfig memberConfig(Config config) {
        var raft = config.raft();
        var walDir = config.walDir();
        return new MemberConfig(
                config.name(),
                Path.of(config.dataDir()),
                walDir == null ? null : Path.of(walDir),
                config.addresses().advertiseClient().stream().map(Url::toString).toList(),
                config.addresses().advertisePeer().stream().map(Url::toString).toList(),
                config.bootstrap().initialCluster(),
                config.bootstrap().token(),
                Math.toIntExact(raft.heartbeatMillis()),
                Math.toIntExact(raft.electionMillis() / raft.heartbeatMillis()),
                raft.tickAdvance() == TickAdvance.FAST_FORWARD,
                raft.snapshotCount(),
                Math.clamp(raft.maxSnapshotFiles(), 0, Integer.MAX_VALUE),
                Math.clamp(raft.maxWalFiles(), 0, Integer.MAX_VALUE),
                config.limits().quotaBytes(),
                config.limits().maxRequestBytes(),
                config.clustering(),
                config.retention(),
                switch (config.freeSpace()) {
                    case GIVEN_BACK -> Shrinking.DEFAULTS;
                    case KEPT -> Shrinking.NEVER;
                });
    }

    private static void count(Changes changes, Metrics metrics) {
        if (changes.events().size() > 1) {
            metrics.mvcc.txns.increment();
        }
        for (var event : changes.events()) {
            if (event.type() == Event.Type.PUT) {
                metrics.mvcc.puts.increment();
                metrics.mvcc.putBytes.add(event.kv().key().length + event.kv().value().length);
            } else {
                metrics.mvcc.deletes.increment();
            }
        }
    }

    private static Meters meters(Metrics metrics) {
        return new Meters() {
            @Override
            public void walSynced(long nanos) {
                metrics.disk.walSync.observeNanos(nanos);
            }

            @Override
            public void backendCommitted(long nanos) {
                metrics.disk.backendCommit.observeNanos(nanos);
            }

            @Override
            public void snapshotSaved(long encodingNanos, long nanos) {
                metrics.disk.snapshotMarshal.observeNanos(encodingNanos);
                metrics.disk.snapshotSave.observeNanos(nanos);
            }

            @Override
            public void databaseReceived(long syncNanos, long nanos) {
                metrics.disk.receivedSnapshotSync.observeNanos(syncNanos);
                metrics.disk.receivedSnapshotSave.observeNanos(nanos);
            }

            @Override
            public void defragmented(long nanos) {
                metrics.disk.backendDefrag.observeNanos(nanos);
            }

            @Override
            public void hashed(long nanos) {
                metrics.mvcc.hash.observeNanos(nanos);
            }

            @Override
            public void hashedKeys(long nanos) {
                metrics.mvcc.hashRevision.observeNanos(nanos);
            }

            @Override
            public void legacyWritten() {
                metrics.server.legacySets.increment();
            }

            @Override
            public void ranged() {
                metrics.mvcc.ranges.increment();
            }

            @Override
            public void transacted(int ranges) {
                metrics.mvcc.ranges.add(ranges);
                if (ranges > 1) {
                    metrics.mvcc.txns.increment();
                }
            }

            @Override
            public void requestSlow() {
                metrics.server.slowApply.increment();
            }

            @Override
            public void indexCompacted(long nanos) {
                metrics.mvcc.indexCompactionPause.observeNanos(nanos);
            }

            @Override
            public void compactionPaused(long nanos) {
                metrics.mvcc.compactionPause.observeNanos(nanos);
            }

            @Override
            public void compacted(long keys, long nanos) {
                metrics.mvcc.compactedKeys.add(keys);
                metrics.mvcc.compactionTotal.observeNanos(nanos);
            }

            @Override
            public void leaderChanged() {
                metrics.server.leaderChanges.increment();
            }

            @Override
            public void proposalFailed() {
                metrics.server.proposalsFailed.increment();
            }

            @Override
            public void heartbeatLate() {
                metrics.server.heartbeatSendFailures.increment();
            }

            @Override
            public void installing(boolean underWay) {
                metrics.server.snapshotApplyInProgress.set(underWay ? 1 : 0);
            }

            @Override
            public void readIndexSlow() {
                metrics.server.slowReadIndex.increment();
            }

            @Override
            public void readIndexFailed() {
                metrics.server.readIndexFailed.increment();
            }

            @Override
            public void leaseExpired() {
                metrics.server.leaseExpired.increment();
            }
        };
    }

    private static void follow(Member member, WatchLoop watches, Config config, Metrics metrics) {
        metrics.server.proposalsCommitted.follow(() -> member.figures().committed());
        metrics.server.proposalsApplied.follow(() -> member.figures().applied());
        metrics.server.proposalsPending.follow(() -> member.figures().pending());
        metrics.server.quotaBytes.set((double) memberConfig(config).effectiveQuotaBytes());
        metrics.disk.walWriteBytes.follow(() -> member.figures().walBytes());
        metrics.mvcc.backendBytes.follow(() -> member.backend().size());
        metrics.mvcc.backendBytesInUse.follow(() -> member.backend().sizeInUse());
        metrics.mvcc.compactRevision.follow(() -> member.store().view().compactRevision());
        metrics.mvcc.watchStreams.follow(() -> watches.turns().counters().streams());
        metrics.mvcc.watchers.follow(() -> watches.turns().counters().watchers());
        metrics.mvcc.events.follow(() -> watches.turns().counters().events());
        metrics.mvcc.slowWatchers.follow(() -> watches.turns().counters().slowWatchers());
    }

    @Override
    public Node node() {
        return member.node();
    }

    @Override
    public Inbound inbound() {
        return member.inbound();
    }

    @Override
    public List<ServerServiceDefinition> services() {
        return List.of(new WatchService(watches.turns(), WatchMember.of(member.node())).definition());
    }

    @Override
    public CompletableFuture<Void> ready() {
        return member.published();
    }

    @Override
    public void handOver() throws InterruptedException {
        member.handOver();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        try {
            watches.stop();
        } finally {
            member.close();
        }
    }
}
