package dev.cetera.rpc;

import dev.cetera.api.Refusal;
import dev.cetera.mvcc.Changes;
import dev.cetera.watch.CatchUp;
import dev.cetera.watch.EventRing;
import dev.cetera.watch.Hub;
import dev.cetera.watch.Past;
import dev.cetera.watch.WatchCounters;
import dev.cetera.watch.WatchLimits;
import dev.cetera.watch.WatchStream;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The threads of watching: "watch" drives the [Hub] and owns every watch call; a few "watch-past" threads
/// read pages of history for those who are behind, one page at a time and in turn.
///
/// Shared: the applier calls [#publish], event loops hand in commands; neither waits. The inbox needs no bound
/// of its own: a call has at most one request in it (the next is asked for when that is answered) and a few
/// signals.
public final class WatchLoop {
    /// A command for the hub.
    interface Command {
        void run(Hub hub) throws IOException;
    }

    /// A command that concerns one open stream.
    interface StreamCommand {
        void run(Hub hub, WatchStream stream) throws IOException;
    }

    /// Pages read at once. They are work of lesser urgency than any put.
    private static final int PAST_THREADS = 2;

    /// Commands between two looks at the ring.
    private static final int COMMANDS_PER_TURN = 256;

    private static final long TICK_NANOS = 100_000_000L;

    /// Checks in a row without a leader after which calls that need one end, as in etcd.
    private static final int CHECKS_WITHOUT_LEADER = 3;

    private final EventRing ring;
    private final WatchMember member;
    private final long electionTimeoutNanos;
    private final Consumer<Throwable> fatal;
    private final WatchCounters counters = new WatchCounters();
    private final Queue<Command> inbox = new ConcurrentLinkedQueue<>();
    private final ExecutorService past;
    private final Thread thread;

    /// True from before the last look for work until the thread is awake again. Whoever brings work writes it
    /// first and looks here second, so either sees the other.
    private volatile boolean idle;

    private volatile boolean stopping;

    // ---- "watch" thread only ----
    private final Hub hub;
    private final WatchHeaders headers;
    private final Set<WatchCall> calls = new LinkedHashSet<>();
    private int pagesOut;
    private long nextTickNanos;
    private long nextLeaderCheckNanos;
    private int checksWithoutLeader;

    /// @param ring                 empty, at the store's revision
    /// @param electionTimeoutNanos between two looks for a leader
    /// @param fatal                told, once, what broke watching; the member must stop then
    public WatchLoop(
            EventRing ring,
            Past store,
            WatchMember member,
            WatchLimits limits,
            long electionTimeoutNanos,
            Consumer<Throwable> fatal) {
        this.ring = ring;
        this.member = member;
        this.electionTimeoutNanos = electionTimeoutNanos;
        this.fatal = fatal;
        this.hub = new Hub(ring, store, limits, counters);
        this.headers = new WatchHeaders(member);
        this.past = Executors.newFixedThreadPool(
                PAST_THREADS,
                Thread.ofPlatform().daemon(true).name("watch-past-", 0).factory());
        this.thread = Thread.ofPlatform().daemon(true).name("watch").unstarted(this::run);
    }

    // ---- the member ----

    public void start() {
        thread.start();
    }

    /// Ends every call with "server stopped" and waits until the threads are gone.
    public void stop() throws InterruptedException {
        stopping = true;
        wake();
        if (thread.getState() != Thread.State.NEW && thread != Thread.currentThread()) {
            thread.join();
        }
        past.shutdown();
        past.awaitTermination(1, TimeUnit.MINUTES);
    }

    /// Takes over the changes of the next revision; changes without events (nothing happened) are passed over.
    /// Applier only. Call it when the store shows the revision and before the client is answered.
    public void publish(Changes changes) {
        if (!changes.events().isEmpty()) {
            ring.append(changes);
            wake();
        }
    }

    /// The store's content has been replaced as a whole and now stands at `revision`. Applier only.
    public void restart(long revision) {
        ring.restart(revision);
        wake();
    }

    public WatchCounters counters() {
        return counters;
    }

    // ---- calls, on any thread ----

    boolean isStopping() {
        return stopping;
    }

    void open(WatchCall call) {
        execute(target -> {
            calls.add(call);
            call.open(target, System.nanoTime());
        });
    }

    void execute(Command command) {
        inbox.add(command);
        wake();
    }

    private void wake() {
        if (idle) {
            LockSupport.unpark(thread);
        }
    }

    // ---- "watch" thread ----

    byte[] header(long revision) {
        return headers.at(revision);
    }

    void forget(WatchCall call) {
        calls.remove(call);
    }

    private void run() {
        try {
            nextTickNanos = System.nanoTime();
            nextLeaderCheckNanos = nextTickNanos + electionTimeoutNanos;
            while (!stopping) {
                if (!turn()) {
                    rest();
                }
            }
            List.copyOf(calls).forEach(call -> call.end(hub, Refusal.STOPPED.status()));
        } catch (Throwable broken) {
            stopping = true;
            fatal.accept(broken);
        }
    }

    /// Does a little of everything there is to do.
    ///
    /// @return whether there was anything
    private boolean turn() throws IOException {
        boolean worked = false;
        for (int i = 0; i < COMMANDS_PER_TURN; i++) {
            var command = inbox.poll();
            if (command == null) {
                break;
            }
            command.run(hub);
            worked = true;
        }
        worked |= hub.dispatch();
        worked |= sendOutPages();
        long now = System.nanoTime();
        if (now - nextTickNanos >= 0) {
            nextTickNanos = now + TICK_NANOS;
            hub.tick(now);
            checkLeader(now);
        }
        return worked;
    }

    private void rest() {
        idle = true;
        if (inbox.isEmpty() && ring.newest() == hub.dispatched() && !stopping) {
            LockSupport.parkNanos(this, Math.max(1, nextTickNanos - System.nanoTime()));
        }
        idle = false;
    }

    private boolean sendOutPages() {
        boolean any = false;
        while (pagesOut < PAST_THREADS) {
            var page = hub.nextCatchUp();
            if (page == null) {
                break;
            }
            pagesOut++;
            any = true;
            past.execute(() -> read(page));
        }
        return any;
    }

    private void checkLeader(long now) {
        if (now - nextLeaderCheckNanos < 0) {
            return;
        }
        nextLeaderCheckNanos = now + electionTimeoutNanos;
        checksWithoutLeader = member.hasLeader() ? 0 : checksWithoutLeader + 1;
        if (checksWithoutLeader >= CHECKS_WITHOUT_LEADER) {
            for (var call : List.copyOf(calls)) {
                if (call.needsLeader()) {
                    call.end(hub, Refusal.NO_LEADER.status());
                }
            }
        }
    }

    // ---- "watch-past" threads ----

    private void read(CatchUp page) {
        @Nullable Throwable failure = null;
        try {
            page.read();
        } catch (IOException | RuntimeException | Error broken) {
            failure = broken;
        }
        var broken = failure;
        execute(target -> {
            pagesOut--;
            if (broken != null) {
                throw new IOException("cannot read history for watchers", broken);
            }
            target.caughtUp(page);
        });
    }
}
