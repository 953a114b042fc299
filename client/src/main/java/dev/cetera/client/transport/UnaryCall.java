package dev.cetera.client.transport;

import io.grpc.ClientCall;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// One request and its attempts. An attempt goes to the next endpoint that is connected, or waits for one.
/// What failed is sent again as [Repeat] allows, at most [#MAX_ATTEMPTS] times, with a pause after each round
/// of a quorum of endpoints. A request whose headers never left is known by a tracer: then even a write may go
/// again.
///
/// Attempts follow one another, so their fields are confined to the attempt under way; `finished` decides
/// between its end, the deadline, and the caller who gives up.
final class UnaryCall<Q, A> {
    static final int MAX_ATTEMPTS = 100;
    private static final int MAX_LOGINS = 3;
    private static final long PAUSE_MILLIS = 25;

    private final Transport transport;
    private final MethodDescriptor<Q, A> method;
    private final Q request;
    private final Repeat repeat;
    private final CallSettings settings;
    private final Reply<A, ?> reply;
    private final long beganNanos = System.nanoTime();
    private final AtomicBoolean finished = new AtomicBoolean();
    private final Runnable next = this::attempt;

    private volatile @Nullable ClientCall<Q, A> call;
    private volatile @Nullable ScheduledFuture<?> deadline;
    private volatile @Nullable Endpoint endpoint;
    private volatile boolean everSent;
    /// Whether an attempt was begun and has not ended: what becomes of it nobody can say who doesn't wait for
    /// it.
    private volatile boolean underWay;
    /// Whether gRPC has all of the attempt: until then it can't be canceled without failing whoever hands it
    /// over.
    private volatile boolean handedOver;
    private final AtomicInteger attempts = new AtomicInteger();
    private int logins;
    private @Nullable String usedToken;
    private @Nullable String refusedToken;

    UnaryCall(
            Transport transport,
            MethodDescriptor<Q, A> method,
            Q request,
            Repeat repeat,
            CallSettings settings,
            Reply<A, ?> reply) {
        this.transport = transport;
        this.method = method;
        this.request = request;
        this.repeat = repeat;
        this.settings = settings;
        this.reply = reply;
    }

    void start() {
        var timeout = settings.timeout();
        if (timeout != null) {
            deadline = transport.schedule(() -> fail(CallFailure.deadline(mayHaveArrived())), timeout.toNanos());
        }
        attempt();
    }

    void cancel() {
        fail(CallFailure.canceled(mayHaveArrived()));
    }

    private boolean mayHaveArrived() {
        return everSent || underWay;
    }

    private void attempt() {
        if (finished.get()) {
            return;
        }
        if (transport.closed()) {
            fail(CallFailure.CLOSED);
            return;
        }
        var chosen = transport.pick(settings.endpoint(), endpoint);
        if (chosen == null) {
            transport.balancer().whenReady(next, () -> transport.pick(settings.endpoint(), null) != null);
            return;
        }
        endpoint = chosen;
        if (!transport.needsToken(method)) {
            send(chosen, Tokens.NONE);
            return;
        }
        var unused = transport.tokens().current(refusedToken).whenComplete((token, failure) -> {
            if (failure == null) {
                send(chosen, token);
            } else {
                var why = Transport.failureOf(failure);
                fail(
                        why != null
                                ? why
                                : new CallFailure(
                                        Status.UNKNOWN.withCause(failure), CallFailure.Origin.REMOTE, everSent));
            }
        });
    }

    private void send(Endpoint chosen, String token) {
        if (finished.get()) {
            return;
        }
        attempts.incrementAndGet();
        usedToken = token;
        var tracer = new HeadersTracer();
        var options = chosen.options()
                .withExecutor(transport.executor())
                .withMaxInboundMessageSize(transport.settings().maxReceiveBytes())
                .withStreamTracerFactory(tracer);
        var timeout = settings.timeout();
        if (timeout != null) {
            long left = timeout.toNanos() - (System.nanoTime() - beganNanos);
            options = options.withDeadlineAfter(left, TimeUnit.NANOSECONDS);
        }
        var started = chosen.newCall(method, options);
        handedOver = false;
        underWay = true;
        call = started;
        chosen.callBegins();
        started.start(new Answers(chosen, tracer), transport.headers(settings, token));
        started.request(2);
        started.sendMessage(request);
        started.halfClose();
        handedOver = true;
        if (finished.get()) {
            started.cancel("context canceled", null); // gave up while it was being sent
        }
    }

