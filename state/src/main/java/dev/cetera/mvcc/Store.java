package dev.cetera.mvcc;

import dev.cetera.api.Refusal;
import dev.cetera.disk.CorruptionException;
import dev.cetera.schema.Backend;
import dev.cetera.schema.Bucket;
import dev.cetera.schema.KeyValue;
import dev.cetera.schema.MetaKey;
import dev.cetera.schema.Revision;
import dev.cetera.schema.Snapshot;
import java.io.IOException;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// Every key with its history. One applier changes it; any number of readers each see one moment.
///
/// Shared through one volatile field, [#view]: the applier, its only writer, replaces it when a transaction
/// has ended, a compaction is accepted or memory is tidied. All else is confined to the applier.
public final class Store {
    /// Keys that a changing transaction looks at on behalf of an accepted compaction.
    private static final int TIDY_PER_CHANGE = 64;

    /// A store as the file had it.
    ///
    /// @param leases lease id to the keys attached to it, in key order
    /// @param unfinished a compaction that was accepted but not done when the member stopped; to be driven on
    public record Restored(
            Store store,
            SortedMap<Long, List<byte[]>> leases,
            @Nullable Compaction unfinished) {}

    private final Backend backend;

    // ---- applier only ----
    private KeyIndex index;
    private Tail tail = new Tail();
    private Tidying tidying;

    private volatile View view;

    @SuppressWarnings("this-escape") // the view only keeps the reference
    Store(Backend backend, KeyIndex index, long revision, long compactRevision) {
        this.backend = backend;
        this.index = index;
        tidying = new Tidying(index);
        view = new View(this, index.root(), tail.slice(), revision, compactRevision);
    }

    /// The store that the file holds. For an empty one: revision 1, nothing compacted.
    public static Restored restore(Backend backend) throws IOException {
        Contents contents;
        try (var file = backend.snapshot()) {
            contents = Contents.of(file, backend.path());
        }
        var store = new Store(backend, contents.index(), contents.revision(), contents.finishedCompaction());
        return new Restored(store, contents.leases(), store.unfinished(contents));
    }

    private @Nullable Compaction unfinished(Contents contents) {
        return contents.scheduledCompaction() > contents.finishedCompaction()
                ? accept(contents.scheduledCompaction())
                : null;
    }

    // ---- applier only ----

    public WriteTxn begin() {
        return new WriteTxn(this, view.revision());
    }

    /// Accepts a compaction: from here on reads before `revision` are refused. Its mark is a change of the
    /// current entry.
    ///
    /// @return what has to be driven, on another thread, to free the space; or the refusal
    public Answer<Compaction> compact(long revision) {
        if (revision <= view.compactRevision()) {
            return new Answer.Refused<>(Refusal.COMPACTED);
        }
        if (revision > view.revision()) {
            return new Answer.Refused<>(Refusal.FUTURE_REVISION);
        }
        backend.put(Bucket.META, MetaKey.SCHEDULED_COMPACTION.bytes(), Revision.putKey(revision, 0));
        return new Answer.Found<>(accept(revision));
    }

    /// Goes over to other contents, those of the file that takes the backend's place at this moment (see
    /// [Backend#replaceBy]). Views taken before notice it when they want to read that file.
    ///
    /// @return a compaction that is to be driven on
    public @Nullable Compaction replaceBy(Contents contents) {
        index = contents.index();
        tail = new Tail();
        tidying = new Tidying(index);
        view = new View(this, index.root(), tail.slice(), contents.revision(), contents.finishedCompaction());
        return unfinished(contents);
    }

    Compaction accept(long revision) {
        var root = index.root();
        view = new View(this, root, tail.slice(), view.revision(), revision);
        tidying.begin(revision);
        return new Compaction(backend, revision, root);
    }

    /// Frees memory that compactions and commits have left behind, looking at no more than `keys` keys.
    /// Changing transactions do a little of it by themselves; this is for when the applier is idle.
    ///
    /// @return true while there is more to do
    public boolean tidy(int keys) {
        var changed = tail.trim(backend.committedRevision());
        changed |= tidying.step(keys);
        if (changed) {
            publish(view.revision());
        }
        return !tidying.isDone();
    }

    /// The store as this transaction sees it; valid until its next change.
    View peek(long revision) {
        return new View(this, index.peek(), tail.slice(), revision, view.compactRevision());
    }

