package dev.cetera.ctl.command;

import java.util.concurrent.TimeUnit;

/// SIGINT and SIGTERM, for commands that give something back before the program ends. The program then ends by
/// itself, with a code of its own; only if that takes too long the JVM does it.
final class Signals {
    private static final long TIDY_SECONDS = 10;

    private final Thread hook;

    private Signals(Runnable then) {
        this.hook = new Thread(() -> {
            then.run();
            try {
                TimeUnit.SECONDS.sleep(TIDY_SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /// Runs `then` when a signal comes, as long as this is open.
    static Signals on(Runnable then) {
        var signals = new Signals(then);
        Runtime.getRuntime().addShutdownHook(signals.hook);
        return signals;
    }

    void close() {
        if (!hook.isAlive()) {
            try {
                var _ = Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // A signal came just now: the program is ending anyway.
                Thread.currentThread().interrupt();
            }
        }
    }
}
