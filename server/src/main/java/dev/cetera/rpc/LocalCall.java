package dev.cetera.rpc;

import dev.cetera.api.Refusal;
import io.grpc.Attributes;
import io.grpc.ClientCall;
import io.grpc.Drainable;
import io.grpc.HandlerRegistry;
import io.grpc.KnownLength;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// One call from within the member. What crosses from one side to the other is bytes, written at once as if
/// there were a wire, and nothing is handed to a side that has not asked for it. Shared.
///
/// @param <Q> the request
/// @param <A> the answer
final class LocalCall<Q, A> extends ClientCall<Q, A> {
    private final MethodDescriptor<Q, A> method;
    private final @Nullable HandlerRegistry services;
    private final Metadata identity;
    private final Attributes attributes;
    /// One enters the caller's listener, the other the service's.
    private final SynchronizationContext toCaller = new SynchronizationContext(this::failed);

    private final SynchronizationContext toService = new SynchronizationContext(this::failed);
    private volatile @Nullable Served<?, ?> served;

    // ---- in the caller's context ----
    private ClientCall.Listener<A> listener = new ClientCall.Listener<>() {};
    private final Queue<byte[]> answers = new ArrayDeque<>();
    private int wanted;
    private @Nullable Status status;
    private Metadata trailers = new Metadata();
    private boolean told;

    LocalCall(
            MethodDescriptor<Q, A> method,
            @Nullable HandlerRegistry services,
            Metadata identity,
            Attributes attributes) {
        this.method = method;
        this.services = services;
        this.identity = identity;
        this.attributes = attributes;
    }

    /// A listener threw: nobody may wait for ever.
    private void failed(Thread thread, Throwable thrown) {
        end(Status.UNKNOWN.withDescription("a call within the member failed").withCause(thrown), new Metadata());
        var to = served;
        if (to != null) {
            to.cancel();
        }
    }

    // ---- the caller's side, any thread ----

    @Override
    public void start(ClientCall.Listener<A> responses, Metadata headers) {
        var all = new Metadata();
        all.merge(headers);
        all.merge(identity);
        toCaller.execute(() -> listener = responses);
        var definition = services == null ? null : services.lookupMethod(method.getFullMethodName(), null);
        if (definition != null) {
            begin(definition, all);
            return;
        }
        var why = services == null
                ? Refusal.STOPPED.status()
                : Status.UNIMPLEMENTED.withDescription("Method not found: " + method.getFullMethodName());
        end(why, new Metadata());
    }

    private <R, S> void begin(ServerMethodDefinition<R, S> definition, Metadata headers) {
        var side = new Served<R, S>(definition.getMethodDescriptor());
        served = side;
        toService.execute(() -> side.begin(definition, headers));
    }

    @Override
    public void request(int messages) {
        toCaller.execute(() -> {
            wanted = sum(wanted, messages);
            deliver();
        });
    }

    @Override
    public void sendMessage(Q message) {
        var to = served;
        if (to != null) {
            var bytes = bytes(method.streamRequest(message));
            to.waiting.incrementAndGet();
            toService.execute(() -> to.receive(bytes));
        }
    }

    @Override
    public void halfClose() {
        var to = served;
        if (to != null) {
            toService.execute(to::receiveEnd);
        }
    }

    @Override
    public void cancel(@Nullable String message, @Nullable Throwable cause) {
        var to = served;
        if (to != null) {
            to.cancel();
        }
        toCaller.execute(answers::clear);
        end(Status.CANCELLED.withDescription(message).withCause(cause), new Metadata());
    }

    @Override
    public boolean isReady() {
        var to = served;
        return to != null && to.waiting.get() == 0;
    }

    // ---- the caller's context ----

    private void deliver() {
        while (wanted > 0 && !answers.isEmpty()) {
            wanted--;
            var bytes = answers.remove();
            var from = served;
            if (from != null) {
                from.taken(bytes.length);
            }
            listener.onMessage(method.parseResponse(new Bytes(bytes)));
        }
        var end = status;
        if (end != null && answers.isEmpty() && !told) {
            told = true;
            listener.onClose(end, trailers);
        }
    }

    private void end(Status why, Metadata with) {
        toCaller.execute(() -> {
            if (status == null) {
                status = why;
                trailers = with;
            }
            deliver();
        });
    }

    private static int sum(int there, int more) {
        return there > Integer.MAX_VALUE - more ? Integer.MAX_VALUE : there + more;
    }

