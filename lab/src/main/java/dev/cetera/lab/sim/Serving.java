package dev.cetera.lab.sim;

import dev.cetera.metrics.Metrics;
import dev.cetera.node.Desk;
import dev.cetera.node.Engine;
import dev.cetera.node.LongWork;
import dev.cetera.node.Time;
import dev.cetera.rpc.RpcLimits;
import dev.cetera.rpc.Services;
import dev.cetera.rpc.WatchFeed;
import dev.cetera.rpc.WatchMember;
import dev.cetera.rpc.WatchService;
import dev.cetera.rpc.WatchTurns;
import dev.cetera.watch.EventRing;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;

/// All that a member in the simulation serves to its clients: the same gRPC services as in a process, with
/// nothing but its threads exchanged.
///
/// @param watching to be turned
record Serving(Desk desk, LongWork longWork, WatchTurns watching, Services services) {
    /// What a process has other threads for.
    interface Elsewhere {
        void run(Runnable task);

        /// Whether too much waits there to take any more.
        boolean isCrowded();

        /// There is something to do for [Serving#watching].
        void watchesWait();
    }

    /// Nobody reads them.
    private static final Metrics METRICS = new Metrics(Metrics.Detail.BASIC);

    private static final RpcLimits LIMITS = new RpcLimits(128, 1_500_000);
    private static final long ELECTION_NANOS = Host.TICK_MILLIS * Host.ELECTION_TICKS * Timeline.MILLISECOND;

    static Serving of(Engine engine, WatchFeed feed, Habits habits, Time time, Elsewhere elsewhere) {
        var longWork = new LongWork(
                task -> {
                    if (elsewhere.isCrowded()) {
                        throw new RejectedExecutionException();
                    }
                    elsewhere.run(task);
                },
                engine::fail);
        var desk = new Desk(engine, longWork);
        var member = WatchMember.of(desk);
        var watching = feed.join(
                engine.machine().store(),
                revision -> new EventRing(habits.ringRevisions(), 1 << 20, revision),
                member,
                habits.watchLimits(),
                ELECTION_NANOS,
                new WatchTurns.Surroundings(time, elsewhere::run, elsewhere::watchesWait));
        var services = new Services(
                desk, LIMITS, METRICS, List.of(new WatchService(watching, member).definition()), elsewhere::run);
        return new Serving(desk, longWork, watching, services);
    }
}
