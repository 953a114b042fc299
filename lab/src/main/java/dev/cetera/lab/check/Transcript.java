package dev.cetera.lab.check;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import dev.cetera.api.etcdserverpb.CompactionRequest;
import dev.cetera.api.etcdserverpb.Compare;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.DeleteRangeResponse;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveRequest;
import dev.cetera.api.etcdserverpb.LeaseRevokeRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.PutResponse;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RangeResponse;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.ResponseOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.api.etcdserverpb.TxnResponse;
import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import dev.cetera.api.etcdserverpb.WatchResponse;
import dev.cetera.api.mvccpb.Event;
import dev.cetera.api.mvccpb.KeyValue;
import dev.cetera.lab.history.History;
import dev.cetera.lab.history.Operation;
import dev.cetera.lab.history.Outcome;
import dev.cetera.lab.history.Watch;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// A history for people to read: a line for each operation and each response to a watch, about as one would
/// type it for etcdctl.
public final class Transcript {
    private static final int MAX_VALUE = 24;

    private Transcript() {}

    public static String of(History history) {
        var text = new StringBuilder();
        history.operations().forEach(operation -> text.append(line(operation)).append('\n'));
        for (var watch : history.watches()) {
            for (var leg : watch.legs()) {
                text.append("watch ")
                        .append(watch.number())
                        .append(' ')
                        .append(line(leg))
                        .append('\n');
                leg.told()
                        .forEach(told -> text.append("    ")
                                .append(millis(told.at()))
                                .append(' ')
                                .append(line(told.response()))
                                .append('\n'));
                text.append("    ").append(leg.end()).append('\n');
            }
        }
        return text.append(history.settled() ? "settled\n" : "").toString();
    }

    // ---- operations ----

    static String line(Operation operation) {
        return "#%d %s-%s client %d%s at %s: %s -> %s"
                .formatted(
                        operation.number(),
                        millis(operation.called()),
                        operation.ended() == Operation.NEVER ? "" : millis(operation.ended()),
                        operation.client(),
                        user(operation.user()),
                        operation.member(),
                        request(operation.request()),
                        outcome(operation.outcome()));
    }

    private static String user(String name) {
        return name.equals(Operation.ROOT) ? "" : name.isEmpty() ? " (nobody)" : " (" + name + ")";
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.3fms", nanos / 1e6);
    }

