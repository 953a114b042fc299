package dev.cetera.lease;

import dev.cetera.api.Refusal;

/// Answer to a request for a new lease.
public sealed interface Grant {
    /// The lease exists.
    ///
    /// @param ttlSeconds what was granted, at least the minimum
    /// @param row        to be written to bucket `lease`
    record Granted(long id, long ttlSeconds, LeaseRow row) implements Grant {}

    record Refused(Refusal why) implements Grant {}
}
