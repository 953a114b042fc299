package dev.cetera.lab.sim;

import dev.cetera.config.Clustering;
import dev.cetera.disk.FakeDisk;
import dev.cetera.disk.Fault;
import dev.cetera.disk.SimulatedCrash;
import dev.cetera.node.Engine;
import dev.cetera.node.Link;
import dev.cetera.node.LogLimits;
import dev.cetera.node.MemberConfig;
import dev.cetera.node.Peers;
import dev.cetera.node.StartException;
import dev.cetera.node.Surroundings;
import dev.cetera.raft.Role;
import dev.cetera.wal.WalOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A machine with one member on it: its disk, its clocks, the turns of its loops, and all that befalls it.
/// Confined.
final class Host {
    static final Path DATA = Path.of("/data");
    static final Path LOG = DATA.resolve("member/wal");
    static final int TICK_MILLIS = 100;
    static final int ELECTION_TICKS = 10;

    private static final long TICK = TICK_MILLIS * Timeline.MILLISECOND;
    private static final long COMMIT = 100 * Timeline.MILLISECOND;
    private static final long SWEEP = 500 * Timeline.MILLISECOND;
    private static final long PURGE = 3 * Timeline.SECOND;
    private static final int WAL_SEGMENT_BYTES = 6_000;

    /// What a host needs to know of the world around it.
    interface World {
        Link link(Host host);

        Peers peers(Host host);

        /// A stage of its member was turned, or the member has begun.
        void turned(Host host) throws IOException;

        /// Its member does not run any more.
        void stopped(Host host);

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
    private final LogLimits logLimits;

    /// Stages that will be turned anyhow.
    private final Set<Engine.Stage> due = EnumSet.noneOf(Engine.Stage.class);

    /// Counts starts; what was meant for an earlier life does not happen.
    private int life;

    private boolean gone;
    private boolean published;
    private long pausedUntil;
    private long stuckUntil;
    private long slowUntil;
    private long faultAt = Long.MAX_VALUE;

    Host(
            String name,
            MemberConfig config,
            MemberClock clock,
            World world,
            LogView.Listener logListener,
            UnaryOperator<FakeDisk> spoiling,
            LogLimits logLimits,
            Timeline timeline,
            Trace trace,
            Random random) {
        this.name = name;
        this.config = config;
        this.spoiling = spoiling;
        this.logLimits = logLimits;
        this.clock = clock;
        this.world = world;
        this.logListener = logListener;
        this.timeline = timeline;
        this.trace = trace;
        this.random = random;
        this.disk = spoiling.apply(new FakeDisk(random.nextLong()));
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

    boolean isPublished() {
        return published;
    }

    boolean leads() {
        return engine != null && engine.status().role() == Role.LEADER;
    }

    Engine engine() {
        return Objects.requireNonNull(engine);
    }

    LogView log() {
        return Objects.requireNonNull(log);
    }

    FakeDisk disk() {
        return disk;
    }

    int life() {
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
        var around = Surroundings.of(clock, world.link(this), world.peers(this), random.nextLong(), this::failed)
                .withWalOptions(new WalOptions(WAL_SEGMENT_BYTES))
                .withLogLimits(logLimits)
                .withReading(task -> soon(born, random.nextInt(300) * Timeline.MICROSECOND, task::run))
                .withContinueSoon(
                        () -> soon(born, (5 + random.nextInt(20)) * Timeline.MILLISECOND, () -> engine().compactMore()))
                .withPublished(() -> published = true)
                .withRemoved(() -> soon(born, 0, this::leave));
        try {
            engine = Engine.open(disk, config, _ -> {}, around);
        } catch (SimulatedCrash | IOException refused) {
            engine = null;
            stopped(refused);
            return false;
        }
        log = new LogView(disk, LOG, logListener);
        every(TICK, Engine::tick);
        every(COMMIT, Engine::commit);
        every(SWEEP, Engine::sweep);
        every(PURGE, Engine::purge);
        wake();
        world.turned(this);
        return true;
    }

    /// The member is gone, and what was not synced with it.
    void losePower() {
        trace.add(name, "loses power");
        disk = spoiling.apply(disk.crash());
        end();
    }

    void kill() {
        trace.add(name, "is killed");
        disk = spoiling.apply(disk.kill());
        end();
    }

    private void end() {
        engine = null;
        log = null;
        life++;
        faultAt = Long.MAX_VALUE;
        world.stopped(this);
    }

    /// It was removed, and stops in good order.
    private void leave() {
        trace.add(name, "leaves");
        var leaving = engine();
        leaving.refuseAll();
        gone = true;
        end();
        try {
            leaving.close();
        } catch (IOException | SimulatedCrash failed) {
            trace.add(name, "fails as it leaves:", String.valueOf(failed.getMessage()));
        }
    }

    private void failed(Throwable why) {
        if (!(why instanceof IOException) && !(why instanceof SimulatedCrash)) {
            throw world.broken(name + " can't go on: " + why);
        }
    }

    /// A member stops when its disk fails or its power does, and when it is refused at its start.
    private void stopped(Throwable why) {
        trace.add(name, "stops:", String.valueOf(why.getMessage()));
        boolean joins = config.clustering().beginning() == Clustering.Beginning.JOIN;
        boolean mayBe = why instanceof SimulatedCrash
                || (why instanceof StartException && joins)
                || disk.operations() >= faultAt;
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

    void heal() {
        if (engine != null && faultAt != Long.MAX_VALUE) {
            kill(); // goes on with a disk that has no fault waiting
        }
        pausedUntil = Math.min(pausedUntil, timeline.now());
        stuckUntil = Math.min(stuckUntil, timeline.now());
        slowUntil = Math.min(slowUntil, timeline.now());
    }

    // ---- its loops ----

    /// Lets something happen in this life of the member, or never; later, where the member is paused then.
    void soon(int born, long delayNanos, Timeline.Happening what) {
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
        for (var stage : Engine.Stage.values()) {
            if (due.add(stage)) {
                int born = life;
                timeline.in(delay(stage), () -> happen(born, () -> turn(stage)));
            }
        }
    }

    private long delay(Engine.Stage stage) {
        return switch (stage) {
            case RAFT -> random.nextInt(300) * Timeline.MICROSECOND;
            case APPLY -> random.nextInt(random.nextInt(20) == 0 ? 50_000 : 500) * Timeline.MICROSECOND;
            case WAL, BOLT -> {
                long usual = (100 + random.nextInt(stage == Engine.Stage.WAL ? 4_000 : 20_000)) * Timeline.MICROSECOND;
                long slow = timeline.now() < slowUntil ? usual * 50 : usual;
                yield Math.max(0, stuckUntil - timeline.now()) + slow;
            }
        };
    }

    private void turn(Engine.Stage stage) throws Exception {
        due.remove(stage);
        boolean disk = stage == Engine.Stage.WAL || stage == Engine.Stage.BOLT;
        if (disk && timeline.now() < stuckUntil) {
            wake();
        } else if (engine().turn(stage)) {
            world.turned(this);
            wake();
        }
    }
}
