package dev.cetera.node;

import com.google.protobuf.Message;
import dev.cetera.api.Refusal;
import dev.cetera.apply.Outcome;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The clients of this member whose proposal is on its way through the log, by request id.
///
/// Shared: a concurrent map; whoever removes a waiter answers it, so each is answered once.
final class Proposals {
    /// More than any honest number of concurrent clients; beyond it, new ones are told so instead of filling
    /// the memory.
    static final int MAX_WAITING = 65_536;

    /// Who waits, and until when.
    record Waiting(Answer<Outcome<? extends Message>> answer, long deadlineNanos) {}

    private final ConcurrentHashMap<Long, Waiting> waiting = new ConcurrentHashMap<>();
    private final Set<Waiting> held = ConcurrentHashMap.newKeySet();
    private final AtomicInteger count = new AtomicInteger();
    private volatile boolean closed;

    /// Takes a waiter in. Returns why it can't be taken, null when it is.
    @Nullable
    Refusal register(long id, Answer<Outcome<? extends Message>> answer, long deadlineNanos) {
        if (count.incrementAndGet() > MAX_WAITING) {
            count.decrementAndGet();
            return Refusal.TOO_MANY_REQUESTS;
        }
        waiting.put(id, new Waiting(answer, deadlineNanos));
        // Registered before looking: a close that this misses finds the waiter.
        return closed && take(id) != null ? Refusal.STOPPED : null;
    }

    int size() {
        return count.get();
    }

    /// The waiter of a request, which is the caller's to answer now; null for other members' requests and
    /// those given up.
    @Nullable
    Answer<Outcome<? extends Message>> take(long id) {
        var found = waiting.remove(id);
        if (found == null) {
            return null;
        }
        count.decrementAndGet();
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
    Waiting hold(long id) {
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
    void release(Waiting one, Outcome<? extends Message> outcome) {
        if (held.remove(one)) {
            count.decrementAndGet();
            one.answer().done(outcome);
        }
    }

    private void refuseHeld(Waiting one) {
        if (held.remove(one)) {
            count.decrementAndGet();
            one.answer().refused(Refusal.STOPPED);
        }
    }

    /// Gives up on those whose time is over. Their requests may still be applied later.
    void expire(long nowNanos) {
        waiting.forEach((id, one) -> {
            if (nowNanos - one.deadlineNanos() >= 0) {
                refuse(id, Refusal.TIMED_OUT);
            }
        });
    }

    /// Refuses all that wait, and all that come later.
    void close() {
        closed = true;
        waiting.keySet().forEach(id -> refuse(id, Refusal.STOPPED));
        held.forEach(this::refuseHeld);
    }
}
