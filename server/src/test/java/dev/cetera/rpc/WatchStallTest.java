package dev.cetera.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import org.junit.jupiter.api.Test;

/// Clients that do not read, or are far behind, are a burden to nobody.
class WatchStallTest {
    private static WatchCreateRequest.Builder everything() {
        return WatchCreateRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("\0"))
                .setRangeEnd(ByteString.copyFromUtf8("\0"));
    }

    @Test
    void aClientThatDoesNotReadIsSentLittleAndMissesNothing() throws Exception {
        int puts = 20_000;
        var value = "v".repeat(1000);
        try (var server = WatchTestServer.start()) {
            var stalled = server.openWithoutReading();
            stalled.create(everything());
            stalled.read();
            stalled.next();
            var reading = server.open();
            reading.create(everything());
            reading.next();
            for (int i = 0; i < puts; i++) {
                server.put("k", value);
            }
            assertEvents(reading, 2, puts);
            assertInStep(reading);
            // 64 KiB in the transport, the client's window of 1 MiB, and one page of at most 1 MiB.
            long sentToStalled = server.loop.turns().counters().events() - puts;
            assertThat(sentToStalled).isLessThan(2500);
            assertThat(server.loop.turns().counters().slowWatchers()).isEqualTo(1);

            stalled.readOn();
            assertEvents(stalled, 2, puts);
            server.put("k", value);
            assertEvents(stalled, puts + 2, 1);
            assertInStep(stalled);
            assertThat(server.loop.turns().counters().slowWatchers()).isZero();
        }
    }

    @Test
    void aWatcherHalfAMillionRevisionsBehindCatchesUpWhileOthersFollow() throws Exception {
        int past = 500_000;
        try (var server = WatchTestServer.startWithPast(past)) {
            var late = server.open();
            late.create(everything().setStartRevision(2));
            late.next();
            var live = server.open();
            live.create(everything());
            live.next();
            for (int i = 0; i < 2000; i++) {
                server.put("k", "v");
            }
            assertEvents(live, past + 2, 2000);
            assertEvents(late, 2, past + 2000);
        }
    }

    @Test
    void aStalledWatcherThatMeetsACompactionIsCancelled() throws Exception {
        try (var server = WatchTestServer.start()) {
            var stalled = server.openWithoutReading();
            stalled.create(everything());
            stalled.read();
            stalled.next();
            for (int i = 0; i < 10_000; i++) {
                server.put("k", "v".repeat(1000));
            }
            server.past.compact(10_000);
            stalled.readOn();
            var message = stalled.next();
            while (message.getEventsCount() > 0) {
                message = stalled.next();
            }
            assertThat(message.getCanceled()).isTrue();
            assertThat(message.getCompactRevision()).isEqualTo(10_000);
            assertThat(message.getHeader().getRevision()).isZero();
        }
    }

    /// A progress request is answered when no watcher of the stream is behind any more.
    private static void assertInStep(WatchTestClient client) throws InterruptedException {
        client.progress();
        assertThat(client.next().getWatchId()).isEqualTo(-1);
    }

    private static void assertEvents(WatchTestClient client, long from, int count) throws InterruptedException {
        long revision = from;
        while (revision < from + count) {
            for (var event : client.next().getEventsList()) {
                assertThat(event.getKv().getModRevision()).isEqualTo(revision);
                revision++;
            }
        }
        assertThat(revision).isEqualTo(from + count);
    }
}
