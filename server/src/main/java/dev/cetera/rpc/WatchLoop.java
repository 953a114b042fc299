package dev.cetera.rpc;

import dev.cetera.node.Rest;
import dev.cetera.node.Time;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/// The threads of watching: "watch" turns [WatchTurns]; a few "watch-past" threads read pages of history for
/// those who are behind, one page at a time and in turn. Shared.
public final class WatchLoop {
    private final WatchTurns turns;
    private final Consumer<Throwable> fatal;
    private final ExecutorService past;
    private final Thread thread;
    private final Rest rest = new Rest();

    /// @param watching makes what is to be turned, of what it needs
    /// @param fatal    told, once, what broke watching; the member must stop then
    public WatchLoop(Function<WatchTurns.Surroundings, WatchTurns> watching, Consumer<Throwable> fatal) {
        this.fatal = fatal;
        this.past = Executors.newFixedThreadPool(
                WatchTurns.PAGES_AT_ONCE,
                Thread.ofPlatform().daemon(true).name("watch-past-", 0).factory());
        this.thread = Thread.ofPlatform().daemon(true).name("watch").unstarted(this::run);
        this.turns = watching.apply(new WatchTurns.Surroundings(Time.system(), past, rest::endSoon));
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
        rest.end();
        if (thread.getState() != Thread.State.NEW && thread != Thread.currentThread()) {
            thread.join();
        }
        past.shutdown();
        past.awaitTermination(1, TimeUnit.MINUTES);
    }

    private void run() {
        try {
            while (!turns.isStopping()) {
                if (!turns.turn()) {
                    rest.take(turns::isIdle, turns.restNanos());
                }
            }
            turns.end();
        } catch (Throwable broken) {
            turns.stop();
            fatal.accept(broken);
        }
    }
}
