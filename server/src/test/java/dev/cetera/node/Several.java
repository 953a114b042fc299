package dev.cetera.node;

import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.HashKVResponse;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveRequest;
import dev.cetera.api.etcdserverpb.LeaseTimeToLiveResponse;
import dev.cetera.api.mvccpb.KeyValue;
import dev.cetera.apply.Outcome;
import dev.cetera.cluster.Membership;
import dev.cetera.disk.FakeDisk;
import dev.cetera.mvcc.Answer.Found;
import dev.cetera.mvcc.Changes;
import dev.cetera.mvcc.Feed;
import dev.cetera.mvcc.RangeQuery;
import dev.cetera.mvcc.RangeResult;
import dev.cetera.node.HandTurned.Kept;
import dev.cetera.raft.Role;
import dev.cetera.token.SimpleTokens;
import dev.cetera.wal.WalOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Members joined by a network in memory, all in the test's thread: nothing moves but by [#settle] and
/// [#pass]. Confined to the test.
final class Several implements AutoCloseable {
    /// One of them, running or not.
    final class One {
        final String name;
        final String peerUrl;
        FakeDisk disk = new FakeDisk(1);
        MemberConfig config;

        @Nullable
        Engine engine;

        int published;
        int removed;
        boolean paused;
        final List<Changes> changed = new ArrayList<>();
        final List<Long> restartedAt = new ArrayList<>();
        LogLimits logLimits = LogLimits.DEFAULTS.withCatchUpEntries(10);

        /// Loops that don't turn.
        final Set<Engine.Stage> stuck = new HashSet<>();

        final List<Throwable> fatal = new ArrayList<>();
        final List<Membership> told = new ArrayList<>();
        final List<dev.cetera.cluster.Member> remotes = new ArrayList<>();
        private boolean compactionDue;

        One(String name, String initialCluster) {
            this.name = name;
            this.peerUrl = "http://" + name + ":2380";
            this.config = HandTurned.Settings.DEFAULTS
                    .withInitialCluster(initialCluster)
                    .config(name, peerUrl);
        }

        Engine engine() {
            return Objects.requireNonNull(engine, "not running");
        }

        void start() throws IOException {
            engine = Engine.open(
                    disk,
                    config,
                    new Feed() {
                        @Override
                        public void accept(Changes changes) {
                            changed.add(changes);
                        }

                        @Override
                        public void restart(long revision) {
                            restartedAt.add(revision);
                        }
                    },
                    Surroundings.of(time, new Wire(this), peers, 1, fatal::add)
                            .withWalOptions(new WalOptions(20_000))
                            .withLogLimits(logLimits)
                            .withTokens(new SimpleTokens(Long.MAX_VALUE / 4, time::nanos, new Random(1)))
                            .withContinueSoon(() -> compactionDue = true)
                            .withPublished(() -> published++)
                            .withRemoved(() -> removed++));
            published = 0;
        }

        void kill() {
            engine = null;
            disk = disk.crash();
        }

        /// Stops in good order.
        void stop() throws IOException {
            engine().refuseAll();
            engine().close();
            engine = null;
        }

        long id() {
            return engine().memberId();
        }

        boolean leads() {
            return engine != null && engine.status().role() == Role.LEADER;
        }

        Kept<Outcome<? extends Message>> put(String key, String value) {
            return propose(HandTurned.put(key, value, 0));
        }

        Kept<Outcome<? extends Message>> propose(InternalRaftRequest.Builder request) {
            var kept = new Kept<Outcome<? extends Message>>();
            engine().propose(request, kept);
            return kept;
        }

        Kept<Long> linearize() {
            var kept = new Kept<Long>();
            engine().linearize(kept);
            return kept;
        }

        @Nullable
        String get(String key) throws IOException {
            var query = RangeQuery.between(key.getBytes(StandardCharsets.UTF_8), new byte[0]);
            if (!(engine().machine().store().range(query) instanceof Found<RangeResult>(var found))) {
                throw new AssertionError("the newest revision can't be read");
            }
            return found.kvs().isEmpty()
                    ? null
                    : new String(found.kvs().getFirst().value(), StandardCharsets.UTF_8);
        }

        /// How often a key was put; 0 when it isn't there.
        long versionOf(String key) throws IOException {
            var query = RangeQuery.between(key.getBytes(StandardCharsets.UTF_8), new byte[0]);
            if (!(engine().machine().store().range(query) instanceof Found<RangeResult>(var found))) {
                throw new AssertionError("the newest revision can't be read");
            }
            return found.kvs().isEmpty()
                    ? 0
                    : KeyValue.parseFrom(found.kvs().getFirst().encoded()).getVersion();
        }

        boolean turn() throws Exception {
            if (engine == null || paused) {
                return false;
            }
            boolean moved = false;
            for (var stage : Engine.Stage.values()) {
                moved |= !stuck.contains(stage) && engine.turn(stage);
            }
            if (compactionDue) {
                compactionDue = false;
                engine.compactMore();
                moved = true;
            }
            return moved;
        }
    }

    /// What one member sends, kept until it is delivered.
    private final class Wire implements Link {
        private final One from;

