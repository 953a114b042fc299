package dev.cetera.lab.sim;

import dev.cetera.config.Clustering;
import dev.cetera.disk.FakeDisk;
import dev.cetera.disk.Fault;
import dev.cetera.disk.SimulatedCrash;
import dev.cetera.node.Desk;
import dev.cetera.node.Engine;
import dev.cetera.node.Link;
import dev.cetera.node.MemberConfig;
import dev.cetera.node.Peers;
import dev.cetera.node.StartException;
import dev.cetera.node.Surroundings;
import dev.cetera.raft.Role;
import dev.cetera.rpc.Services;
import dev.cetera.rpc.WatchFeed;
import dev.cetera.token.SimpleTokens;
import dev.cetera.wal.WalOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A machine with one member on it: its disk, its clocks, the turns of its loops, and all that befalls it.
/// Confined.
final class Host implements SimChannel.Target {
    /// What is turned of a member: the stages of its [Engine], and watching.
    private enum Stage {
        RAFT,
        WAL,
        APPLY,
        BOLT,
        WATCH
    }

    static final Path DATA = Path.of("/data");
    static final Path LOG = DATA.resolve("member/wal");
    static final int TICK_MILLIS = 100;
    static final int ELECTION_TICKS = 10;

    private static final long TICK = TICK_MILLIS * Timeline.MILLISECOND;
    private static final long COMMIT = 100 * Timeline.MILLISECOND;
    private static final long TOKEN_TTL = 20 * Timeline.SECOND;
    private static final long SWEEP = 500 * Timeline.MILLISECOND;
    private static final long PURGE = 3 * Timeline.SECOND;
    private static final List<String> UNREADABLE = List.of(".wal", ".snap", "db");
    private static final Stage[] STAGES = Stage.values();
    private static final int WAL_SEGMENT_BYTES = 6_000;

    /// What a host needs to know of the world around it.
    interface World {
        Link link(Host host);

        Peers peers(Host host);

        /// A stage of its member was turned, or the member has begun.
        void turned(Host host) throws IOException;

        /// Its member does not run any more.
        void stopped(Host host);

        /// Its disk is damaged, and the member knows: it will never start again.
        void lost(Host host);

        /// A promise is broken.
        AssertionError broken(String complaint);
    }

    final String name;
    final MemberClock clock;
    private final World world;
    private final Timeline timeline;
    private final Trace trace;
    private final Random random;
    private MemberConfig config;
    private FakeDisk disk;
    private @Nullable Engine engine;
    private @Nullable LogView log;
    private final LogView.Listener logListener;
    private final UnaryOperator<FakeDisk> spoiling;
    private final Habits habits;
    private final Rot rot;
    private @Nullable Serving serving;

    /// Stages that will be turned anyhow.
    private final Set<Stage> due = EnumSet.noneOf(Stage.class);

    /// Counts starts; what was meant for an earlier life does not happen.
    private int life;

    private boolean gone;
    private boolean published;
    private long pausedUntil;
    private long stuckUntil;
    private long slowUntil;
    private long faultAt = Long.MAX_VALUE;
    private int crashInDefragmentation;
    private @Nullable String asked;
    private @Nullable Strand strand;
    private int waits;
    private long capacity = Long.MAX_VALUE;

    /// The next start meets a disk that can't be read.
    private @Nullable String unreadable;

    /// A file that has a bit turned over.
    private @Nullable Path rotten;

    private long memberId;

    /// The member has said itself that it can't go on.
    private boolean failing;

    Host(
            String name,
            MemberConfig config,
            MemberClock clock,
            World world,
            LogView.Listener logListener,
            UnaryOperator<FakeDisk> spoiling,
            Habits habits,
            Rot rot,
            Timeline timeline,
            Trace trace,
            Random random) {
        this.name = name;
        this.config = config;
        this.spoiling = spoiling;
        this.habits = habits;
        this.rot = rot;
        this.clock = clock;
        this.world = world;
        this.logListener = logListener;
        this.timeline = timeline;
        this.trace = trace;
        this.random = random;
        this.disk = spoiling.apply(new FakeDisk(random.nextLong()));
    }

