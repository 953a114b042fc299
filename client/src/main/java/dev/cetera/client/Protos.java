package dev.cetera.client;

import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.DeleteRangeResponse;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RangeResponse;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.api.etcdserverpb.ResponseOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import java.util.List;
import java.util.Optional;

/// Requests and answers about keys, between our records and the wire's messages. Content is shared, not
/// copied.
final class Protos {
    private Protos() {}

    static Header header(ResponseHeader header) {
        return new Header(header.getClusterId(), header.getMemberId(), header.getRevision(), header.getRaftTerm());
    }

    static KeyValue keyValue(dev.cetera.api.mvccpb.KeyValue kv) {
        return new KeyValue(
                new Key(kv.getKey()),
                new Value(kv.getValue()),
                kv.getCreateRevision(),
                kv.getModRevision(),
                kv.getVersion(),
                kv.getLease());
    }

    private static List<KeyValue> keyValues(List<dev.cetera.api.mvccpb.KeyValue> kvs) {
        return kvs.stream().map(Protos::keyValue).toList();
    }

    static RangeRequest range(Op.Get get) {
        var option = get.option();
        var request = RangeRequest.newBuilder()
                .setKey(get.keys().key().content())
                .setRangeEnd(get.keys().end().content())
                .setRevision(option.revision())
                .setLimit(option.limit())
                .setSerializable(option.consistency() == GetOption.Consistency.SERIALIZABLE)
                .setKeysOnly(option.content() == GetOption.Content.KEYS)
                .setCountOnly(option.content() == GetOption.Content.COUNT)
                .setMinModRevision(option.minModRevision())
                .setMaxModRevision(option.maxModRevision())
                .setMinCreateRevision(option.minCreateRevision())
                .setMaxCreateRevision(option.maxCreateRevision())
                .setSortTarget(sortTarget(option.sortBy()));
        // The store's own order is that of keys, so that one needs no sorting.
        boolean natural =
                option.sortBy() == GetOption.SortTarget.KEY && option.order() == GetOption.SortOrder.ASCENDING;
        return request.setSortOrder(natural ? RangeRequest.SortOrder.NONE : sortOrder(option.order()))
                .build();
    }

    private static RangeRequest.SortTarget sortTarget(GetOption.SortTarget target) {
        return switch (target) {
            case KEY -> RangeRequest.SortTarget.KEY;
            case VERSION -> RangeRequest.SortTarget.VERSION;
            case CREATE_REVISION -> RangeRequest.SortTarget.CREATE;
            case MOD_REVISION -> RangeRequest.SortTarget.MOD;
            case VALUE -> RangeRequest.SortTarget.VALUE;
        };
    }

    private static RangeRequest.SortOrder sortOrder(GetOption.SortOrder order) {
        return switch (order) {
            case NONE -> RangeRequest.SortOrder.NONE;
            case ASCENDING -> RangeRequest.SortOrder.ASCEND;
            case DESCENDING -> RangeRequest.SortOrder.DESCEND;
        };
    }

    static GetResponse got(RangeResponse answer) {
        return new GetResponse(
                header(answer.getHeader()), keyValues(answer.getKvsList()), answer.getMore(), answer.getCount());
    }

    static PutRequest put(Op.Put put) {
        return PutRequest.newBuilder()
                .setKey(put.key().content())
                .setValue(put.value().content())
                .setLease(put.option().lease())
                .setPrevKv(put.option().previous() == Previous.RETURNED)
                .setIgnoreValue(put.option().keeps() == PutOption.Keeps.VALUE)
                .setIgnoreLease(put.option().keeps() == PutOption.Keeps.LEASE)
                .build();
    }

    static PutResponse putDone(dev.cetera.api.etcdserverpb.PutResponse answer) {
        return new PutResponse(
                header(answer.getHeader()),
                answer.hasPrevKv() ? Optional.of(keyValue(answer.getPrevKv())) : Optional.empty());
    }

    static DeleteRangeRequest delete(Op.Delete delete) {
        return DeleteRangeRequest.newBuilder()
                .setKey(delete.keys().key().content())
                .setRangeEnd(delete.keys().end().content())
                .setPrevKv(delete.option().previous() == Previous.RETURNED)
                .build();
    }

