package dev.cetera.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import dev.cetera.api.etcdserverpb.WatchCreateRequest.FilterType;
import dev.cetera.api.etcdserverpb.WatchRequest;
import dev.cetera.api.etcdserverpb.WatchResponse;
import dev.cetera.api.mvccpb.Event;
import dev.cetera.api.mvccpb.KeyValue;
import dev.cetera.rpc.WatchTestPast.Op;
import dev.cetera.watch.WatchLimits;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The watch service as a client sees it, over a socket.
class WatchServiceTest {
    private static WatchCreateRequest.Builder key(String key) {
        return WatchCreateRequest.newBuilder().setKey(ByteString.copyFromUtf8(key));
    }

    private static WatchCreateRequest.Builder range(String key, String end) {
        return key(key).setRangeEnd(ByteString.copyFromUtf8(end));
    }

    private static ResponseHeader header(long revision) {
        return ResponseHeader.newBuilder()
                .setClusterId(WatchTestServer.CLUSTER)
                .setMemberId(WatchTestServer.MEMBER)
                .setRaftTerm(WatchTestServer.TERM)
                .setRevision(revision)
                .build();
    }

    private static WatchResponse.Builder response(long revision, long id) {
        return WatchResponse.newBuilder().setHeader(header(revision)).setWatchId(id);
    }

    private static WatchResponse created(long revision, long id) {
        return response(revision, id).setCreated(true).build();
    }

    private static Event put(String key, long create, long mod, long version, String value) {
        return Event.newBuilder().setKv(kv(key, create, mod, version, value)).build();
    }

    private static KeyValue kv(String key, long create, long mod, long version, String value) {
        return KeyValue.newBuilder()
                .setKey(ByteString.copyFromUtf8(key))
                .setCreateRevision(create)
                .setModRevision(mod)
                .setVersion(version)
                .setValue(ByteString.copyFromUtf8(value))
                .build();
    }

    private static Event deletion(String key, long mod) {
        return Event.newBuilder()
                .setType(Event.EventType.DELETE)
                .setKv(KeyValue.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .setModRevision(mod))
                .build();
    }

    @Test
    void aWatchIsCreatedFirstAndThenFollowsEveryRevision() throws Exception {
        try (var server = WatchTestServer.start()) {
            server.put("k", "before");
            var client = server.open();
            client.create(key("k"));
            assertThat(client.next()).isEqualTo(created(2, 0));
            server.put("k", "one");
            assertThat(client.next())
                    .isEqualTo(
                            response(3, 0).addEvents(put("k", 2, 3, 2, "one")).build());
            server.put("other", "x");
            server.delete("k");
            assertThat(client.next())
                    .isEqualTo(response(5, 0).addEvents(deletion("k", 5)).build());
        }
    }

    @Test
    void idsCountUpAndAreNeverUsedAgain() throws Exception {
        try (var server = WatchTestServer.start()) {
            var client = server.open();
            for (int id = 0; id < 3; id++) {
                client.create(key("k"));
                assertThat(client.next()).isEqualTo(created(1, id));
            }
            client.cancel(2);
            assertThat(client.next()).isEqualTo(response(1, 2).setCanceled(true).build());
            client.create(key("k"));
            assertThat(client.next()).isEqualTo(created(1, 3));
            var other = server.open();
            other.create(key("k"));
            assertThat(other.next()).isEqualTo(created(1, 0));
        }
    }

    @Test
    void aWantedIdIsHonouredAndATakenOneRefused() throws Exception {
        try (var server = WatchTestServer.start()) {
            var client = server.open();
            client.create(key("k").setWatchId(1));
            assertThat(client.next()).isEqualTo(created(1, 1));
            client.create(key("k").setWatchId(1));
            assertThat(client.next())
                    .isEqualTo(response(1, -1)
                            .setCreated(true)
                            .setCanceled(true)
                            .setCancelReason("mvcc: duplicate watch ID provided on the WatchStream")
                            .build());
            client.create(key("k"));
            assertThat(client.next()).isEqualTo(created(1, 0));
            client.create(key("k"));
            assertThat(client.next()).as("passes over the taken one").isEqualTo(created(1, 2));
        }
    }

