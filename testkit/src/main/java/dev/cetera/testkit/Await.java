package dev.cetera.testkit;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Waiting for something that another thread or process does: always with a condition, always with a deadline.
public final class Await {
    private static final long POLL_NANOS = 5_000_000;

    private Await() {}

    /// Returns as soon as `condition` holds. A condition that throws doesn't hold yet; what it threw is the
    /// cause of the [AssertionError] if `deadline` passes first.
    public static void await(String what, Duration deadline, Callable<Boolean> condition) {
        long start = System.nanoTime();
        @Nullable Exception last = null;
        do {
            try {
                if (condition.call()) {
                    return;
                }
                last = null;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(what + ": interrupted while waiting", e);
            } catch (Exception e) {
                last = e;
            }
            LockSupport.parkNanos(POLL_NANOS);
        } while (System.nanoTime() - start < deadline.toNanos());
        throw new AssertionError(what + ": not within " + deadline, last);
    }
}
