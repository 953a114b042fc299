package dev.cetera.lease;

import java.util.List;

/// What is left of a lease.
///
/// @param remainingSeconds whole seconds left, rounded towards zero: negative when the end is past and the
///     revocation still on its way, −1 for a lease that doesn't exist, [#FOREVER_SECONDS] on a member that
///     doesn't count down
/// @param grantedSeconds   0 for a lease that doesn't exist
/// @param keys             sorted; empty when not asked for
public record TimeToLive(long id, long remainingSeconds, long grantedSeconds, List<byte[]> keys) {
    /// As etcd shows "no end": the largest number of nanoseconds, in seconds.
    public static final long FOREVER_SECONDS = Long.MAX_VALUE / 1_000_000_000;

    public TimeToLive {
        keys = List.copyOf(keys);
    }

    static TimeToLive missing(long id) {
        return new TimeToLive(id, -1, 0, List.of());
    }

    public boolean exists() {
        return grantedSeconds > 0;
    }
}
