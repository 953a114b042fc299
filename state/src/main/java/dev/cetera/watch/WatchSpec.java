package dev.cetera.watch;

/// A watch as a client asks for it. Immutable.
///
/// @param startRevision  0 for the next revision; may lie in the past or in the future
/// @param watchId        the id wanted, or 0 for one of the stream's choice
/// @param progressNotify whether a quiet watcher is told the store's revision from time to time
/// @param fragment       whether large responses are split
public record WatchSpec(
        KeyRange range, View view, long startRevision, long watchId, boolean progressNotify, boolean fragment) {
    public static WatchSpec of(KeyRange range) {
        return new WatchSpec(range, View.ALL, 0, 0, false, false);
    }

    public WatchSpec withView(View newView) {
        return new WatchSpec(range, newView, startRevision, watchId, progressNotify, fragment);
    }

    public WatchSpec startingAt(long revision) {
        return new WatchSpec(range, view, revision, watchId, progressNotify, fragment);
    }

    public WatchSpec withId(long id) {
        return new WatchSpec(range, view, startRevision, id, progressNotify, fragment);
    }

    public WatchSpec withProgressNotify() {
        return new WatchSpec(range, view, startRevision, watchId, true, fragment);
    }

    public WatchSpec withFragments() {
        return new WatchSpec(range, view, startRevision, watchId, progressNotify, true);
    }
}
