package dev.cetera.watch;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// All watchers of a member and where each of them stands; see the package for the invariant.
///
/// Confined to the thread that drives it ("watch"); the pages of [#nextCatchUp] may be read elsewhere. No call
/// blocks, except that previous values and short gaps may be read from the store.
public final class Hub {
    private static final String DUPLICATE_ID = "mvcc: duplicate watch ID provided on the WatchStream";

    private final EventRing ring;
    private final Past past;
    private final WatchLimits limits;
    private final WatchCounters counters;

    /// All changes up to this revision have been handed to every watcher in step. Never above the ring's
    /// newest.
    private long dispatched;

    private final Map<Interest.Key, Interest> interests = new HashMap<>();
    private final KeyMatcher<Interest> matcher = new KeyMatcher<>();
    /// Watchers by the revision they wait for; all keys are above dispatched + 1.
    private final TreeMap<Long, Set<Watcher>> waiting = new TreeMap<>();
    /// Every open stream, the one whose progress notifications are due first in front.
    private final LinkedHashSet<WatchStream> streams = new LinkedHashSet<>();
    /// Streams in line for a page, one page each in turn.
    private final Deque<WatchStream> line = new ArrayDeque<>();
    /// Streams with an open progress request.
    private final Set<WatchStream> asking = new LinkedHashSet<>();
    /// Interests with events in the round at hand.
    private final List<Interest> touched = new ArrayList<>();

    public Hub(EventRing ring, Past past, WatchLimits limits, WatchCounters counters) {
        this.ring = ring;
        this.past = past;
        this.limits = limits;
        this.counters = counters;
        this.dispatched = ring.newest();
    }

    // ---- requests of a stream ----

    public WatchStream open(Outlet outlet, long nowNanos) {
        var stream = new WatchStream(outlet);
        stream.progressDueNanos = nowNanos + limits.progressIntervalNanos();
        streams.add(stream);
        counters.streams.increment();
        stream.requestOpen = true;
        flush(stream);
        return stream;
    }

    /// Starts a watch, or refuses it. Either is answered before any of its events.
    public void create(WatchStream stream, WatchSpec spec) throws IOException {
        if (stream.closed) {
            return;
        }
        stream.requestOpen = true;
        long revision = ring.newest();
        if (spec.range().isEmpty()) {
            stream.answers.add(Response.refused(revision, ""));
        } else if (isTaken(stream, spec.watchId())) {
            stream.answers.add(Response.refused(revision, DUPLICATE_ID));
        } else {
            start(stream, spec, spec.watchId() == 0 ? freeId(stream) : spec.watchId(), revision);
        }
        flush(stream);
        feed(stream);
    }

    /// Refuses to start a watch, with the reason given.
    public void refuse(WatchStream stream, String reason) {
        if (stream.closed) {
            return;
        }
        stream.requestOpen = true;
        stream.answers.add(Response.refused(ring.newest(), reason));
        flush(stream);
    }

    /// Ends a watch. An unknown id has no answer.
    public void cancel(WatchStream stream, long watchId) {
        if (stream.closed) {
            return;
        }
        stream.requestOpen = true;
        var watcher = stream.watchers.remove(watchId);
        if (watcher != null) {
            detach(watcher);
            stream.answers.add(Response.canceled(watchId, ring.newest()));
        }
        flush(stream);
        answerProgress(stream);
    }

    /// Ends those watches of a stream that it may not have any more, with the reason given.
    public void revoke(WatchStream stream, Predicate<KeyRange> may, String reason) {
        if (stream.closed) {
            return;
        }
        for (var watcher : List.copyOf(stream.watchers.values())) {
            if (!may.test(watcher.spec.range())) {
                stream.watchers.remove(watcher.id);
                detach(watcher);
                stream.answers.add(Response.revoked(watcher.id, ring.newest(), reason));
            }
        }
        flush(stream);
        answerProgress(stream);
    }

