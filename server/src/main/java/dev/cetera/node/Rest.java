package dev.cetera.node;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// The rest of one thread that others bring work to. It says that it rests and then looks for work once more;
/// they bring work and then look whether it rests. So either sees the other, and no work is slept over.
///
/// Shared: one thread [#take]s it, any thread may end it.
public final class Rest {
    private final Runnable end = this::end;

    /// Who rests: from before the last look for work until somebody has seen to the waking.
    private volatile @Nullable Thread resting;

    /// Rests until somebody ends it, the time is over, or for no reason at all. The caller looks for work
    /// afterwards, whatever the reason was.
    ///
    /// @param idle  whether there is no work; asked once, before resting
    /// @param nanos at most; not positive for not at all
    public void take(BooleanSupplier idle, long nanos) {
        resting = Thread.currentThread();
        if (idle.getAsBoolean()) {
            LockSupport.parkNanos(this, nanos);
        }
        resting = null;
    }

    /// Called after work was brought: wakes the thread if it rests. Where the caller has more at hand, which
    /// may well be work for the same thread, that is at the end of the caller's [Round].
    public void endSoon() {
        if (resting != null) {
            if (Thread.currentThread() instanceof Round round) {
                round.atItsEnd(end);
            } else {
                end();
            }
        }
    }

    /// Wakes the thread now if it rests.
    public void end() {
        var thread = resting;
        if (thread != null) {
            // The others who bring work now need not wake it too: they brought theirs before it is awake.
            resting = null;
            LockSupport.unpark(thread);
        }
    }
}
