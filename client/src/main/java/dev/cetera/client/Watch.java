package dev.cetera.client;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Flow;

/// Watches: by callback, as a publisher, to be read from, or as a view that is kept up to date. A watch goes
/// on whatever becomes of members and connections, missing nothing and telling nothing twice, until it is
/// closed, the history that it needs is compacted, or it is refused. All of one client share a stream.
public final class Watch {
    private final Calls calls;
    private final ConcurrentHashMap<WatchOption.Leader, WatchHub> hubs = new ConcurrentHashMap<>();
    private volatile boolean closed;

    Watch(Calls calls) {
        this.calls = calls;
    }

    /// Watches by callback. Returns at once; see [Watching#created].
    public Watching listen(KeyRange keys, WatchOption option, WatchListener listener) {
        var delivery = new Delivery(calls.transport().executor(), listener);
        var watcher = new Watcher(hub(option), keys, option, delivery);
        delivery.begin(watcher);
        return watcher;
    }

    /// Watches by reading. Waits until a member has taken the watch, so that what is written after this will
    /// be seen.
    ///
    /// @throws EtcdException if the watch is refused
    public WatchIterator open(KeyRange keys, WatchOption option) {
        var iterator = begin(keys, option);
        try {
            Calls.await(iterator.watching().created());
        } catch (CompactedException e) {
            return iterator; // its first batch says so
        } catch (EtcdException e) {
            iterator.close();
            throw e;
        }
        return iterator;
    }

    /// As [#open], but doesn't wait: for who says where to start, or who mustn't be held up by members that
    /// don't answer.
    public WatchIterator begin(KeyRange keys, WatchOption option) {
        return new WatchIterator(signal -> started(new Watcher(hub(option), keys, option, signal)));
    }

    public WatchIterator open(String key) {
        return open(KeyRange.of(key), WatchOption.DEFAULTS);
    }

    /// Watches as a publisher: each subscriber gets a watch of its own, which begins when it subscribes, and
    /// no more than it requests.
    public Flow.Publisher<WatchBatch> publisher(KeyRange keys, WatchOption option) {
        return subscriber -> new WatchSubscription(subscriber, calls.transport().executor())
                .begin(signal -> started(new Watcher(hub(option), keys, option, signal)));
    }

    /// Runs `task` later; never if the client is closed.
    void later(Runnable task, Duration wait) {
        var unused = calls.transport().schedule(task, wait.toNanos());
    }

    private Watcher started(Watcher watcher) {
        watcher.begin();
        return watcher;
    }

    private WatchHub hub(WatchOption option) {
        var hub = hubs.computeIfAbsent(
                option.leader(),
                leader -> new WatchHub(leader == WatchOption.Leader.REQUIRED ? calls.requiringLeader() : calls));
        if (closed) {
            hub.close();
        }
        return hub;
    }

    void close() {
        closed = true;
        hubs.values().forEach(WatchHub::close);
    }
}
