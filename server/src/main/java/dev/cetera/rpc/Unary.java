package dev.cetera.rpc;

import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.DeleteRangeResponse;
import dev.cetera.api.etcdserverpb.TxnResponse;
import dev.cetera.node.Answer;
import dev.cetera.node.LongAnswer;
import dev.cetera.node.Node;
import dev.cetera.schema.KeyValue;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import io.grpc.StatusException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Serves a method that takes one message and answers one. Shared.
///
/// @param <Q> the request
/// @param <A> the answer, as the method's marshaller writes it
final class Unary<Q extends Message, A> implements ServerCallHandler<InputStream, A> {
    /// What a method does for a caller: it never blocks, and answers once, from any thread.
    @FunctionalInterface
    interface Operation<Q, A> {
        /// Begins with it.
        ///
        /// @param node as the caller may use it
        void start(Node node, Q request, Answer<A> answer);
    }

    private final Parser<Q> parser;
    private final int limit;
    private final Node node;
    private final Operation<Q, A> operation;

    Unary(Parser<Q> parser, int limit, Node node, Operation<Q, A> operation) {
        this.parser = parser;
        this.limit = limit;
        this.node = node;
        this.operation = operation;
    }

    @Override
    public ServerCall.Listener<InputStream> startCall(ServerCall<InputStream, A> call, Metadata headers) {
        call.request(2); // one more than there may be, so that a second one shows
        return new Exchange(call);
    }

    /// One call. The listener's side is confined to the call's event loop; the answer comes once, from
    /// anywhere.
    private final class Exchange extends ServerCall.Listener<InputStream> implements Answer<A> {
        private final ServerCall<InputStream, A> call;
        private final @Nullable Outlet outlet;
        private final int stream;
        /// Of the answer, while gRPC has it. Written before gRPC has it.
        private volatile int unsent;
        private @Nullable Q request;
        /// Nothing of the listener answers any more: it has refused, or handed over to the operation.
        private boolean settled;

        Exchange(ServerCall<InputStream, A> call) {
            this.call = call;
            this.outlet = Outlet.of(call);
            this.stream = outlet == null ? 0 : outlet.beginning();
        }

        @Override
        public void onMessage(InputStream message) {
            if (settled) {
                return;
            }
            if (request != null) {
                refuse(Status.INTERNAL.withDescription("Too many requests"));
                return;
            }
            try {
                request = Incoming.parse(message, parser, limit);
            } catch (StatusException unreadable) {
                refuse(unreadable.getStatus());
            }
        }

        @Override
        public void onHalfClose() {
            var complete = request;
            if (settled) {
                return;
            }
            if (complete == null) {
                refuse(Status.INTERNAL.withDescription("Half-closed without a request"));
                return;
            }
            request = null; // not needed while the answer is under way
            settled = true; // from here on the operation answers
            if (outlet == null) {
                start(complete);
            } else {
                outlet.whenRoom(() -> start(complete));
            }
        }

        private void start(Q complete) {
            if (!call.isCancelled()) {
                operation.start(node.as(Callers.of(call)), complete, this);
            }
        }

        @Override
        public void onComplete() {
            taken();
        }

        @Override
        public void onCancel() {
            taken();
        }

        /// Nothing of the answer is left with gRPC.
        private void taken() {
            if (outlet != null && unsent > 0) {
                outlet.unsent(-takeUnsent());
            }
        }

        private synchronized int takeUnsent() {
            int there = unsent;
            unsent = 0;
            return there;
        }

        /// Of those that can be large at all.
        private static int size(Object answer) {
            return switch (answer) {
                case RangeReply reply -> (int) reply.size();
                case TxnResponse reply -> reply.getSerializedSize();
                case DeleteRangeResponse reply -> reply.getSerializedSize();
                default -> 0;
            };
        }

        private void refuse(Status status) {
            settled = true;
            call.close(status, new Metadata());
        }

        @Override
        public void done(A value) {
            var rest = value instanceof RangeReply reply ? reply.rest() : null;
            if (rest != null) {
                sendLong((RangeReply) value, rest);
                return;
            }
            if (call.isCancelled()) {
                return;
            }
            if (outlet != null) {
                // Before the end is in sight, so that it is there when gRPC tells of the end.
                int size = size(value);
                unsent = size;
                outlet.unsent(size);
            }
            call.sendHeaders(new Metadata());
            call.sendMessage(value);
            call.close(Status.OK, new Metadata());
            if (call.isCancelled()) {
                taken(); // the end may have been told before there was an answer
            }
        }

        private void sendLong(RangeReply reply, LongAnswer rest) {
            long size = reply.size();
            if (call.isCancelled()) {
                rest.close();
            } else if (size > Integer.MAX_VALUE) {
                rest.close();
                call.close(tooLarge(size), new Metadata());
            } else if (outlet == null || stream == 0) {
                sendWhole(reply, rest);
            } else {
                call.sendHeaders(new Metadata());
                outlet.send(
                        stream, (int) size, new LongReply(reply, rest, () -> call.close(Status.OK, new Metadata())));
            }
        }

        /// To somebody within the member, who has it in memory in any case.
        @SuppressWarnings("unchecked") // the answer is a RangeReply, or this would not be reached
        private void sendWhole(RangeReply reply, LongAnswer rest) {
            rest.all(new Answer<>() {
                @Override
                public void done(List<KeyValue> kvs) {
                    Exchange.this.done((A) reply.with(kvs));
                }

                @Override
                public void refused(Refusal why) {
                    Exchange.this.refused(why);
                }
            });
        }

        private static Status tooLarge(long size) {
            return Status.RESOURCE_EXHAUSTED.withDescription(
                    "grpc: trying to send message larger than max (" + size + " vs. " + Integer.MAX_VALUE + ")");
        }

        @Override
        public void refused(Refusal why) {
            if (!call.isCancelled()) {
                call.close(why.status(), new Metadata());
            }
        }
    }
}
