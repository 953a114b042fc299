package dev.cetera.lab.sim;

import dev.cetera.rpc.Services;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The way of clients to one host: calls reach the gRPC services of the member on it as they would over a
/// socket, byte for byte, but late by some chance, and they break when the host dies or is cut off.
///
/// Confined to the simulation's thread, clients and members alike. Deadlines and executors of calls mean
/// nothing: there is no time but the [Timeline].
final class SimChannel extends Channel {
    /// Where the calls go.
    interface Target {
        /// Of the member that runs there and serves clients; null when there is none.
        @Nullable
        Services services();

        /// The number of the member's life; a call ends with the life that it reached.
        int life();

        /// What is asked of the member now, by the name of the method; null afterwards.
        void asked(@Nullable String method);

        /// Lets something happen to the member in that life, or never.
        void soon(int life, long delayNanos, Timeline.Happening what);
    }

    private static final int USUAL_WINDOW_BYTES = 64 << 10;

    private final String name;
    private final Target target;
    private final Timeline timeline;
    private final Trace trace;
    private final Random random;
    private final Set<SimCall<?, ?>> calls = new LinkedHashSet<>();
    private boolean cut;
    private long extraNanos;
    private int broken;

    SimChannel(String name, Target target, Timeline timeline, Trace trace, Random random) {
        this.name = name;
        this.target = target;
        this.timeline = timeline;
        this.trace = trace;
        this.random = random;
    }

    @Override
    public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
        // A few clients are slow to read, so that members meet streams which are not ready.
        int window = random.nextInt(4) == 0 ? 200 + random.nextInt(3_000) : USUAL_WINDOW_BYTES;
        long slowness = random.nextInt(20) == 0 ? random.nextInt(300) * Timeline.MILLISECOND : 0;
        return new SimCall<>(this, method, window, slowness);
    }

    @Override
    public String authority() {
        return name;
    }

    // ---- what befalls it ----

    /// Nothing comes through, and the calls under way will break.
    void cut() {
        cut = true;
        breakAll(5_000);
    }

    /// Everything takes that much longer.
    void slowDown(long nanos) {
        extraNanos = nanos;
    }

    void heal() {
        cut = false;
        extraNanos = 0;
    }

    /// The member there does not run any more, so its calls break.
    void stopped() {
        breakAll(random.nextInt(4) == 0 ? 5_000 : 50);
    }

    private void breakAll(int mostMillis) {
        for (var call : List.copyOf(calls)) {
            broken++;
            call.breakOff((1 + random.nextInt(mostMillis)) * Timeline.MILLISECOND);
        }
    }

    /// Calls that broke.
    int broken() {
        return broken;
    }

    // ---- for its calls ----

    boolean isOpen() {
        return !cut && target.services() != null;
    }

    Target target() {
        return target;
    }

    Timeline timeline() {
        return timeline;
    }

    Random random() {
        return random;
    }

    long delay() {
        return (50 + random.nextInt(800)) * Timeline.MICROSECOND + extraNanos;
    }

    void begun(SimCall<?, ?> call) {
        calls.add(call);
    }

    void ended(SimCall<?, ?> call) {
        calls.remove(call);
    }

    void told(Object... parts) {
        trace.add(parts);
    }

    String name() {
        return name;
    }
}
