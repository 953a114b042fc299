package dev.cetera.lab.campaign;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.disk.Disk;
import dev.cetera.lab.check.SameState;
import dev.cetera.lab.check.Slack;
import dev.cetera.lab.cluster.Cluster;
import dev.cetera.lab.cluster.Member;
import dev.cetera.lab.cluster.Program;
import dev.cetera.lab.history.History;
import dev.cetera.lab.proxy.Network;
import dev.cetera.lab.work.Profile;
import dev.cetera.lab.work.Span;
import dev.cetera.lab.work.Workload;
import dev.cetera.testkit.Await;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One cluster from its founding to its end: clients use it without pause while everything fails; then all is
/// well again, and everything must get done; then what the clients were told and what the members hold is held
/// against the promises.
///
/// Confined to the thread that runs it, which is the one that strikes processes and machines; [Weather]
/// troubles the network meanwhile.
final class Round {
    /// Snapshots and log compaction are part of the trial.
    private static final int SNAPSHOT_COUNT = 1000;

    private static final Duration CALL = Duration.ofSeconds(5);

    /// In which a member that has nothing to do writes down what it has applied; etcd and ours do ten times a
    /// second.
    private static final long COMMIT_MILLIS = 1000;

    /// Clocks of processes on one machine run alike. They share its processors, too, with all that runs here:
    /// what a leader does in time may come late.
    private static final double CLOCK_RATE = 0.02;

    private static final long OVERDUE_NANOS = TimeUnit.SECONDS.toNanos(15);
    private static final long RECOVERY_NANOS = TimeUnit.SECONDS.toNanos(15);
    private static final long STATUS_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final ByteString LAST_KEY = ByteString.copyFromUtf8("the end");

    private final Settings settings;
    private final Path directory;
    /// Of the faults; the clients have their own, so that neither's plan depends on the other's.
    private final Random random;

    private final Random clientsRandom;
    private final Network network = new Network();
    private final Chronicle chronicle;
    private final Consumer<String> status;
    private final Map<Member, SmallDisk> disks = new HashMap<>();
    private final Map<Member, Clock> clocks = new HashMap<>();
    private @Nullable History history;

    private Round(Settings settings, long seed, Path directory, Consumer<String> say, Consumer<String> status)
            throws IOException {
        this.settings = settings;
        this.directory = directory;
        this.random = new Random(seed);
        this.clientsRandom = new Random(~seed);
        this.status = status;
        this.chronicle = new Chronicle(directory.resolve("events.txt"), System.nanoTime(), say);
    }

    /// Gives back what was seen, or throws an [AssertionError] that says which promise was broken; then all
    /// that shows it is in `directory`. Meanwhile `say` gets a line for each event, and `status` twice a
    /// second what is going on.
    static Tale run(Settings settings, long seed, Path directory, Consumer<String> say, Consumer<String> status)
            throws IOException, InterruptedException {
        var round = new Round(settings, seed, directory, say, status);
        try (Network _ = round.network;
                Chronicle _ = round.chronicle) {
            return round.run();
        } catch (AssertionError | RuntimeException broken) {
            round.chronicle.note(broken.toString());
            round.chronicle.note("to try it again: " + settings.again(seed));
            new Evidence(directory).keep(broken, round.history);
            for (SmallDisk disk : round.disks.values()) {
                disk.keep();
            }
            throw broken instanceof AssertionError promise ? promise : new AssertionError(broken.getMessage(), broken);
        } finally {
            round.disks.values().forEach(SmallDisk::close);
        }
    }