    @Test
    void aStartInThePastReplaysFromThatRevisionOn() throws Exception {
        try (var server = WatchTestServer.startWithPast(5)) {
            var client = server.open();
            client.create(key("old").setStartRevision(3));
            assertThat(client.next()).isEqualTo(created(6, 0));
            var replay = client.next();
            assertThat(replay.getHeader().getRevision()).isEqualTo(6);
            assertThat(replay.getEventsList())
                    .extracting(event -> event.getKv().getModRevision())
                    .containsExactly(3L, 4L, 5L, 6L);
            server.put("old", "live");
            assertThat(client.next().getEvents(0)).isEqualTo(put("old", 2, 7, 6, "live"));
        }
    }

    @Test
    void aStartInTheFutureBeginsWithThatRevision() throws Exception {
        try (var server = WatchTestServer.start()) {
            var client = server.open();
            client.create(key("k").setStartRevision(4));
            assertThat(client.next()).isEqualTo(created(1, 0));
            for (int i = 2; i <= 4; i++) {
                server.put("k", "v" + i);
            }
            assertThat(client.next())
                    .isEqualTo(response(4, 0).addEvents(put("k", 2, 4, 3, "v4")).build());
        }
    }

    @Test
    void aCompactedStartIsCreatedAndThenCancelled() throws Exception {
        try (var server = WatchTestServer.startWithPast(9)) {
            server.past.compact(5);
            var client = server.open();
            for (long start : new long[] {4, 1, -1}) {
                client.create(key("old").setStartRevision(start));
                long id = client.next().getWatchId();
                assertThat(client.next())
                        .isEqualTo(response(0, id)
                                .setCanceled(true)
                                .setCompactRevision(5)
                                .build());
            }
            client.create(key("old").setStartRevision(5));
            assertThat(client.next()).isEqualTo(created(10, 3));
            assertThat(client.next().getEvents(0).getKv().getModRevision()).isEqualTo(5);
        }
    }

    @Test
    void anEmptyRangeIsRefusedWithoutAReason() throws Exception {
        try (var server = WatchTestServer.start()) {
            var client = server.open();
            var refused = response(1, -1).setCreated(true).setCanceled(true).build();
            client.create(range("b", "a"));
            assertThat(client.next()).isEqualTo(refused);
            client.create(range("b", "b"));
            assertThat(client.next()).isEqualTo(refused);
            client.create(key("k"));
            assertThat(client.next()).isEqualTo(created(1, 0));
        }
    }

    @Test
    void rangesAreAsInARead() throws Exception {
        try (var server = WatchTestServer.start()) {
            var client = server.open();
            client.create(range("b", "d"));
            client.create(range("c", "\0"));
            client.create(range("", "\0"));
            client.create(key(""));
            for (int id = 0; id < 4; id++) {
                client.next();
            }
            server.put("a", "");
            assertThat(client.next().getWatchId()).isEqualTo(2);
            server.put("b", "");
            assertThat(List.of(client.next().getWatchId(), client.next().getWatchId()))
                    .containsExactlyInAnyOrder(0L, 2L);
            server.put("d", "");
            assertThat(List.of(client.next().getWatchId(), client.next().getWatchId()))
                    .containsExactlyInAnyOrder(1L, 2L);
            server.put("\0", "");
            assertThat(List.of(client.next().getWatchId(), client.next().getWatchId()))
                    .containsExactlyInAnyOrder(2L, 3L);
        }
    }

