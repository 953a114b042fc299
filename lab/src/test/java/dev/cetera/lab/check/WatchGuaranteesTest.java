package dev.cetera.lab.check;

import static dev.cetera.lab.check.Scene.all;
import static dev.cetera.lab.check.Scene.bytes;
import static dev.cetera.lab.check.Scene.compact;
import static dev.cetera.lab.check.Scene.delete;
import static dev.cetera.lab.check.Scene.deleteAll;
import static dev.cetera.lab.check.Scene.progress;
import static dev.cetera.lab.check.Scene.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cetera.api.etcdserverpb.WatchCreateRequest.FilterType;
import dev.cetera.api.etcdserverpb.WatchResponse;
import dev.cetera.api.mvccpb.Event;
import dev.cetera.lab.history.Watch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WatchGuaranteesTest {
    /// Revisions 2 to 4 are puts, 5 deletes both keys.
    private final Scene scene = new Scene()
            .does(put("a", "1").build())
            .does(put("b", "2").build())
            .does(put("a", "3").build())
            .does(deleteAll())
            .settled();

    private void isRight() {
        assertThatCode(() -> Checks.checkOnce(scene.history(), Improvised.SLACK))
                .doesNotThrowAnyException();
    }

    private void breaks(String guarantee) {
        assertThatExceptionOfType(Violation.class)
                .isThrownBy(() -> Checks.checkOnce(scene.history(), Improvised.SLACK))
                .satisfies(violation -> assertThat(violation.guarantee())
                        .as(violation.getMessage())
                        .isEqualTo(guarantee));
    }

    private WatchResponse.Builder created() {
        return scene.created();
    }

    private WatchResponse.Builder events(long... revisions) {
        return scene.events(revisions);
    }

    @Test
    void everythingInOrderIsRight() {
        scene.watch(all(1), created(), events(2), events(3, 4), events(5), progress(5));
        isRight();
    }

    @Test
    void anEventThatIsLeftOutIsNoticed() {
        scene.watch(all(0), progress(1).setCreated(true), events(2), events(4), events(5));
        breaks("WatchReliable");
    }

    @Test
    void aBeginningThatIsLeftOutIsNoticed() {
        scene.watch(all(2), created(), events(3, 4, 5));
        breaks("WatchResumable");
    }

    @Test
    void anEndThatIsLeftOutIsNoticedWhenAllHasSettled() {
        scene.watch(all(0), progress(1).setCreated(true), events(2), events(3), events(4));
        breaks("WatchReliable");
    }

    @Test
    void aBrokenStreamNeedNotHaveGotEverything() {
        scene.legs(
                scene.leg(all(2), Watch.End.BROKEN, created(), events(2)),
                scene.leg(all(3), Watch.End.HISTORY, created(), events(3), events(4, 5)));
        isRight();
    }

    @Test
    void whatTheClientKnewIsNotToldAgainOnTheNextStream() {
        scene.legs(
                scene.leg(all(2), Watch.End.BROKEN, created(), events(2), events(3)),
                scene.leg(all(4), Watch.End.HISTORY, created(), events(3), events(4, 5)));
        breaks("WatchUnique");
    }

    @Test
    void anEventThatComesTwiceIsNoticed() {
        scene.watch(all(2), created(), events(2), events(3), events(3), events(4, 5));
        breaks("WatchUnique");
    }

    @Test
    void eventsInTheWrongOrderAreNoticed() {
        scene.watch(all(2), created(), events(2), events(4), events(3), events(5));
        breaks("WatchOrdered");
    }

    @Test
    void subRevisionsInTheWrongOrderAreNoticed() {
        var swapped = new ArrayList<>(scene.state().eventsOf(5));
        Collections.reverse(swapped);
        scene.watch(all(2), created(), events(2, 3, 4), progress(5).addAllEvents(swapped));
        breaks("WatchOrdered");
    }

    @Test
    void aRevisionInTwoResponsesIsNoticed() {
        var both = scene.state().eventsOf(5);
        scene.watch(
                all(2),
                created(),
                events(2, 3, 4),
                progress(5).addEvents(both.get(0)),
                progress(5).addEvents(both.get(1)));
        breaks("WatchAtomic");
    }

    @Test
    void aRevisionInFragmentsIsRight() {
        var both = scene.state().eventsOf(5);
        scene.watch(
                all(2).setFragment(true),
                created(),
                events(2, 3, 4),
                progress(5).addEvents(both.get(0)).setFragment(true),
                progress(5).addEvents(both.get(1)));
        isRight();
    }

    @Test
    void fragmentsWithoutAnEndAreNoticed() {
        var both = scene.state().eventsOf(5);
        scene.watch(
                all(2).setFragment(true),
                created(),
                events(2, 3, 4),
                progress(5).addEvents(both.get(0)).setFragment(true),
                progress(5).addEvents(both.get(1)).setFragment(true),
                progress(5));
        breaks("WatchAtomic");
    }

    @Test
    void halfARevisionIsNoticed() {
        scene.watch(all(2), created(), events(2, 3, 4), progress(5).addEvents(scene.event(5)));
        breaks("WatchAtomic");
    }

    @Test
    void anEventOfAnotherKeyIsNoticed() {
        scene.watch(all(2).setKey(bytes("a")).clearRangeEnd(), created(), events(2), events(3));
        breaks("WatchFiltered");
    }

    @Test
    void anEventOfAKindThatIsFilteredOutIsNoticed() {
        scene.watch(all(2).addFilters(FilterType.NOPUT), created(), events(2), events(5));
        breaks("WatchFiltered");
    }

    @Test
    void anEventBelowTheStartIsNoticed() {
        scene.watch(all(4), created(), events(3), events(4, 5));
        breaks("WatchFiltered");
    }

    @Test
    void aWrongPreviousValueIsNoticed() {
        var event = scene.event(4).toBuilder();
        event.getPrevKvBuilder().setValue(bytes("2"));
        scene.watch(all(2), created(), events(2, 3), progress(4).addEvents(event), events(5));
        breaks("WatchExact");
    }

    @Test
    void anOlderPreviousValueIsNoticed() {
        scene.does(put("b", "4").build());
        scene.does(put("b", "5").build());
        scene.does(put("b", "6").build());
        var event = scene.event(8).toBuilder().setPrevKv(scene.event(6).getKv());
        scene.watch(all(6), created(), events(6, 7), progress(8).addEvents(event));
        breaks("WatchExact");
    }

    @Test
    void aMissingPreviousValueIsNoticed() {
        scene.watch(
                all(4),
                created(),
                progress(4).addEvents(scene.event(4).toBuilder().clearPrevKv()),
                events(5));
        breaks("WatchExact");
    }

    @Test
    void aPreviousValueMayBeCompacted() {
        scene.does(compact(4));
        scene.watch(
                all(4),
                created(),
                progress(4).addEvents(scene.event(4).toBuilder().clearPrevKv()),
                events(5));
        isRight();
    }

    @Test
    void anEventThatNeverHappenedIsNoticed() {
        scene.does(put("c", "4").build());
        var invented =
                Event.newBuilder().setKv(scene.event(6).getKv().toBuilder().setKey(bytes("d")));
        scene.watch(all(6), created(), progress(6).addEvents(invented));
        breaks("WatchExact");
    }

    @Test
    void progressAheadOfAnEventIsNoticed() {
        scene.watch(all(2), created(), events(2, 3), progress(4), events(4), events(5));
        breaks("WatchBookmarkable");
    }

    @Test
    void progressAheadOfTheEndIsNoticed() {
        scene.watch(all(2), Watch.End.BROKEN, created(), events(2, 3), progress(5));
        breaks("WatchBookmarkable");
    }

    @Test
    void aWatchIsCreatedFirst() {
        scene.watch(all(2), events(2), events(3, 4, 5));
        breaks("WatchLife");
    }

    @Test
    void aWatchIsCreatedOnce() {
        scene.watch(all(2), created(), created(), events(2, 3, 4, 5));
        breaks("WatchLife");
    }

    @Test
    void nothingComesAfterTheEnd() {
        scene.watch(all(2), Watch.End.CANCELED_BY_CLIENT, created(), progress(5).setCanceled(true), events(2, 3, 4, 5));
        breaks("WatchLife");
    }

    @Test
    void aMemberCancelsForAReason() {
        scene.watch(
                all(2),
                Watch.End.CANCELED_BY_MEMBER,
                created(),
                events(2),
                progress(0).setCanceled(true));
        breaks("WatchLife");
    }

    @Test
    void aRangeWithoutKeysIsCancelledAtOnce() {
        scene.watch(
                all(2).setKey(bytes("b")).setRangeEnd(bytes("a")),
                Watch.End.CANCELED_BY_MEMBER,
                created().setCanceled(true).setWatchId(-1));
        isRight();
    }

    @Test
    void aCompactedBeginningIsCancelled() {
        scene.does(compact(4));
        scene.watch(
                all(2),
                Watch.End.CANCELED_BY_MEMBER,
                created(),
                progress(0).setCanceled(true).setCompactRevision(4));
        isRight();
    }

    @Test
    void aWrongCompactedRevisionIsNoticed() {
        scene.does(compact(4));
        scene.watch(
                all(2),
                Watch.End.CANCELED_BY_MEMBER,
                created(),
                progress(0).setCanceled(true).setCompactRevision(3));
        breaks("WatchCompaction");
    }

    @Test
    void nobodyIsCancelledWhoNeedsNothingThatIsCompacted() {
        scene.does(compact(4));
        scene.watch(
                all(5),
                Watch.End.CANCELED_BY_MEMBER,
                created(),
                progress(0).setCanceled(true).setCompactRevision(4));
        breaks("WatchCompaction");
    }

    @Test
    void aCompactedBeginningThatIsSkippedIsNoticed() {
        scene.does(compact(4));
        scene.watch(all(2), created(), events(4, 5));
        breaks("WatchResumable");
    }

    @Test
    void aCompactedBeginningThatNobodyCancelsIsNoticed() {
        scene.watch(all(4), Watch.End.BROKEN, created(), events(4));
        scene.does(compact(5));
        scene.does(delete("x"));
        // Another stream shows that the member lives on.
        scene.watch(all(6), created());
        scene.watch(all(2).setKey(bytes("x")).clearRangeEnd(), created());
        var history = scene.history();
        var lasting = history.watches().getFirst().legs().getFirst();
        var late = new Watch.Told(scene.now() + 1, progress(5).build());
        var told = new ArrayList<>(lasting.told());
        told.set(0, new Watch.Told(0, told.getFirst().response()));
        told.add(late);
        var spoiled = Spoiled.told(history, 0, 0, _ -> List.copyOf(told));
        assertThatExceptionOfType(Violation.class)
                .isThrownBy(() -> WatchCompaction.check(new Following(
                        spoiled,
                        StrictSerializability.check(spoiled),
                        spoiled.watches().getLast(),
                        0)))
                .satisfies(violation -> assertThat(violation.guarantee()).isEqualTo("WatchCompaction"));
    }

    // ---- made up histories ----

    /// Of the first watch, which asks for everything.
    private static int anyResponseWithEvents(List<Watch.Told> told, Random random) {
        var candidates = IntStream.range(0, told.size())
                .filter(i -> told.get(i).response().getEventsCount() > 0)
                .toArray();
        return candidates.length == 0 ? -1 : candidates[random.nextInt(candidates.length)];
    }

    private static void spoils(Function<List<Watch.Told>, List<Watch.Told>> change, String... guarantees) {
        for (long seed = 0; seed < 150; seed++) {
            var history = Improvised.history(Improvised.Profile.SMALL, seed);
            var told = history.watches().getFirst().legs().getFirst().told();
            var spoiled = Spoiled.told(history, 0, 0, change);
            if (!spoiled.watches().getFirst().legs().getFirst().told().equals(told)) {
                assertThatExceptionOfType(Violation.class)
                        .as("seed %d", seed)
                        .isThrownBy(() -> Checks.checkOnce(spoiled, Improvised.SLACK))
                        .satisfies(violation -> assertThat(violation.guarantee())
                                .as(violation.getMessage())
                                .isIn((Object[]) guarantees));
            }
        }
    }

    @Test
    void aResponseThatIsDoubledIsNoticedAnywhere() {
        var random = new Random(1);
        spoils(
                told -> {
                    int which = anyResponseWithEvents(told, random);
                    var changed = new ArrayList<>(told);
                    if (which >= 0) {
                        changed.add(which, told.get(which));
                    }
                    return changed;
                },
                "WatchUnique");
    }

    @Test
    void aResponseThatIsDroppedIsNoticedAnywhere() {
        var random = new Random(2);
        spoils(
                told -> {
                    int which = anyResponseWithEvents(told, random);
                    // The last one of a stream that broke might have been on its way.
                    boolean isFollowed = which >= 0
                            && told.subList(which + 1, told.size()).stream()
                                    .anyMatch(later -> later.response().getEventsCount() > 0);
                    var changed = new ArrayList<>(told);
                    if (isFollowed) {
                        changed.remove(which);
                    }
                    return changed;
                },
                "WatchReliable",
                "WatchResumable",
                "WatchBookmarkable",
                "WatchCompaction");
    }

    @Test
    void aValueThatIsChangedIsNoticedAnywhere() {
        var random = new Random(3);
        spoils(
                told -> {
                    int which = anyResponseWithEvents(told, random);
                    return which < 0
                            ? told
                            : Spoiled.response(told, which, response -> {
                                response.getEventsBuilder(0).getKvBuilder().setValue(bytes("spoiled"));
                                return response;
                            });
                },
                "WatchExact");
    }
}
