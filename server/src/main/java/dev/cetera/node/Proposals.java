package dev.cetera.node;

import dev.cetera.api.Refusal;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// The clients of this member whose proposal is on its way through the log, by request id.
///
/// Shared: a concurrent map; whoever removes a waiter answers it, so each is answered once.
///
/// @param <T> what they are answered
final class Proposals<T> {
    /// More than any honest number of concurrent clients; beyond it, new ones are told so instead of filling
    /// the memory.
    static final int MAX_WAITING = 65_536;

    /// Of all proposals that wait, which matters when there is no leader to take them. One of any size fits
    /// when nothing else waits.
    static final long MAX_WAITING_BYTES = 256L << 20;

    /// Who waits, since when and until when.
    record Waiting<T>(Answer<T> answer, int bytes, long startedNanos, long deadlineNanos) {}

    private final ConcurrentHashMap<Long, Waiting<T>> waiting = new ConcurrentHashMap<>();
    /// In order, so that they are refused in order.
    private final Set<Waiting<T>> held = Collections.synchronizedSet(new LinkedHashSet<>());
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private volatile boolean closed;

    /// Takes a waiter in. Returns why it can't be taken, null when it is.
    @Nullable
    Refusal register(long id, Waiting<T> one) {
        count.incrementAndGet();
        long all = bytes.addAndGet(one.bytes());
        if (count.get() > MAX_WAITING || (all > MAX_WAITING_BYTES && all > one.bytes())) {
            forget(one);
            return Refusal.TOO_MANY_REQUESTS;
        }
        waiting.put(id, one);
        // Registered before looking: a close that this misses finds the waiter.
        return closed && take(id) != null ? Refusal.STOPPED : null;
    }

    int size() {
        return count.get();
    }

    private void forget(Waiting<T> one) {
        count.decrementAndGet();
        bytes.addAndGet(-one.bytes());
    }

    /// The waiter of a request, which is the caller's to answer now; null for other members' requests and
    /// those given up.
    @Nullable
    Answer<T> take(long id) {
        var found = waiting.remove(id);
        if (found == null) {
            return null;
        }
        forget(found);
        return found.answer();
    }

    void refuse(long id, Refusal why) {
        var answer = take(id);
        if (answer != null) {
            answer.refused(why);
        }
    }

    /// Takes a waiter whose request is applied but whose answer waits for more; from now on no deadline holds
    /// for it. The number is free again: an entry of an earlier life of this member may carry the same one.
    @Nullable
    Waiting<T> hold(long id) {
        var found = waiting.remove(id);
        if (found == null) {
            return null;
        }
        held.add(found);
        if (closed) {
            refuseHeld(found);
        }
        return found;
    }

    /// Answers a waiter that was held.
    void release(Waiting<T> one, T outcome) {
        if (held.remove(one)) {
            forget(one);
            one.answer().done(outcome);
        }
    }

    private void refuseHeld(Waiting<T> one) {
        if (held.remove(one)) {
            forget(one);
            one.answer().refused(Refusal.STOPPED);
        }
    }

    /// Gives up on those whose time is over. Their requests may still be applied later.
    ///
    /// @param why for a request by the moment of its start, as [Time#nanos]
    void expire(long nowNanos, LongFunction<Refusal> why) {
        waiting.forEach((id, one) -> {
            if (nowNanos - one.deadlineNanos() >= 0) {
                refuse(id, why.apply(one.startedNanos()));
            }
        });
    }

    /// Refuses all that wait, and all that come later.
    void close() {
        closed = true;
        waiting.keySet().forEach(id -> refuse(id, Refusal.STOPPED));
        List.copyOf(held).forEach(this::refuseHeld);
    }
}
