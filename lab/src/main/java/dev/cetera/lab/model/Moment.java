package dev.cetera.lab.model;

import com.google.protobuf.ByteString;
import dev.cetera.api.mvccpb.Event;
import dev.cetera.api.mvccpb.KeyValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// All keys at one revision, and the way back to those before. Immutable.
///
/// @param events of this revision, in order, with what was before them
/// @param before null at the first revision
/// @param jump   some way back: `n` revisions are gone in O(log n) steps (the skew binary numbers of Myers)
/// @param print  nearly certainly another one for another history
record Moment(
        long revision,
        SortedTree<ByteString, KeyValue> keys,
        List<Event> events,
        @Nullable Moment before,
        @Nullable Moment jump,
        long print) {
    static final Moment FIRST =
            new Moment(1, SortedTree.empty(ByteString.unsignedLexicographicalComparator()), List.of(), null, null, 0);

    Moment next(SortedTree<ByteString, KeyValue> now, List<Event> changes) {
        var far = jump != null && jump.jump != null && revision - jump.revision == jump.revision - jump.jump.revision
                ? jump.jump
                : this;
        long mixed = print;
        for (var event : changes) {
            mixed = mix(mixed, event);
        }
        return new Moment(revision + 1, now, List.copyOf(changes), this, far, mixed);
    }

    private static long mix(long print, Event event) {
        var kv = event.getKv();
        long mixed = print * 0x9E3779B97F4A7C15L + event.getTypeValue() + 1;
        mixed = (mixed ^ kv.getKey().hashCode()) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ kv.getValue().hashCode() ^ mixed >>> 29) * 0x94D049BB133111EBL;
        return (mixed ^ kv.getLease() ^ mixed >>> 32) * 0xD6E8FEB86659FD93L + kv.getModRevision();
    }

    /// @param asked from the first to this one
    Moment at(long asked) {
        var moment = this;
        while (moment.revision > asked) {
            var nearer = moment.before;
            if (nearer == null) {
                throw new IllegalArgumentException("there is no revision " + asked);
            }
            moment = moment.jump != null && moment.jump.revision >= asked ? moment.jump : nearer;
        }
        return moment;
    }
}
