package dev.cetera.client.concurrency;

import dev.cetera.client.ClientException;
import dev.cetera.client.Code;
import dev.cetera.client.DeadlineException;
import dev.cetera.client.EtcdException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// How long somebody goes on: as long as the session lives, and so long at most.
///
/// @param limitNanos from `beganNanos` on; [Long#MAX_VALUE] for none
record Patience(Session session, long beganNanos, long limitNanos) {
    /// For one request: what insists makes it again, so a member that swallows one costs no more than this.
    private static final long REQUEST_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final long PAUSE_MILLIS = 50;

    static Patience of(Session session) {
        return new Patience(session, System.nanoTime(), Long.MAX_VALUE);
    }

    static Patience of(Session session, Duration limit) {
        return new Patience(session, System.nanoTime(), limit.toNanos());
    }

    /// What is left, but no more than `most`.
    ///
    /// @throws ClientException if the session is lost
    /// @throws DeadlineException if the time is over
    Duration left(long mostNanos) {
        if (!session.isAlive()) {
            throw new ClientException(ClientException.Reason.LOCK_LOST);
        }
        long left = limitNanos - (System.nanoTime() - beganNanos);
        if (left <= 0) {
            throw DeadlineException.of(EtcdException.Fate.NOT_APPLIED);
        }
        return Duration.ofNanos(Math.min(left, mostNanos));
    }

    /// Does `work`, which is told how long it may take, until it is done or refused.
    <T> T insist(Function<Duration, T> work) {
        while (true) {
            var left = left(REQUEST_NANOS);
            try {
                return work.apply(left);
            } catch (EtcdException e) {
                if (!mayPass(e) || Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                pause();
            }
        }
    }

    /// Whether it may go better the next time.
    static boolean mayPass(EtcdException why) {
        return why.code() == Code.UNAVAILABLE || why instanceof DeadlineException;
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the next request says so
        }
    }
}
