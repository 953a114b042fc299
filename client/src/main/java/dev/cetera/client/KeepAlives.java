package dev.cetera.client;

import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.LeaseGrpc;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveRequest;
import dev.cetera.api.etcdserverpb.LeaseKeepAliveResponse;
import dev.cetera.client.transport.CallFailure;
import dev.cetera.client.transport.StreamCall;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Keeps all leases of one client alive, over one stream. Each is renewed when a third of its time is over; a
/// renewal whose answer is late ends the stream, and all go on over another member.
///
/// A lease lives, at least, from the moment its renewal was *sent* until its time is over, since the member
/// that renews it can't have done so before. Less a margin, that is how long this side relies on it. So
/// whoever hears `onLost` hears it before a member can let the lease go, unless this process stood still.
///
/// Confined to its serial executor, except [Held]'s answers to the user.
final class KeepAlives {
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long MAX_MARGIN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long MAX_ANSWER_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long FIRST_RENEWAL_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long LAST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Calls calls;
    private final Serial serial;
    private final Set<Held> held = new LinkedHashSet<>();
    /// Renewals that were sent over the stream and not answered, oldest first.
    private final ArrayList<Sent> sent = new ArrayList<>();

    private @Nullable StreamCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> stream;
    private @Nullable StreamCall<?, ?> failed;
    private boolean open;
    private boolean ticking;
    private boolean closed;
    private long pauseNanos = FIRST_PAUSE_NANOS;
    private long openAgainNanos = System.nanoTime();

    private record Sent(Held lease, long nanos) {}

    KeepAlives(Calls calls) {
        this.calls = calls.requiringLeader();
        this.serial = new Serial(calls.transport().executor());
    }

    KeepAlive keep(long id, long askedNanos, long ttlSeconds, LeaseListener listener) {
        return added(new Held(id, listener, askedNanos, TimeUnit.SECONDS.toNanos(ttlSeconds)));
    }

    KeepAlive keep(long id, LeaseListener listener) {
        var fresh = new Held(id, listener, System.nanoTime(), FIRST_RENEWAL_NANOS);
        fresh.dueNanos = System.nanoTime();
        return added(fresh);
    }

    void close() {
        serial.execute(() -> {
            closed = true;
            for (var lease : new ArrayList<>(held)) {
                lose(lease, new ClosedException(EtcdException.Fate.UNKNOWN));
            }
        });
    }

    private KeepAlive added(Held fresh) {
        serial.execute(() -> {
            if (closed) {
                lose(fresh, new ClosedException(EtcdException.Fate.UNKNOWN));
            } else if (!fresh.released) {
                held.add(fresh);
                tick();
            }
        });
        return fresh;
    }

    // ---- serial executor only ----

    /// Sees to the next tick before anything else, so that nothing can stop them.
    private void tick() {
        if (!ticking && !held.isEmpty()) {
            ticking = true;
            var unused = calls.transport()
                    .schedule(
                            () -> serial.execute(() -> {
                                ticking = false;
                                tick();
                            }),
                            TICK_NANOS);
        }
        long now = System.nanoTime();
        for (var lease : new ArrayList<>(held)) {
            if (lease.aliveUntilNanos - now <= 0) {
                lose(lease, new RefusedException(Refusal.LEASE_NOT_FOUND));
            }
        }
        if (held.isEmpty()) {
            if (stream != null) {
                stream.cancel();
            }
            return;
        }
        if (stream == null) {
            if (openAgainNanos - now <= 0) {
                stream = calls.open(LeaseGrpc.getLeaseKeepAliveMethod(), failed, new Answers());
            }
        } else if (open) {
            if (!sent.isEmpty() && now - sent.get(0).nanos > sent.get(0).lease.patienceNanos()) {
                stream.cancel();
            } else {
                renewDue(stream, now);
            }
        }
    }

    private void renewDue(StreamCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> over, long now) {
        for (var lease : held) {
            if (!lease.asked && lease.dueNanos - now <= 0) {
                lease.asked = true;
                sent.add(new Sent(lease, System.nanoTime()));
                over.send(LeaseKeepAliveRequest.newBuilder().setID(lease.id).build());
            }
        }
    }

