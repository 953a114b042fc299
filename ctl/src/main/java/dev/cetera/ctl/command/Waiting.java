package dev.cetera.ctl.command;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

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

    /// Does what a signal interrupts.
    static <T> T interruptibly(Supplier<T> what) {
        var self = Thread.currentThread();
        var signals = Signals.on(self::interrupt);
        try {
            return what.get();
        } finally {
            signals.close();
        }
    }
}
