package dev.cetera.ctl.print;

import dev.cetera.api.etcdserverpb.DeleteRangeResponse;
import dev.cetera.api.etcdserverpb.PutResponse;
import dev.cetera.api.etcdserverpb.RangeResponse;
import dev.cetera.api.etcdserverpb.ResponseOp;
import dev.cetera.api.etcdserverpb.TxnResponse;
import dev.cetera.api.etcdserverpb.WatchResponse;
import dev.cetera.api.mvccpb.Event;
import dev.cetera.api.mvccpb.KeyValue;
import java.util.ArrayList;
import java.util.List;

/// Answers about keys.
public final class KeyAnswers {
    private KeyAnswers() {}

    public static Answer range(RangeResponse answer) {
        return Answer.of(answer, out -> answer.getKvsList().forEach(out::pair)).withFields(out -> fields(out, answer));
    }

    private static void fields(Out out, RangeResponse answer) {
        Answer.header(out, answer.getHeader());
        answer.getKvsList().forEach(pair -> fields(out, "", pair));
        out.field("More", answer.getMore());
        out.field("Count", answer.getCount());
    }

    public static Answer put(PutResponse answer) {
        return Answer.of(answer, out -> simple(out, answer)).withFields(out -> fields(out, answer));
    }

    private static void simple(Out out, PutResponse answer) {
        out.line("OK");
        if (answer.hasPrevKv()) {
            out.pair(answer.getPrevKv());
        }
    }

    private static void fields(Out out, PutResponse answer) {
        Answer.header(out, answer.getHeader());
        if (answer.hasPrevKv()) {
            fields(out, "Prev", answer.getPrevKv());
        }
    }

    public static Answer delete(DeleteRangeResponse answer) {
        return Answer.of(answer, out -> simple(out, answer)).withFields(out -> fields(out, answer));
    }

    private static void simple(Out out, DeleteRangeResponse answer) {
        out.line(String.valueOf(answer.getDeleted()));
        answer.getPrevKvsList().forEach(out::pair);
    }

    private static void fields(Out out, DeleteRangeResponse answer) {
        Answer.header(out, answer.getHeader());
        out.field("Deleted", answer.getDeleted());
        answer.getPrevKvsList().forEach(pair -> fields(out, "Prev", pair));
    }

    public static Answer txn(TxnResponse answer) {
        return Answer.of(answer, out -> simple(out, answer)).withFields(out -> {
            Answer.header(out, answer.getHeader());
            out.field("Succeeded", answer.getSucceeded());
            answer.getResponsesList().forEach(each -> fields(out, each));
        });
    }

    private static void simple(Out out, TxnResponse answer) {
        out.line(answer.getSucceeded() ? "SUCCESS" : "FAILURE");
        for (var each : answer.getResponsesList()) {
            out.line("");
            switch (each.getResponseCase()) {
                case RESPONSE_RANGE -> each.getResponseRange().getKvsList().forEach(out::pair);
                case RESPONSE_PUT -> simple(out, each.getResponsePut());
                case RESPONSE_DELETE_RANGE -> simple(out, each.getResponseDeleteRange());
                case RESPONSE_TXN -> simple(out, each.getResponseTxn());
                case RESPONSE_NOT_SET -> out.line("unexpected response");
            }
        }
    }

    private static void fields(Out out, ResponseOp each) {
        switch (each.getResponseCase()) {
            case RESPONSE_RANGE -> fields(out, each.getResponseRange());
            case RESPONSE_PUT -> fields(out, each.getResponsePut());
            case RESPONSE_DELETE_RANGE -> fields(out, each.getResponseDeleteRange());
            case RESPONSE_TXN, RESPONSE_NOT_SET -> out.field("Unknown", GoText.quoted(""));
        }
    }

    public static Answer watch(WatchResponse answer) {
        // What goes between member and client alone is left out.
        var told = WatchResponse.newBuilder()
                .setHeader(answer.getHeader())
                .addAllEvents(answer.getEventsList())
                .setCompactRevision(answer.getCompactRevision())
                .setCanceled(answer.getCanceled())
                .setCreated(answer.getCreated())
                .build();
        return Answer.of(told, out -> told.getEventsList().forEach(event -> simple(out, event)))
                .withFields(out -> {
                    Answer.header(out, told.getHeader());
                    told.getEventsList().forEach(event -> fields(out, event));
                })
                .withJson(() -> json(told));
    }

    private static void simple(Out out, Event event) {
        out.line(event.getType().name());
        if (event.hasPrevKv()) {
            out.pair(event.getPrevKv());
        }
        out.pair(event.getKv());
    }

    private static void fields(Out out, Event event) {
        out.field("Type", event.getType().name());
        if (event.hasPrevKv()) {
            fields(out, "Prev", event.getPrevKv());
        }
        fields(out, "", event.getKv());
    }

    private static String json(WatchResponse answer) {
        List<String> events = new ArrayList<>();
        answer.getEventsList().forEach(event -> events.add(GoJson.of(event)));
        // A member said so of a compaction; all else that ends a watch without events is the client's own doing.
        var none = answer.getCompactRevision() != 0 ? "[]" : "null";
        return new GoJson()
                .open()
                .name("Header")
                .message(answer.getHeader())
                .name("Events")
                .raw(events.isEmpty() ? none : "[" + String.join(",", events) + "]")
                .name("CompactRevision")
                .raw(answer.getCompactRevision())
                .name("Canceled")
                .raw(answer.getCanceled())
                .name("Created")
                .raw(answer.getCreated())
                .close()
                .toString();
    }

    private static void fields(Out out, String prefix, KeyValue pair) {
        out.field(prefix + "Key", GoText.quoted(pair.getKey()));
        out.field(prefix + "CreateRevision", pair.getCreateRevision());
        out.field(prefix + "ModRevision", pair.getModRevision());
        out.field(prefix + "Version", pair.getVersion());
        out.field(prefix + "Value", GoText.quoted(pair.getValue()));
        out.field(prefix + "Lease", pair.getLease());
    }
}
