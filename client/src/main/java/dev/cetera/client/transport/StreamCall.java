package dev.cetera.client.transport;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One stream, on whatever endpoint is connected when it opens. It is not opened again: that is for whoever
/// knows what was lost with it. The listener is called by one thread at a time, in order; answers arrive only
/// as far as [#request] allows.
public final class StreamCall<Q, A> {
    /// What becomes of a stream.
    public interface Listener<Q, A> {
        /// It goes to `endpoint`; from now on it takes messages.
        void opened(StreamCall<Q, A> stream, String endpoint);

        void message(StreamCall<Q, A> stream, A message);

        /// The last thing of a stream, also of one that never opened; `null` if the member ended it in peace.
        void closed(StreamCall<Q, A> stream, @Nullable CallFailure failure);
    }

    private final Transport transport;
    private final MethodDescriptor<Q, A> method;
    private final CallSettings settings;
    private final Listener<Q, A> listener;
    private final @Nullable Endpoint avoided;
    private final AtomicBoolean finished = new AtomicBoolean();
    /// Nothing is sent by a call that is canceled.
    private final ReentrantLock sending = new ReentrantLock();

    private final Runnable next = this::open;

    private volatile @Nullable ClientCall<Q, A> call;
    private volatile @Nullable Endpoint endpoint;
    private volatile @Nullable ScheduledFuture<?> deadline;
    private volatile @Nullable CallFailure ownEnd;

    StreamCall(
            Transport transport,
            MethodDescriptor<Q, A> method,
            CallSettings settings,
            @Nullable Endpoint avoided,
            Listener<Q, A> listener) {
        this.transport = transport;
        this.method = method;
        this.settings = settings;
        this.avoided = avoided;
        this.listener = listener;
    }

    void start() {
        var timeout = settings.timeout();
        if (timeout != null) {
            deadline = transport.schedule(() -> end(CallFailure.deadline(true)), timeout.toNanos());
        }
        transport.executor().execute(next);
    }

    /// Only after it has opened.
    public void send(Q message) {
        sending.lock();
        try {
            var running = call;
            if (running != null && ownEnd == null && !finished.get()) {
                running.sendMessage(message);
            }
        } finally {
            sending.unlock();
        }
    }

    /// No more messages from this side.
    public void halfClose() {
        sending.lock();
        try {
            var running = call;
            if (running != null && ownEnd == null && !finished.get()) {
                running.halfClose();
            }
        } finally {
            sending.unlock();
        }
    }

    /// Room for so many more answers.
    public void request(int count) {
        var running = call;
        if (running != null) {
            running.request(count);
        }
    }

    /// Ends it; the listener hears of it.
    public void cancel() {
        end(CallFailure.canceled(true));
    }

    @Nullable
    Endpoint endpoint() {
        return endpoint;
    }

    private void end(CallFailure failure) {
        @Nullable ClientCall<Q, A> running;
        sending.lock();
        try {
            ownEnd = failure;
            running = call;
            if (running != null) {
                running.cancel(failure.text(), null);
            }
        } finally {
            sending.unlock();
        }
        if (running == null) {
            finish(failure);
        }
    }

    private void open() {
        if (finished.get()) {
            return;
        }
        if (transport.closed()) {
            finish(CallFailure.CLOSED);
            return;
        }
        var chosen = transport.pick(settings.endpoint(), avoided);
        if (chosen == null) {
            transport.balancer().whenReady(next, () -> transport.pick(settings.endpoint(), null) != null);
            return;
        }
        endpoint = chosen;
        if (!transport.needsToken(method)) {
            open(chosen, Tokens.NONE);
            return;
        }
        var unused = transport.tokens().current(null).whenComplete((token, failure) -> {
            if (failure == null) {
                open(chosen, token);
            } else {
                var why = Transport.failureOf(failure);
                finish(
                        why != null
                                ? why
                                : new CallFailure(Status.UNKNOWN.withCause(failure), CallFailure.Origin.REMOTE, false));
            }
        });
    }

    private void open(Endpoint chosen, String token) {
        if (finished.get()) {
            return;
        }
        var options = chosen.options()
                .withExecutor(transport.executor())
                .withMaxInboundMessageSize(transport.settings().maxReceiveBytes());
        var started = chosen.newCall(method, options);
        chosen.callBegins();
        started.start(new Answers(chosen, token), transport.headers(settings, token));
        call = started;
        var ended = ownEnd;
        if (ended != null) {
            started.cancel(ended.text(), null);
            return;
        }
        listener.opened(this, chosen.address().text());
    }

    private void finish(@Nullable CallFailure failure) {
        if (!finished.compareAndSet(false, true)) {
            return;
        }
        transport.balancer().forget(next);
        var timer = deadline;
        if (timer != null) {
            timer.cancel(false);
        }
        listener.closed(this, failure);
    }

    private final class Answers extends ClientCall.Listener<A> {
        private final Endpoint asked;
        private final String token;

        Answers(Endpoint asked, String token) {
            this.asked = asked;
            this.token = token;
        }

        @Override
        public void onHeaders(Metadata headers) {
            asked.heard();
        }

        @Override
        public void onMessage(A message) {
            asked.heard();
            listener.message(StreamCall.this, message);
        }

        @Override
        public void onClose(Status told, Metadata trailers) {
            var status = CallFailure.named(told);
            asked.callEnds();
            var own = ownEnd;
            if (own != null) {
                finish(own);
            } else if (transport.closed()) {
                finish(CallFailure.CLOSED);
            } else if (status.isOk()) {
                finish(null);
            } else {
                var failure = Limits.received(status, true);
                if (Tokens.isStale(failure.text())) {
                    transport.refuse(token);
                }
                finish(failure);
            }
        }
    }
}
