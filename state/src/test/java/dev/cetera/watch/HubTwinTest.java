package dev.cetera.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Random lives of a hub. The obvious twin of a watcher is a filter over everything that ever happened.
class HubTwinTest {
    private static final int SEEDS = Integer.getInteger("cetera.seeds", 1500);
    private static final int STEPS = 250;

    @Test
    void everyWatcherReceivesExactlyItsPartOfHistory() throws IOException {
        for (long seed = 0; seed < SEEDS; seed++) {
            try {
                new Life(seed).live();
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError("seed " + seed, failure);
            }
        }
    }

    /// One watcher as its client knows it.
    private static final class Twin {
        final WatchSpec spec;
        long start;
        boolean ended;
        boolean cancelAsked;
        final List<Seen> seen = new ArrayList<>();

        Twin(WatchSpec spec) {
            this.spec = spec;
        }
    }

    private static final class Line {
        final TestClient client = new TestClient();
        final Map<Long, Twin> twins = new LinkedHashMap<>();
        final WatchStream stream;

        @Nullable
        Twin creating;

        boolean closed;
        long progressAskedAt = -1;

        Line(Hub hub) {
            stream = hub.open(client, 0);
        }
    }

    private static final class Life {
        final Random random;
        final MemoryStore store = new MemoryStore();
        final EventRing ring;
        final Hub hub;
        final WatchCounters counters = new WatchCounters();
        final List<Line> lines = new ArrayList<>();
        final List<CatchUp> unread = new ArrayList<>();
        final List<CatchUp> read = new ArrayList<>();

        Life(long seed) {
            random = new Random(seed);
            for (int i = random.nextInt(20); i > 0; i--) {
                store.apply(someOps());
            }
            ring = new EventRing(1 << random.nextInt(6), 200 + random.nextInt(4000), store.revision());
            var limits = new WatchLimits(
                    1 + random.nextInt(8),
                    200 + random.nextInt(2000),
                    random.nextInt(6),
                    64 + random.nextInt(300),
                    1000);
            hub = new Hub(ring, store, limits, counters);
        }

        void live() throws IOException {
            for (int step = 0; step < STEPS; step++) {
                step();
            }
            settle();
            check();
        }

        private void step() throws IOException {
            switch (random.nextInt(16)) {
                case 0, 1, 2, 3, 4 -> write();
                case 5 -> hub.dispatch();
                case 6 -> {
                    while (hub.dispatch()) {}
                }
                case 7 -> startPage();
                case 8 -> readPage();
                case 9 -> returnPage();
                case 10 -> open();
                case 11 -> create();
                case 12 -> cancelOrProgress();
                case 13 -> stallOrResume();
                case 14 -> rarely();
                default -> create();
            }
        }

        private void rarely() throws IOException {
            switch (random.nextInt(6)) {
                case 0 -> compact();
                case 1 -> compact();
                case 2 -> replaceStore();
                case 3 -> close();
                default -> hub.tick(random.nextInt(10_000));
            }
        }

        private Map<String, @Nullable String> someOps() {
            var ops = new LinkedHashMap<String, @Nullable String>();
            for (int i = random.nextInt(4) == 0 ? 1 + random.nextInt(5) : 1; i > 0; i--) {
                var key = "k" + random.nextInt(9);
                ops.put(key, random.nextInt(4) == 0 ? null : "v".repeat(random.nextInt(40)));
            }
            return ops;
        }

        private void write() {
            var changes = store.apply(someOps());
            if (changes != null) {
                ring.append(changes);
            }
        }

        private void replaceStore() {
            for (int i = random.nextInt(5); i >= 0; i--) {
                store.apply(someOps());
            }
            ring.restart(store.revision());
        }

        private void compact() {
            if (store.revision() > Math.max(0, store.compacted())) {
                long low = Math.max(0, store.compacted()) + 1;
                store.compact(low + random.nextInt((int) (store.revision() - low + 1)));
            }
        }

        private void startPage() {
            var page = hub.nextCatchUp();
            if (page != null) {
                unread.add(page);
            }
        }

        private void readPage() throws IOException {
            if (!unread.isEmpty()) {
                var page = unread.remove(random.nextInt(unread.size()));
                page.read();
                read.add(page);
            }
        }

