package dev.cetera.client.transport;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One endpoint and its connection, which is kept up: lost, it is made again after 100 ms at first, at last
/// every 3 s. A peer that hangs closes nothing, so a connection that is silent while calls are open, or after
/// one that it has not answered, is asked for a sign of life; if none comes, it is given up with all its calls
/// and made anew. The question is a call of the health service, any answer to which will do, even that there
/// is no such service: HTTP/2's own ping counts as abuse with etcd if it comes too often.
///
/// Guarded by its lock; [#ready] and the counters are shared.
final class Endpoint {
    private static final long FIRST_RETRY_MILLIS = 100;
    private static final long LAST_RETRY_MILLIS = 3000;
    private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final MethodDescriptor<byte[], byte[]> HEALTH = MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("grpc.health.v1.Health/Check")
            .setRequestMarshaller(new Bytes())
            .setResponseMarshaller(new Bytes())
            .build();

    private final Address address;
    private final Function<Address, ManagedChannel> connector;
    private final ScheduledExecutorService timer;
    private final Settings settings;
    private final Runnable whenReady;

    /// The user's own channel in place of one of ours; it is taken to be up, and never closed.
    private final @Nullable Channel given;

    private final CallOptions options;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private @Nullable ManagedChannel channel;

    @GuardedBy("lock")
    private boolean closed;

    @GuardedBy("lock")
    private boolean retired;

    @GuardedBy("lock")
    private long retryMillis = FIRST_RETRY_MILLIS;

    private volatile boolean ready;
    /// How many connections were given up by this side.
    private final AtomicInteger connection = new AtomicInteger();
    private final AtomicInteger openCalls = new AtomicInteger();
    private volatile long heardNanos = System.nanoTime();

    /// Whether a call has begun since the peer was last heard. One that ends unanswered, by its own deadline,
    /// leaves the question open whether anybody is there.
    private volatile boolean asked;

    Endpoint(
            Address address,
            Function<Address, ManagedChannel> connector,
            ScheduledExecutorService timer,
            Settings settings,
            Runnable whenReady) {
        this.address = address;
        this.connector = connector;
        this.timer = timer;
        this.settings = settings;
        this.whenReady = whenReady;
        this.channel = connector.apply(address);
        this.given = null;
        this.options = CallOptions.DEFAULT;
    }

    Endpoint(
            Address address,
            Channel given,
            CallOptions options,
            Function<Address, ManagedChannel> connector,
            ScheduledExecutorService timer,
            Settings settings) {
        this.address = address;
        this.connector = connector;
        this.timer = timer;
        this.settings = settings;
        this.whenReady = () -> {};
        this.given = given;
        this.options = options;
        this.ready = true;
    }

    /// Begins to connect.
    void start() {
        if (given != null) {
            return;
        }
        follow(current());
        if (settings.probing() != Settings.Probing.NONE) {
            scheduleProbe(settings.probeInterval().toNanos());
        }
    }

    /// What calls begin with.
    CallOptions options() {
        return options;
    }

    Address address() {
        return address;
    }

    boolean ready() {
        return ready;
    }

