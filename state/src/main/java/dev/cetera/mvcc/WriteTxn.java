package dev.cetera.mvcc;

import dev.cetera.schema.KeyValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One transaction: reads see its own changes, all changes share one main revision, and nobody else sees any
/// of them before [#end]. Confined to the applier. There is no way back: check first, then change.
public final class WriteTxn {
    private final Store store;
    private final long before;
    private final List<Event> events = new ArrayList<>(1);

    WriteTxn(Store store, long before) {
        this.store = store;
        this.before = before;
    }

    /// The revision that the store is at for this transaction: that before it, plus one once it has changed
    /// something.
    public long revision() {
        return events.isEmpty() ? before : before + 1;
    }

    /// The current version of a key, null when it does not exist.
    public @Nullable KeyValue get(byte[] key) throws IOException {
        return store.peek(revision()).get(key);
    }

    /// As [View#range]; revision 0 or less includes the changes of this transaction.
    public Answer<RangeResult> range(RangeQuery query) throws IOException {
        return store.peek(revision()).range(query);
    }

    /// Sets a key. The arrays may not change afterwards.
    ///
    /// @param lease 0 for none
    /// @return the lease that the key was attached to before, 0 for none
    public long put(byte[] key, byte[] value, long lease) throws IOException {
        var old = store.index().get(key);
        var oldLease = leaseOf(key, old);
        var main = before + 1;
        var sub = events.size();
        var alive = old == null || old.isTombstone() ? null : old;
        var createRevision = alive == null ? main : alive.createRevision();
        var version = alive == null ? 1 : alive.version() + 1;
        var kv = KeyValue.put(key, createRevision, main, version, value, lease);
        store.add(key, Version.put(main, sub, createRevision, version, lease != 0, old), kv, kv);
        events.add(new Event(Event.Type.PUT, kv));
        return oldLease;
    }

    /// Deletes the keys of a range, `end` as in [RangeQuery]; one tombstone for each, in key order.
    public List<Deleted> deleteRange(byte[] key, byte[] end) throws IOException {
        record Found(byte[] key, Version newest) {}
        var found = new ArrayList<Found>();
        var view = store.peek(revision());
        view.walk(key, RangeQuery.exclusiveEnd(key, end), (each, newest) -> {
            if (!newest.isTombstone()) {
                found.add(new Found(each, newest));
            }
            return true;
        });
        var deleted = new ArrayList<Deleted>(found.size());
        for (var each : found) {
            deleted.add(new Deleted(each.key, leaseOf(each.key, each.newest)));
            var main = before + 1;
            var told = KeyValue.deleted(each.key, main);
            store.add(
                    each.key, Version.tombstone(main, events.size(), each.newest), KeyValue.tombstone(each.key), told);
            events.add(new Event(Event.Type.DELETE, told));
        }
        return deleted;
    }

    /// Shows the changes to readers, all at once, and returns them. Without any the store is as before.
    public Changes end() {
        store.end(revision());
        return new Changes(revision(), List.copyOf(events));
    }

    private long leaseOf(byte[] key, @Nullable Version newest) throws IOException {
        if (newest == null || !newest.isLeased()) {
            return 0;
        }
        var kv = store.peek(revision()).get(key);
        return kv == null ? 0 : kv.lease();
    }
}