        private void returnPage() throws IOException {
            if (!read.isEmpty()) {
                hub.caughtUp(read.remove(random.nextInt(read.size())));
            }
        }

        private void open() {
            if (lines.size() < 4) {
                var line = new Line(hub);
                line.client.onResponse = response -> receive(line, response);
                lines.add(line);
            }
        }

        private @Nullable Line someLine() {
            return lines.isEmpty() ? null : lines.get(random.nextInt(lines.size()));
        }

        private void close() {
            var line = someLine();
            if (line != null) {
                line.closed = true;
                hub.close(line.stream);
                hub.close(line.stream);
                lines.remove(line);
            }
        }

        private void create() throws IOException {
            var line = someLine();
            if (line == null || line.client.requestsAllowed == 0 || line.twins.size() > 12) {
                return;
            }
            var spec = WatchSpec.of(someRange()).startingAt(someStart()).withView(someView());
            if (random.nextInt(3) == 0) {
                spec = spec.withFragments();
            }
            if (random.nextInt(3) == 0) {
                spec = spec.withProgressNotify();
            }
            if (random.nextInt(6) == 0) {
                spec = spec.withId(random.nextInt(8));
            }
            line.creating = new Twin(spec);
            line.client.useRequest();
            hub.create(line.stream, spec);
        }

        private KeyRange someRange() {
            var key = MemoryStore.bytes("k" + random.nextInt(9));
            return switch (random.nextInt(5)) {
                case 0, 1 -> KeyRange.of(key, new byte[0]);
                case 2 -> KeyRange.of(key, new byte[1]);
                case 3 -> KeyRange.of(MemoryStore.bytes("k"), MemoryStore.bytes("l"));
                default -> KeyRange.of(key, MemoryStore.bytes("k" + random.nextInt(9)));
            };
        }

        private long someStart() {
            return switch (random.nextInt(4)) {
                case 0, 1 -> 0;
                case 2 -> 1 + random.nextInt((int) store.revision());
                default -> store.revision() + random.nextInt(12) - 4;
            };
        }

        private View someView() {
            return new View(random.nextInt(4) != 0, random.nextInt(4) != 0, random.nextInt(3) == 0);
        }

