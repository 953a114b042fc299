package dev.cetera.lab.check;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.DeleteRangeResponse;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.PutResponse;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RangeResponse;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.ResponseOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.api.etcdserverpb.TxnResponse;
import dev.cetera.api.etcdserverpb.WatchCreateRequest.FilterType;
import dev.cetera.api.mvccpb.Event;
import dev.cetera.api.mvccpb.KeyValue;
import dev.cetera.lab.history.History;
import dev.cetera.lab.history.Operation;
import dev.cetera.lab.history.Outcome;
import dev.cetera.lab.history.Watch;
import dev.cetera.lab.model.KeyRange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What anybody was shown of single revisions, whoever made them. It tells which of the operations without an
/// outcome can have made a revision that no answered one made. Immutable once made.
///
/// A fact is not believed to be true: where no order agrees with all of them, the search goes without.
final class Facts {
    /// A key did not change after one revision, up to and with another one.
    private record Quiet(long after, long until) {}

    /// A watch was told all events of its range, from one revision up to and with another one.
    private record Covered(KeyRange range, Set<FilterType> filters, long from, long until) {
        boolean covers(long revision, Event event) {
            return from <= revision
                    && revision <= until
                    && range.contains(event.getKv().getKey())
                    && !filters.contains(
                            event.getType() == Event.EventType.PUT ? FilterType.NOPUT : FilterType.NODELETE);
        }
    }

    private final Map<Long, Map<ByteString, KeyValue>> puts = new HashMap<>();
    private final Map<Long, Set<ByteString>> deletions = new HashMap<>();

    /// Keys of one revision in the order in which a watch was told of them.
    private final Map<Long, Set<List<ByteString>>> orders = new HashMap<>();

    private final Map<ByteString, List<Quiet>> quiet = new HashMap<>();
    private final List<Covered> covered = new ArrayList<>();

    /// To each revision that was shown, when somebody first knew of it; [#index] makes that of it or a later
    /// one.
    private final TreeMap<Long, Long> knownBy = new TreeMap<>();

    /// To each revision, when the last operation was called that must have seen it as the newest.
    private final Map<Long, Long> lastRead = new HashMap<>();

    private Facts() {}

    /// Whom to believe.
    enum Trust {
        /// Answers, and that watches were told of everything, in its order.
        ALL,
        /// Answers, and what watches were told, but not that there was nothing else.
        TOLD,
        ANSWERS
    }

    static Facts of(History history, Trust trust) {
        var facts = new Facts();
        history.operations().forEach(facts::add);
        if (trust != Trust.ANSWERS) {
            history.watches().forEach(watch -> watch.legs().forEach(leg -> facts.add(leg, history.settled())));
        }
        if (trust != Trust.ALL) {
            facts.covered.clear();
            facts.orders.clear();
        }
        facts.index();
        return facts;
    }

    // ---- what they tell ----

    /// The newest revision that anybody was shown.
    long newest() {
        return Math.max(1, knownBy.lastKey());
    }

    /// When somebody first knew that a revision was there; never for one that nobody knew.
    long knownBy(long revision) {
        var shown = knownBy.ceilingEntry(revision);
        return shown == null ? Operation.NEVER : shown.getValue();
    }

    /// When the last operation was called that must have seen a revision as the newest one: the next one came
    /// after that. Long.MIN_VALUE when there was none.
    long lastReadOf(long revision) {
        return lastRead.getOrDefault(revision, Long.MIN_VALUE);
    }

    /// Whether these can be the events of a revision.
    boolean allow(long revision, List<Event> events) {
        var wantedPuts = puts.getOrDefault(revision, Map.of());
        var wantedDeletions = deletions.getOrDefault(revision, Set.of());
        int foundPuts = 0;
        int foundDeletions = 0;
        for (var event : events) {
            var key = event.getKv().getKey();
            if (event.getType() == Event.EventType.PUT) {
                var wanted = wantedPuts.get(key);
                foundPuts += wanted != null ? 1 : 0;
                if (wanted == null ? isCovered(revision, event) : !wanted.equals(event.getKv())) {
                    return false;
                }
            } else {
                boolean wanted = wantedDeletions.contains(key);
                foundDeletions += wanted ? 1 : 0;
                if (!wanted && isCovered(revision, event)) {
                    return false;
                }
            }
            for (var span : quiet.getOrDefault(key, List.of())) {
                if (span.after() < revision && revision <= span.until()) {
                    return false;
                }
            }
        }
        return foundPuts == wantedPuts.size()
                && foundDeletions == wantedDeletions.size()
                && isInOrder(revision, events);
    }

    private boolean isInOrder(long revision, List<Event> events) {
        var keys = events.stream().map(event -> event.getKv().getKey()).toList();
        for (var told : orders.getOrDefault(revision, Set.of())) {
            int before = -1;
            for (var key : told) {
                int place = keys.indexOf(key);
                if (place < before) {
                    return false;
                }
                before = place;
            }
        }
        return true;
    }

    private boolean isCovered(long revision, Event event) {
        return covered.stream().anyMatch(one -> one.covers(revision, event));
    }

    /// Revisions that were seen to put this value to this key.
    List<Long> revisionsOf(PutRequest put) {
        var found = new ArrayList<Long>();
        puts.forEach((revision, keys) -> {
            var kv = keys.get(put.getKey());
            if (kv != null && kv.getValue().equals(put.getValue())) {
                found.add(revision);
            }
        });
        return found;
    }

