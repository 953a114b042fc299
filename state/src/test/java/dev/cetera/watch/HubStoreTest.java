package dev.cetera.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.disk.FakeDisk;
import dev.cetera.mvcc.Answer;
import dev.cetera.mvcc.Changes;
import dev.cetera.mvcc.Event;
import dev.cetera.mvcc.Store;
import dev.cetera.schema.Backend;
import dev.cetera.schema.KeyValue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The hub over the real store, partly in the file and partly in its tail.
class HubStoreTest {
    private static final Path DIRECTORY = Path.of("/data");
    private static final int REVISIONS = 3000;

    @Test
    void theStoresHistoryReachesLateWatchersWholeAndInOrder() throws IOException {
        var disk = new FakeDisk(1);
        disk.createDirectories(DIRECTORY);
        try (var backend = Backend.open(disk, DIRECTORY.resolve("db"))) {
            var store = Store.restore(backend).store();
            var random = new Random(1);
            var all = new ArrayList<Changes>();
            var ring = new EventRing(64, 1 << 20, store.view().revision());
            var hub = new Hub(ring, Past.of(store), WatchLimits.DEFAULTS, new WatchCounters());
            for (int i = 0; i < REVISIONS; i++) {
                var changes = write(store, random);
                if (!changes.events().isEmpty()) {
                    all.add(changes);
                    ring.append(changes);
                }
                if (i % 700 == 0) {
                    backend.commit();
                }
            }
            var previous = previousOf(all);
            long newest = store.view().revision();
            watchFrom(hub, 1, all, previous);
            watchFrom(hub, newest - 20, all, previous);

            long compacted = newest / 2;
            assertThat(store.compact(compacted)).isInstanceOf(Answer.Found.class);
            watchFrom(hub, compacted + 1, all, previous);
            var client = new TestClient();
            var stream = hub.open(client, 0);
            client.useRequest();
            hub.create(stream, WatchSpec.of(everything()).startingAt(compacted - 1));
            assertThat(client.last()).isEqualTo(Response.compacted(0, compacted));
        }
    }

    private static KeyRange everything() {
        return KeyRange.of(new byte[1], new byte[1]);
    }

    private static Changes write(Store store, Random random) throws IOException {
        var txn = store.begin();
        for (int i = random.nextInt(3); i >= 0; i--) {
            var key = MemoryStore.bytes("k" + (random.nextInt(20) * 3 + i));
            if (random.nextInt(4) == 0) {
                txn.deleteRange(key, new byte[0]);
            } else {
                txn.put(key, MemoryStore.bytes("v" + random.nextInt()), 0);
            }
        }
        return txn.end();
    }

    private static Map<Event, @Nullable KeyValue> previousOf(List<Changes> all) {
        var previous = new HashMap<Event, @Nullable KeyValue>();
        var current = new HashMap<String, @Nullable KeyValue>();
        for (var changes : all) {
            for (var event : changes.events()) {
                var key = MemoryStore.text(event.kv().key());
                previous.put(event, current.get(key));
                current.put(key, event.type() == Event.Type.PUT ? event.kv() : null);
            }
        }
        return previous;
    }

    private static void watchFrom(Hub hub, long start, List<Changes> all, Map<Event, @Nullable KeyValue> previous)
            throws IOException {
        var client = new TestClient();
        var stream = hub.open(client, 0);
        client.useRequest();
        hub.create(stream, WatchSpec.of(everything()).startingAt(start).withView(new View(true, true, true)));
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
        var expected = new ArrayList<Seen>();
        for (var changes : all) {
            if (changes.revision() >= start) {
                changes.events().forEach(event -> expected.add(new Seen(event, previous.get(event))));
            }
        }
        var seen = client.received.stream()
                .flatMap(response -> Seen.in(response.events()).stream())
                .toList();
        assertThat(seen).isEqualTo(expected);
        hub.close(stream);
    }
}
