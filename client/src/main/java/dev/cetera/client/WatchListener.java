package dev.cetera.client;

/// Hears what a watch sees; by one thread at a time, in order. A listener that takes long keeps only its own
/// watch waiting.
@FunctionalInterface
public interface WatchListener {
    void onBatch(WatchBatch batch);

    /// The watch has ended by itself: compacted, refused, or the client was closed. Nothing comes after it.
    /// Losing members does not end a watch.
    default void onEnd(EtcdException why) {}
}
