package dev.cetera.ctl.command;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// Waits that a signal ends.
final class Waiting {
    private Waiting() {}

    /// What ended a wait.
    enum End {
        SIGNAL,
        LOST
    }

    /// Until a signal comes, or `lost` is done.
    static End untilSignalOr(CompletableFuture<?> lost) {
        var end = new CompletableFuture<End>();
        var signals = Signals.on(() -> end.complete(End.SIGNAL));
        try {
            var _ = lost.whenComplete((why, failure) -> end.complete(End.LOST));
            return end.get();
        } catch (InterruptedException e) {
            return End.SIGNAL;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            signals.close();
        }
    }

    /// Something that may take long.
    interface Step<T> {
        T take() throws Failure, IOException;
    }

    /// Does what a signal interrupts.
    static <T> T interruptibly(Step<T> what) throws Failure, IOException {
        var self = Thread.currentThread();
        var signals = Signals.on(self::interrupt);
        try {
            return what.take();
        } finally {
            signals.close();
        }
    }
}
