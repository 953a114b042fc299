package dev.cetera.lab.sim;

import dev.cetera.rpc.Services;
import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A member's end of a [SimCall]. Everything of it happens on the member's host. Confined.
final class SimServerCall<Q, A> extends ServerCall<Q, A> {
    private final SimCall<?, ?> client;
    private final MethodDescriptor<Q, A> method;
    private final ArrayDeque<byte[]> arrived = new ArrayDeque<>();
    private @Nullable Listener<Q> listener;
    private int wanted;
    private boolean delivering;
    private boolean halfClosed;
    private boolean headersSent;
    private boolean closed;
    private boolean cancelled;

    private SimServerCall(SimCall<?, ?> client, MethodDescriptor<Q, A> method) {
        this.client = client;
        this.method = method;
    }

    /// Begins the call at the service that has the method.
    static SimServerCall<?, ?> begin(SimCall<?, ?> client, Services services, String method, Metadata headers) {
        return begin(client, Objects.requireNonNull(services.lookupMethod(method, null), method), headers);
    }

    private static <Q, A> SimServerCall<Q, A> begin(
            SimCall<?, ?> client, ServerMethodDefinition<Q, A> method, Metadata headers) {
        var call = new SimServerCall<>(client, method.getMethodDescriptor());
        call.listener = method.getServerCallHandler().startCall(call, headers);
        client.later(0, call::ready);
        return call;
    }

    // ---- what the wire brings ----

    void arrived(byte[] message) {
        arrived.add(message);
        deliver();
    }

    void halfClosed() {
        halfClosed = true;
        deliver();
    }

    void cancelled() {
        if (!cancelled) {
            cancelled = true;
            requireListener().onCancel();
        }
    }

    /// The client has been told of the end.
    void ended() {
        if (!cancelled && closed) {
            requireListener().onComplete();
        } else {
            cancelled();
        }
    }

    /// There is room again for what is sent.
    void ready() {
        if (!cancelled && !closed && isReady()) {
            requireListener().onReady();
        }
    }

    private Listener<Q> requireListener() {
        return Objects.requireNonNull(listener);
    }

    private void deliver() {
        if (delivering) {
            return;
        }
        delivering = true;
        while (wanted > 0 && !arrived.isEmpty() && !cancelled) {
            wanted--;
            var stream = new ByteArrayInputStream(arrived.remove());
            requireListener().onMessage(method.parseRequest(stream));
        }
        if (halfClosed && arrived.isEmpty() && !cancelled) {
            halfClosed = false;
            client.asks(method.getBareMethodName());
            requireListener().onHalfClose();
            client.asks(null);
        }
        delivering = false;
    }

    // ---- what the service does ----

    @Override
    public void request(int messages) {
        wanted = (int) Math.min(Integer.MAX_VALUE, (long) wanted + messages);
        if (!arrived.isEmpty()) {
            client.later(0, this::deliver);
        }
    }

    @Override
    public void sendHeaders(Metadata headers) {
        Strand.here();
        require(!headersSent, "headers are sent twice");
        require(!closed, "headers are sent after the end");
        headersSent = true;
        client.sent(headers);
    }

    @Override
    public void sendMessage(A message) {
        Strand.here();
        require(headersSent, "a message is sent before the headers");
        require(!closed, "a message is sent after the end");
        client.sent(SimWire.bytes(method.streamResponse(message)));
    }

    @Override
    public void close(Status status, Metadata trailers) {
        Strand.here();
        require(!closed, "it is closed twice");
        closed = true;
        if (!cancelled) {
            client.closed(status, trailers);
        }
    }

    /// As gRPC itself is strict about these.
    private void require(boolean holds, String complaint) {
        if (!holds) {
            throw new IllegalStateException(method.getFullMethodName() + ": " + complaint);
        }
    }

    @Override
    public boolean isReady() {
        return !closed && !cancelled && client.hasRoom();
    }

    @Override
    public boolean isCancelled() {
        return cancelled;
    }

    @Override
    public Attributes getAttributes() {
        return Attributes.EMPTY;
    }

    @Override
    public @Nullable String getAuthority() {
        return null;
    }

    @Override
    public MethodDescriptor<Q, A> getMethodDescriptor() {
        return method;
    }
}