    /// Where a member may be reached as well.
    static String otherPeerUrl(String name) {
        return "http://" + name + ":2480";
    }

    static String peerUrl(String name) {
        return "http://" + name + ":2380";
    }

    @Override
    public String toString() {
        return name;
    }

    // ---- what others see of it ----

    boolean isUp() {
        return engine != null;
    }

    /// Removed from the cluster, and stopped.
    boolean isGone() {
        return gone;
    }

    boolean isPaused() {
        return timeline.now() < pausedUntil;
    }

    /// Of its last life in which it came up; 0 before that.
    long memberId() {
        return memberId;
    }

    boolean isPublished() {
        return published;
    }

    boolean leads() {
        return engine != null && engine.status().role() == Role.LEADER;
    }

    Engine engine() {
        return Objects.requireNonNull(engine);
    }

    /// Null where no member serves clients.
    @Override
    public @Nullable Services services() {
        return published && serving != null ? serving.services() : null;
    }

    /// As its clients' requests are answered.
    Desk desk() {
        return Objects.requireNonNull(serving).desk();
    }

    Serving serving() {
        return Objects.requireNonNull(serving);
    }

    LogView log() {
        return Objects.requireNonNull(log);
    }

    FakeDisk disk() {
        return disk;
    }

    @Override
    public int life() {
        return life;
    }

    /// Has it looked at now.
    void look() {
        try {
            world.turned(this);
        } catch (IOException damaged) {
            throw world.broken(name + " has files that can't be read: " + damaged);
        }
    }

    // ---- life ----

    void configure(MemberConfig other) {
        config = other;
    }

    /// Starts the member; does nothing where one runs.
    ///
    /// @return false when it did not come up: the disk failed once more, or nobody told it who it is
    boolean start() throws Exception {
        if (engine != null || gone) {
            return true;
        }
        life++;
        published = false;
        pausedUntil = 0;
        due.clear();
        int born = life;
        trace.add(name, "starts");
        var around = around(world.link(this), world.peers(this))
                .withReading(task -> soon(born, random.nextInt(300) * Timeline.MICROSECOND, task::run))
                .withContinueSoon(
                        () -> soon(born, (5 + random.nextInt(20)) * Timeline.MILLISECOND, () -> engine().compactMore()))
                .withPublished(() -> published = true)
                .withRemoved(() -> soon(born, 0, this::leave));
        failing = false;
        var bad = unreadable;
        if (bad != null) {
            disk.failReads(path -> path.toString().endsWith(bad));
            unreadable = null;
        }
        var feed = new WatchFeed();
        Engine opened;
        try {
            opened = Engine.open(new StepDisk(disk), config, feed, around);
        } catch (SimulatedCrash | IOException refused) {
            if (rotten != null && !isInjected(refused)) {
                condemn(refused, rotten);
            } else {
                stopped(refused);
            }
            return false;
        }
        if (rotten != null) {
            rot.cameTo(Rot.Outcome.HARMLESS);
            rotten = null;
        }
        engine = opened;
        memberId = opened.memberId();
        serving = Serving.of(opened, feed, habits, clock, new Elsewhere(born));
        log = new LogView(disk, LOG, logListener);
        every(TICK, Engine::tick);
        every(COMMIT, Engine::commit);
        every(SWEEP, Engine::sweep);
        every(PURGE, Engine::purge);
        wake();
        world.turned(this);
        return true;
    }

    private Surroundings around(Link link, Peers peers) {
        return Surroundings.of(clock, link, peers, random.nextLong(), this::failed)
                .withWalOptions(new WalOptions(WAL_SEGMENT_BYTES))
                .withLogLimits(habits.logLimits())
                .withHashing(PlainHashing.INSTANCE)
                .withTokens(new SimpleTokens(TOKEN_TTL, clock::nanos, new Random(31L * life + name.hashCode())));
    }

