package dev.cetera.rpc;

import dev.cetera.api.Refusal;
import dev.cetera.mvcc.Answer;
import dev.cetera.mvcc.Changes;
import dev.cetera.mvcc.Event;
import dev.cetera.mvcc.History;
import dev.cetera.schema.KeyValue;
import dev.cetera.watch.Past;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A store in a list. Revision r is at place r - 2. Guarded by itself.
final class WatchTestPast implements Past {
    private final List<Changes> all = new ArrayList<>();
    private final Map<String, KeyValue> current = new HashMap<>();
    private long compacted = -1;

    synchronized long revision() {
        return all.size() + 1L;
    }

    Changes put(String key, String value) {
        return apply(new Op(key, value));
    }

    Changes delete(String key) {
        return apply(new Op(key, null));
    }

    /// A null value deletes.
    record Op(String key, @Nullable String value) {}

    synchronized Changes apply(Op... ops) {
        long next = revision() + 1;
        var events = new ArrayList<Event>();
        for (var op : ops) {
            var key = bytes(op.key);
            var before = current.get(op.key);
            if (op.value == null) {
                current.remove(op.key);
                events.add(new Event(Event.Type.DELETE, KeyValue.deleted(key, next)));
            } else {
                long created = before == null ? next : before.createRevision();
                long version = before == null ? 1 : before.version() + 1;
                var kv = KeyValue.put(key, created, next, version, bytes(op.value), 0);
                current.put(op.key, kv);
                events.add(new Event(Event.Type.PUT, kv));
            }
        }
        var changes = new Changes(next, List.copyOf(events));
        all.add(changes);
        return changes;
    }

    synchronized void compact(long revision) {
        compacted = revision;
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
        int from = (int) Math.max(0, fromRevision - 2);
        int to = Math.min(all.size(), from + maxRevisions);
        return new Answer.Found<>(new History(List.copyOf(all.subList(from, to)), to + 2L, revision()));
    }

    @Override
    public synchronized @Nullable KeyValue before(KeyValue kv) {
        if (kv.modRevision() - 1 < compacted) {
            return null;
        }
        for (int i = (int) kv.modRevision() - 3; i >= 0; i--) {
            for (var event : all.get(i).events()) {
                if (java.util.Arrays.equals(event.kv().key(), kv.key())) {
                    return event.type() == Event.Type.PUT ? event.kv() : null;
                }
            }
        }
        return null;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