    private void answered(LeaseKeepAliveResponse answer) {
        pauseNanos = FIRST_PAUSE_NANOS;
        failed = null;
        for (Iterator<Sent> each = sent.iterator(); each.hasNext(); ) {
            var renewal = each.next();
            if (renewal.lease.id == answer.getID()) {
                each.remove();
                renewed(renewal, answer);
                return;
            }
        }
    }

    private void renewed(Sent renewal, LeaseKeepAliveResponse answer) {
        var lease = renewal.lease;
        lease.asked = false;
        if (!held.contains(lease)) {
            return;
        }
        if (answer.getTTL() <= 0) {
            lose(lease, new RefusedException(Refusal.LEASE_NOT_FOUND));
            return;
        }
        lease.live(renewal.nanos, TimeUnit.SECONDS.toNanos(answer.getTTL()));
        var news = new Lease.KeepAliveResponse(Protos.header(answer.getHeader()), answer.getID(), answer.getTTL());
        lease.delivery.execute(() -> {
            if (!lease.released) {
                lease.listener.onRenewed(news);
            }
        });
    }

    private void ended(StreamCall<?, ?> gone) {
        if (stream != gone) {
            return;
        }
        stream = null;
        open = false;
        failed = gone;
        sent.forEach(renewal -> renewal.lease.asked = false);
        sent.clear();
        openAgainNanos = System.nanoTime() + pauseNanos;
        pauseNanos = Math.min(2 * pauseNanos, LAST_PAUSE_NANOS);
    }

    private void lose(Held lease, EtcdException why) {
        held.remove(lease);
        lease.aliveUntilNanos = System.nanoTime() - 1;
        // Not behind a listener that is busy: whoever looks at the future or asks isAlive() must not wait for it.
        // And not here, where all other leases would wait for what the user does then.
        if (!lease.released) {
            calls.transport().executor().execute(() -> lease.lost.complete(why));
        }
        lease.delivery.execute(() -> {
            if (!lease.released) {
                lease.released = true;
                lease.lost.complete(why); // if it is not yet: who hears of it here finds it there
                lease.listener.onLost(why);
            }
        });
    }

    private final class Answers implements StreamCall.Listener<LeaseKeepAliveRequest, LeaseKeepAliveResponse> {
        @Override
        public void opened(StreamCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> opened, String endpoint) {
            opened.request(1);
            serial.execute(() -> {
                if (stream == opened) {
                    open = true;
                    tick();
                }
            });
        }

        @Override
        public void message(
                StreamCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> from, LeaseKeepAliveResponse answer) {
            from.request(1);
            serial.execute(() -> {
                if (stream == from) {
                    answered(answer);
                }
            });
        }

        @Override
        public void closed(
                StreamCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> gone, @Nullable CallFailure failure) {
            serial.execute(() -> ended(gone));
        }
    }

    /// One lease. `dueNanos` and `asked` belong to the serial executor, the volatile fields to all.
    private final class Held implements KeepAlive {
        private final long id;
        private final LeaseListener listener;
        private final Serial delivery;
        private final CompletableFuture<EtcdException> lost = new CompletableFuture<>();
        private volatile long aliveUntilNanos;
        private volatile boolean released;
        private long ttlNanos;
        private long dueNanos;
        private boolean asked;

        Held(long id, LeaseListener listener, long fromNanos, long ttlNanos) {
            this.id = id;
            this.listener = listener;
            this.delivery = new Serial(calls.transport().executor());
            live(fromNanos, ttlNanos);
        }

        private void live(long fromNanos, long newTtlNanos) {
            ttlNanos = newTtlNanos;
            dueNanos = fromNanos + ttlNanos / 3;
            aliveUntilNanos = fromNanos + ttlNanos - Math.min(ttlNanos / 10, MAX_MARGIN_NANOS);
        }

        /// How long an answer may take; leaves time to ask others before all is over.
        private long patienceNanos() {
            return Math.min(ttlNanos / 6, MAX_ANSWER_NANOS);
        }

        @Override
        public long leaseId() {
            return id;
        }

        @Override
        public boolean isAlive() {
            return !released && aliveUntilNanos - System.nanoTime() > 0;
        }

        @Override
        public CompletableFuture<EtcdException> lost() {
            return lost.copy();
        }

        @Override
        public void close() {
            released = true;
            serial.execute(() -> held.remove(this));
        }
    }
}
