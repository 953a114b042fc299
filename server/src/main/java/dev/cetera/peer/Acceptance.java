package dev.cetera.peer;

import dev.cetera.logs.LogLevel;
import dev.cetera.peer.Serving.Check;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import java.time.Instant;
import java.time.format.DateTimeFormatter;

/// Decides what becomes of a request, by its head. The order of the checks is etcd's, as the first one that
/// fails is what the other side is told. Confined to the connection's event loop.
final class Acceptance {
    private final Serving serving;
    private final Answer answer;

    Acceptance(Serving serving, Answer answer) {
        this.serving = serving;
        this.answer = answer;
    }

    Exchange begin(HttpRequest request, String path) {
        var around = serving.around();
        if (around == null) {
            return answer.refuse(503, "the member is not serving");
        }
        return switch (path) {
            case Requests.PROBING_PATH -> probing(around);
            case Requests.POST_PATH, Requests.SNAPSHOT_PATH -> post(request, path, around);
            default -> stream(request, path, around);
        };
    }

    private Exchange probing(Surroundings around) {
        long nanos = around.time().unixNanos();
        var now = Instant.ofEpochSecond(nanos / 1_000_000_000, nanos % 1_000_000_000);
        return answer.json("{\"OK\":true,\"Now\":\"" + DateTimeFormatter.ISO_INSTANT.format(now) + "\"}\n");
    }

    private Exchange post(HttpRequest request, String path, Surroundings around) {
        if (!request.method().equals(HttpMethod.POST)) {
            return answer.refuse(405, "Method Not Allowed", "POST");
        }
        answer.sayCluster(around.inbound().clusterId());
        switch (serving.check(request.headers(), around)) {
            case Check.Garbage _ -> {
                return hangUp();
            }
            case Check.Refused(String why) -> {
                return answer.refuse(412, why);
            }
            case Check.Passed _ -> serving.addRemote(request.headers());
        }
        answer.invite();
        return path.equals(Requests.POST_PATH)
                ? new PostedMessage(serving, around, answer, request)
                : new PostedDatabase(serving, around, answer);
    }

    private Exchange stream(HttpRequest request, String path, Surroundings around) {
        if (!request.method().equals(HttpMethod.GET)) {
            return answer.refuse(405, "Method Not Allowed", "GET");
        }
        answer.sayVersion();
        answer.sayCluster(around.inbound().clusterId());
        switch (serving.check(request.headers(), around)) {
            case Check.Garbage _ -> {
                return hangUp();
            }
            case Check.Refused(String why) -> {
                return answer.refuse(412, why);
            }
            case Check.Passed _ -> {}
        }
        int last = path.lastIndexOf('/');
        StreamKind kind;
        switch (path.substring(0, last)) {
            case "/raft/stream/message" -> kind = StreamKind.MESSAGE;
            case "/raft/stream/msgapp" -> kind = StreamKind.APPEND;
            default -> {
                return answer.refuse(404, "invalid path");
            }
        }
        return attach(request, kind, path.substring(last + 1), around);
    }

    private Exchange attach(HttpRequest request, StreamKind kind, String name, Surroundings around) {
        var from = Serving.id(name);
        if (from == null) {
            around.log().merged(LogLevel.ERROR, "failed to parse from " + name + " into ID");
            return answer.refuse(404, "invalid from");
        }
        var shown = Long.toHexString(from);
        if (around.inbound().membership().isRemoved(from)) {
            around.log().merged("rejected the stream from peer " + shown + " since it was removed");
            return answer.refuse(410, "removed member");
        }
        var peer = serving.peer(from);
        if (peer == null) {
            serving.addRemote(from, request.headers());
            around.log()
                    .merged(
                            LogLevel.ERROR,
                            "failed to find member " + shown + " in cluster "
                                    + Long.toHexString(around.inbound().clusterId()));
            return answer.refuse(404, "error sender not found");
        }
        var wanted = Long.toHexString(around.inbound().memberId());
        var to = request.headers().get(Requests.RAFT_TO, "");
        if (!to.equals(wanted)) {
            around.log()
                    .merged(
                            LogLevel.ERROR,
                            "streaming request ignored (ID mismatch got " + to + " want " + wanted + ")");
            return answer.refuse(412, "to field mismatch");
        }
        answer.streamHead();
        var attachment = new Attachment(answer, peer, kind, around);
        answer.ctx().flush(); // whoever sees the answer can rely on the stream
        return attachment;
    }

    /// As a Go member does, whose handler dies of such a header.
    private Exchange hangUp() {
        var _ = answer.ctx().close();
        return (_, _) -> {};
    }

    /// A stream that is being served: the other side only listens.
    private static final class Attachment implements Exchange {
        private final ServedStream stream;

        Attachment(Answer answer, Peer peer, StreamKind kind, Surroundings around) {
            var options = around.options();
            stream = new ServedStream(answer.ctx().channel(), kind, options.queuedBytes(), options.silenceNanos() / 3);
            peer.attach(kind, stream);
        }

        @Override
        public void content(ByteBuf bytes, End end) {}

        @Override
        public void writabilityChanged() {
            stream.drain();
        }
    }
}
