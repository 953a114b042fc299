package dev.cetera.mvcc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cetera.api.Refusal;
import dev.cetera.schema.Bucket;
import dev.cetera.schema.KeyValue;
import dev.cetera.schema.Revision;
import dev.cetera.schema.Snapshot;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// The key-values of a range as of one moment, in key order, to be read piece by piece: what nobody has asked
/// for yet costs no memory. How many there are and how many bytes is known from the start, by a walk through
/// all of them that keeps only what is asked to be kept if it is not long.
///
/// It is open from then on, and holds a snapshot of the file: so neither a compaction nor another file comes
/// in between two pieces, and the file cannot reuse pages meanwhile. Guarded by itself.
public final class Listing implements Closeable {
    /// Versions that are looked up in the index at a time.
    private static final int AHEAD = 64;

    /// What becomes of a key-value in the answer.
    @FunctionalInterface
    public interface Shape {
        Shape AS_STORED = kv -> kv;

        /// Null leaves it out.
        @Nullable
        KeyValue of(KeyValue stored);
    }

    private final Store store;
    private final View view;
    private final byte @Nullable [] end;
    private final long at;
    private final Shape shape;
    private final long inRange;
    private final boolean more;
    private final long number;
    private final long bytes;
    private final @Nullable List<KeyValue> whole;

    @GuardedBy("this")
    private final Queue<Version> ahead = new ArrayDeque<>();

    /// From which key on the index is still to be walked, null for nothing.
    @GuardedBy("this")
    private byte @Nullable [] next;

    /// Not handed out yet.
    @GuardedBy("this")
    private long left;

    @GuardedBy("this")
    private @Nullable Snapshot file;

    @GuardedBy("this")
    private boolean closed;

    private Listing(Store store, View view, RangeQuery query, long at, Shape shape, long keep)
            throws IOException, GoneException {
        this.store = store;
        this.view = view;
        this.end = query.exclusiveEnd();
        this.at = at;
        this.shape = shape;
        this.inRange = view.count(query.key(), end, at);
        synchronized (this) {
            long most = query.mostKeyValues();
            long taken = 0;
            long sum = 0;
            var kept = new ArrayList<KeyValue>();
            next = query.key();
            var kv = shaped();
            for (; kv != null && taken < most; kv = shaped()) {
                taken++;
                sum += kv.listedBytes();
                if (sum <= keep) {
                    kept.add(kv);
                } else if (!kept.isEmpty()) {
                    kept = new ArrayList<>();
                }
            }
            more = kv != null;
            number = taken;
            bytes = sum;
            left = taken;
            ahead.clear();
            next = query.key();
            whole = sum <= keep ? kept : null;
            if (whole != null) {
                close();
            }
        }
    }

    /// Refused as [View#range] is.
    ///
    /// @param keep as of [#whole]
    static Answer<Listing> of(Store store, View view, RangeQuery query, Shape shape, long keep) throws IOException {
        long at = query.revision() <= 0 ? view.revision() : query.revision();
        var refusal = view.refusal(at);
        if (refusal != null) {
            return new Answer.Refused<>(refusal);
        }
        try {
            return new Answer.Found<>(new Listing(store, view, query, at, shape, keep));
        } catch (GoneException _) {
            return new Answer.Refused<>(Refusal.COMPACTED);
        }
    }

    /// Of the store when this moment was taken.
    public long revision() {
        return view.revision();
    }

    /// Keys in the range, whatever shape and limit make of them.
    public long count() {
        return inRange;
    }

    /// Whether the limit has cut something off.
    public boolean more() {
        return more;
    }

    /// Key-values in all.
    public long number() {
        return number;
    }

    /// The sum of [KeyValue#listedBytes] over all that is to come.
    public long bytes() {
        return bytes;
    }

    /// All of it, when that comes to no more bytes than were to be kept, else null. Then there is nothing to
    /// be read, and nothing to be closed.
    public @Nullable List<KeyValue> whole() {
        return whole;
    }

    /// The next ones: as many as it takes to come to a number of bytes, one at least. Empty after the last
    /// one, and once this is closed.
    public synchronized List<KeyValue> next(long most) throws IOException {
        var piece = new ArrayList<KeyValue>();
        for (long taken = 0; taken < most && left > 0 && !closed; left--) {
            var kv = again();
            taken += kv.listedBytes();
            piece.add(kv);
        }
        if (left == 0) {
            close();
        }
        return piece;
    }

    @GuardedBy("this")
    private KeyValue again() throws IOException {
        try {
            var kv = shaped();
            if (kv != null) {
                return kv;
            }
        } catch (GoneException impossible) {
            throw new IllegalStateException("a snapshot has lost what it had", impossible);
        }
        throw new IllegalStateException("a moment has lost what it had");
    }

    /// The next one that the shape lets through, null at the end.
    @GuardedBy("this")
    private @Nullable KeyValue shaped() throws IOException, GoneException {
        for (var version = following(); version != null; version = following()) {
            var kv = shape.of(read(version));
            if (kv != null) {
                return kv;
            }
        }
        return null;
    }

    @GuardedBy("this")
    private @Nullable Version following() {
        while (ahead.isEmpty() && next != null) {
            lookAhead(next);
        }
        return ahead.poll();
    }

    @GuardedBy("this")
    private void lookAhead(byte[] from) {
        var found = ahead; // the visitor runs within this call
        var last = new byte[1][];
        int[] seen = {0};
        view.walk(from, end, (key, newest) -> {
            last[0] = key;
            var version = View.liveAt(newest, at);
            if (version != null) {
                found.add(version);
            }
            return ++seen[0] < AHEAD;
        });
        next = seen[0] < AHEAD ? null : Arrays.copyOf(last[0], last[0].length + 1);
    }

    @GuardedBy("this")
    private KeyValue read(Version version) throws IOException, GoneException {
        var inMemory = view.inTail(version);
        if (inMemory != null) {
            return inMemory;
        }
        var from = file;
        if (from == null) {
            from = store.snapshot();
            file = from;
        }
        var stored = view.isOf(from) ? from.get(Bucket.KEY, Revision.putKey(version.main, version.sub())) : null;
        if (stored != null) {
            return KeyValue.of(stored);
        }
        var compacted = !view.isOf(from) || at < store.view().compactRevision();
        close();
        if (compacted) {
            throw new GoneException();
        }
        throw store.missing(version.main, version.sub());
    }

    /// Lets go of the file. What has not been read is lost.
    @Override
    public synchronized void close() {
        closed = true;
        var held = file;
        file = null;
        if (held != null) {
            held.close();
        }
    }

    /// A compaction or another file came between the view and the snapshot.
    private static final class GoneException extends Exception {
        private static final long serialVersionUID = 1;

        GoneException() {
            super("compacted", null, false, false);
        }
    }
}
