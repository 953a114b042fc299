package dev.cetera.rpc;

import com.google.protobuf.MessageLite;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.CompactionResponse;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.DeleteRangeResponse;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.PutResponse;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.api.etcdserverpb.TxnResponse;
import dev.cetera.node.Answer;
import dev.cetera.node.Node;
import dev.cetera.node.RangeAnswer;
import dev.cetera.schema.KeyValue;
import io.grpc.ServerServiceDefinition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Range and RangeStream, Put, DeleteRange, Txn, Compact. Shared.
final class KvService {
    private final Node node;
    private final Headers headers;
    private final RpcLimits limits;

    KvService(Node node, RpcLimits limits) {
        this.node = node;
        this.headers = new Headers(node);
        this.limits = limits;
    }

    ServerServiceDefinition definition() {
        return new Methods(KVGrpc.getServiceDescriptor(), limits.maxMessageBytes(), node)
                .unary(KVGrpc.getRangeMethod(), RangeReply.MARSHALLER, RangeRequest.parser(), this::range).stream(
                                KVGrpc.getRangeStreamMethod(),
                                RangeStream.Chunk.MARSHALLER,
                                new RangeStream(node, limits.maxMessageBytes(), this))
                        .unary(KVGrpc.getPutMethod(), PutRequest.parser(), this::put)
                        .unary(KVGrpc.getDeleteRangeMethod(), DeleteRangeRequest.parser(), this::deleteRange)
                        .unary(KVGrpc.getTxnMethod(), TxnRequest.parser(), this::txn)
                        .unary(KVGrpc.getCompactMethod(), CompactionRequest.parser(), this::compact)
                        .build();
    }

    /// Answers with a reply that may still have to be read.
    void range(Node node, RangeRequest request, Answer<RangeReply> answer) {
        var why = Checks.range(request);
        if (why != null) {
            answer.refused(why);
            return;
        }
        boolean keysOnly = request.getKeysOnly();
        node.range(request, new Then<>(answer, found -> reply(found, keysOnly)));
    }

    private RangeReply reply(RangeAnswer found, boolean keysOnly) {
        var header = headers.at(found.revision());
        if (!keysOnly || found.rest() != null) {
            return new RangeReply(header, found);
        }
        var bare = found.kvs().stream().map(KeyValue::withoutValue).toList();
        return new RangeReply(header, new RangeAnswer(found.revision(), bare, found.more(), found.count()));
    }

    private void put(Node node, PutRequest request, Answer<PutResponse> answer) {
        var why = orTooLarge(Checks.put(request), request);
        if (why != null) {
            answer.refused(why);
            return;
        }
        node.put(
                request,
                new Then<>(
                        answer,
                        done -> done.toBuilder()
                                .setHeader(headers.complete(done.getHeader()))
                                .build()));
    }

    private void deleteRange(Node node, DeleteRangeRequest request, Answer<DeleteRangeResponse> answer) {
        var why = orTooLarge(Checks.deleteRange(request), request);
        if (why != null) {
            answer.refused(why);
            return;
        }
        node.deleteRange(
                request,
                new Then<>(
                        answer,
                        done -> done.toBuilder()
                                .setHeader(headers.complete(done.getHeader()))
                                .build()));
    }

    private void txn(Node node, TxnRequest request, Answer<TxnResponse> answer) {
        var why = Checks.txn(request, limits.maxTxnOps());
        if (why == null && !(isRead(request.getSuccessList()) && isRead(request.getFailureList()))) {
            why = orTooLarge(null, request); // a read is not proposed, so its size is no matter
        }
        if (why != null) {
            answer.refused(why);
            return;
        }
        node.txn(
                request,
                new Then<>(
                        answer,
                        done -> done.toBuilder()
                                .setHeader(headers.complete(done.getHeader()))
                                .build()));
    }

    private static boolean isRead(List<RequestOp> branch) {
        return branch.stream().allMatch(RequestOp::hasRequestRange);
    }

    private void compact(Node node, CompactionRequest request, Answer<CompactionResponse> answer) {
        node.compact(
                request,
                new Then<>(
                        answer,
                        done -> done.toBuilder()
                                .setHeader(headers.complete(done.getHeader()))
                                .build()));
    }

    private @Nullable Refusal orTooLarge(@Nullable Refusal why, MessageLite request) {
        boolean tooLarge = why == null && Checks.isTooLarge(request.getSerializedSize(), limits.maxRequestBytes());
        return tooLarge ? Refusal.REQUEST_TOO_LARGE : why;
    }
}