    @Test
    void filtersDropEventsAndEmptyResponses() throws Exception {
        try (var server = WatchTestServer.start()) {
            var puts = server.open();
            puts.create(key("k").addFilters(FilterType.NODELETE));
            puts.next();
            var deletes = server.open();
            deletes.create(key("k").addFilters(FilterType.NOPUT));
            deletes.next();
            var nothing = server.open();
            nothing.create(key("k").addFilters(FilterType.NOPUT).addFilters(FilterType.NODELETE));
            nothing.next();
            server.put("k", "v");
            server.delete("k");
            assertThat(puts.next().getEventsList()).containsExactly(put("k", 2, 2, 1, "v"));
            assertThat(deletes.next().getEventsList()).containsExactly(deletion("k", 3));
            nothing.progress();
            assertThat(nothing.next()).isEqualTo(response(3, -1).build());
        }
    }

    @Test
    void thePreviousValueComesAlongWhereThereIsOne() throws Exception {
        try (var server = WatchTestServer.start()) {
            var client = server.open();
            client.create(key("k").setPrevKv(true));
            client.next();
            server.put("k", "one");
            assertThat(client.next().getEvents(0)).isEqualTo(put("k", 2, 2, 1, "one"));
            server.put("k", "two");
            assertThat(client.next().getEvents(0))
                    .isEqualTo(put("k", 2, 3, 2, "two").toBuilder()
                            .setPrevKv(kv("k", 2, 2, 1, "one"))
                            .build());
            server.delete("k");
            assertThat(client.next().getEvents(0))
                    .isEqualTo(deletion("k", 4).toBuilder()
                            .setPrevKv(kv("k", 2, 3, 2, "two"))
                            .build());
            client.create(key("k").setPrevKv(true).setStartRevision(3));
            client.next();
            assertThat(client.next().getEventsList()).allMatch(Event::hasPrevKv);
            server.past.compact(3);
            client.create(key("k").setPrevKv(true).setStartRevision(3));
            client.next();
            assertThat(client.next().getEventsCount()).isEqualTo(2);
        }
    }

    @Test
    void allEventsOfARevisionComeInOneResponse() throws Exception {
        try (var server = WatchTestServer.start()) {
            var client = server.open();
            client.create(range("a", "z"));
            client.next();
            server.apply(new Op("b", "1"), new Op("a", "2"), new Op("z", "3"), new Op("c", "4"));
            assertThat(client.next())
                    .isEqualTo(response(2, 0)
                            .addEvents(put("b", 2, 2, 1, "1"))
                            .addEvents(put("a", 2, 2, 1, "2"))
                            .addEvents(put("c", 2, 2, 1, "4"))
                            .build());
        }
    }

    @Test
    void largeResponsesAreSplitForThoseWhoAllowIt() throws Exception {
        try (var server = WatchTestServer.start(WatchLimits.DEFAULTS.withResponseBytes(1000))) {
            var whole = server.open();
            whole.create(range("a", "z"));
            whole.next();
            var split = server.open();
            split.create(range("a", "z").setFragment(true));
            split.next();
            var ops = new ArrayList<Op>();
            for (int i = 0; i < 10; i++) {
                ops.add(new Op("k" + i, "v".repeat(i == 9 ? 2000 : 250)));
            }
            server.apply(ops.toArray(Op[]::new));
            var all = whole.next();
            assertThat(all.getFragment()).isFalse();
            assertThat(all.getEventsCount()).isEqualTo(10);
            var parts = new ArrayList<Event>();
            WatchResponse part;
            do {
                part = split.next();
                assertThat(part.getHeader()).isEqualTo(header(2));
                assertThat(part.getEventsCount()).isPositive();
                assertThat(part.getEventsCount() == 1 || part.getSerializedSize() <= 1000)
                        .isTrue();
                parts.addAll(part.getEventsList());
            } while (part.getFragment());
            assertThat(parts).isEqualTo(all.getEventsList());
            server.put("k", "small");
            assertThat(split.next().getFragment()).isFalse();
        }
    }