    <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions callOptions) {
        if (given != null) {
            return given.newCall(method, callOptions);
        }
        return current().newCall(method, callOptions);
    }

    /// Changes when this side gives up a connection, before its calls fail.
    int connection() {
        return connection.get();
    }

    private ManagedChannel current() {
        lock.lock();
        try {
            if (channel == null) {
                throw new IllegalStateException("an endpoint without a connection");
            }
            return channel;
        } finally {
            lock.unlock();
        }
    }

    void callBegins() {
        boolean first = openCalls.getAndIncrement() == 0;
        if (first && !asked) {
            heardNanos = System.nanoTime(); // a peer that nobody asks is silent
        }
        asked = true;
    }

    void callEnds() {
        openCalls.decrementAndGet();
    }

    void heard() {
        asked = false;
        heardNanos = System.nanoTime();
    }

    /// No new calls; those that are under way have some time to end before they are cut off.
    void retire(Runnable whenGone) {
        @Nullable ManagedChannel last;
        lock.lock();
        try {
            retired = true;
            ready = false;
            last = channel;
        } finally {
            lock.unlock();
        }
        if (last != null) {
            last.shutdown();
            later(
                    () -> {
                        close();
                        whenGone.run();
                    },
                    GRACE_NANOS);
        }
    }

    void close() {
        @Nullable ManagedChannel last;
        lock.lock();
        try {
            closed = true;
            ready = false;
            connection.incrementAndGet();
            last = channel;
        } finally {
            lock.unlock();
        }
        if (last != null) {
            last.shutdownNow();
        }
    }

    /// Takes up the channel's state, now and whenever it changes.
    @SuppressWarnings("ReferenceEquality") // this very channel, not one like it
    private void follow(ManagedChannel current) {
        boolean becameReady;
        lock.lock();
        try {
            if (closed || retired || current != channel) {
                return;
            }
            var state = current.getState(true);
            becameReady = state == ConnectivityState.READY && !ready;
            ready = state == ConnectivityState.READY;
            if (ready) {
                retryMillis = FIRST_RETRY_MILLIS;
            } else if (state == ConnectivityState.TRANSIENT_FAILURE) {
                long wait = retryMillis * ThreadLocalRandom.current().nextInt(80, 121) / 100;
                retryMillis = Math.min(LAST_RETRY_MILLIS, retryMillis * 8 / 5);
                later(current::resetConnectBackoff, TimeUnit.MILLISECONDS.toNanos(wait));
            }
            current.notifyWhenStateChanged(state, () -> follow(current));
        } finally {
            lock.unlock();
        }
        if (becameReady) {
            whenReady.run();
        }
    }

    private void later(Runnable task, long nanos) {
        try {
            var unused = timer.schedule(task, nanos, TimeUnit.NANOSECONDS);
        } catch (java.util.concurrent.RejectedExecutionException e) {
            ready = false; // the client is closed, nobody waits for this any more
        }
    }

    private void scheduleProbe(long nanos) {
        later(this::probe, Math.max(nanos, TimeUnit.MILLISECONDS.toNanos(1)));
    }

    private void probe() {
        long interval = settings.probeInterval().toNanos();
        long silent = System.nanoTime() - heardNanos;
        boolean wanted = settings.probing() == Settings.Probing.ALL || openCalls.get() > 0 || asked;
        if (!ready || !wanted || silent < interval) {
            if (!isClosed()) {
                scheduleProbe(ready && wanted ? interval - silent : interval);
            }
            return;
        }
        var probed = current();
        var call = probed.newCall(
                HEALTH,
                CallOptions.DEFAULT.withDeadlineAfter(settings.probeTimeout().toNanos(), TimeUnit.NANOSECONDS));
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        if (status.getCode() == Status.Code.DEADLINE_EXCEEDED && heardNanos == heardBefore()) {
                            restart(probed);
                        } else {
                            heard();
                        }
                        if (!isClosed()) {
                            scheduleProbe(interval);
                        }
                    }

                    private final long before = heardNanos;

                    private long heardBefore() {
                        return before;
                    }
                },
                new Metadata());
        call.request(2);
        call.sendMessage(new byte[0]);
        call.halfClose();
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /// Gives up a connection that hangs: its calls fail as when it is cut.
    @SuppressWarnings("ReferenceEquality") // this very channel, not one like it
    private void restart(ManagedChannel hung) {
        @Nullable ManagedChannel fresh = null;
        lock.lock();
        try {
            if (!closed && !retired && channel == hung) {
                ready = false;
                connection.incrementAndGet();
                fresh = connector.apply(address);
                channel = fresh;
                asked = false;
            }
        } finally {
            lock.unlock();
        }
        hung.shutdownNow();
        if (fresh != null) {
            follow(fresh);
        }
    }

    /// Messages that nobody looks into.
    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            return new byte[0];
        }
    }
}