    private void condemn(Throwable refused, Path file) {
        trace.add(name, "does not start:", String.valueOf(refused.getMessage()));
        if (!Rot.names(refused, file)) {
            throw world.broken(name + " does not name " + file + ", which is damaged: " + refused);
        }
        rot.cameTo(Rot.Outcome.REFUSED);
        gone = true;
        world.lost(this);
    }

    /// The member is gone, and what was not synced with it.
    void losePower() {
        trace.add(name, "loses power");
        disk = spoiling.apply(disk.crash());
        disk.limitCapacity(capacity);
        end();
    }

    void kill() {
        trace.add(name, "is killed");
        disk = spoiling.apply(disk.kill());
        end();
    }

    private void end() {
        engine = null;
        serving = null;
        log = null;
        life++;
        faultAt = Long.MAX_VALUE;
        world.stopped(this);
        finishLongWork();
    }

    /// What has a thread of its own ends with its member.
    void finishLongWork() {
        if (strand != null) {
            waits += strand.waits();
            strand.finish();
            strand = null;
        }
    }

    /// How often a loop of the member waited for a lock that was held by work which takes long.
    int waits() {
        return waits;
    }

    /// It was removed, and stops in good order.
    private void leave() {
        trace.add(name, "leaves");
        var leaving = engine();
        leaving.refuseAll();
        serving().watching().end();
        gone = true;
        var working = strand;
        strand = null;
        end();
        try {
            leaving.close();
        } catch (IOException | SimulatedCrash failed) {
            trace.add(name, "fails as it leaves:", String.valueOf(failed.getMessage()));
        }
        strand = working;
        finishLongWork();
    }

    private void failed(Throwable why) {
        Strand.here();
        switch (why) {
            case SimulatedCrash crash -> throw crash;
            case IOException broken -> {
                failing = true;
                int born = life;
                timeline.in(0, () -> {
                    if (born == life && engine != null) {
                        stopped(broken);
                    }
                });
            }
            default -> {
                var broken = world.broken(name + " can't go on: " + why);
                broken.initCause(why);
                throw broken;
            }
        }
    }

    /// A member stops when its disk fails or its power does, and when it is refused at its start.
    private void stopped(Throwable why) {
        trace.add(name, "stops:", String.valueOf(why.getMessage()));
        boolean joins = config.clustering().beginning() == Clustering.Beginning.JOIN;
        boolean mayBe = isInjected(why) || (why instanceof StartException && joins) || disk.operations() >= faultAt;
        if (!mayBe) {
            var broken = world.broken(name + " stops, and its disk is well: " + why);
            broken.initCause(why);
            throw broken;
        }
        boolean power = why instanceof SimulatedCrash || random.nextBoolean();
        if (power) {
            losePower();
        } else {
            kill();
        }
    }

    /// No disk says so by itself here.
    private static boolean isInjected(Throwable why) {
        for (var cause = why; cause != null; cause = cause.getCause()) {
            var text = String.valueOf(cause.getMessage());
            if (cause instanceof SimulatedCrash
                    || text.contains("Input/output error")
                    || text.contains("No space left on device")) {
                return true;
            }
        }
        return false;
    }

    /// What a failed sync should have made durable nobody knows: the member must not go on as if it did. Where
    /// the sync failed in long work, that is about to say so.
    private void checkSyncs() {
        if (!failing && engine != null && strand == null) {
            for (var path : disk.failedSyncs()) {
                if (path.startsWith(LOG) || path.endsWith("db")) {
                    throw world.broken(name + " goes on after a failed sync of " + path);
                }
            }
        }
    }

    // ---- what befalls it ----

    /// Nothing of it moves for a while; then everything does that should have moved.
    void pause(long nanos) {
        trace.add(name, "is paused");
        pausedUntil = timeline.now() + nanos;
    }

