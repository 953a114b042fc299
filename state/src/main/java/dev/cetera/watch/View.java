package dev.cetera.watch;

import dev.cetera.mvcc.Event;

/// What of a change a watcher wants to see. Immutable.
///
/// @param puts     whether puts are told
/// @param deletes  whether deletions are told
/// @param previous whether the key-value before the change comes along
public record View(boolean puts, boolean deletes, boolean previous) {
    public static final View ALL = new View(true, true, false);

    boolean shows(Event.Type type) {
        return switch (type) {
            case PUT -> puts;
            case DELETE -> deletes;
        };
    }
}