        private void cancelOrProgress() {
            var line = someLine();
            if (line == null || line.client.requestsAllowed == 0) {
                return;
            }
            line.client.useRequest();
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    line.progressAskedAt = ring.newest();
                    hub.progress(line.stream);
                }
                case 2 -> {
                    long id = random.nextInt(12);
                    var twin = line.twins.get(id);
                    if (twin != null) {
                        twin.cancelAsked = true;
                    }
                    hub.cancel(line.stream, id);
                }
                default -> hub.ignore(line.stream);
            }
        }

        private void stallOrResume() throws IOException {
            var line = someLine();
            if (line != null) {
                boolean wasFull = line.client.room == 0;
                line.client.room = random.nextInt(3) == 0 ? Integer.MAX_VALUE : random.nextInt(4);
                if (wasFull && line.client.room > 0) {
                    hub.ready(line.stream);
                }
            }
        }

        /// Everybody reads again, until nothing moves any more.
        private void settle() throws IOException {
            while (!unread.isEmpty()) {
                readPage();
            }
            while (!read.isEmpty()) {
                returnPage();
            }
            for (var line : lines) {
                line.client.room = Integer.MAX_VALUE;
                hub.ready(line.stream);
            }
            boolean moved = true;
            while (moved) {
                moved = hub.dispatch();
                var page = hub.nextCatchUp();
                if (page != null) {
                    page.read();
                    hub.caughtUp(page);
                    moved = true;
                }
            }
        }

        private void check() {
            long watchers = 0;
            for (var line : lines) {
                assertThat(line.client.requestsAllowed).isEqualTo(1);
                assertThat(line.progressAskedAt).as("an open progress request").isEqualTo(-1);
                for (var twin : line.twins.values()) {
                    if (!twin.ended) {
                        watchers++;
                        assertThat(twin.seen.stream().map(Seen::event).toList())
                                .isEqualTo(store.expected(twin.spec, twin.start));
                    }
                }
            }
            assertThat(counters.streams()).isEqualTo(lines.size());
            assertThat(counters.watchers()).isEqualTo(watchers);
            assertThat(counters.slowWatchers()).isZero();
        }

        // ---- what a client is told ----

        private void receive(Line line, Response response) {
            assertThat(line.closed).as("sent to a closed stream").isFalse();
            if (response.created()) {
                created(line, response);
            } else if (response.watchId() == Response.NO_WATCH) {
                assertThat(response.revision()).isGreaterThanOrEqualTo(line.progressAskedAt);
                line.progressAskedAt = -1;
                line.twins.values().forEach(twin -> assertComplete(twin, response.revision()));
            } else {
                var twin = line.twins.get(response.watchId());
                assertThat(twin).isNotNull();
                if (twin != null) {
                    told(twin, response);
                }
            }
        }

        private void created(Line line, Response response) {
            var twin = line.creating;
            line.creating = null;
            assertThat(twin).isNotNull();
            if (twin == null) {
                return;
            }
            assertThat(response.events().isEmpty()).isTrue();
            if (response.canceled()) {
                boolean taken = line.twins.containsKey(twin.spec.watchId());
                assertThat(twin.spec.range().isEmpty() || taken).isTrue();
                assertThat(response.watchId()).isEqualTo(-1);
                return;
            }
            twin.start = twin.spec.startRevision() == 0 ? response.revision() + 1 : twin.spec.startRevision();
            var replaced = line.twins.put(response.watchId(), twin);
            assertThat(replaced == null || replaced.ended).as("a fresh id").isTrue();
        }

        private void told(Twin twin, Response response) {
            assertThat(twin.ended).as("told after its end").isFalse();
            if (response.canceled()) {
                twin.ended = true;
                if (response.compactRevision() == 0) {
                    assertThat(twin.cancelAsked).isTrue();
                } else {
                    assertThat(response.revision()).isZero();
                    assertThat(response.compactRevision()).isLessThanOrEqualTo(store.compacted());
                    assertLost(twin, response.compactRevision());
                }
                return;
            }
            if (response.events().isEmpty()) {
                assertThat(twin.spec.progressNotify()).isTrue();
                assertComplete(twin, response.revision());
                return;
            }
            var news = Seen.in(response.events());
            var all = store.expected(twin.spec, twin.start);
            int from = twin.seen.size();
            assertThat(news.stream().map(Seen::event).toList()).isEqualTo(all.subList(from, from + news.size()));
            twin.seen.addAll(news);
            long last = news.getLast().event().kv().modRevision();
            assertThat(response.revision()).isGreaterThanOrEqualTo(last);
            if (!response.fragment() && twin.seen.size() < all.size()) {
                assertThat(all.get(twin.seen.size()).kv().modRevision())
                        .as("a revision comes whole")
                        .isGreaterThan(last);
            }
            assertThat(!response.fragment() || twin.spec.fragment()).isTrue();
            news.forEach(seen -> assertPrevious(twin, seen));
        }

        private void assertPrevious(Twin twin, Seen seen) {
            if (!twin.spec.view().previous()) {
                assertThat(seen.previous()).isNull();
            } else if (seen.previous() != null
                    || seen.event().kv().modRevision() - 1 >= Math.max(0, store.compacted())) {
                assertThat(seen.previous())
                        .isEqualTo(store.trulyBefore(seen.event().kv()));
            }
        }

        private void assertComplete(Twin twin, long revision) {
            if (!twin.ended) {
                long due = store.expected(twin.spec, twin.start).stream()
                        .filter(event -> event.kv().modRevision() <= revision)
                        .count();
                assertThat((long) twin.seen.size())
                        .as("complete up to " + revision)
                        .isEqualTo(due);
            }
        }

        /// Only a watcher that had not been given everything before the compaction ends by it.
        private void assertLost(Twin twin, long compactRevision) {
            assertThat(twin.start).isLessThan(compactRevision);
            boolean toldMore = store.expected(twin.spec, twin.start).stream()
                            .filter(event -> event.kv().modRevision() < compactRevision)
                            .count()
                    < twin.seen.size();
            assertThat(toldMore).as("cancelled beyond the compaction").isFalse();
        }
    }
}