    /// Its log's disk takes nothing for a while.
    void stick(long nanos) {
        trace.add(name, "has a stuck disk");
        stuckUntil = timeline.now() + nanos;
    }

    void slowDown(long nanos) {
        trace.add(name, "has a slow disk");
        slowUntil = timeline.now() + nanos;
    }

    void failSoon(Fault fault, int operations) {
        trace.add(name, "has a disk that will fail:", fault.name());
        long at = disk.operations() + operations;
        faultAt = Math.min(faultAt, at);
        disk.failAt(at, fault);
    }

    /// The next sync of its log or of its database fails.
    void failNextSync() {
        trace.add(name, "has a disk whose next sync will fail");
        boolean ofLog = random.nextInt(3) != 0;
        disk.failNextSync(path -> ofLog ? path.toString().endsWith(".wal") : path.endsWith("db"));
    }

    /// There is hardly any room left, for a while.
    void fill(long nanos) {
        trace.add(name, "has a disk that is nearly full");
        capacity = disk.usedBytes() + (random.nextInt(3) << 12);
        disk.limitCapacity(capacity);
        timeline.in(nanos, this::free);
    }

    private void free() {
        capacity = Long.MAX_VALUE;
        disk.limitCapacity(capacity);
    }

    /// Loses its power, and then some of its files can't be read.
    void becomeUnreadable() {
        unreadable = UNREADABLE.get(random.nextInt(UNREADABLE.size()));
        trace.add(name, "will not be able to read", unreadable);
        losePower();
    }

    /// Loses its power, and a bit of its log or a snapshot turns over.
    void rot() throws IOException {
        losePower();
        rotten = Rot.inLogOrSnapshot(disk, random);
        if (rotten != null) {
            trace.add(name, "has a bit turned over in", rotten.toString());
        }
    }

    /// As if a bit of its database had turned over; nothing of that remains.
    void tryRottenDatabase() throws IOException {
        rot.tryDatabase(name, disk, random, copy -> Engine.open(copy, config, _ -> {}, around(Link.NONE, Peers.NONE)));
    }

    /// The power goes at some operation of the next defragmentation, if that has as many.
    void failInDefragmentation(int operations) {
        crashInDefragmentation = operations;
    }

    void heal() {
        crashInDefragmentation = 0;
        unreadable = null;
        free();
        if (engine != null && faultAt != Long.MAX_VALUE) {
            kill(); // goes on with a disk that has no fault waiting
        }
        pausedUntil = Math.min(pausedUntil, timeline.now());
        stuckUntil = Math.min(stuckUntil, timeline.now());
        slowUntil = Math.min(slowUntil, timeline.now());
    }

    // ---- its loops ----

    @Override
    public void asked(@Nullable String method) {
        asked = method;
    }

    /// Lets something happen in this life of the member, or never; later, where the member is paused then.
    @Override
    public void soon(int born, long delayNanos, Timeline.Happening what) {
        timeline.in(
                delayNanos,
                () -> happen(born, () -> {
                    what.happen();
                    if (born == life) {
                        wake();
                    }
                }));
    }

    /// Lets something happen to the member at once, as [#soon] does.
    ///
    /// @return false when that life is over, or ends by it; then it may not have happened at all
    boolean now(int born, Timeline.Happening what) throws Exception {
        happen(born, () -> {
            what.happen();
            wake();
        });
        return born == life && engine != null;
    }

    private void happen(int born, Timeline.Happening what) throws Exception {
        if (born != life || engine == null) {
            return;
        }
        if (isPaused()) {
            timeline.at(pausedUntil, () -> happen(born, what));
            return;
        }
        try {
            what.happen();
        } catch (SimulatedCrash | IOException failed) {
            stopped(failed);
            return;
        }
        checkSyncs();
    }

    @FunctionalInterface
    private interface Duty {
        void call(Engine engine);
    }

