package dev.cetera.concurrency;

import com.google.protobuf.ByteString;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.DeleteRangeRequest;
import dev.cetera.api.etcdserverpb.DeleteRangeResponse;
import dev.cetera.api.etcdserverpb.KVGrpc;
import dev.cetera.api.etcdserverpb.LeaseGrantRequest;
import dev.cetera.api.etcdserverpb.LeaseGrpc;
import dev.cetera.api.etcdserverpb.RangeRequest;
import dev.cetera.api.etcdserverpb.RangeResponse;
import dev.cetera.api.etcdserverpb.TxnRequest;
import dev.cetera.api.etcdserverpb.TxnResponse;
import dev.cetera.api.etcdserverpb.WatchCreateRequest;
import dev.cetera.api.etcdserverpb.WatchGrpc;
import dev.cetera.api.etcdserverpb.WatchRequest;
import dev.cetera.api.etcdserverpb.WatchResponse;
import dev.cetera.rpc.LocalCalls;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What is asked of the member's own services in the name of one client. Shared; answers come on any thread.
final class Inner {
    private static final Context.Key<Inner> CURRENT = Context.key("calls in the client's name");

    /// What says who a client is.
    private static final String[] IDENTITY = {"token", "authorization", "grpcgateway-accept"};

    /// Given to a client that brings no lease of its own; nobody renews it.
    private static final long LEASE_SECONDS = 60;

    private final Channel channel;

    private Inner(Channel channel) {
        this.channel = channel;
    }

    /// Lets services find out in whose name they are to ask, by [#current].
    static ServerInterceptor inTheNameOfTheCaller(LocalCalls calls) {
        return new ServerInterceptor() {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                var inner = new Inner(calls.as(identity(headers), call.getAttributes()));
                return Contexts.interceptCall(Context.current().withValue(CURRENT, inner), call, headers, next);
            }
        };
    }

    private static Metadata identity(Metadata headers) {
        var identity = new Metadata();
        for (var name : IDENTITY) {
            var key = Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
            var value = headers.get(key);
            if (value != null) {
                identity.put(key, value);
            }
        }
        return identity;
    }

    /// Of the call that is being begun.
    static Inner current() {
        return CURRENT.get();
    }

    /// How a call that is asked once ends.
    ///
    /// @param done   its answer
    /// @param failed says why there is none
    record Outcome<A>(Consumer<A> done, Consumer<Status> failed) {}

    void txn(TxnRequest request, Outcome<TxnResponse> outcome) {
        once(KVGrpc.getTxnMethod(), request, outcome);
    }

    void range(RangeRequest request, Outcome<RangeResponse> outcome) {
        once(KVGrpc.getRangeMethod(), request, outcome);
    }

    void delete(ByteString key, Outcome<DeleteRangeResponse> outcome) {
        var request = DeleteRangeRequest.newBuilder().setKey(key).build();
        once(KVGrpc.getDeleteRangeMethod(), request, outcome);
    }

    /// The lease that a client brings, or a new one if it brings none.
    void lease(long given, Outcome<Long> outcome) {
        if (given != 0) {
            outcome.done().accept(given);
            return;
        }
        var request = LeaseGrantRequest.newBuilder().setTTL(LEASE_SECONDS).build();
        once(
                LeaseGrpc.getLeaseGrantMethod(),
                request,
                new Outcome<>(granted -> outcome.done().accept(granted.getID()), outcome.failed()));
    }

    private <Q, A> void once(MethodDescriptor<Q, A> method, Q request, Outcome<A> outcome) {
        var call = channel.newCall(method, CallOptions.DEFAULT);
        call.start(new Once<>(outcome), new Metadata());
        call.request(1);
        call.sendMessage(request);
        call.halfClose();
    }

    private static final class Once<A> extends ClientCall.Listener<A> {
        private final Outcome<A> outcome;
        private @Nullable A answer;

        Once(Outcome<A> outcome) {
            this.outcome = outcome;
        }

        @Override
        public void onMessage(A message) {
            answer = message;
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            var got = answer;
            if (!status.isOk()) {
                outcome.failed().accept(status);
            } else if (got == null) {
                outcome.failed().accept(Status.UNKNOWN.withDescription("no answer"));
            } else {
                outcome.done().accept(got);
            }
        }
    }

    /// A watch under way.
    interface Watch {
        /// Nothing is heard of it any more.
        void stop();

        /// Asks for the next response.
        void next();
    }

    /// Begins a watch. Nothing comes before [Watch#next] is called, and one response each time; when there is
    /// nothing more to expect, `ended` says why.
    Watch watch(WatchCreateRequest.Builder what, Consumer<WatchResponse> responses, Consumer<Status> ended) {
        var call = channel.newCall(WatchGrpc.getWatchMethod(), CallOptions.DEFAULT);
        var watching = new Watching(responses, ended);
        call.start(watching, new Metadata());
        call.sendMessage(WatchRequest.newBuilder().setCreateRequest(what).build());
        return new Watch() {
            @Override
            public void stop() {
                watching.over = true;
                call.cancel("nobody waits any more", null);
            }

            @Override
            public void next() {
                call.request(1);
            }
        };
    }

    private static final class Watching extends ClientCall.Listener<WatchResponse> {
        private final Consumer<WatchResponse> responses;
        private final Consumer<Status> ended;
        private volatile boolean over;

        Watching(Consumer<WatchResponse> responses, Consumer<Status> ended) {
            this.responses = responses;
            this.ended = ended;
        }

        @Override
        public void onMessage(WatchResponse message) {
            if (over) {
                return;
            }
            if (message.getCanceled()) {
                over = true;
                ended.accept(why(message));
            } else {
                responses.accept(message);
            }
        }

        private static Status why(WatchResponse message) {
            return message.getCompactRevision() != 0
                    ? Refusal.COMPACTED.status()
                    : Status.UNKNOWN.withDescription(message.getCancelReason());
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            if (!over) {
                over = true;
                ended.accept(
                        status.isOk() ? Status.UNKNOWN.withDescription("lost watcher waiting for delete") : status);
            }
        }
    }
}
