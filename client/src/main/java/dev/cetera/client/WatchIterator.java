package dev.cetera.client;

import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A watch to be read from, batch by batch. [#next] waits; an interrupt ends the waiting, not the watch.
/// Whoever closes it, from any thread, ends the iteration.
///
/// ```java
/// try (var batches = client.watch().open(KeyRange.prefix("jobs/"), WatchOption.DEFAULTS)) {
///     for (var batch : (Iterable<WatchBatch>) () -> batches) {
///         batch.events().forEach(event -> start(event.key()));
///     }
/// }
/// ```
public final class WatchIterator implements Iterator<WatchBatch>, AutoCloseable {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    private final Watcher watcher;
    private @Nullable WatchBatch ahead;

    WatchIterator(Function<Runnable, Watcher> maker) {
        this.watcher = maker.apply(this::signal);
    }

    Watching watching() {
        return watcher;
    }

    private void signal() {
        lock.lock();
        try {
            news.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Waits for the next batch; false if the iterator was closed.
    ///
    /// @throws EtcdException if the watch has ended by itself, or the thread was interrupted
    @Override
    public boolean hasNext() {
        lock.lock();
        try {
            while (ahead == null) {
                var batch = taken();
                if (batch == null && watcher.released()) {
                    return false;
                }
                ahead = batch;
                if (ahead == null) {
                    news.await();
                }
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CanceledException(EtcdException.Fate.NOT_APPLIED);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public WatchBatch next() {
        lock.lock();
        try {
            if (!hasNext() || ahead == null) {
                throw new NoSuchElementException("the watch is closed");
            }
            var batch = ahead;
            ahead = null;
            return batch;
        } finally {
            lock.unlock();
        }
    }

    /// Waits so long at most; empty if nothing came, or the iterator was closed.
    public Optional<WatchBatch> poll(Duration limit) {
        long left = limit.toNanos();
        lock.lock();
        try {
            while (ahead == null) {
                ahead = taken();
                if (ahead == null) {
                    if (left <= 0 || watcher.released()) {
                        return Optional.empty();
                    }
                    left = news.awaitNanos(left);
                }
            }
            var batch = ahead;
            ahead = null;
            return Optional.of(batch);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CanceledException(EtcdException.Fate.NOT_APPLIED);
        } finally {
            lock.unlock();
        }
    }

    /// What is there, or null.
    private @Nullable WatchBatch taken() {
        var batch = watcher.poll();
        if (batch == null) {
            var end = watcher.end();
            // What came before the end may have slipped in between the two looks.
            batch = end == null ? null : watcher.poll();
            if (end != null && batch == null && !watcher.released()) {
                throw end;
            }
        }
        return batch;
    }

    @Override
    public void close() {
        watcher.close();
        signal();
    }
}
