package dev.cetera.lab.check;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import dev.cetera.api.etcdserverpb.WatchCreateRequest.FilterType;
import dev.cetera.api.etcdserverpb.WatchResponse;
import dev.cetera.api.mvccpb.Event;
import dev.cetera.lab.history.History;
import dev.cetera.lab.history.Operation;
import dev.cetera.lab.history.Outcome;
import dev.cetera.lab.history.Watch;
import dev.cetera.lab.model.KeyRange;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// One stream of a watch beside the story: what it asked for, what it was told, and what it should have been.
/// Immutable.
final class Following {
    /// An event as it was told.
    ///
    /// @param response counts the responses of the stream
    record Arrival(int response, long at, Event event) {
        long revision() {
            return event.getKv().getModRevision();
        }

        ByteString key() {
            return event.getKv().getKey();
        }
    }

    /// Where it began is unknown: it wanted what is new, and was not told from when on that counts.
    static final long NOWHERE = Long.MAX_VALUE;

    private static final ByteString ZERO = ByteString.copyFrom(new byte[] {0});

    private final History history;
    private final Story story;
    private final Watch watch;
    private final int number;
    private final KeyRange range;
    private final long start;
    private final List<Arrival> arrivals = new ArrayList<>();

    /// @param number counts the streams of the watch
    Following(History history, Story story, Watch watch, int number) {
        this.history = history;
        this.story = story;
        this.watch = watch;
        this.number = number;
        this.range = range(leg().request());
        this.start = start();
        for (int i = 0; i < leg().told().size(); i++) {
            var told = leg().told().get(i);
            for (var event : told.response().getEventsList()) {
                arrivals.add(new Arrival(i, told.at(), event));
            }
        }
    }

    /// The keys of a watch. No key stands for the first of all.
    static KeyRange range(WatchCreateRequest request) {
        return KeyRange.of(request.getKey().isEmpty() ? ZERO : request.getKey(), request.getRangeEnd());
    }

    private long start() {
        long asked = leg().request().getStartRevision();
        if (asked != 0) {
            return Math.max(2, asked);
        }
        return leg().told().isEmpty()
                ? NOWHERE
                : leg().told().getFirst().response().getHeader().getRevision() + 1;
    }

    History history() {
        return history;
    }

    Story story() {
        return story;
    }

    Watch.Leg leg() {
        return watch.legs().get(number);
    }

    /// The streams of the watch before this one.
    List<Watch.Leg> before() {
        return watch.legs().subList(0, number);
    }

    KeyRange range() {
        return range;
    }

    /// The first revision that it is to be told of, or [#NOWHERE].
    long first() {
        return start;
    }

    List<Arrival> arrivals() {
        return arrivals;
    }

    /// Whether it was to be told of all that there is.
    boolean isFinished() {
        return history.settled() && leg().end() == Watch.End.HISTORY;
    }

    static boolean isBookmark(WatchResponse response) {
        return !response.getCreated()
                && !response.getCanceled()
                && !response.getFragment()
                && response.getEventsCount() == 0;
    }

    boolean wants(Event event) {
        return range.contains(event.getKv().getKey())
                && !leg().request()
                        .getFiltersList()
                        .contains(event.getType() == Event.EventType.PUT ? FilterType.NOPUT : FilterType.NODELETE);
    }

    /// The events of a revision that it is to be told of; none of one that nobody knows of.
    List<Event> wanted(long revision) {
        if (revision < 2 || revision > story.revision()) {
            return List.of();
        }
        return story.chapter(revision).events().stream().filter(this::wants).toList();
    }

    /// Compactions that may have been carried out by a time.
    Stream<CompactionRequest> compactionsBy(long at) {
        return history.operations().stream()
                .filter(operation -> operation.called() <= at && !(operation.outcome() instanceof Outcome.Refused))
                .map(Operation::request)
                .filter(CompactionRequest.class::isInstance)
                .map(CompactionRequest.class::cast);
    }

    Violation violation(String guarantee, String complaint) {
        return new Violation(
                guarantee, "watch " + watch.number() + ", " + Transcript.line(leg()) + ": " + complaint, history);
    }
}