    static DeleteResponse deleted(DeleteRangeResponse answer) {
        return new DeleteResponse(header(answer.getHeader()), answer.getDeleted(), keyValues(answer.getPrevKvsList()));
    }

    static TxnRequest txn(Txn txn) {
        var request = TxnRequest.newBuilder();
        txn.compares().forEach(compare -> request.addCompare(compare(compare)));
        txn.success().forEach(op -> request.addSuccess(op(op)));
        txn.failure().forEach(op -> request.addFailure(op(op)));
        return request.build();
    }

    static boolean onlyReads(Op op) {
        return op instanceof Op.Get
                || (op instanceof Txn txn
                        && txn.success().stream().allMatch(Protos::onlyReads)
                        && txn.failure().stream().allMatch(Protos::onlyReads));
    }

    private static RequestOp op(Op op) {
        var request = RequestOp.newBuilder();
        if (op instanceof Op.Get get) {
            request.setRequestRange(range(get));
        } else if (op instanceof Op.Put put) {
            request.setRequestPut(put(put));
        } else if (op instanceof Op.Delete delete) {
            request.setRequestDeleteRange(delete(delete));
        } else if (op instanceof Txn txn) {
            request.setRequestTxn(txn(txn));
        }
        return request.build();
    }

    private static dev.cetera.api.etcdserverpb.Compare compare(Compare compare) {
        var message = dev.cetera.api.etcdserverpb.Compare.newBuilder()
                .setKey(compare.keys().key().content())
                .setRangeEnd(compare.keys().end().content())
                .setResult(relation(compare.relation()));
        if (compare.operand() instanceof Compare.Operand.Content content) {
            message.setTarget(dev.cetera.api.etcdserverpb.Compare.CompareTarget.VALUE)
                    .setValue(content.value().content());
        } else if (compare.operand() instanceof Compare.Operand.Numeral operand) {
            long number = operand.number();
            switch (compare.property()) {
                case VERSION ->
                    message.setTarget(dev.cetera.api.etcdserverpb.Compare.CompareTarget.VERSION)
                            .setVersion(number);
                case CREATE_REVISION ->
                    message.setTarget(dev.cetera.api.etcdserverpb.Compare.CompareTarget.CREATE)
                            .setCreateRevision(number);
                case MOD_REVISION ->
                    message.setTarget(dev.cetera.api.etcdserverpb.Compare.CompareTarget.MOD)
                            .setModRevision(number);
                case LEASE ->
                    message.setTarget(dev.cetera.api.etcdserverpb.Compare.CompareTarget.LEASE)
                            .setLease(number);
                case VALUE -> throw new IllegalStateException("a value compared with a number");
            }
        }
        return message.build();
    }

    private static dev.cetera.api.etcdserverpb.Compare.CompareResult relation(Compare.Relation relation) {
        return switch (relation) {
            case EQUAL -> dev.cetera.api.etcdserverpb.Compare.CompareResult.EQUAL;
            case GREATER -> dev.cetera.api.etcdserverpb.Compare.CompareResult.GREATER;
            case LESS -> dev.cetera.api.etcdserverpb.Compare.CompareResult.LESS;
            case NOT_EQUAL -> dev.cetera.api.etcdserverpb.Compare.CompareResult.NOT_EQUAL;
        };
    }

    static TxnResponse committed(dev.cetera.api.etcdserverpb.TxnResponse answer) {
        return new TxnResponse(
                header(answer.getHeader()),
                answer.getSucceeded(),
                answer.getResponsesList().stream().map(Protos::opResponse).toList());
    }

    private static OpResponse opResponse(ResponseOp op) {
        return switch (op.getResponseCase()) {
            case RESPONSE_RANGE -> got(op.getResponseRange());
            case RESPONSE_PUT -> putDone(op.getResponsePut());
            case RESPONSE_DELETE_RANGE -> deleted(op.getResponseDeleteRange());
            case RESPONSE_TXN -> committed(op.getResponseTxn());
            case RESPONSE_NOT_SET -> throw new IllegalArgumentException("an empty answer in a transaction's answer");
        };
    }
}