    /// The end of one attempt.
    private void ended(Endpoint asked, Status status, boolean sent, @Nullable A answer) {
        everSent |= sent;
        underWay = false;
        if (status.isOk()) {
            if (answer == null) {
                fail(new CallFailure(
                        Status.INTERNAL.withDescription("no answer in the answer"), CallFailure.Origin.REMOTE, true));
            } else if (finished.compareAndSet(false, true)) {
                finish(asked, Status.Code.OK);
                reply.answered(answer);
            }
            return;
        }
        var failure = Limits.received(status, everSent);
        if (finished.get()) {
            return;
        }
        if (transport.closed()) {
            fail(new CallFailure(CallFailure.CLOSED.status(), CallFailure.Origin.CLOSED, everSent));
        } else if (status.getCode() == Status.Code.DEADLINE_EXCEEDED && settings.timeout() != null) {
            fail(CallFailure.deadline(true)); // it may still be on its way
        } else if (transport.needsToken(method) && Tokens.isStale(failure.text()) && logins < MAX_LOGINS) {
            logins++;
            refusedToken = usedToken;
            attempt();
        } else if (mayRepeat(status, sent) && attempts.get() < MAX_ATTEMPTS) {
            if (attempts.get() % transport.balancer().quorum() == 0) {
                long nanos = TimeUnit.MICROSECONDS.toNanos(
                        PAUSE_MILLIS * ThreadLocalRandom.current().nextInt(900, 1101));
                if (transport.schedule(next, nanos) == null) {
                    fail(CallFailure.CLOSED);
                }
            } else {
                attempt();
            }
        } else {
            fail(failure);
        }
    }

    private boolean mayRepeat(Status status, boolean sent) {
        return switch (status.getCode()) {
            case UNAVAILABLE -> repeat == Repeat.ALWAYS || !sent;
            case CANCELLED, DEADLINE_EXCEEDED -> repeat == Repeat.ALWAYS;
            default -> false;
        };
    }

    private void fail(CallFailure failure) {
        if (!finished.compareAndSet(false, true)) {
            return;
        }
        transport.balancer().forget(next);
        var running = call;
        if (running != null && handedOver) {
            running.cancel(failure.text(), null);
        }
        finish(endpoint, failure.status().getCode());
        reply.failed(failure);
    }

    private void finish(@Nullable Endpoint asked, Status.Code code) {
        var timer = deadline;
        if (timer != null) {
            timer.cancel(false);
        }
        transport
                .settings()
                .observer()
                .ended(
                        method.getFullMethodName(),
                        asked == null ? "" : asked.address().text(),
                        code.name(),
                        System.nanoTime() - beganNanos,
                        attempts.get());
    }

    /// Knows whether anything of an attempt was written to a connection.
    private static final class HeadersTracer extends ClientStreamTracer.Factory {
        private volatile boolean sent;

        @Override
        public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
            return new ClientStreamTracer() {
                @Override
                public void outboundHeaders() {
                    sent = true;
                }
            };
        }
    }

    /// A call whose time is over, or that was given up, ends without a word from the member: one that hangs
    /// must not pass for alive because of those who don't wait for it. A member may answer with these codes
    /// too; such an answer is no sign of life.
    private static boolean comesFromTheMember(Status.Code code) {
        return code != Status.Code.UNAVAILABLE
                && code != Status.Code.DEADLINE_EXCEEDED
                && code != Status.Code.CANCELLED;
    }

    private final class Answers extends ClientCall.Listener<A> {
        private final Endpoint asked;
        private final int connection;
        private final HeadersTracer tracer;
        private @Nullable A answer;

        Answers(Endpoint asked, HeadersTracer tracer) {
            this.asked = asked;
            this.connection = asked.connection();
            this.tracer = tracer;
        }

        @Override
        public void onMessage(A message) {
            answer = message;
        }

        @Override
        public void onClose(Status told, Metadata trailers) {
            var status = CallFailure.named(told);
            if (comesFromTheMember(status.getCode())) {
                asked.heard();
            }
            asked.callEnds();
            // A connection that this side gives up may still flush what was handed over to it.
            ended(asked, status, tracer.sent || asked.connection() != connection, answer);
        }
    }
}
