package dev.cetera.client.leasing;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cetera.client.GetResponse;
import dev.cetera.client.Header;
import dev.cetera.client.Key;
import dev.cetera.client.KeyValue;
import dev.cetera.client.Op;
import dev.cetera.client.Txn;
import dev.cetera.client.TxnResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The keys that are owned by one lease, as they are. What is here is never stale, because
///
/// - nobody else writes a key as long as its leasing key is there, and that goes only with the lease, or by
///   our hand after the key was forgotten here;
/// - the lease is alive by this side's clock *after* the key was looked up;
/// - while a write of ours is under way, so that the members may already have what is not yet here, nothing is
///   answered: such a key has writers. One whose outcome nobody knows makes us forget the key, and give the
///   leasing key up before there is a new one, so that the write can't come true under it later;
/// - a key whose leasing key was revoked or deleted before the answer came that made it ours is not taken up:
///   the watch may be faster than the answer.
///
/// Guarded by its lock.
final class Owned {
    /// So long a key is left to others after it was theirs, or they have asked for it.
    private static final long REST_NANOS = TimeUnit.SECONDS.toNanos(2);

    /// More resting keys are not remembered.
    private static final int MOST_RESTING = 10_000;

    private final int mostKeys;
    private final BooleanSupplier alive;
    private final LongSupplier nanoTime;
    private final ReentrantLock lock = new ReentrantLock();

    /// Those that were used last at the end.
    @GuardedBy("lock")
    private final LinkedHashMap<Key, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    /// Keys that are being made ours; the revision at which their leasing key was last revoked or deleted.
    @GuardedBy("lock")
    private final Map<Key, Long> acquiring = new HashMap<>();

    /// Until when keys rest, the first to be over first.
    @GuardedBy("lock")
    private final LinkedHashMap<Key, Long> resting = new LinkedHashMap<>();

    @GuardedBy("lock")
    private Header newest = new Header(0, 0, 0, 0);

    @GuardedBy("lock")
    private boolean ended;

    /// One key. Its fields but the first two are guarded by the lock.
    static final class Entry {
        private final Key key;
        private final long since;
        private @Nullable KeyValue state;
        private long asOf;
        private int writers;

        private Entry(Key key, long since, @Nullable KeyValue state) {
            this.key = key;
            this.since = since;
            this.state = state;
            this.asOf = since;
        }

        Key key() {
            return key;
        }

        /// The leasing key's create revision, by which a writer proves that it owns the key.
        long since() {
            return since;
        }
    }

    /// What was given up, for its leasing key to be deleted.
    record Release(Key key, long since) {}

    /// @param alive whether the lease may be relied upon now
    Owned(int mostKeys, BooleanSupplier alive, LongSupplier nanoTime) {
        this.mostKeys = mostKeys;
        this.alive = alive;
        this.nanoTime = nanoTime;
    }

    int size() {
        lock.lock();
        try {
            return entries.size();
        } finally {
            lock.unlock();
        }
    }

    // ---- reading ----

    /// The answer of a member that has what is here, or null if it can't be given here.
    @Nullable
    GetResponse get(Op.Get get) {
        lock.lock();
        try {
            var answer = new Answers(states(entries), newest).get(get);
            return alive.getAsBoolean() ? answer : null;
        } finally {
            lock.unlock();
        }
    }

    /// The same of a transaction that turns out to read only keys of ours, all at one moment.
    @Nullable
    TxnResponse get(Txn txn) {
        lock.lock();
        try {
            var answer = new Answers(states(entries), newest).get(txn);
            return alive.getAsBoolean() ? answer : null;
        } finally {
            lock.unlock();
        }
    }

    /// Null of what isn't known here.
    private static Function<Key, Answers.@Nullable State> states(Map<Key, Entry> entries) {
        return key -> {
            var entry = entries.get(key);
            return entry == null || entry.writers > 0 ? null : new Answers.State(entry.state);
        };
    }

    /// Something that a member has said. What is owned is as it is here at that revision too.
    void saw(Header header) {
        lock.lock();
        try {
            if (header.revision() > newest.revision()) {
                newest = header;
            }
        } finally {
            lock.unlock();
        }
    }

    // ---- becoming the owner ----