    KeyIndex index() {
        return index;
    }

    /// @param stored what the file will hold
    /// @param told what a watcher will see; the same bytes unless it is a tombstone
    void add(byte[] key, Version version, KeyValue stored, KeyValue told) {
        var revisionKey = version.isTombstone()
                ? Revision.tombstoneKey(version.main, version.sub())
                : Revision.putKey(version.main, version.sub());
        backend.put(Bucket.KEY, revisionKey, stored.encoded());
        tail.add(version.main, version.sub(), version.isTombstone(), told);
        index.put(key, version);
    }

    void end(long revision) {
        if (revision != view.revision()) {
            tail.trim(backend.committedRevision());
            tidying.step(TIDY_PER_CHANGE);
            publish(revision);
        }
    }

    private void publish(long revision) {
        view = new View(this, index.root(), tail.slice(), revision, view.compactRevision());
    }

    // ---- any thread ----

    /// The newest moment. All of a transaction or nothing of it is in there.
    public View view() {
        return view;
    }

    /// [View#range] of the newest view, tried again on a newer one if a compaction or other contents come in
    /// between.
    public Answer<RangeResult> range(RangeQuery query) throws IOException {
        while (true) {
            var now = view;
            var answer = now.range(query);
            if (answer instanceof Answer.Found || (query.revision() > 0 && now.isCurrent())) {
                return answer;
            }
        }
    }

    /// A range to be read piece by piece, which the caller closes; else as [#range].
    ///
    /// @param keep bytes up to which it is read as a whole, at once
    public Answer<Listing> list(RangeQuery query, Listing.Shape shape, long keep) throws IOException {
        while (true) {
            var now = view;
            var answer = Listing.of(this, now, query, shape, keep);
            if (answer instanceof Answer.Found || (query.revision() > 0 && now.isCurrent())) {
                return answer;
            }
        }
    }

    /// The changes from a revision on, up to `maxRevisions` revisions or about `maxBytes` bytes of key-values,
    /// at least one revision if there is any. Costs a scan of what it returns, however far back that is.
    /// Refused as compacted below the compact revision (which itself is accepted); beyond the current one
    /// there is nothing.
    public Answer<History> history(long fromRevision, int maxRevisions, long maxBytes) throws IOException {
        while (true) {
            var now = view;
            var answer = history(now, fromRevision, maxRevisions, maxBytes);
            if (now.isCurrent()) {
                return answer;
            }
        }
    }

    /// Means nothing when the view turns out not to be current afterwards.
    Answer<History> history(View now, long fromRevision, int maxRevisions, long maxBytes) throws IOException {
        if (fromRevision < now.compactRevision()) {
            return new Answer.Refused<>(Refusal.COMPACTED);
        }
        var stretch = new Stretch(now.revision(), maxRevisions, maxBytes);
        try (var log = new RevisionLog(now, this, fromRevision)) {
            // A compaction that was accepted since may have removed some of it before the log was opened.
            if (fromRevision < view.compactRevision()) {
                return new Answer.Refused<>(Refusal.COMPACTED);
            }
            while (log.isOf(now) && log.next() && stretch.add(log)) {}
        }
        return new Answer.Found<>(stretch.history());
    }

    /// The hash over all changes up to a revision.
    ///
    /// @param revision 0 or less for the current one
    public Answer<KvHash> hashKv(long revision) throws IOException {
        while (true) {
            var now = view;
            var at = revision <= 0 ? now.revision() : revision;
            if (at > now.revision()) {
                return new Answer.Refused<>(Refusal.FUTURE_REVISION);
            }
            if (revision > 0 && at <= now.compactRevision()) {
                return new Answer.Refused<>(Refusal.COMPACTED);
            }
            try (var log = new RevisionLog(now, this, 0)) {
                // A compaction that was accepted since may already have removed some of what is to be hashed.
                if (log.isOf(now) && view.compactRevision() == now.compactRevision()) {
                    return new Answer.Found<>(KvHash.over(log, now, at));
                }
            }
        }
    }

    /// Of the file that the newest view goes with.
    long generation() {
        return backend.generation();
    }

    Snapshot snapshot() {
        return backend.snapshot();
    }

    CorruptionException missing(long main, long sub) {
        return new CorruptionException(backend.path(), -1, "revision " + main + "_" + sub + " is missing");
    }
}
