package dev.cetera.rpc;

import dev.cetera.node.Time;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;

/// The threads of watching: "watch" turns [WatchTurns]; a few "watch-past" threads read pages of history for
/// those who are behind, one page at a time and in turn. Shared.
public final class WatchLoop {
    private final WatchTurns turns;
    private final Consumer<Throwable> fatal;
    private final ExecutorService past;
    private final Thread thread;

    /// True from before the last look for work until the thread is awake again. Whoever brings work writes it
    /// first and looks here second, so either sees the other.
    private volatile boolean idle;

    /// @param watching makes what is to be turned, of what it needs
    /// @param fatal    told, once, what broke watching; the member must stop then
    public WatchLoop(Function<WatchTurns.Surroundings, WatchTurns> watching, Consumer<Throwable> fatal) {
        this.fatal = fatal;
        this.past = Executors.newFixedThreadPool(
                WatchTurns.PAGES_AT_ONCE,
                Thread.ofPlatform().daemon(true).name("watch-past-", 0).factory());
        this.thread = Thread.ofPlatform().daemon(true).name("watch").unstarted(this::run);
        this.turns = watching.apply(new WatchTurns.Surroundings(Time.system(), past, this::wake));
    }

    public WatchTurns turns() {
        return turns;
    }

    public void start() {
        thread.start();
    }

    /// Ends every call with "server stopped" and waits until the threads are gone.
    public void stop() throws InterruptedException {
        turns.stop();
        if (thread.getState() != Thread.State.NEW && thread != Thread.currentThread()) {
            thread.join();
        }
        past.shutdown();
        past.awaitTermination(1, TimeUnit.MINUTES);
    }

    private void wake() {
        if (idle) {
            LockSupport.unpark(thread);
        }
    }

    private void run() {
        try {
            while (!turns.isStopping()) {
                if (!turns.turn()) {
                    rest();
                }
            }
            turns.end();
        } catch (Throwable broken) {
            turns.stop();
            fatal.accept(broken);
        }
    }

    private void rest() {
        idle = true;
        if (turns.isIdle()) {
            LockSupport.parkNanos(this, Math.max(1, turns.restNanos()));
        }
        idle = false;
    }
}
