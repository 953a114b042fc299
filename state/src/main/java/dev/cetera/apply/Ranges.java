package dev.cetera.apply;

import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RangeRequest.SortOrder;
import dev.cetera.api.etcdserverpb.RangeRequest.SortTarget;
import dev.cetera.mvcc.Answer;
import dev.cetera.mvcc.Listing;
import dev.cetera.mvcc.RangeQuery;
import dev.cetera.mvcc.RangeResult;
import dev.cetera.mvcc.Store;
import dev.cetera.schema.KeyValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A range request on the store: fetch, filter, sort, cut to the limit, in this order and with etcd's quirks
/// (a sort target without an order sorts only what the limit lets through in key order).
public final class Ranges {
    /// Where key-values come from: the store, one view of it, or a transaction that sees its own changes.
    @FunctionalInterface
    public interface Source {
        Answer<RangeResult> range(RangeQuery query) throws IOException;
    }

    /// The answer in stored form.
    ///
    /// @param kvs      complete key-values, also when the request wants keys only
    /// @param more     whether the limit cut something off
    /// @param count    keys in the range, before filters and limit
    /// @param revision of the store when it was read
    public record Ranged(List<KeyValue> kvs, boolean more, long count, long revision) {}

    private Ranges() {}

    public static Answer<Ranged> range(Source source, RangeRequest request) throws IOException {
        var query = new RangeQuery(
                request.getKey().toByteArray(),
                request.getRangeEnd().toByteArray(),
                request.getRevision(),
                fetchLimit(request),
                request.getCountOnly() ? RangeQuery.Want.COUNT : RangeQuery.Want.KEY_VALUES);
        return switch (source.range(query)) {
            case Answer.Refused<RangeResult>(var why) -> new Answer.Refused<>(why);
            case Answer.Found<RangeResult>(var found) -> new Answer.Found<>(shape(found, request));
        };
    }

    /// As above, of the store, to be read piece by piece; values are left out when the request asks for keys
    /// only. The caller closes it.
    ///
    /// @param request one that [#isInKeyOrder], and wants more than a count
    /// @param keep    as of [Store#list]
    public static Answer<Listing> list(Store store, RangeRequest request, long keep) throws IOException {
        var query = new RangeQuery(
                request.getKey().toByteArray(),
                request.getRangeEnd().toByteArray(),
                request.getRevision(),
                request.getLimit(),
                RangeQuery.Want.KEY_VALUES);
        return store.list(query, shape(request), keep);
    }

    private static Listing.Shape shape(RangeRequest request) {
        var keep = filter(request);
        var bare = request.getKeysOnly();
        if (keep == null) {
            return bare ? KeyValue::withoutValue : Listing.Shape.AS_STORED;
        }
        return kv -> !keep.test(kv) ? null : bare ? kv.withoutValue() : kv;
    }

    /// One more than asked for tells whether there is more; everything, when filters or a sort decide what
    /// comes first.
    private static long fetchLimit(RangeRequest request) {
        long limit = request.getLimit();
        if (limit <= 0 || limit == Long.MAX_VALUE || filter(request) != null || sortsBeforeLimit(request)) {
            return 0;
        }
        return limit + 1;
    }

    private static boolean sortsBeforeLimit(RangeRequest request) {
        return request.getSortOrder() != SortOrder.NONE && !isInKeyOrder(request);
    }

    /// Whether the store answers in the request's order by itself.
    public static boolean isInKeyOrder(RangeRequest request) {
        return request.getSortTarget() == SortTarget.KEY && request.getSortOrder() != SortOrder.DESCEND;
    }

    private static Ranged shape(RangeResult found, RangeRequest request) {
        var kvs = found.kvs();
        var keep = filter(request);
        if (keep != null) {
            kvs = kvs.stream().filter(keep).toList();
        }
        if (!isInKeyOrder(request) && kvs.size() > 1) {
            kvs = sorted(kvs, request);
        }
        long limit = request.getLimit();
        boolean more = limit > 0 && kvs.size() > limit;
        return new Ranged(more ? kvs.subList(0, (int) limit) : kvs, more, found.count(), found.revision());
    }

    private static @Nullable Predicate<KeyValue> filter(RangeRequest request) {
        long minMod = request.getMinModRevision();
        long maxMod = request.getMaxModRevision();
        long minCreate = request.getMinCreateRevision();
        long maxCreate = request.getMaxCreateRevision();
        if (minMod == 0 && maxMod == 0 && minCreate == 0 && maxCreate == 0) {
            return null;
        }
        return kv -> (maxMod == 0 || kv.modRevision() <= maxMod)
                && (minMod == 0 || kv.modRevision() >= minMod)
                && (maxCreate == 0 || kv.createRevision() <= maxCreate)
                && (minCreate == 0 || kv.createRevision() >= minCreate);
    }

    private static List<KeyValue> sorted(List<KeyValue> kvs, RangeRequest request) {
        var sorted = new ArrayList<>(kvs);
        Comparator<KeyValue> order = switch (request.getSortTarget()) {
            case VERSION -> Comparator.comparingLong(KeyValue::version);
            case CREATE -> Comparator.comparingLong(KeyValue::createRevision);
            case MOD -> Comparator.comparingLong(KeyValue::modRevision);
            case VALUE -> Comparator.comparing(KeyValue::value, Arrays::compareUnsigned);
            case KEY, UNRECOGNIZED -> Comparator.comparing(KeyValue::key, Arrays::compareUnsigned);
        };
        sorted.sort(request.getSortOrder() == SortOrder.DESCEND ? order.reversed() : order);
        return sorted;
    }
}
