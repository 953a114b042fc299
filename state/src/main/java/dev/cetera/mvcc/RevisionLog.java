package dev.cetera.mvcc;

import dev.cetera.bolt.Cursor;
import dev.cetera.schema.Bucket;
import dev.cetera.schema.KeyValue;
import dev.cetera.schema.Revision;
import dev.cetera.schema.Snapshot;
import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Walks all changes up to a view's revision in order: first the file, as far as the view's tail does not
/// reach back, then the tail. Confined.
///
/// The snapshot of the file is opened after the view was taken, so the two meet without a gap. Of what is
/// older than a compaction accepted since the view, parts may be missing; who cares compares the store's
/// compact revision after the log is open.
final class RevisionLog implements Closeable {
    private final View view;
    private final Snapshot file;
    private final byte[] from;
    private @Nullable Cursor cursor;
    private boolean started;
    private int nextInTail;
    private byte[] key = {};
    /// Null while the change is one of the file's and nobody has asked.
    private @Nullable KeyValue told;

    RevisionLog(View view, Store store, long fromRevision) throws IOException {
        this.view = view;
        var first = Math.max(0, fromRevision);
        from = Revision.putKey(first, 0);
        nextInTail = view.tail().position(first);
        file = store.snapshot();
        cursor = first < view.tail().firstMain() ? file.cursor(Bucket.KEY) : null;
    }

    /// False when the file has been replaced since the view was taken; then this log makes no sense.
    boolean isOf(View which) {
        return which.isOf(file);
    }

    /// Moves to the next change; false when there is none up to the view's revision.
    boolean next() throws IOException {
        if (cursor != null) {
            var more = started ? cursor.next() : cursor.seek(from);
            started = true;
            if (more) {
                key = cursor.key();
                told = null;
                if (main() < view.tail().firstMain()) {
                    return main() <= view.revision();
                }
            }
            cursor = null;
        }
        var tail = view.tail();
        if (nextInTail == tail.size()) {
            return false;
        }
        key = tail.revisionKey(nextInTail);
        told = tail.kv(nextInTail);
        nextInTail++;
        return main() <= view.revision();
    }

    long main() {
        return Revision.mainOf(key);
    }

    long sub() {
        return Revision.subOf(key);
    }

    boolean isTombstone() {
        return Revision.isTombstone(key);
    }

    /// As in the file.
    byte[] revisionKey() {
        return key;
    }

    /// As in the file.
    KeyValue stored() throws IOException {
        if (cursor != null) {
            return KeyValue.of(cursor.value());
        }
        var kv = inTail();
        return isTombstone() ? KeyValue.tombstone(kv.key()) : kv;
    }

    /// As a watcher is told.
    KeyValue told() throws IOException {
        if (cursor == null) {
            return inTail();
        }
        var kv = KeyValue.of(cursor.value());
        return isTombstone() ? KeyValue.deleted(kv.key(), main()) : kv;
    }

    private KeyValue inTail() {
        if (told == null) {
            throw new IllegalStateException("not at a change");
        }
        return told;
    }

    @Override
    public void close() {
        file.close();
    }
}