    @Test
    void aQuietWatcherIsToldHowFarItIs() throws Exception {
        try (var server = WatchTestServer.start(WatchLimits.DEFAULTS.withProgressIntervalNanos(1))) {
            var client = server.open();
            client.create(key("k"));
            client.create(key("k").setProgressNotify(true));
            assertThat(client.next()).isEqualTo(created(1, 0));
            assertThat(client.next()).isEqualTo(created(1, 1));
            assertThat(client.next()).isEqualTo(response(1, 1).build());
        }
    }

    @Test
    void aProgressRequestIsAnsweredForTheWholeStream() throws Exception {
        try (var server = WatchTestServer.startWithPast(3000)) {
            var client = server.open();
            client.progress();
            assertThat(client.next()).isEqualTo(response(3001, -1).build());
            client.create(key("old").setStartRevision(2));
            client.progress();
            assertThat(client.next()).isEqualTo(created(3001, 0));
            long seen = 0;
            var message = client.next();
            while (message.getEventsCount() > 0) {
                seen += message.getEventsCount();
                message = client.next();
            }
            assertThat(message).isEqualTo(response(3001, -1).build());
            assertThat(seen).as("only after everything before it").isEqualTo(3000);
        }
    }

    @Test
    void cancellingIsAnsweredOnceAndAnUnknownIdNever() throws Exception {
        try (var server = WatchTestServer.start()) {
            var client = server.open();
            client.create(key("k"));
            client.next();
            client.cancel(17);
            client.cancel(0);
            client.cancel(0);
            assertThat(client.next()).isEqualTo(response(1, 0).setCanceled(true).build());
            server.put("k", "v");
            client.progress();
            assertThat(client.next()).isEqualTo(response(2, -1).build());
        }
    }

    @Test
    void anUnknownRequestIsPassedOver() throws Exception {
        try (var server = WatchTestServer.start()) {
            var client = server.open();
            client.send(WatchRequest.getDefaultInstance());
            client.progress();
            assertThat(client.next()).isEqualTo(response(1, -1).build());
        }
    }

    @Test
    void eventsKeepFlowingWhenTheClientHasClosedItsSide() throws Exception {
        try (var server = WatchTestServer.start()) {
            var client = server.open();
            client.create(key("k"));
            client.next();
            client.halfClose();
            server.put("k", "v");
            assertThat(client.next().getEventsCount()).isEqualTo(1);
        }
    }

    @Test
    void aCallThatNeedsALeaderEndsWithoutOne() throws Exception {
        try (var server = WatchTestServer.start()) {
            var plain = server.open();
            plain.create(key("k"));
            plain.next();
            var needing = server.openNeedingLeader();
            needing.create(key("k"));
            needing.next();
            server.led = false;
            assertNoLeader(needing.end());
            assertNoLeader(server.openNeedingLeader().end());
            server.put("k", "v");
            assertThat(plain.next().getEventsCount()).isEqualTo(1);
        }
    }

    private static void assertNoLeader(Status status) {
        assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(status.getDescription()).isEqualTo("etcdserver: no leader");
    }

    @Test
    void callsEndWhenTheServerStops() throws Exception {
        try (var server = WatchTestServer.start()) {
            var client = server.open();
            client.create(key("k"));
            client.next();
            server.loop.stop();
            assertThat(client.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(server.open().end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        }
    }

    @Test
    void aCallThatIsHungUpLeavesNothingBehind() throws Exception {
        try (var server = WatchTestServer.start()) {
            var gone = server.open();
            gone.create(key("k"));
            gone.next();
            assertThat(server.loop.turns().counters().watchers()).isEqualTo(1);
            gone.hangUp();
            gone.end();
            var client = server.open();
            client.create(key("k"));
            client.next();
            server.put("k", "v");
            client.next();
            assertThat(server.loop.turns().counters().streams()).isEqualTo(1);
            assertThat(server.loop.turns().counters().watchers()).isEqualTo(1);
        }
    }
}
