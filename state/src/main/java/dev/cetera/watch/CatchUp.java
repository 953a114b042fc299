package dev.cetera.watch;

import dev.cetera.mvcc.Answer;
import dev.cetera.mvcc.History;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One page of the past for the watchers of one stream that are behind: from the earliest revision that any of
/// them needs, as far as the limits allow. Watchers that watch the same from the same revision share one
/// group, and so one encoding.
///
/// Passed from hand to hand: the hub makes it, any one thread calls [#read], the hub takes it back
/// ([Hub#caughtUp]). A page is only an offer: until the hub hands it to the outlet no watcher has moved, so it
/// may be dropped at any time.
public final class CatchUp {
    /// Watchers of one stream that need the same.
    static final class Group {
        final Interest interest;
        final long next;
        final List<Watcher> watchers = new ArrayList<>(1);
        private final List<EncodedEvent> gathered = new ArrayList<>();
        private Events events = Events.NONE;

        Group(Interest interest, long next) {
            this.interest = interest;
            this.next = next;
        }

        Events events() {
            return events;
        }
    }

    private record GroupKey(Interest interest, long next) {}

    private final WatchStream stream;
    private final EventRing ring;
    private final Past past;
    private final WatchLimits limits;
    private final long to;
    private final List<Group> groups;
    private final long from;

    // ---- results of read ----
    private long end;
    private long compacted;
    private long bytes;

    CatchUp(WatchStream stream, EventRing ring, Past past, WatchLimits limits, long to) {
        this.stream = stream;
        this.ring = ring;
        this.past = past;
        this.limits = limits;
        this.to = to;
        // In the order of the watchers, so that one seed of a simulation always has the same order of responses.
        Map<GroupKey, Group> byNeed = new LinkedHashMap<>();
        long earliest = Long.MAX_VALUE;
        for (var watcher : stream.behind) {
            earliest = Math.min(earliest, watcher.next);
            byNeed.computeIfAbsent(
                            new GroupKey(watcher.interest, watcher.next), need -> new Group(need.interest, need.next))
                    .watchers
                    .add(watcher);
        }
        this.groups = List.copyOf(byNeed.values());
        this.from = earliest;
        this.end = earliest - 1;
    }

    /// Reads the page. May block on the disk.
    public void read() throws IOException {
        long last = Math.min(to, from + limits.pageRevisions() - 1);
        var wanting = new KeyMatcher<Group>();
        for (var group : groups) {
            if (group.next <= last) {
                wanting.add(group.interest.range(), group);
            }
        }
        readRing(last, wanting);
        if (end < from) {
            readPast(last, wanting);
        }
        for (var group : groups) {
            if (!group.gathered.isEmpty()) {
                group.events = new Events(group.gathered);
            }
        }
    }

    private void readRing(long last, KeyMatcher<Group> wanting) throws IOException {
        while (end < last && bytes < limits.pageBytes()) {
            var batch = ring.get(end + 1);
            if (batch == null) {
                return;
            }
            take(batch, wanting);
            end = batch.revision();
        }
    }

    private void readPast(long last, KeyMatcher<Group> wanting) throws IOException {
        switch (past.history(from, (int) (last - from + 1), limits.pageBytes())) {
            case Answer.Refused<History> _ -> compacted = past.compacted();
            case Answer.Found<History>(var history) -> {
                for (var changes : history.changes()) {
                    if (changes.revision() <= last) {
                        take(new Batch(changes), wanting);
                    }
                }
                end = Math.min(last, history.next() - 1);
            }
        }
    }

    private void take(Batch batch, KeyMatcher<Group> wanting) throws IOException {
        bytes += batch.weight();
        for (var change : batch.changes()) {
            var takers = new ArrayList<Group>(0);
            wanting.match(change.key(), takers::add);
            for (var group : takers) {
                var view = group.interest.view();
                if (batch.revision() >= group.next && view.shows(change.type())) {
                    group.gathered.add(change.encoded(view, past));
                }
            }
        }
    }

    WatchStream stream() {
        return stream;
    }

    List<Group> groups() {
        return groups;
    }

    /// The last revision that the page covers; the one before the first when it covers none.
    long end() {
        return end;
    }

    /// Positive when the page could not be read because of a compaction at this revision.
    long compacted() {
        return compacted;
    }
}
