package dev.cetera.mvcc;

import java.util.function.Consumer;

/// Where the changes of every revision go, in order, on the thread that applies. Must not block: the store
/// already shows the revision, and whoever asked for it is answered next.
@FunctionalInterface
public interface Feed extends Consumer<Changes> {
    /// The store's content was replaced as a whole by a later one, which stands at `revision` and is shown
    /// already. What changed on the way there never comes through here; it can be read from the store.
    default void restart(long revision) {}
}
