package dev.cetera.rpc;

import dev.cetera.api.Refusal;
import dev.cetera.mvcc.Changes;
import dev.cetera.node.Time;
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
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// The work of watching, without a thread or a clock: it owns the [Hub] and every watch call, and does some of
/// what there is to do whenever it is turned. [WatchLoop] turns it by a thread of its own, a simulator in an
/// order of its own.
///
/// Shared: the applier calls [#publish], event loops hand in commands; neither waits. The inbox needs no bound
/// of its own: a call has at most one request in it (the next is asked for when that is answered) and a few
/// signals. [#turn] and [#end] are confined to whoever turns it.
public final class WatchTurns {
    /// A command for the hub.
    interface Command {
        void run(Hub hub) throws IOException;
    }

    /// A command that concerns one open stream.
    interface StreamCommand {
        void run(Hub hub, WatchStream stream) throws IOException;
    }

    /// Whom it works with.
    ///
    /// @param past reads pages of history, of which there are [#PAGES_AT_ONCE] at most; may run them anywhere
    /// @param wake called by whoever brings work, after it has brought it; must not block
    public record Surroundings(Time time, Executor past, Runnable wake) {}

    /// Pages read at once. They are work of lesser urgency than any put.
    static final int PAGES_AT_ONCE = 2;

    /// Commands between two looks at the ring.
    private static final int COMMANDS_PER_TURN = 256;

    private static final long TICK_NANOS = 100_000_000L;

    /// Checks in a row without a leader after which calls that need one end, as in etcd.
    private static final int CHECKS_WITHOUT_LEADER = 3;

    private final EventRing ring;
    private final WatchMember member;
    private final long electionTimeoutNanos;
    private final Time time;
    private final Executor past;
    private final Runnable wake;
    private final WatchCounters counters = new WatchCounters();
    private final Queue<Command> inbox = new ConcurrentLinkedQueue<>();
    private volatile boolean stopping;

    /// Whether anybody waits for events. Written before a turn looks at the ring, and read after the ring was
    /// written: what is appended unseen is found by the turn that begins to care, the next turn of all is soon
    /// enough otherwise.
    private volatile boolean watched;

    // ---- whoever turns it only ----
    private final Hub hub;
    private final WatchHeaders headers;
    private final Set<WatchCall> calls = new LinkedHashSet<>();
    private int pagesOut;
    private long nextTickNanos;
    private long nextLeaderCheckNanos;
    private int checksWithoutLeader;
    /// The rights under which all watches were last looked at.
    private long judgedAt;

    /// @param ring                 empty, at the store's revision
    /// @param electionTimeoutNanos between two looks for a leader
    WatchTurns(
            EventRing ring,
            Past store,
            WatchMember member,
            WatchLimits limits,
            long electionTimeoutNanos,
            Surroundings around) {
        this.ring = ring;
        this.member = member;
        this.electionTimeoutNanos = electionTimeoutNanos;
        this.time = around.time();
        this.past = around.past();
        this.wake = around.wake();
        this.hub = new Hub(ring, store, limits, counters);
        this.headers = new WatchHeaders(member);
        this.nextTickNanos = time.nanos();
        this.nextLeaderCheckNanos = nextTickNanos + electionTimeoutNanos;
    }

    // ---- the member ----

    /// Takes over the changes of the next revision; changes without events (nothing happened) are passed over.
    /// Applier only. Call it when the store shows the revision and before the client is answered.
    public void publish(Changes changes) {
        if (!changes.events().isEmpty()) {
            ring.append(changes);
            if (watched) {
                wake.run();
            }
        }
    }

    /// The store's content has been replaced as a whole and now stands at `revision`. Applier only.
    public void restart(long revision) {
        ring.restart(revision);
        wake.run();
    }

    public WatchCounters counters() {
        return counters;
    }

    /// Opens no more calls; whoever turns it is to [#end] those that there are. Any thread.
    public void stop() {
        stopping = true;
        wake.run();
    }

    public boolean isStopping() {
        return stopping;
    }

    // ---- calls, on any thread ----

    void open(WatchCall call) {
        execute(target -> {
            calls.add(call);
            call.open(target, time.nanos());
        });
    }

    void execute(Command command) {
        inbox.add(command);
        wake.run();
    }

    // ---- whoever turns it ----

    byte[] header(long revision) {
        return headers.at(revision);
    }

    void forget(WatchCall call) {
        calls.remove(call);
    }

    /// Does a little of everything there is to do.
    ///
    /// @return whether there was anything
    /// @throws IOException when the past can't be read; the member must stop then
    public boolean turn() throws IOException {
        boolean worked = false;
        for (int i = 0; i < COMMANDS_PER_TURN; i++) {
            var command = inbox.poll();
            if (command == null) {
                break;
            }
            command.run(hub);
            worked = true;
        }
        watched = hub.isWatched();
        judgeAgainIfNeedBe();
        worked |= hub.dispatch();
        worked |= sendOutPages();
        long now = time.nanos();
        if (now - nextTickNanos >= 0) {
            nextTickNanos = now + TICK_NANOS;
            hub.tick(now);
            checkLeader(now);
        }
        return worked;
    }

    /// Whether nothing has been brought since the last turn that found nothing to do.
    boolean isIdle() {
        return inbox.isEmpty() && (!watched || ring.newest() == hub.dispatched()) && !stopping;
    }

    /// How long it may rest at most, when nothing is brought meanwhile. Not positive when it may not.
    long restNanos() {
        return nextTickNanos - time.nanos();
    }

    /// Ends every call with "server stopped".
    public void end() {
        stopping = true;
        List.copyOf(calls).forEach(call -> call.end(hub, Refusal.STOPPED.status()));
    }

    /// Before anything is dispatched: an event that was applied after rights were taken is not given to those
    /// who had them.
    private void judgeAgainIfNeedBe() {
        long moment = member.rightsMoment();
        if (moment != judgedAt) {
            judgedAt = moment;
            List.copyOf(calls).forEach(call -> call.judgeAgain(hub));
        }
    }

    WatchMember member() {
        return member;
    }

    private boolean sendOutPages() {
        boolean any = false;
        while (pagesOut < PAGES_AT_ONCE) {
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

    // ---- where pages are read ----

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