        Wire(One from) {
            this.from = from;
        }

        @Override
        public void send(List<dev.cetera.raft.Message> messages) {
            messages.forEach(message -> underway.add(new Sent(from, message)));
        }

        @Override
        public void sendSnapshot(OutgoingSnapshot snapshot) {
            databases.add(new SentDatabase(from, snapshot));
        }

        @Override
        public void members(Membership now) {
            from.told.add(now);
        }

        @Override
        public void remotes(List<dev.cetera.cluster.Member> others) {
            from.remotes.addAll(others);
        }

        @Override
        public OptionalLong activeSince(long member) {
            var other = byId(member);
            return other != null && other.engine != null && passes.test(new Way(from, other))
                    ? OptionalLong.of(connectedNanos)
                    : OptionalLong.empty();
        }
    }

    private record SentDatabase(One from, OutgoingSnapshot snapshot) {}

    private record Sent(One from, dev.cetera.raft.Message message) {}

    /// From one member to another.
    record Way(One from, One to) {}

    static final class OwnTime implements Time {
        private long nanos = 1_000_000_000_000L;

        @Override
        public long nanos() {
            return nanos;
        }

        void advance(long millis) {
            nanos += millis * 1_000_000;
        }

        @Override
        public long unixNanos() {
            return 1_700_000_000_000_000_000L + nanos;
        }

        /// Time that no member notices until its next tick.
        void skip(long millis) {
            nanos += millis * 1_000_000;
        }
    }

    final OwnTime time = new OwnTime();
    final Map<String, One> all = new LinkedHashMap<>();
    private final List<Sent> underway = new ArrayList<>();
    private final ArrayDeque<SentDatabase> databases = new ArrayDeque<>();

    /// Databases that were delivered.
    int databasesDelivered;

    /// So many of the next ones don't arrive.
    int databasesLost;

    /// While this is so they are on their way.
    boolean databasesHeld;
    private long connectedNanos = time.nanos();

    /// Which ways are open.
    private Predicate<Way> passes = _ -> true;

    /// What becomes of a message; the list may be empty.
    UnaryOperator<List<dev.cetera.raft.Message>> weather = messages -> messages;

    /// What members say of it when they are asked.
    String clusterVersion = "3.3.0";

    /// What every member says that it is; nothing, as one of etcd.
    String program = "";

    private final Peers peers = new Questions();

    /// Who answers questions.
    Predicate<One> asking = _ -> true;

    /// Asked about leases.
    int questions;

    /// All of a cluster that is to be founded; none is started.
    Several(String... names) {
        var cluster = java.util.Arrays.stream(names)
                .map(name -> name + "=http://" + name + ":2380")
                .collect(java.util.stream.Collectors.joining(","));
        for (var name : names) {
            all.put(name, new One(name, cluster));
        }
    }

    /// A cluster that has a leader.
    static Several started(String... names) throws Exception {
        var several = new Several(names);
        for (var one : several.all.values()) {
            one.start();
        }
        several.untilLed();
        return several;
    }

    One one(String name) {
        return Objects.requireNonNull(all.get(name), name);
    }

    One add(String name, String initialCluster) {
        var one = new One(name, initialCluster);
        all.put(name, one);
        return one;
    }

    private @Nullable One byId(long id) {
        for (var one : all.values()) {
            if (one.engine != null && one.engine.memberId() == id) {
                return one;
            }
        }
        return null;
    }

    private List<One> leaders() {
        return all.values().stream().filter(One::leads).toList();
    }

    /// The one of the highest term.
    One leader() {
        return leaders().stream()
                .max(java.util.Comparator.comparingLong(
                        one -> one.engine().status().term()))
                .orElseThrow(() -> new AssertionError("nobody leads"));
    }

    One follower() {
        var leader = leader();
        return all.values().stream()
                .filter(one -> one.engine != null && one != leader)
                .findFirst()
                .orElseThrow(() -> new AssertionError("nobody follows"));
    }

    /// Until everybody who runs has published itself.
    void untilLed() throws Exception {
        for (int i = 0; i < 100; i++) {
            if (all.values().stream().allMatch(one -> one.engine == null || one.published > 0)) {
                return;
            }
            pass(100);
        }
        throw new AssertionError("no leader after 10 s");
    }

    void passOnly(Predicate<Way> ways) {
        passes = ways;
        connectedNanos = time.nanos();
    }

    void cutOff(One... some) {
        var apart = Set.of(some);
        passOnly(way -> apart.contains(way.from()) == apart.contains(way.to()));
    }

    void heal() {
        passOnly(_ -> true);
    }

    /// Lets time pass in ticks.
    void pass(long millis) throws Exception {
        for (long passed = 0; passed < millis; passed += 100) {
            time.nanos += 100_000_000;
            for (var one : all.values()) {
                if (one.engine != null && !one.paused) {
                    one.engine.tick();
                    if ((time.nanos / 100_000_000) % 5 == 0) {
                        one.engine.sweep();
                    }
                }
            }
            settle();
        }
    }

    /// Turns and delivers until nothing is left to do.
    void settle() throws Exception {
        while (turnOnce()) {
            // until nothing has moved
        }
    }

