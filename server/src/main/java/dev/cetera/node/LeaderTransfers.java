package dev.cetera.node;

import dev.cetera.api.Refusal;
import dev.cetera.cluster.MemberId;
import dev.cetera.config.GoDuration;
import dev.cetera.logs.Log;
import dev.cetera.raft.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// Who waits for leadership to move to another member.
///
/// Guarded by its own lock; answers are given outside of it.
final class LeaderTransfers {
    private static final Log LOG = Log.of("etcdserver");

    private record Waiting(long from, long target, Answer<Long> answer, long startedNanos, long deadlineNanos) {}

    private final Time time;
    private final long timeoutNanos;
    private List<Waiting> waiting = new ArrayList<>();
    private boolean closed;

    LeaderTransfers(Time time, long timeoutNanos) {
        this.time = time;
        this.timeoutNanos = timeoutNanos;
    }

    /// False when it was refused, because the member stops.
    boolean begin(long from, long target, Answer<Long> answer) {
        long now = time.nanos();
        synchronized (this) {
            if (!closed) {
                waiting.add(new Waiting(from, target, answer, now, now + timeoutNanos));
                LOG.info(MemberId.text(from) + " starts leadership transfer from " + MemberId.text(from) + " to "
                        + MemberId.text(target));
                return true;
            }
        }
        answer.refused(Refusal.STOPPED);
        return false;
    }

    /// The leader may be another one than before.
    void changed(Status now) {
        for (var done : take(one -> one.target == now.leader())) {
            LOG.info(MemberId.text(done.from) + " finished leadership transfer from " + MemberId.text(done.from)
                    + " to " + MemberId.text(done.target) + " (took "
                    + GoDuration.text(time.nanos() - done.startedNanos) + ")");
            done.answer.done(done.target);
        }
    }

    void expire(long nowNanos) {
        for (var late : take(one -> nowNanos - one.deadlineNanos >= 0)) {
            late.answer.refused(Refusal.TIMED_OUT_TRANSFER);
        }
    }

    void close() {
        synchronized (this) {
            closed = true;
        }
        take(_ -> true).forEach(one -> one.answer.refused(Refusal.STOPPED));
    }

    private synchronized List<Waiting> take(Predicate<Waiting> which) {
        var taken = waiting.stream().filter(which).toList();
        waiting = new ArrayList<>(waiting.stream().filter(which.negate()).toList());
        return taken;
    }
}