    /// A duty that a pause only puts off: those that were missed all come at once.
    private void every(long ownNanos, Duty duty) {
        long period = clock.trueNanos(ownNanos);
        next(life, timeline.now() + random.nextLong(period), period, duty);
    }

    private void next(int born, long moment, long period, Duty duty) {
        timeline.at(
                moment,
                () -> happen(born, () -> {
                    next(born, moment + period, period, duty);
                    duty.call(engine());
                    wake();
                }));
    }

    /// There may be something to do.
    void wake() {
        for (var stage : STAGES) {
            wake(stage);
        }
    }

    private void wake(Stage stage) {
        if (due.add(stage)) {
            int born = life;
            timeline.in(delay(stage), () -> happen(born, () -> turn(stage)));
        }
    }

    private long delay(Stage stage) {
        return switch (stage) {
            case RAFT -> random.nextInt(300) * Timeline.MICROSECOND;
            case APPLY, WATCH -> random.nextInt(random.nextInt(20) == 0 ? 50_000 : 500) * Timeline.MICROSECOND;
            case WAL, BOLT -> {
                long usual = (100 + random.nextInt(stage == Stage.WAL ? 4_000 : 20_000)) * Timeline.MICROSECOND;
                long slow = timeline.now() < slowUntil ? usual * 50 : usual;
                yield Math.max(0, stuckUntil - timeline.now()) + slow;
            }
        };
    }

    private void turn(Stage stage) throws Exception {
        due.remove(stage);
        boolean onDisk = stage == Stage.WAL || stage == Stage.BOLT;
        if (onDisk && timeline.now() < stuckUntil) {
            wake();
        } else if (work(stage)) {
            if (stage == Stage.WATCH) {
                wake(stage);
            } else {
                world.turned(this);
                wake();
            }
        }
    }

    private boolean work(Stage stage) throws Exception {
        return switch (stage) {
            case RAFT -> engine().turn(Engine.Stage.RAFT);
            case WAL -> engine().turn(Engine.Stage.WAL);
            case APPLY -> engine().turn(Engine.Stage.APPLY);
            case BOLT -> engine().turn(Engine.Stage.BOLT);
            case WATCH -> serving().watching().turn();
        };
    }

    /// Other threads of a member, for what may take long.
    private final class Elsewhere implements Serving.Elsewhere {
        private final int born;

        /// It has a thread of its own: others meet its locks.
        private void defragment(Runnable task) {
            if (strand != null) {
                task.run(); // waits for the one that is under way
                return;
            }
            if (crashInDefragmentation > 0) {
                failSoon(Fault.CRASH, crashInDefragmentation);
                crashInDefragmentation = 0;
            }
            var begun = new Strand(task);
            strand = begun;
            stepLater(begun);
        }

        private void stepLater(Strand begun) {
            soon(born, (20 + random.nextInt(random.nextInt(10) == 0 ? 50_000 : 1_000)) * Timeline.MICROSECOND, () -> {
                if (step(begun)) {
                    stepLater(begun);
                } else {
                    waits += begun.waits();
                    strand = null;
                }
            });
        }

        private static boolean step(Strand begun) throws Exception {
            try {
                return begun.step();
            } catch (Exception | Error thrown) {
                throw thrown;
            } catch (Throwable other) {
                throw new IllegalStateException(other);
            }
        }

        Elsewhere(int born) {
            this.born = born;
        }

        @Override
        public void run(Runnable task) {
            Strand.here();
            boolean defragments = "Defragment".equals(asked);
            soon(born, (50 + random.nextInt(random.nextInt(10) == 0 ? 200_000 : 2_000)) * Timeline.MICROSECOND, () -> {
                if (defragments) {
                    defragment(task);
                } else {
                    task.run();
                }
            });
        }

        @Override
        public boolean isCrowded() {
            return random.nextInt(300) == 0;
        }

        @Override
        public void watchesWait() {
            if (born == life) {
                wake(Stage.WATCH);
            }
        }
    }
}