    /// Gets to see the databases instead of their receivers, null for none.
    @Nullable
    Interceptor intercept;

    interface Interceptor {
        void sees(OutgoingSnapshot snapshot) throws IOException;
    }

    private void deliver(SentDatabase sent) throws IOException {
        if (intercept != null) {
            try (var _ = sent.snapshot().database()) {
                intercept.sees(sent.snapshot());
            }
            return;
        }
        var message = sent.snapshot().message();
        var to = byId(message.to());
        boolean arrived = false;
        try (var database = sent.snapshot().database()) {
            if (databasesLost > 0) {
                databasesLost--;
            } else if (to != null && passes.test(new Way(sent.from(), to))) {
                receive(to.engine(), message, database);
                arrived = true;
                databasesDelivered++;
            }
        }
        if (sent.from().engine != null) {
            sent.from().engine().snapshotDelivered(message.to(), arrived);
        }
    }

    static void receive(Engine engine, dev.cetera.raft.Message.InstallSnapshot message, SnapshotSource database)
            throws IOException {
        try (var inlet = engine.receiveSnapshot(message)) {
            var piece = java.nio.ByteBuffer.allocate(10_000);
            while (database.read(piece) > 0) {
                inlet.write(piece.flip());
                piece.clear();
            }
            inlet.finish();
        }
    }

    /// Delivers what is under way, and turns every loop once.
    boolean turnOnce() throws Exception {
        boolean moved = deliver();
        for (var one : all.values()) {
            moved |= one.turn();
        }
        return moved;
    }

    private boolean deliver() throws IOException {
        boolean moved = !(databases.isEmpty() || databasesHeld);
        while (!databases.isEmpty() && !databasesHeld) {
            deliver(databases.remove());
        }
        var sentBefore = List.copyOf(underway);
        underway.clear();
        for (var sent : sentBefore) {
            for (var message : weather.apply(List.of(sent.message()))) {
                var to = byId(message.to());
                if (to != null && passes.test(new Way(sent.from(), to))) {
                    boolean _ = to.engine().receive(message);
                } else if (sent.from().engine != null) {
                    sent.from().engine().unreachable(message.to());
                }
            }
        }
        return moved || !sentBefore.isEmpty();
    }

    /// Answers from what the asked member has.
    private final class Questions implements Peers {
        private <T> CompletableFuture<T> nobody() {
            return CompletableFuture.failedFuture(new PeerException("nobody answers"));
        }

        @Override
        public CompletableFuture<Versions> versions(dev.cetera.cluster.Member member) {
            var one = byId(member.id());
            if (one == null) {
                return nobody();
            }
            return CompletableFuture.completedFuture(new Versions("3.3.27", clusterVersion, program));
        }

        @Override
        public CompletableFuture<ClusterView> members(String peerUrl) {
            for (var one : all.values()) {
                if (one.engine != null && one.peerUrl.equals(peerUrl)) {
                    return CompletableFuture.completedFuture(new ClusterView(
                            one.engine().clusterId(), one.engine().membership().members()));
                }
            }
            return nobody();
        }

        @Override
        public CompletableFuture<Long> renew(dev.cetera.cluster.Member leader, long lease) {
            questions++;
            var one = reachable(leader);
            return one == null ? nobody() : answered(one, answer -> one.engine().renewAsPrimary(lease, answer));
        }

        @Override
        public CompletableFuture<LeaseTimeToLiveResponse> timeToLive(
                dev.cetera.cluster.Member leader, LeaseTimeToLiveRequest request) {
            questions++;
            var one = reachable(leader);
            return one == null
                    ? nobody()
                    : answered(one, answer -> answer.done(one.engine().timeToLiveHere(request)));
        }

        private @Nullable One reachable(dev.cetera.cluster.Member member) {
            var one = byId(member.id());
            return one == null || !asking.test(one) ? null : one;
        }

        private <T> CompletableFuture<T> answered(One one, Consumer<Answer<T>> asked) {
            var future = new CompletableFuture<T>();
            var answer = Told.by(future::complete, future);
            one.engine().caughtUp(Told.by(_ -> asked.accept(answer), future));
            return future;
        }

        @Override
        public CompletableFuture<HashKVResponse> hashKv(dev.cetera.cluster.Member member, long revision) {
            return nobody();
        }

        @Override
        public CompletableFuture<List<dev.cetera.cluster.Member>> promote(
                dev.cetera.cluster.Member leader, long learner) {
            return nobody();
        }
    }

    /// What comes of a question to another member.
    private record Told<T>(Consumer<T> then, CompletableFuture<?> refused) implements Answer<T> {
        static <T> Told<T> by(Consumer<T> then, CompletableFuture<?> refused) {
            return new Told<>(then, refused);
        }

        @Override
        public void done(T value) {
            then.accept(value);
        }

        @Override
        public void refused(Refusal why) {
            refused.completeExceptionally(new PeerException(why.text(), why));
        }
    }

    @Override
    public void close() throws IOException {
        for (var one : all.values()) {
            if (one.engine != null) {
                one.stop();
            }
        }
    }
}