    private Tale run() throws IOException, InterruptedException {
        List<String> flags = List.of(
                "--snapshot-count=" + SNAPSHOT_COUNT,
                "--election-timeout=" + settings.electionMillis(),
                "--heartbeat-interval=" + settings.electionMillis() / 10);
        try (Cluster cluster = Cluster.behind(network, directory, settings.members(), flags)) {
            Map<Member, Program> programs = equip(cluster);
            long begin = System.nanoTime();
            cluster.start(cluster.members().stream().map(programs::get).toList());
            int startMillis = Math.toIntExact((System.nanoTime() - begin) / 1_000_000);
            cluster.introduce(network);
            try (Watchman watchman = Watchman.over(cluster.members());
                    LiveStage stage = new LiveStage();
                    LiveDoors doors = new LiveDoors(cluster.members(), stage.executor())) {
                var workload = new Workload(stage, doors, profile(), clientsRandom);
                var arena = new Arena(cluster, network, watchman, chronicle, random, programs, startMillis);
                return run(arena, stage, workload);
            }
        }
    }

    private Tale run(Arena arena, LiveStage stage, Workload workload) throws IOException, InterruptedException {
        var compactor = new Compactor(arena.watchman()::revision, random);
        stage.in(0, workload::begin);
        stage.in(STATUS_NANOS, () -> beat(stage, workload, 0));
        try {
            trouble(arena, compactor);
            heal(arena);
            history = settled(stage, workload, compactor);
        } finally {
            if (history == null) {
                history = compactor.into(stage.ask(() -> workload.history(false, settings.members())));
            }
        }
        var slack = new Slack(CLOCK_RATE, OVERDUE_NANOS, arena.watchman().upheavals());
        chronicle.note("comparing the members");
        var _ = arena.cluster().awaitSame();
        int compared = compared(arena);
        if (settings.leavings() == Settings.Leavings.KEPT) {
            new Evidence(directory).keep(history);
        }
        chronicle.note("checking " + history.operations().size() + " calls");
        return new Judgement(settings, history, slack)
                .tale(
                        stage.ask(workload::tally),
                        chronicle.faults(),
                        arena.watchman().elections(),
                        compared,
                        snapshots(arena.cluster()));
    }

    /// Half of all clusters or so have small disks, and half have clocks of their own, where that can be.
    private Map<Member, Program> equip(Cluster cluster) throws IOException, InterruptedException {
        boolean small = random.nextBoolean() && settings.means().contains(Settings.Means.DISKS);
        boolean timed = random.nextBoolean() && settings.means().contains(Settings.Means.CLOCKS);
        Path library = timed ? Clock.library() : null;
        var programs = new HashMap<Member, Program>();
        for (Member member : cluster.members()) {
            programs.put(member, settings.program());
            if (small) {
                disks.put(member, SmallDisk.mount(member.dataDir()));
            }
            if (library != null) {
                Clock clock = new Clock(library, directory.resolve(member.name() + ".clock"));
                clocks.put(member, clock);
                programs.put(member, clock.of(settings.program()));
            }
        }
        return programs;
    }

    private Profile profile() {
        Profile usual = Profile.usual(clientsRandom).withOperators();
        // Real time is dear: more is done in less of it than in the simulator.
        var dense = new Profile(
                usual.clients() + 2,
                usual.watchers(),
                usual.watchStreams(),
                usual.keys(),
                usual.counters(),
                usual.leases(),
                Span.ofMillis(1, 20 + clientsRandom.nextInt(100)),
                Span.ofMillis(100, 6000),
                usual.largestValue(),
                usual.leastTtl(),
                usual.mostTtl(),
                usual.shares(),
                Profile.Progress.BOOKMARK);
        return isCetera() ? dense : dense.forEtcd();
    }

    private boolean isCetera() {
        return settings.program().name().equals("cetera");
    }

    /// In the clients' thread.
    private void beat(LiveStage stage, Workload workload, int before) {
        var total = workload.tally().total();
        int calls = total.answered() + total.refused() + total.unknown();
        int faults =
                chronicle.faults().values().stream().mapToInt(Integer::intValue).sum();
        status.accept(String.format(
                "%d faults, %,d calls, %,d/s  %s", faults, calls, 2 * (calls - before), chronicle.current()));
        stage.in(STATUS_NANOS, () -> beat(stage, workload, calls));
    }

