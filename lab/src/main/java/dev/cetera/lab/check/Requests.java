package dev.cetera.lab.check;

import com.google.protobuf.Message;
import dev.cetera.api.etcdserverpb.DeleteRangeResponse;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.PutResponse;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.ResponseHeader;
import dev.cetera.api.etcdserverpb.ResponseOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.api.etcdserverpb.TxnResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// What requests and responses say about themselves.
final class Requests {
    private Requests() {}

    /// Whether it is about users, roles, or access control as such.
    static boolean isAboutAccounts(Message request) {
        return request.getDescriptorForType().getName().startsWith("Auth");
    }

    /// Every put that a request may come to, of all branches.
    static List<PutRequest> puts(Message request) {
        var puts = new ArrayList<PutRequest>();
        if (request instanceof PutRequest put) {
            puts.add(put);
        } else if (request instanceof TxnRequest txn) {
            ops(txn).forEach(op -> {
                if (op.hasRequestPut()) {
                    puts.add(op.getRequestPut());
                } else if (op.hasRequestTxn()) {
                    puts.addAll(puts(op.getRequestTxn()));
                }
            });
        }
        return puts;
    }

    static Stream<RequestOp> ops(TxnRequest txn) {
        return Stream.concat(txn.getSuccessList().stream(), txn.getFailureList().stream());
    }

    /// A transaction that never goes through the log: ranges and nothing else.
    static boolean isReadOnly(TxnRequest txn) {
        return ops(txn).allMatch(RequestOp::hasRequestRange);
    }

    /// Whether the member that is asked may answer from what it has, old as it may be.
    static boolean isSerializable(Message request) {
        return switch (request) {
            case RangeRequest range -> range.getSerializable();
            case TxnRequest txn ->
                isReadOnly(txn)
                        && ops(txn).findAny().isPresent()
                        && ops(txn).allMatch(op -> op.getRequestRange().getSerializable());
            default -> false;
        };
    }

    /// Whether a response says that something changed.
    static boolean changed(Message response) {
        return switch (response) {
            case PutResponse _ -> true;
            case DeleteRangeResponse delete -> delete.getDeleted() > 0;
            case TxnResponse txn -> txn.getResponsesList().stream().anyMatch(Requests::changed);
            default -> false;
        };
    }

    private static boolean changed(ResponseOp op) {
        return switch (op.getResponseCase()) {
            case RESPONSE_PUT -> true;
            case RESPONSE_DELETE_RANGE -> changed(op.getResponseDeleteRange());
            case RESPONSE_TXN -> changed(op.getResponseTxn());
            case RESPONSE_RANGE, RESPONSE_NOT_SET -> false;
        };
    }

    /// The header of any response; that of nobody when it has none.
    static ResponseHeader header(Message response) {
        var field = response.getDescriptorForType().findFieldByName("header");
        return field != null && response.getField(field) instanceof ResponseHeader header
                ? header
                : ResponseHeader.getDefaultInstance();
    }

    /// The response with nothing in its header but the revision, as the model gives it.
    static Message bare(Message response) {
        var field = response.getDescriptorForType().findFieldByName("header");
        if (field == null) {
            return response;
        }
        var header = ResponseHeader.newBuilder()
                .setRevision(header(response).getRevision())
                .build();
        return response.toBuilder().setField(field, header).build();
    }
}
