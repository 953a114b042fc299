package dev.cetera.mvcc;

import dev.cetera.api.Refusal;
import dev.cetera.schema.Bucket;
import dev.cetera.schema.KeyValue;
import dev.cetera.schema.Revision;
import dev.cetera.schema.Snapshot;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The store at one moment. Immutable; costs nothing to take or to drop. It does not hold back a compaction:
/// what is compacted after the view was taken answers [Refusal#COMPACTED] sooner or later.
///
/// Why a reader misses nothing and sees nothing half done: the index root, the tail and both revisions were
/// published together, after the transaction had ended. A key-value leaves the tail of later views only when
/// it is in the file, and a reader opens its snapshot of the file after it took the view; so a revision that
/// the root names and the tail lacks was in the file before the snapshot. If it is not in the snapshot, a
/// compaction has removed it. That was announced, in a newer view, before the first removal; and a compaction
/// removes only what is superseded at its revision, so it is beyond the revision this reader asked for, and
/// the answer is a refusal, never a gap.
///
/// When the whole file gives way to another member's, views of the old content and snapshots of the new file
/// are kept apart by the generation that both carry.
public final class View {
    private final Store store;
    private final KeyIndex.Root root;
    private final Tail.Slice tail;
    private final long revision;
    private final long compactRevision;
    private final long generation;

    View(Store store, KeyIndex.Root root, Tail.Slice tail, long revision, long compactRevision) {
        this.store = store;
        this.root = root;
        this.tail = tail;
        this.revision = revision;
        this.compactRevision = compactRevision;
        this.generation = store.generation();
    }

    /// False when the store's content was replaced as a whole since: then this view finds only what is in
    /// memory, and refuses the rest as compacted. Take a new one.
    public boolean isCurrent() {
        return generation == store.generation();
    }

    boolean isOf(Snapshot file) {
        return generation == file.generation();
    }

    public long revision() {
        return revision;
    }

    /// Of the last compaction that was accepted, -1 when there was none. It can still be read at, nothing
    /// before it.
    public long compactRevision() {
        return compactRevision;
    }

    /// The keys of a range. A query for the newest revision means that of this view; it is refused as
    /// compacted when a compaction beyond the view has meanwhile removed what the view shows, or the view is
    /// not current any more, and the caller should take a new view. [Store#range] does that.
    public Answer<RangeResult> range(RangeQuery query) throws IOException {
        var at = query.revision() <= 0 ? revision : query.revision();
        var refusal = refusal(at);
        if (refusal != null) {
            return new Answer.Refused<>(refusal);
        }
        var first = query.key();
        var end = query.exclusiveEnd();
        var most = query.mostKeyValues();
        var found = new ArrayList<Version>();
        long count;
        if (query.isOneKey()) {
            var version = liveAt(root.get(first), at);
            count = version == null ? 0 : 1;
            if (version != null && most > 0) {
                found.add(version);
            }
        } else if (at == revision) {
            count = count(first, end, at);
            collect(first, end, at, Math.min(count, most), found);
        } else {
            count = collect(first, end, at, most, found);
        }
        var kvs = fetch(found, at);
        return kvs == null
                ? new Answer.Refused<>(Refusal.COMPACTED)
                : new Answer.Found<>(new RangeResult(kvs, count, revision));
    }

    /// The version of a key just before the given one, for `prev_kv` of an event; null when there was none or
    /// it is compacted, or this view is not current any more.
    public @Nullable KeyValue before(KeyValue kv) throws IOException {
        var at = kv.modRevision() - 1;
        var version = at < compactRevision ? null : liveAt(root.get(kv.key()), at);
        if (version == null) {
            return null;
        }
        var kvs = fetch(List.of(version), at);
        return kvs == null ? null : kvs.getFirst();
    }

    /// The index as of this view.
    KeyIndex.Root root() {
        return root;
    }

    Tail.Slice tail() {
        return tail;
    }

    /// The current version of a key, null when it does not exist.
    @Nullable
    KeyValue get(byte[] key) throws IOException {
        var version = liveAt(root.get(key), revision);
        if (version == null) {
            return null;
        }
        var kvs = fetch(List.of(version), revision);
        if (kvs == null) {
            throw new IllegalStateException("revision " + version.main + " is compacted, but was not superseded");
        }
        return kvs.getFirst();
    }

    static @Nullable Version liveAt(@Nullable Version newest, long at) {
        var version = newest == null ? null : newest.asOf(at);
        return version == null || version.isTombstone() ? null : version;
    }

    /// The keys of a range as of this view, in order.
    void walk(byte[] first, byte @Nullable [] end, KeyIndex.Visitor visitor) {
        if (end == null || Arrays.compareUnsigned(first, end) < 0) {
            root.walk(first, end, visitor);
        }
    }

    /// Why nothing can be read at a revision, null when it can.
    @Nullable
    Refusal refusal(long at) {
        if (at > revision) {
            return Refusal.FUTURE_REVISION;
        }
        return at < compactRevision ? Refusal.COMPACTED : null;
    }

    /// Keys of a range that live at a revision.
    long count(byte[] first, byte @Nullable [] end, long at) {
        return at == revision ? root.countLive(first, end) : collect(first, end, at, 0, new ArrayList<>());
    }

    /// What is still in memory of a version, null when only the file has it.
    @Nullable
    KeyValue inTail(Version version) {
        return version.main >= tail.firstMain() ? tail.find(version.main, version.sub()) : null;
    }

    /// Gathers the first `most` versions that live at a revision; ends early at the newest one, where the
    /// count is known.
    private long collect(byte[] first, byte @Nullable [] end, long at, long most, List<Version> into) {
        var count = new long[1];
        if (at == revision && most == 0) {
            return 0;
        }
        walk(first, end, (_, newest) -> {
            var version = liveAt(newest, at);
            if (version != null) {
                count[0]++;
                if (into.size() < most) {
                    into.add(version);
                }
            }
            return at != revision || into.size() < most;
        });
        return count[0];
    }

    /// The key-values of these versions; null when a compaction or another file came in between.
    private @Nullable List<KeyValue> fetch(List<Version> versions, long at) throws IOException {
        var kvs = new ArrayList<KeyValue>(versions.size());
        Snapshot file = null;
        try {
            for (var version : versions) {
                var kv = inTail(version);
                if (kv == null) {
                    file = file == null ? store.snapshot() : file;
                    if (!isOf(file)) {
                        return null;
                    }
                    var bytes = file.get(Bucket.KEY, Revision.putKey(version.main, version.sub()));
                    if (bytes == null) {
                        if (at < store.view().compactRevision) {
                            return null;
                        }
                        throw store.missing(version.main, version.sub());
                    }
                    kv = KeyValue.of(bytes);
                }
                kvs.add(kv);
            }
        } finally {
            if (file != null) {
                file.close();
            }
        }
        return kvs;
    }
}
