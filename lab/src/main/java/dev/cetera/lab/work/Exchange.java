package dev.cetera.lab.work;

import com.google.protobuf.Message;
import dev.cetera.lab.history.Outcome;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One call with one request: until it is answered, fails, or is given up.
final class Exchange<Q extends Message, A extends Message> extends ClientCall.Listener<A> {
    private static final Metadata.Key<String> HAS_LEADER =
            Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

    private final ClientCall<Q, A> call;
    private final Q request;
    private final Consumer<A> each;
    private final Consumer<Outcome> then;
    private @Nullable A last;
    private boolean over;

    private Exchange(ClientCall<Q, A> call, Q request, Consumer<A> each, Consumer<Outcome> then) {
        this.call = call;
        this.request = request;
        this.each = each;
        this.then = then;
    }

    /// Whether a member is to refuse at once when it knows of no leader.
    enum Leader {
        REQUIRED,
        WAITED_FOR
    }

    /// Also says whose the call is.
    static Metadata headers(Leader leader, String token) {
        var headers = headers(leader);
        if (!token.isEmpty()) {
            headers.put(RootPass.TOKEN, token);
        }
        return headers;
    }

    static Metadata headers(Leader leader) {
        var headers = new Metadata();
        if (leader == Leader.REQUIRED) {
            headers.put(HAS_LEADER, "true");
        }
        return headers;
    }

    /// Makes the call.
    ///
    /// @param each is given every response
    /// @param then is told once what came of it, perhaps before this method returns; the response that counts
    ///             is the last
    static <Q extends Message, A extends Message> Exchange<Q, A> begin(
            Channel channel,
            MethodDescriptor<Q, A> method,
            Metadata headers,
            Q request,
            Consumer<A> each,
            Consumer<Outcome> then) {
        var exchange = new Exchange<>(channel.newCall(method, CallOptions.DEFAULT), request, each, then);
        exchange.call.start(exchange, headers);
        if (!exchange.over) {
            exchange.call.request(Integer.MAX_VALUE);
            exchange.call.sendMessage(request);
            exchange.call.halfClose();
        }
        return exchange;
    }

    /// Ends it without an answer, if it has not ended.
    void giveUp() {
        if (!over) {
            end(new Outcome.Unknown("given up"));
            call.cancel("the client has lost its patience", null);
        }
    }

    @Override
    public void onMessage(A message) {
        if (!over) {
            last = message;
            each.accept(message);
        }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        if (over) {
            return;
        }
        if (!status.isOk()) {
            end(Verdicts.of(request, status));
        } else if (last == null) {
            end(new Outcome.Unknown("no response"));
        } else {
            end(new Outcome.Answered(last));
        }
    }

    private void end(Outcome outcome) {
        over = true;
        then.accept(outcome);
    }
}