    private static String outcome(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Answered(var response) -> response(response);
            case Outcome.Refused(var code, var text) -> "refused, " + code + ": " + text;
            case Outcome.Unknown(var why) -> "unknown (" + why + ")";
        };
    }

    /// As the model has it.
    static String outcome(dev.cetera.apply.Outcome<? extends Message> outcome) {
        return switch (outcome) {
            case dev.cetera.apply.Outcome.Done(var response) -> response(response);
            case dev.cetera.apply.Outcome.Refused(var why) -> "refused: " + why.text();
        };
    }

    private static String request(Message request) {
        return switch (request) {
            case PutRequest put ->
                "put " + text(put.getKey()) + (put.getIgnoreValue() ? " --ignore-value" : " " + text(put.getValue()))
                        + (put.getLease() != 0 ? " --lease=" + Long.toHexString(put.getLease()) : "")
                        + (put.getIgnoreLease() ? " --ignore-lease" : "")
                        + (put.getPrevKv() ? " --prev-kv" : "");
            case DeleteRangeRequest delete ->
                "del " + range(delete.getKey(), delete.getRangeEnd()) + (delete.getPrevKv() ? " --prev-kv" : "");
            case RangeRequest range -> range(range);
            case TxnRequest txn ->
                "txn if "
                        + txn.getCompareList().stream().map(Transcript::compare).collect(Collectors.joining(" && "))
                        + " then " + ops(txn.getSuccessList()) + " else " + ops(txn.getFailureList());
            case CompactionRequest compaction -> "compact " + compaction.getRevision();
            case LeaseGrantRequest grant ->
                "lease grant " + grant.getTTL() + "s --id=" + Long.toHexString(grant.getID());
            case LeaseRevokeRequest revoke -> "lease revoke " + Long.toHexString(revoke.getID());
            case LeaseKeepAliveRequest renewal -> "lease keep-alive " + Long.toHexString(renewal.getID());
            default -> request.getDescriptorForType().getName() + "{" + raw(request) + "}";
        };
    }

    private static String range(RangeRequest request) {
        var text = new StringBuilder("get ").append(range(request.getKey(), request.getRangeEnd()));
        var rest = request.toBuilder()
                .clearKey()
                .clearRangeEnd()
                .clearRevision()
                .clearSerializable()
                .build();
        if (request.getRevision() != 0) {
            text.append(" --rev=").append(request.getRevision());
        }
        if (request.getSerializable()) {
            text.append(" --consistency=s");
        }
        var options = raw(rest);
        return options.isEmpty()
                ? text.toString()
                : text.append(" {").append(options).append('}').toString();
    }

    private static String range(ByteString key, ByteString end) {
        return end.isEmpty() ? text(key) : "[" + text(key) + ", " + text(end) + ")";
    }

    private static String compare(Compare compare) {
        var given = switch (compare.getTargetUnionCase()) {
            case VERSION -> Long.toString(compare.getVersion());
            case CREATE_REVISION -> Long.toString(compare.getCreateRevision());
            case MOD_REVISION -> Long.toString(compare.getModRevision());
            case VALUE -> text(compare.getValue());
            case LEASE -> Long.toHexString(compare.getLease());
            case TARGETUNION_NOT_SET -> "0";
        };
        return compare.getTarget() + "(" + range(compare.getKey(), compare.getRangeEnd()) + ") " + compare.getResult()
                + " " + given;
    }

    private static String ops(List<RequestOp> ops) {
        return ops.stream()
                .map(op -> switch (op.getRequestCase()) {
                    case REQUEST_RANGE -> request(op.getRequestRange());
                    case REQUEST_PUT -> request(op.getRequestPut());
                    case REQUEST_DELETE_RANGE -> request(op.getRequestDeleteRange());
                    case REQUEST_TXN -> request(op.getRequestTxn());
                    case REQUEST_NOT_SET -> "nothing";
                })
                .collect(Collectors.joining("; ", "{", "}"));
    }

    private static String response(Message response) {
        var header = Requests.header(response);
        return (header.getRevision() == 0 ? "" : "rev " + header.getRevision() + ", ") + body(response);
    }

    private static String body(Message response) {
        return switch (response) {
            case PutResponse put -> put.hasPrevKv() ? "prev " + kv(put.getPrevKv()) : "OK";
            case DeleteRangeResponse delete -> "deleted " + delete.getDeleted() + kvs(delete.getPrevKvsList());
            case RangeResponse range ->
                "count " + range.getCount() + kvs(range.getKvsList()) + (range.getMore() ? " and more" : "");
            case TxnResponse txn ->
                (txn.getSucceeded() ? "then " : "else ")
                        + txn.getResponsesList().stream()
                                .map(Transcript::op)
                                .collect(Collectors.joining("; ", "{", "}"));
            default -> response.getDescriptorForType().getName() + "{" + raw(withoutHeader(response)) + "}";
        };
    }

    private static Message withoutHeader(Message response) {
        var field = response.getDescriptorForType().findFieldByName("header");
        return field == null ? response : response.toBuilder().clearField(field).build();
    }

    private static String op(ResponseOp op) {
        return switch (op.getResponseCase()) {
            case RESPONSE_RANGE -> body(op.getResponseRange());
            case RESPONSE_PUT -> body(op.getResponsePut());
            case RESPONSE_DELETE_RANGE -> body(op.getResponseDeleteRange());
            case RESPONSE_TXN -> body(op.getResponseTxn());
            case RESPONSE_NOT_SET -> "nothing";
        };
    }

    private static String kvs(List<KeyValue> kvs) {
        return kvs.isEmpty() ? "" : kvs.stream().map(Transcript::kv).collect(Collectors.joining(", ", ": ", ""));
    }

    static String kv(KeyValue kv) {
        return text(kv.getKey()) + "=" + text(kv.getValue()) + " (mod " + kv.getModRevision() + " create "
                + kv.getCreateRevision() + " version " + kv.getVersion()
                + (kv.getLease() == 0 ? "" : " lease " + Long.toHexString(kv.getLease())) + ")";
    }

    /// Long values by their beginning and their length.
    static String text(ByteString bytes) {
        var text = TextFormat.escapeBytes(bytes.substring(0, Math.min(bytes.size(), MAX_VALUE)));
        return bytes.size() <= MAX_VALUE ? text : text + "...(" + bytes.size() + ")";
    }

    private static String raw(Message message) {
        return message.toString().replace("\n", " ").strip();
    }

    // ---- watches ----

    static String line(Watch.Leg leg) {
        return "%s at %s: %s".formatted(millis(leg.asked()), leg.member(), request(leg.request()));
    }

    private static String request(WatchCreateRequest request) {
        return "watch " + range(request.getKey(), request.getRangeEnd()) + " --rev=" + request.getStartRevision()
                + (request.getPrevKv() ? " --prev-kv" : "")
                + (request.getProgressNotify() ? " --progress-notify" : "")
                + (request.getFiltersCount() == 0 ? "" : " " + request.getFiltersList())
                + (request.getFragment() ? " --fragment" : "");
    }

    static String line(WatchResponse response) {
        return "rev " + response.getHeader().getRevision()
                + (response.getCreated() ? " created" : "")
                + (response.getCanceled() ? " canceled " + response.getCancelReason() : "")
                + (response.getCompactRevision() == 0 ? "" : " compacted " + response.getCompactRevision())
                + (response.getFragment() ? " fragment" : "")
                + response.getEventsList().stream()
                        .map(event -> " " + event(event))
                        .collect(Collectors.joining());
    }

    static String event(Event event) {
        return event.getType() + " " + kv(event.getKv())
                + (event.hasPrevKv() ? " before " + kv(event.getPrevKv()) : "");
    }
}