    /// Whether a key may be made ours now. If so, [#acquired] or [#notAcquired] must follow.
    boolean mayAcquire(Key key) {
        lock.lock();
        try {
            if (ended || !alive.getAsBoolean() || entries.containsKey(key) || acquiring.containsKey(key)) {
                return false;
            }
            awaken();
            if (resting.containsKey(key)) {
                return false;
            }
            acquiring.put(key, 0L);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// The leasing key was made at the header's revision, when the key was `state`. What is given up for it,
    /// or itself if it was lost meanwhile, must be released.
    List<Release> acquired(Key key, @Nullable KeyValue state, Header header) {
        lock.lock();
        try {
            long since = header.revision();
            long goneAt = acquiring.getOrDefault(key, Long.MAX_VALUE);
            acquiring.remove(key);
            if (ended || goneAt > since) {
                return List.of(new Release(key, since));
            }
            entries.put(key, new Entry(key, since, state));
            return surplus();
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private List<Release> surplus() {
        var all = new ArrayList<Release>();
        for (Iterator<Entry> each = entries.values().iterator(); entries.size() > mostKeys && each.hasNext(); ) {
            var eldest = each.next();
            each.remove();
            all.add(new Release(eldest.key, eldest.since));
        }
        return all;
    }

    /// Somebody else has it, or it can't be had.
    void notAcquired(Key key) {
        lock.lock();
        try {
            acquiring.remove(key);
            rest(key);
        } finally {
            lock.unlock();
        }
    }

    /// Leaves the key to others for a while.
    void rest(Key key) {
        lock.lock();
        try {
            awaken();
            resting.remove(key);
            resting.put(key, nanoTime.getAsLong() + REST_NANOS);
            if (resting.size() > MOST_RESTING) {
                resting.remove(resting.keySet().iterator().next());
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void awaken() {
        long now = nanoTime.getAsLong();
        for (var each = resting.values().iterator(); each.hasNext() && each.next() - now <= 0; ) {
            each.remove();
        }
    }

    // ---- losing it ----

    /// The leasing key was revoked or deleted at `revision`: what was made ours before is not ours any more.
    void forget(Key key, long revision) {
        lock.lock();
        try {
            acquiring.computeIfPresent(key, (same, goneAt) -> Math.max(goneAt, revision));
            var entry = entries.get(key);
            if (entry != null && entry.since <= revision) {
                entries.remove(key);
            }
        } finally {
            lock.unlock();
        }
    }

    void end() {
        lock.lock();
        try {
            ended = true;
            entries.clear();
            resting.clear();
        } finally {
            lock.unlock();
        }
    }

    // ---- writing ----

    /// Whether the key is owned through just this leasing key.
    boolean has(Key key, long since) {
        lock.lock();
        try {
            var entry = entries.get(key);
            return entry != null && entry.since == since;
        } finally {
            lock.unlock();
        }
    }

    /// Begins a write: those of its keys that are owned, of which nothing is answered until [#written] or
    /// [#notWritten].
    Map<Key, Entry> beginWrite(Scope scope) {
        lock.lock();
        try {
            var all = new LinkedHashMap<Key, Entry>();
            for (var key : scope.keys()) {
                var entry = entries.get(key);
                if (entry != null) {
                    all.put(key, entry);
                }
            }
            if (!scope.ranges().isEmpty()) {
                entries.values().stream()
                        .filter(entry -> scope.ranges().stream().anyMatch(range -> range.contains(entry.key)))
                        .forEach(entry -> all.put(entry.key, entry));
            }
            all.values().forEach(entry -> entry.writers++);
            return all;
        } finally {
            lock.unlock();
        }
    }

    /// A write that nothing came of.
    void notWritten(Map<Key, Entry> written) {
        lock.lock();
        try {
            written.values().forEach(entry -> entry.writers--);
        } finally {
            lock.unlock();
        }
    }

    /// A write that may have been done. Whatever isn't surely known, because its state is not in `states`, or
    /// can't be kept, is forgotten and must be released.
    ///
    /// @param states as they were left at `revision`
    List<Release> written(Map<Key, Entry> written, Map<Key, Answers.State> states, long revision) {
        lock.lock();
        try {
            var all = new ArrayList<Release>();
            for (var entry : written.values()) {
                entry.writers--;
                var left = states.get(entry.key);
                if (left == null || left.goesByItself()) {
                    entries.remove(entry.key, entry);
                    all.add(new Release(entry.key, entry.since));
                } else if (revision > entry.asOf) {
                    entry.state = left.kv();
                    entry.asOf = revision;
                }
            }
            return all;
        } finally {
            lock.unlock();
        }
    }
}