    private void trouble(Arena arena, Compactor compactor) throws IOException, InterruptedException {
        var faults = new ArrayList<Fault>(new ProcessFaults(arena, compactor, settings.electionMillis()).all());
        faults.addAll(new SnapshotFaults(arena).all());
        faults.addAll(new DiskFaults(arena, disks).all());
        faults.addAll(new ClockFaults(arena, clocks).all());
        // Something to lose.
        arena.anyWhile(2000);
        long begin = System.nanoTime();
        try (var _ = new Weather(arena, chronicle, new Random(random.nextLong()), settings.electionMillis())) {
            while (System.nanoTime() - begin < settings.round().toNanos()) {
                Fault fault = Fault.any(faults, random);
                chronicle.begins(fault.name());
                fault.deed().happen();
                chronicle.ends(fault.name());
                if (random.nextInt(4) > 0) {
                    // On a busy machine members take a while to come up: most faults are to strike them later than
                    // that.
                    var _ = arena.becomesHealthy(RECOVERY_NANOS);
                }
                arena.anyWhile(3000);
            }
        }
    }

    /// No more troubles; everybody is there again, and serves.
    private void heal(Arena arena) throws IOException, InterruptedException {
        chronicle.note("all is well again");
        arena.revive();
        Cluster cluster = arena.cluster();
        for (Member member : cluster.members()) {
            member.awaitHealthy(Cluster.PATIENCE);
        }
        cluster.eventually("no alarm is raised", () -> {
            DiskFaults.disarm(cluster.direct(cluster.leader()));
            return true;
        });
        // So that the clients see it healthy, too.
        TimeUnit.SECONDS.sleep(1);
    }

    /// Lets everything that is under way end, and gives back the history of all.
    private History settled(LiveStage stage, Workload workload, Compactor compactor) throws InterruptedException {
        stage.in(0, workload::end);
        Await.await("every call has its outcome", Cluster.PATIENCE, () -> stage.ask(workload::isIdle));
        if (!isCetera()) {
            // Nobody says when a watch has been told of everything.
            TimeUnit.SECONDS.sleep(2);
        }
        // Settled when it is taken: a lease that ends may bring news to some watches before others, at any time.
        var settled = new ArrayList<History>();
        Await.await(
                "every watch runs and has been told of everything",
                Cluster.PATIENCE,
                () -> settled.addAll(stage.ask(() -> workload.isSettled()
                        ? List.of(workload.history(true, settings.members()))
                        : List.<History>of())));
        return compactor.into(settled.getFirst());
    }

    /// Kills all members once they have applied and written down the same, and compares their databases. Gives
    /// back how many were found to be the same as another one. Those that a lease ended after all differ in
    /// their index, and are not compared.
    private int compared(Arena arena) throws IOException, InterruptedException {
        Cluster cluster = arena.cluster();
        var last = new AtomicLong();
        cluster.eventually("a last write is acknowledged", () -> {
            last.set(cluster.direct(cluster.member(0))
                    .kv(CALL)
                    .put(PutRequest.newBuilder().setKey(LAST_KEY).build())
                    .getHeader()
                    .getRevision());
            return true;
        });
        for (Member member : cluster.members()) {
            cluster.eventually(
                    member.name() + " has come to revision " + last,
                    () -> cluster.status(member).getHeader().getRevision() >= last.get());
        }
        TimeUnit.MILLISECONDS.sleep(COMMIT_MILLIS);
        for (Member member : cluster.members()) {
            arena.kill(member);
        }
        var digests = new ArrayList<SameState.Digest>();
        for (Member member : cluster.members()) {
            digests.add(
                    SameState.of(member.name(), Disk.real(), member.dataDir().resolve("member/snap/db")));
        }
        SameState.difference(digests).ifPresent(difference -> {
            throw new AssertionError("SameState: " + difference);
        });
        long different =
                digests.stream().map(SameState.Digest::index).distinct().count();
        return Math.toIntExact(digests.size() - different);
    }

    private int snapshots(Cluster cluster) {
        return cluster.members().stream()
                .mapToInt(member -> network.snapshotsTo(member.name()))
                .sum();
    }
}
