package dev.cetera.mvcc;

import dev.cetera.disk.CorruptionException;
import dev.cetera.schema.Bucket;
import dev.cetera.schema.KeyValue;
import dev.cetera.schema.MetaKey;
import dev.cetera.schema.Revision;
import dev.cetera.schema.Snapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// Makes an index of what a file holds: one scan in revision order. Confined.
final class Restoring {
    private final Snapshot file;
    private final Path path;
    private final KeyIndex index = new KeyIndex();
    private final SortedMap<byte[], Long> leased = new TreeMap<>(Arrays::compareUnsigned);

    /// @param path for complaints
    Restoring(Snapshot file, Path path) {
        this.file = file;
        this.path = path;
    }

    Contents read() throws IOException {
        long last = 0;
        long finished = file.compaction(MetaKey.FINISHED_COMPACTION);
        long scheduled = file.compaction(MetaKey.SCHEDULED_COMPACTION);
        var cursor = file.cursor(Bucket.KEY);
        for (var more = cursor.first(); more; more = cursor.next()) {
            var key = cursor.key();
            if (!Revision.isKey(key)) {
                throw new CorruptionException(path, -1, "a key of bucket key is not a revision");
            }
            last = Revision.mainOf(key);
            take(key, KeyValue.of(cursor.value()));
        }
        // A scheduled compaction may already have removed the tombstones that were the newest revisions.
        var revision = Math.max(Math.max(1, last), Math.max(finished, scheduled));
        return new Contents(index, revision, finished, scheduled, byLease());
    }

    private void take(byte[] revisionKey, KeyValue kv) throws CorruptionException {
        if (!kv.isSound()) {
            throw new CorruptionException(path, -1, "a record of bucket key is not a key-value");
        }
        var main = Revision.mainOf(revisionKey);
        var sub = Revision.subOf(revisionKey);
        var key = kv.key();
        if (Revision.isTombstone(revisionKey)) {
            index.compute(key, old -> Version.tombstone(main, sub, old));
            leased.remove(key);
            return;
        }
        var lease = kv.lease();
        index.compute(key, old -> Version.put(main, sub, kv.createRevision(), kv.version(), lease != 0, old));
        if (lease != 0) {
            leased.put(key, lease);
        } else if (!leased.isEmpty()) {
            leased.remove(key);
        }
    }

    private SortedMap<Long, List<byte[]>> byLease() {
        var keys = new TreeMap<Long, List<byte[]>>();
        leased.forEach((key, lease) ->
                keys.computeIfAbsent(lease, _ -> new ArrayList<>()).add(key));
        return keys;
    }
}