    /// Asks for the revision up to which all watchers of the stream have been given everything. It is answered
    /// when that has reached what is the current revision now; a second request before that shares the answer.
    public void progress(WatchStream stream) {
        if (stream.closed) {
            return;
        }
        stream.requestOpen = true;
        stream.progressAt = ring.newest();
        asking.add(stream);
        flush(stream);
        answerProgress(stream);
    }

    /// Passes over a request that asks for nothing known.
    public void ignore(WatchStream stream) {
        if (!stream.closed) {
            stream.requestOpen = true;
            flush(stream);
        }
    }

    /// The transport has room again.
    public void ready(WatchStream stream) throws IOException {
        if (!stream.closed) {
            flush(stream);
            feed(stream);
        }
    }

    /// The stream is gone. Idempotent.
    public void close(WatchStream stream) {
        if (stream.closed) {
            return;
        }
        stream.closed = true;
        stream.watchers.values().forEach(this::detach);
        stream.watchers.clear();
        stream.answers.clear();
        streams.remove(stream);
        asking.remove(stream);
        counters.streams.decrement();
    }

    /// The streams that are open now.
    public List<WatchStream> streams() {
        return List.copyOf(streams);
    }

    private static boolean isTaken(WatchStream stream, long wanted) {
        return wanted == Response.NO_WATCH || (wanted != 0 && stream.watchers.containsKey(wanted));
    }

    private static long freeId(WatchStream stream) {
        while (stream.watchers.containsKey(stream.nextId)) {
            stream.nextId++;
        }
        return stream.nextId++;
    }

    private void start(WatchStream stream, WatchSpec spec, long id, long revision) {
        stream.answers.add(Response.created(id, revision));
        long from = spec.startRevision() == 0 ? revision + 1 : spec.startRevision();
        long compacted = past.compacted();
        if (compacted > 0 && from < compacted) {
            stream.answers.add(Response.compacted(id, compacted));
            return;
        }
        var key = new Interest.Key(spec.range(), spec.view());
        var interest = interests.computeIfAbsent(key, _ -> {
            var made = new Interest(key);
            matcher.add(key.range(), made);
            return made;
        });
        interest.users++;
        var watcher = new Watcher(stream, id, interest, spec);
        stream.watchers.put(id, watcher);
        counters.watchers.increment();
        place(watcher, Math.max(1, from));
    }

    // ---- where watchers stand ----

    /// Gives a watcher that stands nowhere the place that its next revision calls for.
    private void place(Watcher watcher, long next) {
        watcher.next = next;
        if (next <= dispatched) {
            watcher.place = Watcher.Place.BEHIND;
            watcher.stream.behind.add(watcher);
            counters.slowWatchers.increment();
        } else if (next == dispatched + 1) {
            watcher.place = Watcher.Place.IN_STEP;
            watcher.interest.join(watcher);
        } else {
            watcher.place = Watcher.Place.WAITING;
            waiting.computeIfAbsent(next, _ -> new LinkedHashSet<>()).add(watcher);
        }
    }

    private void displace(Watcher watcher) {
        switch (watcher.place) {
            case IN_STEP -> watcher.interest.leave(watcher);
            case WAITING ->
                waiting.computeIfPresent(watcher.next, (_, those) -> {
                    those.remove(watcher);
                    return those.isEmpty() ? null : those;
                });
            case BEHIND -> {
                watcher.stream.behind.remove(watcher);
                counters.slowWatchers.decrement();
            }
            case GONE -> throw new IllegalStateException("watcher " + watcher.id + " is gone already");
        }
        watcher.place = Watcher.Place.GONE;
    }

    private void move(Watcher watcher, long next) {
        displace(watcher);
        place(watcher, next);
    }

    /// Takes a watcher out for good; the caller removes it from its stream.
    private void detach(Watcher watcher) {
        displace(watcher);
        counters.watchers.decrement();
        var interest = watcher.interest;
        if (--interest.users == 0) {
            interests.remove(interest.key);
            matcher.remove(interest.range(), interest);
        }
    }

    // ---- in step ----

