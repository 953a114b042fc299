package dev.cetera.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cetera.api.Refusal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The keys of a range as they are, kept here: listed once, then watched. Reads cost nothing and may be a
/// little old; [#awaitRevision] makes them as new as a given answer. If the history that the watch needs is
/// compacted away, the range is listed again, and listeners are told what is different. Guarded by its lock.
public final class KeyView implements AutoCloseable {
    private static final int PAGE = 1000;
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final KV kv;
    private final Watch watch;
    private final KeyRange keys;
    private final List<Consumer<List<WatchEvent>>> listeners = new CopyOnWriteArrayList<>();
    private final CompletableFuture<EtcdException> ended = new CompletableFuture<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();

    @GuardedBy("lock")
    private NavigableMap<Key, KeyValue> content = new TreeMap<>();

    @GuardedBy("lock")
    private long revision;

    @GuardedBy("lock")
    private @Nullable Watching watching;

    @GuardedBy("lock")
    private boolean closed;

    private KeyView(KV kv, Watch watch, KeyRange keys) {
        this.kv = kv;
        this.watch = watch;
        this.keys = keys;
    }

    /// Lists the range and begins to watch it.
    static KeyView open(KV kv, Watch watch, KeyRange keys) {
        var view = new KeyView(kv, watch, keys);
        view.list();
        return view;
    }

    public Optional<KeyValue> get(Key key) {
        lock.lock();
        try {
            return Optional.ofNullable(content.get(key));
        } finally {
            lock.unlock();
        }
    }

    /// All keys, in their order, as they were at one revision.
    public List<KeyValue> all() {
        lock.lock();
        try {
            return List.copyOf(content.values());
        } finally {
            lock.unlock();
        }
    }

    public int size() {
        lock.lock();
        try {
            return content.size();
        } finally {
            lock.unlock();
        }
    }

    /// Everything up to here is in it.
    public long revision() {
        lock.lock();
        try {
            return revision;
        } finally {
            lock.unlock();
        }
    }

    /// Waits until a key of the range has changed at `wanted` or later, or progress was told: so ask for the
    /// revision of a change that one knows to be in the range. False if the time is over first.
    public boolean awaitRevision(long wanted, Duration limit) {
        long left = limit.toNanos();
        lock.lock();
        try {
            while (revision < wanted) {
                if (left <= 0 || closed) {
                    return false;
                }
                left = moved.awaitNanos(left);
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CanceledException(EtcdException.Fate.NOT_APPLIED);
        } finally {
            lock.unlock();
        }
    }

    /// Is told of changes, after they are in the view; by one thread at a time.
    public void onChange(Consumer<List<WatchEvent>> listener) {
        listeners.add(listener);
    }

    /// Done with the reason if the view ends by itself: refused, or the client was closed.
    public CompletableFuture<EtcdException> ended() {
        return ended.copy();
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            if (watching != null) {
                watching.close();
            }
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void list() {
        while (true) {
            try {
                take(listed());
                return;
            } catch (RefusedException e) {
                if (!e.is(Refusal.COMPACTED)) {
                    throw e;
                }
                // The first page's revision was gone before the last page was read: from the start.
            }
        }
    }

    private record Listed(NavigableMap<Key, KeyValue> content, long revision) {}

    /// Page by page at the revision of the first.
    private Listed listed() {
        var listed = new TreeMap<Key, KeyValue>();
        long at = 0;
        var from = keys;
        while (true) {
            var page = kv.get(from, GetOption.DEFAULTS.withRevision(at).withLimit(PAGE));
            at = at == 0 ? page.header().revision() : at;
            page.kvs().forEach(each -> listed.put(each.key(), each));
            if (!page.more() || page.kvs().isEmpty()) {
                return new Listed(listed, at);
            }
            from = new KeyRange(listed.lastKey().next(), keys.end());
        }
    }

    private void take(Listed listed) {
        List<WatchEvent> differences;
        lock.lock();
        try {
            differences = differences(content, listed.content, listed.revision);
            content = listed.content;
            revision = listed.revision;
            moved.signalAll();
        } finally {
            lock.unlock();
        }
        // Before the watch begins, so that what it tells comes after.
        Serial.run(() -> tell(differences));
        lock.lock();
        try {
            if (!closed) {
                var option = WatchOption.DEFAULTS
                        .withStartRevision(listed.revision + 1)
                        .withProgress()
                        .requiringLeader();
                watching = watch.listen(keys, option, new Changes());
            }
        } finally {
            lock.unlock();
        }
    }

    /// After the history was compacted away. Goes on until it is done, refused, or nobody wants it any more.
    private void listAgain() {
        try {
            list();
        } catch (EtcdException e) {
            boolean mayPass = e.code() == Code.UNAVAILABLE || e instanceof DeadlineException;
            if (mayPass && !isClosed()) {
                watch.later(this::listAgain, PAUSE);
            } else {
                end(e);
            }
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private void end(EtcdException why) {
        ended.complete(why);
        close();
    }

    private static List<WatchEvent> differences(
            NavigableMap<Key, KeyValue> before, NavigableMap<Key, KeyValue> after, long revision) {
        var all = new ArrayList<WatchEvent>();
        after.forEach((key, now) -> {
            var was = before.get(key);
            if (!now.equals(was)) {
                all.add(new WatchEvent(WatchEvent.Kind.PUT, now, Optional.ofNullable(was)));
            }
        });
        before.forEach((key, was) -> {
            if (!after.containsKey(key)) {
                var gone = new KeyValue(key, Value.EMPTY, 0, revision, 0, 0);
                all.add(new WatchEvent(WatchEvent.Kind.DELETE, gone, Optional.of(was)));
            }
        });
        return all;
    }

    private void tell(List<WatchEvent> events) {
        if (!events.isEmpty()) {
            listeners.forEach(listener -> listener.accept(events));
        }
    }

    private final class Changes implements WatchListener {
        @Override
        public void onBatch(WatchBatch batch) {
            lock.lock();
            try {
                for (var event : batch.events()) {
                    if (event.isPut()) {
                        content.put(event.key(), event.kv());
                    } else {
                        content.remove(event.key());
                    }
                    revision = event.revision();
                }
                if (batch.isProgress()) {
                    revision = Math.max(revision, batch.header().revision());
                }
                moved.signalAll();
            } finally {
                lock.unlock();
            }
            tell(batch.events());
        }

        @Override
        public void onEnd(EtcdException why) {
            if (why instanceof CompactedException) {
                listAgain();
            } else {
                end(why);
            }
        }
    }
}
