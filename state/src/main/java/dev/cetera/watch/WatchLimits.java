package dev.cetera.watch;

/// Bounds of the watch hub. Immutable.
///
/// @param pageRevisions revisions read at once for those behind, or handed out at once to those in step:
///     etcd's 1000
/// @param pageBytes bytes of changes read at once; as no revision is divided, a page may exceed it by one
///     revision
/// @param inlineRevisions the hub itself closes a gap of so few revisions that are still in the ring: this
///     guarantees that a watcher catches up with a store that never rests
/// @param responseBytes larger responses are split for watchers that allow it
/// @param progressIntervalNanos between two progress notifications of a stream
public record WatchLimits(
        int pageRevisions, long pageBytes, int inlineRevisions, long responseBytes, long progressIntervalNanos) {
    /// A header of four varints of at most ten bytes each, the watch id and the flags, with their tags.
    private static final int HEAD_BYTES = 64;

    /// etcd's, for the default `max-request-bytes`.
    public static final WatchLimits DEFAULTS =
            new WatchLimits(1000, 1 << 20, 64, 1_572_864 + (512 << 10), 600_000_000_000L);

    public WatchLimits withResponseBytes(long bytes) {
        return new WatchLimits(pageRevisions, pageBytes, inlineRevisions, bytes, progressIntervalNanos);
    }

    public WatchLimits withProgressIntervalNanos(long nanos) {
        return new WatchLimits(pageRevisions, pageBytes, inlineRevisions, responseBytes, nanos);
    }

    /// Room for events in a response of the greatest size, which also holds a header and the watch id.
    long eventBytes() {
        return Math.max(1, responseBytes - HEAD_BYTES);
    }
}
