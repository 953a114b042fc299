package dev.cetera.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A channel whose calls end as the test says: in order with `failures`, then with empty answers.
final class ScriptedChannel extends Channel {
    /// @param sent whether the request left before it failed
    record Failure(Status status, boolean sent) {}

    final Queue<Failure> failures = new ConcurrentLinkedQueue<>();
    final AtomicInteger calls = new AtomicInteger();

    @Override
    public String authority() {
        return "scripted";
    }

    @Override
    public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
        return new Call<>(method, options);
    }

    private final class Call<Q, A> extends ClientCall<Q, A> {
        private final MethodDescriptor<Q, A> method;
        private final CallOptions options;
        private @Nullable Listener<A> listener;

        Call(MethodDescriptor<Q, A> method, CallOptions options) {
            this.method = method;
            this.options = options;
        }

        @Override
        public void start(Listener<A> startedListener, Metadata headers) {
            listener = startedListener;
        }

        @Override
        public void halfClose() {
            calls.incrementAndGet();
            var failure = failures.poll();
            var told = Objects.requireNonNull(listener);
            if (failure == null || failure.sent) {
                options.getStreamTracerFactories()
                        .forEach(factory -> factory.newClientStreamTracer(
                                        ClientStreamTracer.StreamInfo.newBuilder()
                                                .build(),
                                        new Metadata())
                                .outboundHeaders());
            }
            Objects.requireNonNull(options.getExecutor()).execute(() -> {
                if (failure == null) {
                    told.onMessage(method.parseResponse(new ByteArrayInputStream(new byte[0])));
                    told.onClose(Status.OK, new Metadata());
                } else {
                    told.onClose(failure.status, new Metadata());
                }
            });
        }

        @Override
        public void request(int messages) {}

        @Override
        public void cancel(@Nullable String message, @Nullable Throwable cause) {}

        @Override
        public void sendMessage(Q message) {}
    }
}
