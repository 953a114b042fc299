package dev.cetera.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.apply.Outcome;
import dev.cetera.bolt.Shrinking;
import dev.cetera.config.Retention;
import dev.cetera.disk.FakeDisk;
import dev.cetera.mvcc.Answer.Found;
import dev.cetera.mvcc.Feed;
import dev.cetera.mvcc.RangeQuery;
import dev.cetera.mvcc.RangeResult;
import dev.cetera.wal.WalOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// An engine on a disk of its own whose loops turn when a test says so. Confined to the test.
final class HandTurned implements AutoCloseable {
    static final Path DATA = Path.of("/data");
    static final Path WAL = DATA.resolve("member/wal");
    static final Path SNAP = DATA.resolve("member/snap");
    static final Path DB = SNAP.resolve("db");

    /// What a test changes of a member's settings.
    record Settings(
            long snapshotCount,
            long quotaBytes,
            long maxRequestBytes,
            String initialCluster,
            String token,
            Retention retention,
            Shrinking shrinking) {
        static final Settings DEFAULTS =
                new Settings(1_000, 0, 1_500_000, "one=http://127.0.0.1:2380", "token", Retention.ALL, Shrinking.NEVER);

        Settings withRetention(Retention other) {
            return new Settings(snapshotCount, quotaBytes, maxRequestBytes, initialCluster, token, other, shrinking);
        }

        Settings withShrinking(Shrinking other) {
            return new Settings(snapshotCount, quotaBytes, maxRequestBytes, initialCluster, token, retention, other);
        }

        Settings withSnapshotCount(long count) {
            return new Settings(count, quotaBytes, maxRequestBytes, initialCluster, token, retention, shrinking);
        }

        Settings withQuotaBytes(long bytes) {
            return new Settings(snapshotCount, bytes, maxRequestBytes, initialCluster, token, retention, shrinking);
        }

        Settings withMaxRequestBytes(long bytes) {
            return new Settings(snapshotCount, quotaBytes, bytes, initialCluster, token, retention, shrinking);
        }

        Settings withInitialCluster(String cluster) {
            return new Settings(snapshotCount, quotaBytes, maxRequestBytes, cluster, token, retention, shrinking);
        }

        Settings withToken(String other) {
            return new Settings(
                    snapshotCount, quotaBytes, maxRequestBytes, initialCluster, other, retention, shrinking);
        }

        MemberConfig config() {
            return config("one", "http://127.0.0.1:2380");
        }

        MemberConfig config(String name, String peerUrl) {
            return new MemberConfig(
                            name,
                            DATA,
                            null,
                            List.of("http://127.0.0.1:2379"),
                            List.of(peerUrl),
                            initialCluster,
                            token,
                            100,
                            10,
                            true,
                            snapshotCount,
                            5,
                            5,
                            quotaBytes,
                            maxRequestBytes)
                    .withRetention(retention)
                    .withShrinking(shrinking);
        }
    }

    /// Keeps what it is told.
    static final class Kept<T> implements Answer<T> {
        final List<T> values = new ArrayList<>();
        final List<Refusal> refusals = new ArrayList<>();

        @Override
        public void done(T value) {
            values.add(value);
        }

        @Override
        public void refused(Refusal why) {
            refusals.add(why);
        }

        boolean isOpen() {
            return values.isEmpty() && refusals.isEmpty();
        }
    }

    private static final class OwnTime implements Time {
        private long nanos = 1_000_000_000_000L;

        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public long unixNanos() {
            return 1_700_000_000_000_000_000L + nanos;
        }
    }

    final Engine engine;
    final List<Throwable> fatal = new ArrayList<>();
    int published;
    private final OwnTime time = new OwnTime();
    private boolean compactionDue;

    /// Opens the engine; nothing has moved yet.
    HandTurned(FakeDisk disk, Settings settings) throws IOException {
        this(disk, settings, _ -> {}, around -> around);
    }

    /// As above, with something of its own.
    HandTurned(FakeDisk disk, Settings settings, Feed watchers, UnaryOperator<Surroundings> more) throws IOException {
        engine = Engine.open(
                disk,
                settings.config(),
                watchers,
                more.apply(Surroundings.of(time, Link.NONE, Peers.NONE, 1, fatal::add)
                        .withWalOptions(new WalOptions(20_000))
                        .withContinueSoon(() -> compactionDue = true)
                        .withPublished(() -> published++)));
    }

    Time time() {
        return time;
    }

    /// An engine that serves.
    static HandTurned started(FakeDisk disk, Settings settings) throws Exception {
        var member = new HandTurned(disk, settings);
        member.engine.tick();
        member.settle();
        return member;
    }

    static HandTurned started(FakeDisk disk) throws Exception {
        return started(disk, Settings.DEFAULTS);
    }

    /// Turns all loops, in order, until none has anything left to do.
    void settle() throws Exception {
        boolean moved = true;
        while (moved) {
            moved = false;
            for (var stage : Engine.Stage.values()) {
                moved |= engine.turn(stage);
            }
            if (compactionDue) {
                compactionDue = false;
                engine.compactMore();
                moved = true;
            }
        }
    }

    void pass(long millis) {
        time.nanos += millis * 1_000_000;
    }

    Kept<Outcome<? extends Message>> propose(InternalRaftRequest.Builder request) {
        var kept = new Kept<Outcome<? extends Message>>();
        engine.propose(request, kept);
        return kept;
    }

    Kept<Outcome<? extends Message>> put(String key, String value) {
        return propose(put(key, value, 0));
    }

    Kept<Outcome<? extends Message>> compact(long revision) {
        return propose(InternalRaftRequest.newBuilder()
                .setCompaction(CompactionRequest.newBuilder().setRevision(revision)));
    }

    static InternalRaftRequest.Builder put(String key, String value, long lease) {
        return InternalRaftRequest.newBuilder()
                .setPut(PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .setValue(ByteString.copyFromUtf8(value))
                        .setLease(lease));
    }

    static InternalRaftRequest.Builder grant(long id, long seconds) {
        return InternalRaftRequest.newBuilder()
                .setLeaseGrant(LeaseGrantRequest.newBuilder().setID(id).setTTL(seconds));
    }

    /// The value of a key, null when there is none.
    @Nullable
    String get(String key) throws IOException {
        return get(engine, key);
    }

    static @Nullable String get(Engine engine, String key) throws IOException {
        var query = RangeQuery.between(key.getBytes(StandardCharsets.UTF_8), new byte[0]);
        if (!(engine.machine().store().range(query) instanceof Found<RangeResult>(var found))) {
            throw new AssertionError("the newest revision can't be read");
        }
        return found.kvs().isEmpty() ? null : new String(found.kvs().getFirst().value(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        engine.refuseAll();
        engine.close();
    }
}
