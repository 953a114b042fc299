package dev.cetera.lease;

/// Answer to a keep-alive.
public sealed interface Renewal {
    /// The countdown starts again.
    ///
    /// @param ttlSeconds seconds until the lease ends
    record Renewed(long ttlSeconds) implements Renewal {}

    record NotFound() implements Renewal {}

    /// Too late, the lease only waits for its revocation to come through the log. The client's answer waits
    /// for that as well: ask again when the lease was revoked (then [NotFound]) or the member demoted (then
    /// [NotPrimary]).
    record Expired() implements Renewal {}

    /// This member doesn't lead; the leader must be asked.
    record NotPrimary() implements Renewal {}
}
