package dev.cetera.lab.work;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import dev.cetera.api.etcdserverpb.WatchCreateRequest.FilterType;
import dev.cetera.api.mvccpb.Event;
import dev.cetera.lab.history.History;
import dev.cetera.lab.history.Watch;
import dev.cetera.lab.history.Watch.End;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class WatchLineTest {
    private static FakeCluster clusterWithTroubles(long seed) {
        return clusterWithTroubles(seed, FakeCluster.usual(seed));
    }

    private static FakeCluster clusterWithTroubles(long seed, Profile profile) {
        var cluster = new FakeCluster(profile, seed);
        cluster.members.forEach(member -> member.part = 2);
        var random = new Random(seed);
        for (int i = 0; i < 30; i++) {
            var victim = cluster.members.get(random.nextInt(2));
            cluster.stage.in(random.nextLong(30 * FakeStage.SECOND), () -> victim.fail(Status.UNAVAILABLE));
        }
        return cluster.run(30).end();
    }

    @Test
    void aWatchIsToldOfEachEventOnceWhateverBreaks() {
        int broken = 0;
        for (long seed = 0; seed < 8; seed++) {
            var cluster = clusterWithTroubles(seed);
            assertThat(cluster.workload.isSettled()).isTrue();
            for (var watch : cluster.history().watches()) {
                broken += watch.legs().size() - 1;
                long from = start(watch);
                if (from > 0) {
                    var whole = watch.legs().getLast().end() == End.HISTORY
                            ? events(watch)
                            : expected(cluster.store, watch, from)
                                    .subList(0, events(watch).size());
                    assertThat(events(watch)).isEqualTo(whole);
                    if (watch.legs().getLast().end() == End.HISTORY) {
                        assertThat(whole).isEqualTo(expected(cluster.store, watch, from));
                    }
                }
            }
        }
        assertThat(broken).isGreaterThan(40);
    }

    /// The first revision that it is to be told of; 0 when it was never there.
    private static long start(Watch watch) {
        for (var leg : watch.legs()) {
            if (leg.request().getStartRevision() > 0) {
                return leg.request().getStartRevision();
            }
            if (!leg.told().isEmpty()) {
                return leg.told().getFirst().response().getCanceled()
                        ? 0
                        : leg.told().getFirst().response().getHeader().getRevision() + 1;
            }
        }
        return 0;
    }

    private static List<Event> events(Watch watch) {
        return watch.legs().stream()
                .flatMap(leg -> leg.told().stream())
                .flatMap(told -> told.response().getEventsList().stream())
                .toList();
    }

    private static List<Event> expected(FakeStore store, Watch watch, long from) {
        var request = watch.legs().getFirst().request();
        var range = new Keyspace.Range(request.getKey(), request.getRangeEnd());
        return store.events().stream()
                .filter(event -> event.getKv().getModRevision() >= from
                        && range.covers(event.getKv().getKey())
                        && !filtered(request, event))
                .toList();
    }

    private static boolean filtered(WatchCreateRequest request, Event event) {
        return request.getFiltersList()
                .contains(event.getType() == Event.EventType.PUT ? FilterType.NOPUT : FilterType.NODELETE);
    }

    @Test
    void aNewStreamBeginsBehindTheLastRevisionThatIsKnown() {
        for (var watch : clusterWithTroubles(21).history().watches()) {
            long next = watch.legs().getFirst().request().getStartRevision();
            for (var leg : watch.legs()) {
                assertThat(leg.request().getStartRevision()).isEqualTo(next);
                for (var told : leg.told()) {
                    var response = told.response();
                    if (response.getEventsCount() > 0) {
                        next = Math.max(
                                next, response.getEventsList().getLast().getKv().getModRevision() + 1);
                    } else if (!response.getCanceled() && (!response.getCreated() || next == 0)) {
                        next = Math.max(next, response.getHeader().getRevision() + 1);
                    }
                }
            }
        }
    }

    @Test
    void halfOfAResponseIsNone() {
        for (var watch : clusterWithTroubles(22).history().watches()) {
            for (var leg : watch.legs()) {
                if (!leg.told().isEmpty()) {
                    assertThat(leg.told().getLast().response().getFragment()).isFalse();
                }
            }
        }
    }

    @Test
    void watchesEndInEveryWayAndBeginAtEveryPlace() {
        var watches = new ArrayList<Watch>();
        for (long seed = 30; seed < 36; seed++) {
            watches.addAll(new FakeCluster(FakeCluster.usual(seed).with(Kind.COMPACT, 3), seed)
                    .run(30)
                    .history()
                    .watches());
        }
        var legs = watches.stream().flatMap(watch -> watch.legs().stream()).toList();
        var requests = legs.stream().map(Watch.Leg::request).toList();

        assertThat(legs.stream().map(Watch.Leg::end).collect(Collectors.toSet()))
                .containsExactlyInAnyOrder(End.values());
        assertThat(requests).anyMatch(request -> request.getStartRevision() == 0);
        assertThat(requests).anyMatch(request -> request.getStartRevision() > 0);
        assertThat(requests).anyMatch(WatchCreateRequest::getPrevKv);
        assertThat(requests).anyMatch(WatchCreateRequest::getFragment);
        assertThat(requests).anyMatch(WatchCreateRequest::getProgressNotify);
        assertThat(requests).anyMatch(request -> request.getWatchId() > 0);
        assertThat(requests.stream()
                        .flatMap(request -> request.getFiltersList().stream())
                        .collect(Collectors.toSet()))
                .hasSize(2);
        assertThat(requests.stream()
                        .map(request -> request.getRangeEnd().isEmpty())
                        .collect(Collectors.toSet()))
                .hasSize(2);
    }

    @Test
    void oneWatchIsOfEverythingThatEverHappened() {
        var cluster = clusterWithTroubles(50, FakeCluster.usual(50).with(Kind.COMPACT, 0));
        var witness = cluster.history().watches().getFirst();

        assertThat(events(witness)).as("events").hasSameSizeAs(cluster.store.events());
        assertThat(events(witness).equals(cluster.store.events())).isTrue();
        assertThat(witness.legs().getLast().end()).isEqualTo(End.HISTORY);
    }

    @Test
    void aRumourIsNoBookmark() {
        var usual = FakeCluster.usual(40);
        var history =
                new FakeCluster(usual.with(Profile.Progress.RUMOUR), 40).run(30).history();
        assertThat(progress(history)).isZero();
        assertThat(progress(new FakeCluster(usual, 40).run(30).history())).isPositive();
    }

    private static long progress(History history) {
        return history.watches().stream()
                .flatMap(watch -> watch.legs().stream())
                .flatMap(leg -> leg.told().stream())
                .filter(told ->
                        told.response().getWatchId() == -1 && !told.response().getCanceled())
                .count();
    }
}