    private static byte[] bytes(InputStream message) {
        try (message) {
            if (message instanceof Drainable drainable) {
                var out = new ByteArrayOutputStream(Math.max(32, message.available()));
                drainable.drainTo(out);
                return out.toByteArray();
            }
            return message.readAllBytes();
        } catch (IOException unwritable) {
            throw new UncheckedIOException("a message can't be written", unwritable);
        }
    }

    /// A message, with all of its bytes at hand.
    static final class Bytes extends ByteArrayInputStream implements KnownLength {
        private final byte[] all;

        Bytes(byte[] all) {
            super(all);
            this.all = all;
        }

        byte[] all() {
            return all;
        }
    }

    /// What the service has of the call.
    ///
    /// @param <R> the request as the service takes it
    /// @param <S> the answer as the service gives it
    private final class Served<R, S> extends ServerCall<R, S> {
        private static final int READY_BYTES = 32 * 1024;

        private final MethodDescriptor<R, S> own;
        /// Requests that the service has not asked for.
        final AtomicInteger waiting = new AtomicInteger();
        /// Of answers that the caller has not asked for.
        private final AtomicLong bytesWaiting = new AtomicLong();

        private volatile int readyBytes = READY_BYTES;
        private volatile boolean cancelled;
        private volatile boolean closed;

        // ---- in the service's context ----
        private ServerCall.Listener<R> target = new ServerCall.Listener<>() {};
        private final Queue<byte[]> requests = new ArrayDeque<>();
        private int asked;
        private boolean noMore;
        private boolean noMoreTold;
        private boolean over;

        Served(MethodDescriptor<R, S> own) {
            this.own = own;
        }

        void begin(ServerMethodDefinition<R, S> definition, Metadata headers) {
            target = definition.getServerCallHandler().startCall(this, headers);
            if (!over) {
                target.onReady();
            }
        }

        void receive(byte[] request) {
            requests.add(request);
            feed();
        }

        void receiveEnd() {
            noMore = true;
            feed();
        }

        private void feed() {
            while (!over && asked > 0 && !requests.isEmpty()) {
                asked--;
                target.onMessage(own.parseRequest(new Bytes(requests.remove())));
                if (waiting.decrementAndGet() == 0) {
                    toCaller.execute(() -> listener.onReady());
                }
            }
            if (!over && noMore && requests.isEmpty() && !noMoreTold) {
                noMoreTold = true;
                target.onHalfClose();
            }
        }

        /// The caller has taken an answer.
        void taken(int bytes) {
            int ready = readyBytes;
            long left = bytesWaiting.addAndGet(-bytes);
            if (left < ready && left + bytes >= ready) {
                toService.execute(() -> {
                    if (!over) {
                        target.onReady();
                    }
                });
            }
        }

        void cancel() {
            if (closed) {
                return;
            }
            cancelled = true;
            toService.execute(() -> {
                if (!over) {
                    over = true;
                    requests.clear();
                    target.onCancel();
                }
            });
        }

        // ---- the service's side, any thread ----

        @Override
        public void request(int messages) {
            toService.execute(() -> {
                asked = sum(asked, messages);
                feed();
            });
        }

        @Override
        public void sendHeaders(Metadata headers) {
            toCaller.execute(() -> {
                if (status == null) {
                    listener.onHeaders(headers);
                }
            });
        }

        @Override
        public void sendMessage(S message) {
            if (cancelled) {
                return;
            }
            var bytes = bytes(own.streamResponse(message));
            bytesWaiting.addAndGet(bytes.length);
            toCaller.execute(() -> {
                if (status == null) {
                    answers.add(bytes);
                    deliver();
                }
            });
        }

        @Override
        public void close(Status end, Metadata with) {
            closed = true;
            LocalCall.this.end(end, with);
            toService.execute(() -> {
                if (!over) {
                    over = true;
                    requests.clear();
                    target.onComplete();
                }
            });
        }

        @Override
        public boolean isReady() {
            return !cancelled && !closed && bytesWaiting.get() < readyBytes;
        }

        @Override
        public void setOnReadyThreshold(int bytes) {
            readyBytes = bytes;
        }

        @Override
        public boolean isCancelled() {
            return cancelled;
        }

        @Override
        public MethodDescriptor<R, S> getMethodDescriptor() {
            return own;
        }

        @Override
        public Attributes getAttributes() {
            return attributes;
        }

        @Override
        public String getAuthority() {
            return "local";
        }
    }
}
