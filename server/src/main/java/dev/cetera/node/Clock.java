package dev.cetera.node;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// The thread that tells a member how time passes. Shared.
final class Clock {
    private final ScheduledThreadPoolExecutor executor;
    private final Consumer<Throwable> fatal;
    private volatile boolean stopped;

    /// @param fatal told what escapes from a task
    Clock(Consumer<Throwable> fatal) {
        this.fatal = fatal;
        executor = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("clock-", 0).daemon(true).factory());
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    void every(Runnable task, long millis) {
        var _ = executor.scheduleAtFixedRate(guarded(task), millis, millis, TimeUnit.MILLISECONDS);
    }

    /// Once, after a while; not at all when the clock is stopped.
    void later(Runnable task, long millis) {
        try {
            var _ = executor.schedule(guarded(task), millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException rejected) {
            if (!stopped) {
                throw rejected;
            }
        }
    }

    /// An executor would swallow what is thrown; here it is a bug that must stop the member.
    private Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException | Error bug) {
                fatal.accept(bug);
            }
        };
    }

    void stop() {
        stopped = true;
        executor.shutdownNow();
    }
}
