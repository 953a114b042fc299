package dev.cetera.lab.campaign;

import dev.cetera.lab.work.Stage;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Real time, and one thread in which all clients of a workload live. Channels run their callbacks by
/// [#executor].
///
/// Shared.
final class LiveStage implements Stage, AutoCloseable {
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("workload").daemon(true).factory());

    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    /// Runs everything in this stage's thread.
    Executor executor() {
        return what -> thread.execute(() -> run(what));
    }

    @Override
    public long now() {
        return System.nanoTime();
    }

    @Override
    public void in(long delayNanos, Runnable what) {
        var _ = thread.schedule(() -> run(what), delayNanos, TimeUnit.NANOSECONDS);
    }

    private void run(Runnable what) {
        try {
            what.run();
        } catch (RuntimeException | Error e) {
            failure.compareAndSet(null, e);
        }
    }

    /// Asks something in this stage's thread.
    ///
    /// @throws IllegalStateException when something that ran there before has failed
    <T> T ask(Callable<T> what) throws InterruptedException {
        try {
            T answer = thread.submit(what).get();
            var failed = failure.get();
            if (failed != null) {
                throw new IllegalStateException("the workload has failed", failed);
            }
            return answer;
        } catch (ExecutionException e) {
            throw new IllegalStateException("the workload has failed", e.getCause());
        }
    }

    /// What is still to come will not.
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
