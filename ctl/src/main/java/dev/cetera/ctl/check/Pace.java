package dev.cetera.ctl.check;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.OptionalLong;

/// When each write is due: at even intervals until the time is over. Who comes late finds what was missed,
/// up to a limit, due at once. Guarded by itself.
public final class Pace {
    private final long intervalNanos;
    private final long backlogNanos;
    private final long endNanos;

    @GuardedBy("this")
    private long dueNanos;

    /// @param backlog writes that may be made up for
    /// @param nowNanos when it begins
    public Pace(int perSecond, int backlog, long nowNanos, long forNanos) {
        this.intervalNanos = 1_000_000_000L / perSecond;
        this.backlogNanos = backlog * intervalNanos;
        this.endNanos = nowNanos + forNanos;
        this.dueNanos = nowNanos - intervalNanos;
    }

    /// The time of the next write, past or future; empty when there is none any more.
    synchronized OptionalLong next(long nowNanos) {
        dueNanos = Math.max(dueNanos + intervalNanos, nowNanos - backlogNanos);
        return dueNanos < endNanos ? OptionalLong.of(dueNanos) : OptionalLong.empty();
    }
}
