package dev.cetera.gateway;

import io.grpc.Status;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a call answers, on its way out as JSON: one object, or one a line for a stream. Written in pieces and
/// only while the connection takes them; the next message is asked for when all of the one before is out.
/// Confined to the event loop.
final class Reply {
    /// Up to here Go's server knows the length of an answer before it has to begin.
    private static final int MAX_WITH_LENGTH = 2048;

    private static final int PIECE = 32 << 10;

    private final ChannelHandlerContext ctx;
    private final Route<?> route;
    private final Answer answer;
    private final Runnable askForMore;
    private final Runnable over;

    /// The message that is being written.
    private @Nullable AnswerWriter writing;

    /// The one answer of a call that answers once, until it is sure that it counts.
    private byte @Nullable [] only;

    private @Nullable Status end;
    /// Ours, and not the service's.
    private @Nullable Status ownEnd;
    /// The service has begun to answer.
    private boolean answered;

    /// @param askForMore for the next message
    /// @param over       told once, when nothing more will be written
    Reply(ChannelHandlerContext ctx, Route<?> route, Answer answer, Runnable askForMore, Runnable over) {
        this.ctx = ctx;
        this.route = route;
        this.answer = answer;
        this.askForMore = askForMore;
        this.over = over;
    }

    /// Answers before there is a call.
    void refuse(Status why) {
        if (!answer.isOver()) {
            answer.all(
                    route.dialect().httpStatus(why.getCode()),
                    Map.of("Content-Type", "application/json"),
                    route.dialect().error(why));
            over.run();
        }
    }

    /// However the call ends from now on, this is the reason.
    void endWith(Status why) {
        ownEnd = why;
    }

    void answered() {
        answered = true;
    }

    void message(byte[] message) {
        if (route.answersMany()) {
            writing = new AnswerWriter(route.answer(), message);
            pump();
        } else {
            only = message;
        }
    }

    void close(Status status) {
        end = ownEnd == null ? status : ownEnd;
        if (only != null && end.isOk()) {
            writing = new AnswerWriter(route.answer(), only);
            only = null;
        }
        pump();
    }

    void pump() {
        while (writing != null && !answer.isOver() && (ctx.channel().isWritable() || !answer.isBegun())) {
            write(writing);
        }
        if (writing == null && end != null && !answer.isOver()) {
            finish(end);
        }
    }

    private void write(AnswerWriter message) {
        var out = ctx.alloc().buffer();
        if (!message.isBegun() && route.answersMany()) {
            JsonText.ascii(out, "{\"result\":");
        }
        while (!message.isOver() && out.readableBytes() < PIECE) {
            message.writeNext(out);
        }
        if (!message.isOver()) {
            send(out);
            return;
        }
        writing = null;
        if (route.answersMany()) {
            JsonText.ascii(out, "}\n");
            send(out);
            if (end == null) {
                askForMore.run();
            }
        } else if (!answer.isBegun() && out.readableBytes() <= MAX_WITH_LENGTH) {
            answer.all(200, headers(), out);
            over.run();
        } else {
            send(out);
        }
    }

    private void send(ByteBuf piece) {
        if (!answer.isBegun()) {
            answer.begin(200, headers());
        }
        answer.piece(piece);
    }

    private Map<String, String> headers() {
        var headers = new HashMap<String, String>();
        headers.put("Content-Type", "application/json");
        if (answered) {
            headers.put(HttpAnswer.ANSWERED, HttpAnswer.GRPC);
        }
        return headers;
    }

    private void finish(Status status) {
        if (status.isOk()) {
            if (!answer.isBegun()) {
                answer.begin(200, headers());
            }
            answer.end(Map.of());
        } else if (route.answersMany()) {
            failInStream(status);
        } else if (ownEnd != null) {
            refuse(status);
            return;
        } else {
            var headers = headers();
            headers.put("Trailer", HttpAnswer.TRAILER);
            answer.begin(route.dialect().httpStatus(status.getCode()), headers);
            text(route.dialect().error(status));
            answer.end(Map.of(HttpAnswer.TRAILER, HttpAnswer.GRPC));
        }
        over.run();
    }

    private void failInStream(Status status) {
        int http = route.dialect().httpStatus(status.getCode());
        if (!answer.isBegun()) {
            answer.begin(http, headers());
        }
        text("{\"error\":{\"grpc_code\":" + status.getCode().value() + ",\"http_code\":" + http + ",\"message\":"
                + JsonText.string(route.dialect().streamText(status)) + ",\"http_status\":"
                + JsonText.string(HttpResponseStatus.valueOf(http).reasonPhrase()) + "}}");
        answer.end(Map.of());
    }

    private void text(String text) {
        var out = ctx.alloc().buffer();
        out.writeCharSequence(text, StandardCharsets.UTF_8);
        answer.piece(out);
    }
}
