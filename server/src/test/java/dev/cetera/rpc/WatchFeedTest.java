package dev.cetera.rpc;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cetera.disk.FakeDisk;
import dev.cetera.mvcc.Changes;
import dev.cetera.mvcc.Store;
import dev.cetera.node.Time;
import dev.cetera.schema.Backend;
import dev.cetera.watch.EventRing;
import dev.cetera.watch.WatchLimits;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class WatchFeedTest {
    private static final Path DIRECTORY = Path.of("/data");

    @Test
    void watchingJoinsAtTheRevisionThatTheStoreShows() throws Exception {
        var disk = new FakeDisk(1);
        disk.createDirectories(DIRECTORY);
        try (var backend = Backend.open(disk, DIRECTORY.resolve("db"));
                var server = WatchTestServer.start()) {
            var store = Store.restore(backend).store();
            var feed = new WatchFeed();
            feed.accept(put(store));
            var shownButNotTold = put(store);
            var around = new WatchTurns.Surroundings(Time.system(), Runnable::run, () -> {});
            feed.join(store, EventRing::new, server, WatchLimits.DEFAULTS, 1_000_000_000, around);
            assertThatCode(() -> feed.accept(shownButNotTold))
                    .as("the ring begins behind it")
                    .doesNotThrowAnyException();
            feed.accept(put(store));
            put(store);
            var afterAGap = put(store);
            assertThatThrownBy(() -> feed.accept(afterAGap))
                    .as("from the joint on every revision goes to the ring")
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    private static Changes put(Store store) throws IOException {
        var txn = store.begin();
        txn.put(WatchTestPast.bytes("k"), WatchTestPast.bytes("v"), 0);
        return txn.end();
    }
}
