package dev.cetera.lab.model;

import com.google.protobuf.ByteString;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RangeRequest.SortOrder;
import dev.cetera.api.etcdserverpb.RangeResponse;
import dev.cetera.api.mvccpb.KeyValue;
import java.util.ArrayList;
import java.util.Comparator;

/// What a range request shows of the keys of a moment: fetch, filter, sort, cut. Among equals the order of the
/// keys stays, which is one of the orders that etcd leaves open.
final class Reading {
    private Reading() {}

    static RangeResponse answer(SortedTree<ByteString, KeyValue> keys, RangeRequest request, long revision) {
        var range = KeyRange.of(request.getKey(), request.getRangeEnd());
        var found = keys.between(range.from(), range.end());
        var response =
                RangeResponse.newBuilder().setHeader(State.header(revision)).setCount(found.size());
        if (request.getCountOnly()) {
            return response.build();
        }
        long limit = request.getLimit();
        var shown =
                new ArrayList<>(found.stream().filter(kv -> passes(request, kv)).toList());
        boolean sorted = request.getSortOrder() != SortOrder.NONE;
        if (!sorted && limit > 0 && shown.size() == found.size() && !hasFilters(request)) {
            // A target without an order sorts only what the limit lets through, and one more.
            shown = new ArrayList<>(shown.subList(0, (int) Math.min(shown.size(), limit + 1)));
        }
        shown.sort(order(request));
        boolean more = limit > 0 && shown.size() > limit;
        for (var kv : more ? shown.subList(0, (int) limit) : shown) {
            response.addKvs(request.getKeysOnly() ? kv.toBuilder().clearValue().build() : kv);
        }
        return response.setMore(more).build();
    }

    private static boolean hasFilters(RangeRequest request) {
        return request.getMinModRevision() != 0
                || request.getMaxModRevision() != 0
                || request.getMinCreateRevision() != 0
                || request.getMaxCreateRevision() != 0;
    }

    private static boolean passes(RangeRequest request, KeyValue kv) {
        return isWithin(request.getMinModRevision(), kv.getModRevision(), request.getMaxModRevision())
                && isWithin(request.getMinCreateRevision(), kv.getCreateRevision(), request.getMaxCreateRevision());
    }

    /// @param least 0 for no bound, as `most`
    private static boolean isWithin(long least, long number, long most) {
        return (least == 0 || least <= number) && (most == 0 || number <= most);
    }

    private static Comparator<KeyValue> order(RangeRequest request) {
        var bytes = ByteString.unsignedLexicographicalComparator();
        Comparator<KeyValue> order = switch (request.getSortTarget()) {
            case VERSION -> Comparator.comparingLong(KeyValue::getVersion);
            case CREATE -> Comparator.comparingLong(KeyValue::getCreateRevision);
            case MOD -> Comparator.comparingLong(KeyValue::getModRevision);
            case VALUE -> Comparator.comparing(KeyValue::getValue, bytes);
            case KEY, UNRECOGNIZED -> Comparator.comparing(KeyValue::getKey, bytes);
        };
        return request.getSortOrder() == SortOrder.DESCEND ? order.reversed() : order;
    }
}
