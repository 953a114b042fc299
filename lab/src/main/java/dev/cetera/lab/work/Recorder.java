package dev.cetera.lab.work;

import com.google.protobuf.Message;
import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import dev.cetera.api.etcdserverpb.WatchResponse;
import dev.cetera.lab.history.History;
import dev.cetera.lab.history.Operation;
import dev.cetera.lab.history.Outcome;
import dev.cetera.lab.history.Watch;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes the history, as it happens.
final class Recorder {
    /// A call that was made.
    static final class Entry {
        private final int number;
        private final int client;
        private final String user;
        private final String member;
        private final Message request;
        private final long called;
        private long ended = Operation.NEVER;
        private @Nullable Outcome outcome;

        private Entry(int number, int client, String user, String member, Message request, long called) {
            this.number = number;
            this.client = client;
            this.user = user;
            this.member = member;
            this.request = request;
            this.called = called;
        }

        private Operation operation() {
            return new Operation(
                    number,
                    client,
                    user,
                    member,
                    request,
                    called,
                    ended,
                    outcome == null ? new Outcome.Unknown("still under way") : outcome);
        }
    }

    /// A watch, from its first stream on.
    static final class WatchEntry {
        private final int number;
        private final List<LegEntry> legs = new ArrayList<>();

        private WatchEntry(int number) {
            this.number = number;
        }
    }

    /// A stream of a watch.
    static final class LegEntry {
        private final String member;
        private final WatchCreateRequest request;
        private final long asked;
        private final List<Watch.Told> told = new ArrayList<>();
        private Watch.End end = Watch.End.HISTORY;

        private LegEntry(String member, WatchCreateRequest request, long asked) {
            this.member = member;
            this.request = request;
            this.asked = asked;
        }

        private Watch.Leg leg() {
            return new Watch.Leg(member, request, asked, told, end);
        }
    }

    private final Stage stage;
    private final List<Entry> entries = new ArrayList<>();
    private final List<WatchEntry> watches = new ArrayList<>();
    private final List<String> strays = new ArrayList<>();
    private int clients;
    private int underWay;

    Recorder(Stage stage) {
        this.stage = stage;
    }

    // ---- calls ----

    /// A number for somebody who makes one call after another.
    int newClient() {
        return clients++;
    }

    /// On root's account.
    Entry called(int client, String member, Message request) {
        return called(client, Operation.ROOT, member, request);
    }

    /// @param user whose token the member is shown; empty for none
    Entry called(int client, String user, String member, Message request) {
        var entry = new Entry(entries.size(), client, user, member, request, stage.now());
        entries.add(entry);
        underWay++;
        return entry;
    }

    void ended(Entry entry, Outcome outcome) {
        if (entry.outcome != null) {
            throw new IllegalStateException("ended twice: " + entry.operation());
        }
        entry.outcome = outcome;
        entry.ended = outcome instanceof Outcome.Unknown ? Operation.NEVER : stage.now();
        underWay--;
    }

    /// Calls without an outcome yet.
    int underWay() {
        return underWay;
    }

    // ---- watches ----

    WatchEntry watch() {
        var watch = new WatchEntry(watches.size());
        watches.add(watch);
        return watch;
    }

    LegEntry asked(WatchEntry watch, String member, WatchCreateRequest request) {
        var leg = new LegEntry(member, request, stage.now());
        watch.legs.add(leg);
        return leg;
    }

    /// @param at when it came, which may be a while ago
    void told(LegEntry leg, long at, WatchResponse response) {
        leg.told.add(new Watch.Told(at, response));
    }

    /// A response that belongs to no watch that was ever asked for.
    void stray(String member, WatchResponse response) {
        strays.add(member + ": " + response);
    }

    void ended(LegEntry leg, Watch.End end) {
        leg.end = end;
    }

    // ---- what came of it ----

    /// @throws IllegalStateException when members have said what no history can hold
    History history(boolean settled, int members) {
        if (!strays.isEmpty()) {
            throw new IllegalStateException(
                    strays.size() + " responses that belong to no watch, the first: " + strays.getFirst());
        }
        return new History(
                entries.stream().map(Entry::operation).toList(),
                watches.stream()
                        .map(watch -> new Watch(
                                watch.number,
                                watch.legs.stream().map(LegEntry::leg).toList()))
                        .toList(),
                settled,
                members);
    }

    Tally tally() {
        var rows = new EnumMap<Kind, Tally.Row>(Kind.class);
        for (var entry : entries) {
            var outcome = entry.outcome;
            if (outcome != null) {
                rows.merge(Kind.of(entry.request), Tally.Row.of(outcome), Tally.Row::plus);
            }
        }
        var legs = watches.stream().flatMap(watch -> watch.legs.stream()).toList();
        long events = legs.stream()
                .flatMap(leg -> leg.told.stream())
                .mapToLong(told -> told.response().getEventsCount())
                .sum();
        return new Tally(rows, watches.size(), legs.size(), events);
    }
}