    /// All key-values that were seen.
    Map<Long, Map<ByteString, KeyValue>> puts() {
        return puts;
    }

    // ---- gathering ----

    private void add(Operation operation) {
        if (operation.outcome() instanceof Outcome.Answered(var response)) {
            long shown = Requests.header(response).getRevision();
            see(shown, operation.ended());
            var call = Call.of(operation);
            if (call != null && call.from() == call.until()) {
                lastRead.merge(call.from(), call.called(), Math::max);
            }
            add(operation.request(), response, shown);
        }
    }

    private void see(long revision, long at) {
        knownBy.merge(revision, at, Math::min);
    }

    /// @param shown the revision that the answer is of
    private void add(Message request, Message response, long shown) {
        switch (response) {
            case RangeResponse ranged
            when request instanceof RangeRequest range -> {
                long at = range.getRevision() > 0 ? range.getRevision() : shown;
                ranged.getKvsList().forEach(kv -> show(kv, at, range.getKeysOnly()));
            }
            case PutResponse put -> {
                if (put.hasPrevKv()) {
                    show(put.getPrevKv(), shown - 1, false);
                }
            }
            case DeleteRangeResponse deleted
            when request instanceof DeleteRangeRequest -> {
                for (var kv : deleted.getPrevKvsList()) {
                    show(kv, shown - 1, false);
                    deletions.computeIfAbsent(shown, _ -> new HashSet<>()).add(kv.getKey());
                }
            }
            case TxnResponse txn when request instanceof TxnRequest asked -> add(asked, txn, shown);
            default -> {}
        }
    }

    private void add(TxnRequest request, TxnResponse response, long shown) {
        var ops = response.getSucceeded() ? request.getSuccessList() : request.getFailureList();
        for (int i = 0; i < Math.min(ops.size(), response.getResponsesCount()); i++) {
            add(ops.get(i), response.getResponses(i), shown);
        }
    }

    private void add(RequestOp op, ResponseOp response, long shown) {
        if (op.hasRequestTxn()) {
            add(op.getRequestTxn(), response.getResponseTxn(), shown);
        } else if (op.hasRequestRange()) {
            // It may come before some of the transaction's own changes and after others, and then its header has
            // their revision: only up to the one before is it sure that nothing else changed.
            var ranged = response.getResponseRange();
            add(op.getRequestRange(), ranged, ranged.getHeader().getRevision() - 1);
        } else if (op.hasRequestPut()) {
            add(op.getRequestPut(), response.getResponsePut(), shown);
        } else if (op.hasRequestDeleteRange()) {
            add(op.getRequestDeleteRange(), response.getResponseDeleteRange(), shown);
        }
    }

    /// A key-value was there at a revision.
    private void show(KeyValue kv, long at, boolean withoutValue) {
        quiet.computeIfAbsent(kv.getKey(), _ -> new ArrayList<>()).add(new Quiet(kv.getModRevision(), at));
        if (!withoutValue) {
            puts.computeIfAbsent(kv.getModRevision(), _ -> new HashMap<>()).putIfAbsent(kv.getKey(), kv);
        }
    }

    private void add(Watch.Leg leg, boolean settled) {
        var request = leg.request();
        long from = request.getStartRevision();
        long last = 0;
        for (var told : leg.told()) {
            var response = told.response();
            if (response.getCreated() && from <= 0) {
                from = response.getHeader().getRevision() + 1;
            }
            see(response.getHeader().getRevision(), told.at());
            addOrder(response.getEventsList());
            for (var event : response.getEventsList()) {
                last = Math.max(last, event.getKv().getModRevision());
                see(event.getKv().getModRevision(), told.at());
                add(event);
            }
        }
        if (settled && leg.end() == Watch.End.HISTORY) {
            last = Operation.NEVER;
        }
        if (from > 0 && last > 0) {
            covered.add(new Covered(Following.range(request), Set.copyOf(request.getFiltersList()), from, last));
        }
    }

    private void addOrder(List<Event> events) {
        var keys = new TreeMap<Long, List<ByteString>>();
        for (var event : events) {
            keys.computeIfAbsent(event.getKv().getModRevision(), _ -> new ArrayList<>())
                    .add(event.getKv().getKey());
        }
        keys.forEach((revision, told) -> {
            if (told.size() > 1) {
                orders.computeIfAbsent(revision, _ -> new HashSet<>()).add(told);
            }
        });
    }

    private void add(Event event) {
        long revision = event.getKv().getModRevision();
        if (event.getType() == Event.EventType.PUT) {
            show(event.getKv(), revision, false);
        } else {
            deletions
                    .computeIfAbsent(revision, _ -> new HashSet<>())
                    .add(event.getKv().getKey());
        }
        if (event.hasPrevKv()) {
            show(event.getPrevKv(), revision - 1, false);
        }
    }

    private void index() {
        knownBy.putIfAbsent(1L, Operation.NEVER);
        long earliest = Operation.NEVER;
        for (var shown : knownBy.descendingMap().entrySet()) {
            earliest = Math.min(earliest, shown.getValue());
            shown.setValue(earliest);
        }
    }
}
