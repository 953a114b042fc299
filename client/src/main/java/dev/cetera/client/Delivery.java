package dev.cetera.client;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// Brings what a watcher has to its listener, one batch after another.
final class Delivery implements Runnable {
    private final Serial serial;
    private final WatchListener listener;
    private volatile @Nullable Watcher watcher;
    private boolean ended;

    Delivery(Executor executor, WatchListener listener) {
        this.serial = new Serial(executor);
        this.listener = listener;
    }

    void begin(Watcher started) {
        watcher = started;
        started.begin();
    }

    /// There is something new.
    @Override
    public void run() {
        serial.execute(this::deliver);
    }

    private void deliver() {
        var from = watcher;
        if (from == null || ended) {
            return;
        }
        var end = from.end();
        for (var batch = from.poll(); batch != null && !from.released(); batch = from.poll()) {
            listener.onBatch(batch);
        }
        if (end != null && !from.released()) {
            ended = true;
            listener.onEnd(end);
        }
    }
}
