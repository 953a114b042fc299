package dev.cetera.compactor;

import dev.cetera.config.Retention;
import org.jspecify.annotations.Nullable;

/// Decides when history is forgotten, and how much. One compaction is under way at a time. Confined to the
/// member's clock, but for [#succeeded] and [#failed], which may come from any thread.
public sealed interface Compactor permits Periodic, Trailing {
    /// Whether this member is the one that compacts.
    enum Role {
        /// It leads.
        ACTIVE,
        /// It takes note of revisions, to be ready to lead.
        PASSIVE
    }

    /// To be asked at every tick.
    ///
    /// @param nowNanos as of a monotonic clock
    /// @param revision the current one
    /// @return the revision to compact to now, 0 for nothing to do
    long due(long nowNanos, long revision, Role role);

    /// What [#due] asked for was done, or had been done already.
    void succeeded();

    /// What [#due] asked for was not done.
    void failed();

    /// What is kept, as the log tells it: `retention: 1h0m0s` or `retention: 1000 revisions`.
    String retention();

    /// Until a failed compaction is tried again, in nanoseconds.
    long retryNanos();

    /// Null when all history is kept.
    static @Nullable Compactor of(Retention retention, long nowNanos) {
        return switch (retention) {
            case Retention.All() -> null;
            case Retention.Period(long nanos) -> new Periodic(nanos, nowNanos);
            case Retention.Revisions(long count) -> new Trailing(count, nowNanos);
        };
    }
}
