package dev.cetera.client.leasing;

import dev.cetera.client.AsyncKV;
import dev.cetera.client.DeadlineException;
import dev.cetera.client.EtcdException;
import java.time.Duration;

/// How long an operation may take, all its requests and waiting together.
///
/// @param nanos from `beganNanos` on; [#NONE] for none
record Limit(long beganNanos, long nanos) {
    static final long NONE = Long.MAX_VALUE;

    static Limit of(long nanos) {
        return new Limit(System.nanoTime(), nanos);
    }

    long leftNanos() {
        return nanos == NONE ? NONE : nanos - (System.nanoTime() - beganNanos);
    }

    /// What makes a request in the time that is left.
    ///
    /// @throws DeadlineException if none is
    AsyncKV in(AsyncKV all) {
        long left = leftNanos();
        if (left <= 0) {
            throw DeadlineException.of(EtcdException.Fate.NOT_APPLIED);
        }
        return left == NONE ? all : all.within(Duration.ofNanos(left));
    }
}
