package dev.cetera.rpc;

import dev.cetera.api.Refusal;
import dev.cetera.metrics.GrpcMetrics;
import dev.cetera.node.Node;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/// Stands before every method: counts calls and messages, and refuses a call that demands a leader while there
/// is none. Shared.
final class Counted<Q, A> implements ServerCallHandler<Q, A> {
    private static final Metadata.Key<String> HAS_LEADER =
            Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> CLIENT_VERSION =
            Metadata.Key.of("client-api-version", Metadata.ASCII_STRING_MARSHALLER);

    private final ServerCallHandler<Q, A> next;
    private final Node node;
    private final GrpcMetrics metrics;
    private final GrpcMetrics.Method counters;
    private final MethodType type;
    private final LongAdder inFlight;

    private Counted(
            ServerCallHandler<Q, A> next,
            Node node,
            GrpcMetrics metrics,
            GrpcMetrics.Method counters,
            MethodType type,
            LongAdder inFlight) {
        this.next = next;
        this.node = node;
        this.metrics = metrics;
        this.counters = counters;
        this.type = type;
        this.inFlight = inFlight;
    }

    /// The same service with every method counted; its descriptor must be registered with the metrics.
    ///
    /// @param unaryInFlight goes up and down with the unary calls under way
    static ServerServiceDefinition service(
            ServerServiceDefinition plain, Node node, GrpcMetrics metrics, LongAdder unaryInFlight) {
        var counted = ServerServiceDefinition.builder(plain.getServiceDescriptor());
        for (var method : plain.getMethods()) {
            boolean unary = method.getMethodDescriptor().getType() == MethodType.UNARY;
            counted.addMethod(method(method, node, metrics, unary ? unaryInFlight : new LongAdder()));
        }
        return counted.build();
    }

    private static <Q, A> ServerMethodDefinition<Q, A> method(
            ServerMethodDefinition<Q, A> plain, Node node, GrpcMetrics metrics, LongAdder inFlight) {
        var counters = metrics.of(plain.getMethodDescriptor());
        return plain.withServerCallHandler(new Counted<>(
                plain.getServerCallHandler(),
                node,
                metrics,
                counters,
                plain.getMethodDescriptor().getType(),
                inFlight));
    }

    @Override
    public ServerCall.Listener<Q> startCall(ServerCall<Q, A> call, Metadata headers) {
        counters.started.increment();
        metrics.request(type, headers.get(CLIENT_VERSION));
        var counting = new CountingCall<>(call, counters, type == MethodType.UNARY, inFlight);
        if (!node.hasLeader() && "true".equals(headers.get(HAS_LEADER))) {
            counting.close(Refusal.NO_LEADER.status(), new Metadata());
            return new ServerCall.Listener<>() {};
        }
        return new CountingListener<>(next.startCall(counting, headers), counting);
    }

    private static final class CountingCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
        private final GrpcMetrics.Method counters;
        private final boolean unary;
        private final LongAdder inFlight;
        private final long startNanos;
        private final AtomicBoolean ended = new AtomicBoolean();

        CountingCall(ServerCall<Q, A> call, GrpcMetrics.Method counters, boolean unary, LongAdder inFlight) {
            super(call);
            this.unary = unary;
            this.inFlight = inFlight;
            inFlight.increment();
            this.counters = counters;
            this.startNanos = counters.now();
        }

        @Override
        public void sendMessage(A message) {
            if (!unary) {
                counters.sent.increment();
            }
            super.sendMessage(message);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            if (unary && status.isOk()) {
                counters.sent.increment(); // its one message, by whichever way it went
            }
            end(status.getCode());
            super.close(status, trailers);
        }

        void end(Status.Code code) {
            if (ended.compareAndSet(false, true)) {
                inFlight.decrement();
                counters.handled(code, startNanos);
            }
        }
    }

    private static final class CountingListener<Q> extends SimpleForwardingServerCallListener<Q> {
        private final CountingCall<Q, ?> call;

        CountingListener(ServerCall.Listener<Q> listener, CountingCall<Q, ?> call) {
            super(listener);
            this.call = call;
        }

        @Override
        public void onMessage(Q message) {
            call.counters.received.increment();
            super.onMessage(message);
        }

        @Override
        public void onCancel() {
            call.end(Status.Code.CANCELLED);
            super.onCancel();
        }
    }
}
