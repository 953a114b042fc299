package dev.cetera.watch;

/// One `WatchResponse`, but for the part of its header that names the member. Immutable.
///
/// @param revision        of the header
/// @param compactRevision zero unless the watch ended because its next revision is compacted
/// @param fragment        whether more of the same response follows
public record Response(
        long revision,
        long watchId,
        boolean created,
        boolean canceled,
        long compactRevision,
        String cancelReason,
        boolean fragment,
        Events events) {
    /// The watch id of a refused creation, and of an answer that concerns all watchers of a stream.
    public static final long NO_WATCH = -1;

    static Response created(long watchId, long revision) {
        return new Response(revision, watchId, true, false, 0, "", false, Events.NONE);
    }

    static Response refused(long revision, String reason) {
        return new Response(revision, NO_WATCH, true, true, 0, reason, false, Events.NONE);
    }

    static Response canceled(long watchId, long revision) {
        return new Response(revision, watchId, false, true, 0, "", false, Events.NONE);
    }

    static Response revoked(long watchId, long revision, String reason) {
        return new Response(revision, watchId, false, true, 0, reason, false, Events.NONE);
    }

    static Response compacted(long watchId, long compactRevision) {
        return new Response(0, watchId, false, true, compactRevision, "", false, Events.NONE);
    }

    static Response progress(long watchId, long revision) {
        return new Response(revision, watchId, false, false, 0, "", false, Events.NONE);
    }

    static Response events(long watchId, long revision, Events events) {
        return new Response(revision, watchId, false, false, 0, "", false, events);
    }

    static Response fragment(long watchId, long revision, Events events) {
        return new Response(revision, watchId, false, false, 0, "", true, events);
    }
}