    /// Hands the next revisions of the ring to the watchers in step: one revision when the hub keeps up,
    /// several in one response when it lags.
    ///
    /// @return whether anything was done, so that there may be more
    public boolean dispatch() throws IOException {
        long newest = ring.newest();
        if (newest == dispatched) {
            return false;
        }
        long from = dispatched + 1;
        long last = Math.min(newest, dispatched + limits.pageRevisions());
        if (!waiting.isEmpty()) {
            last = Math.min(last, waiting.firstKey() - 1); // those who wait for a revision must be in step before it
        }
        long bytes = 0;
        long end = dispatched;
        while (end < last && bytes < limits.pageBytes()) {
            var batch = ring.get(end + 1);
            if (batch == null) {
                break;
            }
            gather(batch);
            bytes += batch.weight();
            end++;
        }
        if (end < from) {
            fallBehind(newest);
        } else {
            dispatched = end;
            deliver(from);
            awaken();
        }
        List.copyOf(asking).forEach(this::answerProgress);
        return true;
    }

    private void gather(Batch batch) throws IOException {
        for (var change : batch.changes()) {
            var takers = new ArrayList<Interest>(2);
            matcher.match(change.key(), takers::add);
            for (var interest : takers) {
                if (interest.inStepCount() > 0 && interest.view().shows(change.type())) {
                    if (interest.gathered.isEmpty()) {
                        touched.add(interest);
                    }
                    interest.gathered.add(change.encoded(interest.view(), past));
                }
            }
        }
    }

    private void deliver(long from) {
        for (var interest : touched) {
            var events = new Events(interest.gathered);
            interest.gathered.clear();
            // Backwards, because one that leaves is replaced by the last, which has had its turn.
            for (int i = interest.inStepCount() - 1; i >= 0; i--) {
                var watcher = interest.inStep(i);
                if (watcher.stream.takesEvents()) {
                    send(watcher, events, dispatched);
                } else {
                    move(watcher, from);
                }
            }
        }
        touched.clear();
    }

    /// Puts those in step whose revision comes next.
    private void awaken() {
        while (!waiting.isEmpty() && waiting.firstKey() <= dispatched + 1) {
            for (var watcher : List.copyOf(waiting.firstEntry().getValue())) {
                move(watcher, watcher.next);
            }
        }
    }

    /// The ring no longer holds what comes next: everybody reads past instead.
    private void fallBehind(long newest) throws IOException {
        long next = dispatched + 1;
        dispatched = newest;
        for (var interest : interests.values()) {
            for (int i = interest.inStepCount() - 1; i >= 0; i--) {
                move(interest.inStep(i), next);
            }
        }
        awaken();
        for (var stream : streams) {
            feed(stream);
        }
    }

    // ---- behind ----

    /// Brings the watchers of a stream nearer: a short gap at once, a long one by getting in line for a page.
    private void feed(WatchStream stream) throws IOException {
        while (!stream.reading && !stream.behind.isEmpty() && stream.takesEvents()) {
            long earliest = Long.MAX_VALUE;
            for (var watcher : stream.behind) {
                earliest = Math.min(earliest, watcher.next);
            }
            if (dispatched - earliest < limits.inlineRevisions() && ring.get(earliest) != null) {
                var page = new CatchUp(stream, ring, past, limits, dispatched);
                page.read();
                accept(page);
            } else {
                if (!stream.inLine) {
                    stream.inLine = true;
                    line.add(stream);
                }
                return;
            }
        }
        answerProgress(stream);
    }

    /// The next page to read for someone, or null. At most one page of a stream is out at a time; the caller
    /// bounds how many are out in all.
    public @Nullable CatchUp nextCatchUp() {
        while (!line.isEmpty()) {
            var stream = line.remove();
            stream.inLine = false;
            if (!stream.closed && !stream.reading && !stream.behind.isEmpty() && stream.takesEvents()) {
                stream.reading = true;
                return new CatchUp(stream, ring, past, limits, dispatched);
            }
        }
        return null;
    }

