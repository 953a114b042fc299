package dev.cetera.node;

import dev.cetera.api.Refusal;
import dev.cetera.lease.Leases;
import dev.cetera.lease.Renewal;
import java.util.function.Consumer;

/// Renews leases where this member counts them down.
///
/// Shared: any thread may call any method.
final class KeepAlives {
    private final Leases leases;
    private final Time time;
    private final long timeoutNanos;
    private final Consumer<Answer<Long>> linearize;
    private final Renewals waiting = new Renewals();
    private volatile boolean stopping;

    /// @param linearize answers once everything is applied that was acknowledged before
    KeepAlives(Leases leases, Time time, MemberConfig config, Consumer<Answer<Long>> linearize) {
        this.leases = leases;
        this.time = time;
        this.timeoutNanos = config.requestTimeoutMillis() * 1_000_000;
        this.linearize = linearize;
    }

    /// Starts the countdown of a lease again, once it is known that this member led when it was asked. One
    /// that has ended, and whose revocation is on its way, is only answered for when it is gone.
    ///
    /// @param answer the seconds until it ends; 0 for a lease that there is not; refused with `NOT_LEADER`
    ///               where somebody else counts
    void renew(long lease, Answer<Long> answer) {
        renew(lease, answer, time.nanos() + timeoutNanos);
    }

    /// @param deadlineNanos by [Time#nanos]; then it is refused with `TIMED_OUT`
    void renew(long lease, Answer<Long> answer, long deadlineNanos) {
        if (!leases.isPrimary()) {
            answer.refused(stopping ? Refusal.STOPPED : Refusal.NOT_LEADER);
            return;
        }
        // A leader that leads no more and doesn't know it yet would renew what its successor has revoked, and one that
        // lags behind its own log may just not have that lease yet: a client that hears "gone" gives it up.
        linearize.accept(new Answer<>() {
            @Override
            public void done(Long index) {
                renewNow(lease, answer, deadlineNanos);
            }

            @Override
            public void refused(Refusal why) {
                answer.refused(why == Refusal.LEADER_CHANGED ? Refusal.NOT_LEADER : why);
            }
        });
    }

    private void renewNow(long lease, Answer<Long> answer, long deadlineNanos) {
        long now = time.nanos();
        switch (leases.renew(lease, now)) {
            case Renewal.Renewed(long ttlSeconds) -> answer.done(ttlSeconds);
            case Renewal.NotFound() -> answer.done(0L);
            case Renewal.NotPrimary() -> answer.refused(stopping ? Refusal.STOPPED : Refusal.NOT_LEADER);
            case Renewal.Expired() -> {
                if (stopping) {
                    answer.refused(Refusal.STOPPED);
                } else if (now - deadlineNanos >= 0) {
                    answer.refused(Refusal.TIMED_OUT);
                } else {
                    waiting.await(lease, () -> renew(lease, answer, deadlineNanos), deadlineNanos);
                    // What this one waits for may have come between the question and the waiting.
                    if (stopping || !leases.isPrimary() || !leases.exists(lease)) {
                        waiting.revoked(lease);
                    }
                }
            }
        }
    }

    void revoked(long lease) {
        waiting.revoked(lease);
    }

    /// This member has stopped counting down.
    void demoted() {
        waiting.releaseAll();
    }

    void expire(long nowNanos) {
        waiting.expire(nowNanos);
    }

    void close() {
        stopping = true;
        waiting.releaseAll();
    }
}
