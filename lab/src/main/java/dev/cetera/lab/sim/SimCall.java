package dev.cetera.lab.sim;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A client's end of a call, and the wire: what either end says arrives at the other one later, in order, or
/// not at all. Confined.
final class SimCall<Q, A> extends ClientCall<Q, A> {
    /// Something on its way to the client.
    private sealed interface Part {
        record Message(byte[] bytes) implements Part {}

        record Headers(Metadata headers) implements Part {}

        record Close(Status status, Metadata trailers) implements Part {}
    }

    private final SimChannel channel;
    private final MethodDescriptor<Q, A> method;
    private final int window;
    private final long slowness;

    /// Each event of the wire takes the first of what is there: so order is kept, however late one comes.
    private final ArrayDeque<Timeline.Happening> toServer = new ArrayDeque<>();

    private final ArrayDeque<Part> toClient = new ArrayDeque<>();
    private long lastToServer;
    private long lastToClient;

    private @Nullable Listener<A> listener;
    private @Nullable SimServerCall<?, ?> server;

    /// Of the member that it has reached; 0 before.
    private int life;

    /// Nothing comes through any more.
    private boolean broken;

    /// The client has been told of the end, or will be by what it did itself.
    private boolean over;

    // ---- what has arrived at the client ----
    private final ArrayDeque<Part> arrived = new ArrayDeque<>();
    private int wanted;
    private boolean delivering;

    /// Bytes that the server has sent and the client has not taken.
    private long untaken;

    SimCall(SimChannel channel, MethodDescriptor<Q, A> method, int window, long slowness) {
        this.channel = channel;
        this.method = method;
        this.window = window;
        this.slowness = slowness;
    }

    String what() {
        return Objects.requireNonNullElse(method.getBareMethodName(), method.getFullMethodName());
    }

    SimChannel channel() {
        return channel;
    }

    // ---- the client ----

    @Override
    public void start(Listener<A> responses, Metadata headers) {
        listener = responses;
        channel.begun(this);
        channel.timeline().in(wireDelay(), () -> connect(headers));
        lastToServer = channel.timeline().now();
    }

    @Override
    public void sendMessage(Q message) {
        var bytes = SimWire.bytes(method.streamRequest(message));
        channel.told(channel.name(), "is asked:", what(), new SimWire.Shown(message, bytes));
        ship(() -> requireServer().arrived(bytes));
    }

    @Override
    public void halfClose() {
        ship(() -> requireServer().halfClosed());
    }

    @Override
    public void request(int messages) {
        wanted = (int) Math.min(Integer.MAX_VALUE, (long) wanted + messages);
        if (!arrived.isEmpty()) {
            channel.timeline().in(0, this::deliver);
        }
    }

    @Override
    public void cancel(@Nullable String why, @Nullable Throwable cause) {
        if (over) {
            return;
        }
        over = true;
        toClient.clear();
        arrived.clear();
        ship(() -> requireServer().cancelled());
        var status = Status.CANCELLED.withDescription(why).withCause(cause);
        channel.timeline().in(0, () -> tellEnd(status, new Metadata()));
    }

    @Override
    public boolean isReady() {
        return listener != null && !over && !broken;
    }

    private SimServerCall<?, ?> requireServer() {
        return Objects.requireNonNull(server);
    }

    private Listener<A> requireListener() {
        return Objects.requireNonNull(listener);
    }

    // ---- the wire ----

    private long wireDelay() {
        return channel.delay() + (slowness == 0 ? 0 : channel.random().nextLong(slowness));
    }

    private void connect(Metadata headers) {
        var services = channel.target().services();
        if (broken || services == null || !channel.isOpen()) {
            breakOff((1 + channel.random().nextInt(1_000)) * Timeline.MILLISECOND);
            return;
        }
        life = channel.target().life();
        channel.target().soon(life, 0, () -> {
            if (broken) {
                return;
            }
            var begun = SimServerCall.begin(this, services, method.getFullMethodName(), headers);
            server = begun;
            // What was said meanwhile comes behind.
            for (int i = toServer.size(); i > 0; i--) {
                next();
            }
        });
        channel.timeline().in(wireDelay(), () -> {
            if (!over && !broken) {
                requireListener().onReady();
            }
        });
    }

