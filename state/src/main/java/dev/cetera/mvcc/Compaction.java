package dev.cetera.mvcc;

import dev.cetera.schema.Backend;
import dev.cetera.schema.Bucket;
import dev.cetera.schema.KeyValue;
import dev.cetera.schema.MetaKey;
import dev.cetera.schema.Revision;
import java.io.IOException;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/// The physical half of a compaction: removes from the file what no read may ask for any more. Confined to one
/// thread at a time, never the applier. Several compactions are driven one after the other, in order.
///
/// What stays is decided by the index as it was when the compaction was accepted: of each key the newest
/// revision that is not beyond the compacted one, unless that is a tombstone of an earlier revision. A
/// tombstone exactly at the compacted revision stays, as from etcd 3.4.34 on: a watch may still begin there,
/// and must be told of the deletion. Nothing is removed before the file itself says that the compaction was
/// accepted; so a crash in between is followed by the same compaction, not by gaps.
public final class Compaction {
    /// Revisions looked at in one step: a few milliseconds, one bolt transaction.
    static final int BATCH = 10_000;

    private final Backend backend;
    private final long revision;
    /// Of the file that the index goes with.
    private final long generation;
    private KeyIndex.@Nullable Root root;
    private byte[] next = Revision.putKey(0, 0);
    private long removedRecords;

    Compaction(Backend backend, long revision, KeyIndex.Root root) {
        this.backend = backend;
        this.generation = backend.generation();
        this.revision = revision;
        this.root = root;
    }

    public long revision() {
        return revision;
    }

    /// Records removed so far.
    public long removed() {
        return removedRecords;
    }

    /// Whether the file that it was to work on was replaced. The other file says by itself how far it is
    /// compacted.
    public boolean isOverthrown() {
        return backend.generation() != generation;
    }

    /// Removes one batch, durably. The caller pauses between steps as it likes. A first step does nothing
    /// while the entry that asked for the compaction has not ended.
    ///
    /// @return true while there is more to do
    public boolean step() throws IOException {
        return step(BATCH);
    }

    boolean step(int batch) throws IOException {
        if (root == null || isOverthrown()) {
            root = null;
            return false;
        }
        if (!isAcceptedInFile()) {
            backend.commit();
            if (!isAcceptedInFile()) {
                return true;
            }
        }
        var removed = new ArrayList<byte[]>();
        var seen = 0;
        var reached = next;
        try (var file = backend.snapshot()) {
            if (file.generation() != generation) {
                return true;
            }
            var cursor = file.cursor(Bucket.KEY);
            for (var more = cursor.seek(next); more && seen < batch; more = cursor.next()) {
                var key = cursor.key();
                if (Revision.mainOf(key) > revision) {
                    break;
                }
                seen++;
                reached = Revision.putKey(Revision.mainOf(key), Revision.subOf(key) + 1);
                if (!stays(root, key, cursor.value())) {
                    removed.add(key);
                }
            }
        }
        var done = seen < batch;
        if (!backend.purge(generation, removed, done ? new Revision(revision, 0) : null)) {
            return true;
        }
        removedRecords += removed.size();
        // Only now, so that a step which failed for lack of space can be tried again.
        next = reached;
        if (done) {
            root = null;
        }
        return !done;
    }

    private boolean stays(KeyIndex.Root index, byte[] revisionKey, byte[] record) {
        var main = Revision.mainOf(revisionKey);
        if (Revision.isTombstone(revisionKey) && main != revision) {
            return false;
        }
        var newest = index.get(KeyValue.of(record).key());
        var version = newest == null ? null : newest.asOf(revision);
        return version != null && version.main == main && version.sub() == Revision.subOf(revisionKey);
    }

    private boolean isAcceptedInFile() throws IOException {
        try (var file = backend.snapshot()) {
            var accepted = file.get(Bucket.META, MetaKey.SCHEDULED_COMPACTION.bytes());
            return accepted != null && Revision.mainOf(accepted) >= revision;
        }
    }
}
