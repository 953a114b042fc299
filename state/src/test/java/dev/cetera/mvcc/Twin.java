package dev.cetera.mvcc;

import dev.cetera.api.Refusal;
import dev.cetera.schema.KeyValue;
import dev.cetera.schema.Revision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// The obvious store: a list of all changes there ever were, walked from the beginning for every question.
final class Twin {
    /// @param kv null for a tombstone
    record Change(long main, int sub, byte[] key, @Nullable KeyValue kv) {}

    final List<Change> log = new ArrayList<>();
    long revision = 1;
    long compactRevision = -1;

    /// Applies the operations of one transaction.
    void txn(List<Operation> operations) {
        var sub = 0;
        var main = revision + 1;
        for (var operation : operations) {
            switch (operation) {
                case Operation.Put(var key, var value, var lease) -> {
                    var old = at(revision + 1).get(key);
                    log.add(new Change(
                            main,
                            sub++,
                            key,
                            KeyValue.put(
                                    key,
                                    old == null ? main : old.createRevision(),
                                    main,
                                    old == null ? 1 : old.version() + 1,
                                    value,
                                    lease)));
                }
                case Operation.Delete(var key, var end) -> {
                    for (var each : inRange(at(revision + 1), key, end)) {
                        log.add(new Change(main, sub++, each.key(), null));
                    }
                }
            }
        }
        revision = sub > 0 ? main : revision;
    }

    @Nullable
    Refusal compact(long at) {
        if (at <= compactRevision) {
            return Refusal.COMPACTED;
        }
        if (at > revision) {
            return Refusal.FUTURE_REVISION;
        }
        compactRevision = at;
        return null;
    }

    /// What lives at a revision, by key.
    Map<byte[], KeyValue> at(long at) {
        var living = new TreeMap<byte[], KeyValue>(Arrays::compareUnsigned);
        for (var change : log) {
            if (change.main <= at && change.kv != null) {
                living.put(change.key, change.kv);
            } else if (change.main <= at) {
                living.remove(change.key);
            }
        }
        return living;
    }

    Answer<RangeResult> range(RangeQuery query) {
        var at = query.revision() <= 0 ? revision : query.revision();
        if (at > revision) {
            return new Answer.Refused<>(Refusal.FUTURE_REVISION);
        }
        if (at < compactRevision) {
            return new Answer.Refused<>(Refusal.COMPACTED);
        }
        var kvs = inRange(at(at), query.key(), query.end());
        var most = query.want() == RangeQuery.Want.COUNT ? 0 : query.limit() <= 0 ? kvs.size() : query.limit();
        return new Answer.Found<>(new RangeResult(kvs.stream().limit(most).toList(), kvs.size(), revision));
    }

    /// The changes of one key or many, told as a watcher is told, from a revision on.
    List<Changes> history(long from) {
        var byMain = new TreeMap<Long, List<Event>>();
        for (var change : log) {
            if (change.main >= from) {
                byMain.computeIfAbsent(change.main, _ -> new ArrayList<>()).add(told(change));
            }
        }
        var all = new ArrayList<Changes>();
        byMain.forEach((main, events) -> all.add(new Changes(main, events)));
        return all;
    }

    private static Event told(Change change) {
        return change.kv == null
                ? new Event(Event.Type.DELETE, KeyValue.deleted(change.key, change.main))
                : new Event(Event.Type.PUT, change.kv);
    }

    /// Null when nothing lives at that revision, where etcd's hash depends on how far a compaction has got.
    @Nullable
    Integer hash(long at) {
        var living = at(at);
        if (living.isEmpty()) {
            return null;
        }
        var crc = new CRC32C();
        crc.update("key".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        for (var change : log) {
            var skipped = change.main <= compactRevision
                    && (change.kv == null || !Objects.equals(change.kv, living.get(change.key)));
            if (change.main <= at && !skipped) {
                var revision = new Revision(change.main, change.sub);
                crc.update(change.kv == null ? Revision.tombstoneKey(change.main, change.sub) : revision.key());
                crc.update((change.kv == null ? KeyValue.tombstone(change.key) : change.kv).encoded());
            }
        }
        return (int) crc.getValue();
    }

    private static List<KeyValue> inRange(Map<byte[], KeyValue> living, byte[] key, byte[] end) {
        var found = new ArrayList<KeyValue>();
        living.forEach((each, kv) -> {
            var inside = end.length == 0
                    ? Arrays.equals(each, key)
                    : Arrays.compareUnsigned(each, key) >= 0
                            && (Arrays.equals(end, new byte[1]) || Arrays.compareUnsigned(each, end) < 0);
            if (inside) {
                found.add(kv);
            }
        });
        return found;
    }
}
