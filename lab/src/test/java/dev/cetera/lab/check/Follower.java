package dev.cetera.lab.check;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import dev.cetera.api.etcdserverpb.WatchCreateRequest.FilterType;
import dev.cetera.api.etcdserverpb.WatchResponse;
import dev.cetera.api.mvccpb.Event;
import dev.cetera.lab.history.Watch;
import dev.cetera.lab.model.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// A watch that is told of all that it should be, one look at the state after the other.
final class Follower {
    private final int number;
    private final Random random;
    private final List<Watch.Leg> legs = new ArrayList<>();
    private final List<Watch.Told> told = new ArrayList<>();
    private final ByteString key;
    private final ByteString end;
    private final List<FilterType> filters = new ArrayList<>();
    private final boolean prevKv;
    private WatchCreateRequest request = WatchCreateRequest.getDefaultInstance();
    private String member = "";
    private long asked;
    private boolean open;

    /// The next revision to be told of.
    private long next;

    Follower(int number, Random random) {
        this.number = number;
        this.random = random;
        this.key = number == 0 ? ByteString.copyFrom(new byte[1]) : Improvised.key(random.nextInt(4));
        this.end = switch (number == 0 ? 1 : random.nextInt(3)) {
            case 0 -> ByteString.EMPTY;
            case 1 -> ByteString.copyFrom(new byte[1]);
            default -> Improvised.key(4 + random.nextInt(4));
        };
        if (number > 0 && random.nextInt(4) == 0) {
            filters.add(random.nextBoolean() ? FilterType.NOPUT : FilterType.NODELETE);
        }
        prevKv = random.nextBoolean();
        next = number == 0 ? 1 : 0;
    }

    Watch watch() {
        return new Watch(number, legs);
    }

    void look(long now, State state, boolean mayBreak) {
        if (!open) {
            begin(now, state);
        }
        catchUp(now, state);
        if (open && random.nextInt(5) == 0) {
            // A bookmark.
            next = Math.max(next, state.revision() + 1);
            tell(now, WatchResponse.newBuilder().setHeader(Improvised.header(state.revision())));
        }
        if (open && mayBreak && random.nextInt(15) == 0) {
            end(Watch.End.BROKEN);
        }
    }

    void finish(long now, State state) {
        do {
            look(now, state, false);
        } while (!open);
        end(Watch.End.HISTORY);
    }

    private void begin(long now, State state) {
        open = true;
        asked = now;
        member = "m" + random.nextInt(3);
        request = WatchCreateRequest.newBuilder()
                .setKey(key)
                .setRangeEnd(end)
                .setStartRevision(next)
                .setPrevKv(prevKv)
                .addAllFilters(filters)
                .build();
        tell(
                now,
                WatchResponse.newBuilder()
                        .setHeader(Improvised.header(state.revision()))
                        .setCreated(true));
        if (next == 0) {
            next = state.revision() + 1;
        }
    }

    private void end(Watch.End why) {
        legs.add(new Watch.Leg(member, request, asked, told, why));
        told.clear();
        open = false;
    }

    private void tell(long now, WatchResponse.Builder response) {
        told.add(new Watch.Told(now, response.build()));
    }

    private void catchUp(long now, State state) {
        if (next < state.compacted()) {
            tell(
                    now,
                    WatchResponse.newBuilder()
                            .setHeader(Improvised.header(0))
                            .setCanceled(true)
                            .setCompactRevision(state.compacted()));
            next = state.compacted();
            end(Watch.End.CANCELED_BY_MEMBER);
            return;
        }
        boolean together = random.nextBoolean();
        var events = new ArrayList<Event>();
        for (; next <= state.revision(); next++) {
            for (var event : state.eventsOf(next)) {
                if (isWanted(event)) {
                    boolean hidden = !prevKv || (next - 1 < state.compacted() && random.nextBoolean());
                    events.add(hidden ? event.toBuilder().clearPrevKv().build() : event);
                }
            }
            if (!events.isEmpty() && (!together || next == state.revision())) {
                tell(now, events, together ? state.revision() : next);
            }
        }
        if (!events.isEmpty()) {
            tell(now, events, state.revision());
        }
    }

    private void tell(long now, List<Event> events, long revision) {
        tell(
                now,
                WatchResponse.newBuilder()
                        .setHeader(Improvised.header(revision))
                        .addAllEvents(events));
        events.clear();
    }

    private boolean isWanted(Event event) {
        return Following.range(request).contains(event.getKv().getKey())
                && !filters.contains(event.getType() == Event.EventType.PUT ? FilterType.NOPUT : FilterType.NODELETE);
    }
}