    /// Takes back a page of [#nextCatchUp] that has been read.
    public void caughtUp(CatchUp page) throws IOException {
        var stream = page.stream();
        stream.reading = false;
        if (!stream.closed) {
            accept(page);
            feed(stream);
        }
    }

    private void accept(CatchUp page) {
        var stream = page.stream();
        for (var group : page.groups()) {
            if (page.compacted() > group.next) {
                group.watchers.forEach(watcher -> endCompacted(watcher, group.next, page.compacted()));
            } else if (group.next <= page.end()) {
                for (var watcher : group.watchers) {
                    if (!stillAt(watcher, group.next)) {
                        continue;
                    }
                    if (group.events().isEmpty()) {
                        move(watcher, page.end() + 1);
                    } else if (stream.takesEvents()) {
                        send(watcher, group.events(), ring.newest());
                        move(watcher, page.end() + 1);
                    }
                }
            }
        }
        flush(stream);
    }

    private void endCompacted(Watcher watcher, long next, long compacted) {
        if (stillAt(watcher, next)) {
            watcher.stream.watchers.remove(watcher.id);
            detach(watcher);
            watcher.stream.answers.add(Response.compacted(watcher.id, compacted));
        }
    }

    /// A page may come back late: the watcher may have been cancelled since.
    private static boolean stillAt(Watcher watcher, long next) {
        return watcher.place == Watcher.Place.BEHIND && watcher.next == next;
    }

    // ---- handing over ----

    private void send(Watcher watcher, Events events, long revision) {
        watcher.quiet = false;
        counters.events.add(events.count());
        var outlet = watcher.stream.outlet;
        if (!watcher.spec.fragment() || events.size() < limits.eventBytes()) {
            outlet.send(Response.events(watcher.id, revision, events));
            return;
        }
        var parts = events.split(limits.eventBytes());
        for (var part : parts.subList(0, parts.size() - 1)) {
            outlet.send(Response.fragment(watcher.id, revision, part));
        }
        outlet.send(Response.events(watcher.id, revision, parts.getLast()));
    }

    private static void flush(WatchStream stream) {
        while (!stream.answers.isEmpty() && stream.outlet.ready()) {
            stream.outlet.send(stream.answers.remove());
        }
        if (stream.answers.isEmpty() && stream.requestOpen) {
            stream.requestOpen = false;
            stream.outlet.nextRequest();
        }
    }

    // ---- progress ----

    private void answerProgress(WatchStream stream) {
        if (dispatched >= stream.progressAt && stream.behind.isEmpty() && stream.takesEvents()) {
            stream.progressAt = WatchStream.NO_PROGRESS;
            asking.remove(stream);
            stream.outlet.send(Response.progress(Response.NO_WATCH, dispatched));
        }
    }

    /// Tells watchers that asked for it, and have been quiet for a whole interval, how far they are.
    public void tick(long nowNanos) {
        while (!streams.isEmpty() && nowNanos - streams.getFirst().progressDueNanos >= 0) {
            var stream = streams.removeFirst();
            stream.progressDueNanos = nowNanos + limits.progressIntervalNanos();
            streams.add(stream);
            for (var watcher : stream.watchers.values()) {
                // One that waits for the future is not told: its client would take up again from too early a revision.
                if (watcher.spec.progressNotify()
                        && watcher.quiet
                        && watcher.place == Watcher.Place.IN_STEP
                        && stream.takesEvents()) {
                    stream.outlet.send(Response.progress(watcher.id, dispatched));
                }
                watcher.quiet = true;
            }
        }
    }

    // ---- for the loop around it ----

    /// Highest revision handed to all watchers in step.
    public long dispatched() {
        return dispatched;
    }

    /// Whether anybody is to be told of what is dispatched.
    public boolean isWatched() {
        return !interests.isEmpty() || !asking.isEmpty();
    }

    /// Whether a stream is in line for a page.
    public boolean wantsPages() {
        return !line.isEmpty();
    }
}