    private void ship(Timeline.Happening step) {
        if (broken) {
            return;
        }
        toServer.add(step);
        lastToServer = Math.max(lastToServer, channel.timeline().now() + wireDelay());
        channel.timeline().at(lastToServer, () -> {
            if (server != null) {
                channel.target().soon(life, 0, this::next);
            }
        });
    }

    /// On the server's host.
    private void next() throws Exception {
        var step = toServer.poll();
        if (step != null && !broken) {
            step.happen();
        }
    }

    private void back(Part part) {
        if (broken || over) {
            return;
        }
        toClient.add(part);
        lastToClient = Math.max(lastToClient, channel.timeline().now() + wireDelay());
        channel.timeline().at(lastToClient, () -> {
            var first = toClient.poll();
            if (first != null) {
                arrived.add(first);
                deliver();
            }
        });
    }

    private void deliver() {
        if (delivering) {
            return;
        }
        delivering = true;
        while (!over && !arrived.isEmpty() && (wanted > 0 || !(arrived.peek() instanceof Part.Message))) {
            switch (arrived.remove()) {
                case Part.Headers(var headers) -> requireListener().onHeaders(headers);
                case Part.Message(var bytes) -> take(bytes);
                case Part.Close(var status, var trailers) -> {
                    over = true;
                    channel.told(channel.name(), "ends:", what(), String.valueOf(status.getCode()), text(status));
                    tellEnd(status, trailers);
                }
            }
        }
        delivering = false;
    }

    private static String text(Status status) {
        return Objects.requireNonNullElse(status.getDescription(), "");
    }

    private void take(byte[] bytes) {
        wanted--;
        var message = method.parseResponse(new ByteArrayInputStream(bytes));
        channel.told(channel.name(), "answers:", what(), new SimWire.Shown(message, bytes));
        boolean full = untaken >= window;
        untaken -= bytes.length;
        if (full && untaken < window && !broken && server != null) {
            channel.target().soon(life, wireDelay(), () -> requireServer().ready());
        }
        requireListener().onMessage(message);
    }

    private void tellEnd(Status status, Metadata trailers) {
        channel.ended(this);
        if (server != null && !broken) {
            later(wireDelay(), () -> requireServer().ended());
        }
        requireListener().onClose(status, trailers);
    }

    /// The connection is lost. What was on its way to the client may still arrive, nothing else will; each end
    /// notices it at a time of its own.
    void breakOff(long clientNotices) {
        if (broken) {
            return;
        }
        broken = true;
        channel.ended(this);
        toServer.clear();
        if (channel.random().nextBoolean()) {
            toClient.clear();
        }
        if (server != null) {
            channel.target()
                    .soon(
                            life,
                            channel.random().nextInt(5_000) * Timeline.MILLISECOND,
                            () -> requireServer().cancelled());
        }
        channel.timeline().in(clientNotices, () -> {
            if (!over) {
                over = true;
                channel.told(channel.name(), "is lost to", what());
                tellEnd(Status.UNAVAILABLE.withDescription("the connection is lost"), new Metadata());
            }
        });
    }

    // ---- the server's end ----

    boolean hasRoom() {
        return untaken < window && !broken;
    }

    void sent(Metadata headers) {
        back(new Part.Headers(headers));
    }

    void sent(byte[] message) {
        untaken += message.length;
        back(new Part.Message(message));
    }

    void closed(Status status, Metadata trailers) {
        back(new Part.Close(status, trailers));
    }

    void asks(@Nullable String what) {
        channel.target().asked(what);
    }

    /// Lets something happen on the server's host.
    void later(long delayNanos, Timeline.Happening what) {
        channel.target().soon(life, delayNanos, what);
    }
}
