package dev.cetera.watch;

import dev.cetera.api.Refusal;
import dev.cetera.mvcc.Answer;
import dev.cetera.mvcc.Changes;
import dev.cetera.mvcc.Event;
import dev.cetera.mvcc.History;
import dev.cetera.schema.KeyValue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A store with its whole past in a list: what watchers see of it is obvious. Guarded by itself.
final class MemoryStore implements Past {
    private static final byte[] NONE = {};

    /// Everything that ever happened, never compacted.
    private final TreeMap<Long, Changes> everything = new TreeMap<>();
    /// What a compaction has left of it.
    private final TreeMap<Long, Changes> kept = new TreeMap<>();

    private final Map<String, KeyValue> current = new LinkedHashMap<>();
    private long revision = 1;
    private long compacted = -1;

    synchronized long revision() {
        return revision;
    }

    /// Applies one transaction: a null value deletes. Without effect it answers null.
    synchronized @Nullable Changes apply(Map<String, @Nullable String> ops) {
        long next = revision + 1;
        var events = new ArrayList<Event>();
        ops.forEach((key, value) -> {
            var before = current.get(key);
            var keyBytes = bytes(key);
            if (value != null) {
                long created = before == null ? next : before.createRevision();
                long version = before == null ? 1 : before.version() + 1;
                var kv = KeyValue.put(keyBytes, created, next, version, bytes(value), 0);
                current.put(key, kv);
                events.add(new Event(Event.Type.PUT, kv));
            } else if (before != null) {
                current.remove(key);
                events.add(new Event(Event.Type.DELETE, KeyValue.deleted(keyBytes, next)));
            }
        });
        if (events.isEmpty()) {
            return null;
        }
        revision = next;
        var changes = new Changes(next, List.copyOf(events));
        everything.put(next, changes);
        kept.put(next, changes);
        return changes;
    }

    Changes put(String key, String value) {
        var changes = apply(Map.of(key, value));
        if (changes == null) {
            throw new AssertionError("a put always changes something");
        }
        return changes;
    }

    /// Keeps of every key the newest change up to `at`, of a deletion only one that is exactly there.
    synchronized void compact(long at) {
        if (at <= compacted || at > revision) {
            throw new IllegalArgumentException("compaction at " + at);
        }
        compacted = at;
        var newest = new LinkedHashMap<String, Event>();
        for (var changes : kept.headMap(at, true).values()) {
            changes.events().forEach(event -> newest.put(text(event.kv().key()), event));
        }
        for (var changes : List.copyOf(kept.headMap(at, true).values())) {
            var left = changes.events().stream()
                    .filter(event -> event.equals(newest.get(text(event.kv().key()))))
                    .filter(event -> event.type() == Event.Type.PUT || changes.revision() == at)
                    .toList();
            if (left.isEmpty()) {
                kept.remove(changes.revision());
            } else {
                kept.put(changes.revision(), new Changes(changes.revision(), left));
            }
        }
    }

    @Override
    public synchronized long compacted() {
        return compacted;
    }

    @Override
    public synchronized Answer<History> history(long fromRevision, int maxRevisions, long maxBytes) {
        if (fromRevision < compacted) {
            return new Answer.Refused<>(Refusal.COMPACTED);
        }
        var page = new ArrayList<Changes>();
        long bytes = 0;
        long next = revision + 1;
        for (var changes : kept.tailMap(fromRevision, true).values()) {
            if (page.size() == maxRevisions || bytes >= maxBytes) {
                next = changes.revision();
                break;
            }
            page.add(changes);
            for (var event : changes.events()) {
                bytes += event.kv().encoded().length;
            }
        }
        return new Answer.Found<>(new History(page, next, revision));
    }

    @Override
    public synchronized @Nullable KeyValue before(KeyValue kv) {
        return kv.modRevision() - 1 < compacted ? null : trulyBefore(kv);
    }

    /// As [#before], had there never been a compaction.
    synchronized @Nullable KeyValue trulyBefore(KeyValue kv) {
        var key = text(kv.key());
        for (var changes :
                everything.headMap(kv.modRevision(), false).descendingMap().values()) {
            for (var event : changes.events()) {
                if (text(event.kv().key()).equals(key)) {
                    return event.type() == Event.Type.PUT ? event.kv() : null;
                }
            }
        }
        return null;
    }

    /// All events from a revision on that a spec asks for.
    synchronized List<Event> expected(WatchSpec spec, long from) {
        var list = new ArrayList<Event>();
        for (var changes : everything.tailMap(from, true).values()) {
            for (var event : changes.events()) {
                if (spec.range().contains(event.kv().key()) && spec.view().shows(event.type())) {
                    list.add(event);
                }
            }
        }
        return list;
    }

    static byte[] bytes(String text) {
        return text.isEmpty() ? NONE : text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
