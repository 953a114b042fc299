package dev.cetera.client;

/// How to watch.
///
/// @param startRevision the first revision of which events come; 0 for those that come after the watch was
///     made
/// @param events which kinds of events come
/// @param previous whether events bring what was there before
/// @param progress whether batches without events tell, now and then, how far a quiet watch has come
/// @param fragments whether the member may send a large batch in pieces, which are put together here
/// @param leader whether a member that has lost its leader is left for another
public record WatchOption(
        long startRevision, Events events, Previous previous, Progress progress, Fragments fragments, Leader leader) {
    public static final WatchOption DEFAULTS =
            new WatchOption(0, Events.ALL, Previous.LEFT_OUT, Progress.SILENT, Fragments.ALLOWED, Leader.NOT_REQUIRED);

    /// Kinds of events.
    public enum Events {
        ALL,
        PUTS,
        DELETES
    }

    /// Whether progress is told.
    public enum Progress {
        SILENT,
        TOLD
    }

    /// Whether batches may travel in pieces.
    public enum Fragments {
        FORBIDDEN,
        ALLOWED
    }

    /// Whether the member must have a leader.
    public enum Leader {
        NOT_REQUIRED,
        REQUIRED
    }

    public WatchOption withStartRevision(long revision) {
        return new WatchOption(revision, events, previous, progress, fragments, leader);
    }

    public WatchOption withOnly(Events kinds) {
        return new WatchOption(startRevision, kinds, previous, progress, fragments, leader);
    }

    public WatchOption withPrevious() {
        return new WatchOption(startRevision, events, Previous.RETURNED, progress, fragments, leader);
    }

    public WatchOption withProgress() {
        return new WatchOption(startRevision, events, previous, Progress.TOLD, fragments, leader);
    }

    public WatchOption withoutFragments() {
        return new WatchOption(startRevision, events, previous, progress, Fragments.FORBIDDEN, leader);
    }

    public WatchOption requiringLeader() {
        return new WatchOption(startRevision, events, previous, progress, fragments, Leader.REQUIRED);
    }
}
