package dev.cetera.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import dev.cetera.api.etcdserverpb.InternalRaftRequest;
import dev.cetera.api.etcdserverpb.PutRequest;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RequestOp;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.apply.Applied;
import dev.cetera.apply.Outcome;
import dev.cetera.entry.EntryPayload;
import dev.cetera.logs.Log;
import dev.cetera.raft.Entry;
import dev.cetera.raft.EntryType;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/// The lines about requests that took long, as operators of etcd look for them. Keys are shown; values,
/// passwords and tokens are not.
final class SlowRequests {
    /// Etcd's measure of what is worth a line.
    private static final long WARN_NANOS = 100_000_000;

    /// A request may be as large as a megabyte; nobody reads more of it than this.
    private static final int MAX_CHARS = 1_024;

    private static final Log LOG = Log.of("etcdserver");

    private SlowRequests() {}

    /// Whether a request took so long that it is worth a line.
    static boolean isSlow(long tookNanos) {
        return tookNanos > WARN_NANOS;
    }

    static void tellOfSlowApply(long tookNanos, Entry entry, Applied applied) throws IOException {
        if (entry.type() != EntryType.NORMAL) {
            return;
        }
        var outcome = switch (applied) {
            case Applied.Request request -> request.outcome();
            case Applied.Account account -> account.outcome();
            case Applied.Compacting compacting -> compacting.outcome();
            case Applied.Revoked revoked -> revoked.outcome();
            case Applied.Nothing _,
                    Applied.NewTerm _,
                    Applied.Legacy _,
                    Applied.Configuration _,
                    Applied.Reconfiguration _ -> null;
        };
        if (outcome != null && EntryPayload.decode(entry.data()) instanceof EntryPayload.V3 payload) {
            warn("", describe(payload.request()), result(outcome), tookNanos);
        }
    }

    static void tellOfSlowRange(long tookNanos, RangeRequest request, long keys) {
        warn("read-only range ", describe(request), "range_response_count:" + keys, tookNanos);
    }

    private static void warn(String kind, String request, String result, long tookNanos) {
        LOG.warning(kind + "request " + quoted(request) + " with result " + quoted(result) + " took too long ("
                + String.format(Locale.ROOT, "%.6fms", tookNanos / 1e6) + ") to execute");
    }

    private static String quoted(String text) {
        var shown = text.length() <= MAX_CHARS ? text : text.substring(0, MAX_CHARS) + "...";
        return '"' + shown.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static String result(Outcome<? extends Message> outcome) {
        return switch (outcome) {
            case Outcome.Done<? extends Message>(var response) -> "size:" + response.getSerializedSize();
            case Outcome.Refused<? extends Message>(var why) -> "error:" + why.text();
        };
    }

    private static String describe(InternalRaftRequest request) {
        var head = "header:<ID:" + Long.toUnsignedString(request.getHeader().getID()) + " > ";
        if (request.hasPut()) {
            return head + "put:<" + describe(request.getPut()) + ">";
        }
        if (request.hasTxn()) {
            return head + "txn:<" + describe(request.getTxn()) + ">";
        }
        // Everything else carries no values.
        return head
                + TextFormat.printer()
                        .emittingSingleLine(true)
                        .printToString(withoutSecrets(request.toBuilder().clearHeader()));
    }

    private static InternalRaftRequest withoutSecrets(InternalRaftRequest.Builder request) {
        if (request.hasAuthenticate()) {
            request.getAuthenticateBuilder().clearPassword().clearSimpleToken();
        }
        if (request.hasAuthUserAdd()) {
            request.getAuthUserAddBuilder().clearPassword().clearHashedPassword();
        }
        if (request.hasAuthUserChangePassword()) {
            request.getAuthUserChangePasswordBuilder().clearPassword().clearHashedPassword();
        }
        return request.build();
    }

    private static String describe(PutRequest put) {
        return text("key", put.getKey()) + "value_size:" + put.getValue().size() + " "
                + (put.getLease() == 0 ? "" : "lease:" + put.getLease() + " ");
    }

    private static String describe(RangeRequest range) {
        return text("key", range.getKey())
                + text("range_end", range.getRangeEnd())
                + (range.getLimit() == 0 ? "" : "limit:" + range.getLimit() + " ")
                + (range.getRevision() == 0 ? "" : "revision:" + range.getRevision() + " ");
    }

    private static String describe(TxnRequest txn) {
        var text = new StringBuilder();
        for (var compare : txn.getCompareList()) {
            text.append("compare:<target:")
                    .append(compare.getTarget())
                    .append(' ')
                    .append(text("key", compare.getKey()))
                    .append("> ");
        }
        describe("success", txn.getSuccessList(), text);
        describe("failure", txn.getFailureList(), text);
        return text.toString();
    }

    private static void describe(String branch, List<RequestOp> ops, StringBuilder text) {
        for (var op : ops) {
            text.append(branch).append(":<");
            switch (op.getRequestCase()) {
                case REQUEST_PUT ->
                    text.append("request_put:<")
                            .append(describe(op.getRequestPut()))
                            .append("> ");
                case REQUEST_RANGE ->
                    text.append("request_range:<")
                            .append(describe(op.getRequestRange()))
                            .append("> ");
                case REQUEST_DELETE_RANGE ->
                    text.append("request_delete_range:<")
                            .append(text("key", op.getRequestDeleteRange().getKey()))
                            .append(text("range_end", op.getRequestDeleteRange().getRangeEnd()))
                            .append("> ");
                case REQUEST_TXN ->
                    text.append("request_txn:<")
                            .append(describe(op.getRequestTxn()))
                            .append("> ");
                case REQUEST_NOT_SET -> {}
            }
            text.append("> ");
        }
    }

    private static String text(String name, ByteString bytes) {
        return bytes.isEmpty() ? "" : name + ":\"" + TextFormat.escapeBytes(bytes) + "\" ";
    }
}
