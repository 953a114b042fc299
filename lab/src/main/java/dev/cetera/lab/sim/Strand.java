package dev.cetera.lab.sim;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.locks.AbstractOwnableSynchronizer;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Work of a member on a thread of its own, as it would be in a process, and yet in an order that the seed
/// decides: it moves only while the simulation waits for it, from one operation on the disk to the next.
///
/// When the simulation's thread runs into a lock that the work holds, the work goes on without being told, as
/// far as the lock, just as two real threads would come past each other. So of the two threads only one moves
/// at any time, and which one does not depend on their speed.
final class Strand {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /// Between two looks whether the simulation's thread waits for a lock.
    private static final long LOOK_NANOS = 20_000;

    private static final class Worker extends Thread {
        private final Strand strand;

        Worker(Strand strand, Runnable work) {
            super(work, "strand");
            this.strand = strand;
            setDaemon(true);
        }
    }

    private final Thread simulation = Thread.currentThread();
    private final Worker worker;

    /// Whose turn it is. The simulation's thread hands it over, and the work hands it back.
    private volatile boolean working;

    private volatile boolean over;
    private volatile @Nullable Throwable failure;
    private boolean begun;

    /// The work goes on without its turn, towards a lock that it holds; known to its thread alone.
    private boolean ahead;

    /// How often the simulation's thread waited for a lock that the work held.
    private int waits;

    Strand(Runnable work) {
        worker = new Worker(this, () -> run(work));
    }

    private void run(Runnable work) {
        try {
            work.run();
        } catch (Throwable thrown) {
            failure = thrown;
        } finally {
            awaitTurn();
            over = true;
            working = false;
            LockSupport.unpark(simulation);
        }
    }

    /// Called on any thread before it does what others may see: on that of a strand, it waits for its turn.
    static void here() {
        if (Thread.currentThread() instanceof Worker worker) {
            worker.strand.pause();
        }
    }

    private void pause() {
        // Without a turn there is none to hand back; the next one may have begun by now.
        if (working && !ahead) {
            working = false;
            LockSupport.unpark(simulation);
        }
        ahead = awaitTurn();
        if (ahead) {
            waits++;
        }
    }

    /// @return true when it is not this strand's turn, but the other one can't go on without it
    private boolean awaitTurn() {
        while (!working) {
            LockSupport.parkNanos(this, LOOK_NANOS);
            if (!working && mayWait() && waitsForUs()) {
                return true;
            }
        }
        return false;
    }

    /// A quick look. Right after the lock was let go it still says yes.
    private boolean mayWait() {
        return LockSupport.getBlocker(simulation) instanceof AbstractOwnableSynchronizer
                || simulation.getState() == Thread.State.BLOCKED;
    }

    private boolean waitsForUs() {
        var info = THREADS.getThreadInfo(simulation.threadId());
        return info != null && info.getLockOwnerId() == worker.threadId();
    }

    // ---- the simulation's thread ----

    /// Lets the work go on to its next operation.
    ///
    /// @return false when it is over
    /// @throws Throwable what the work has thrown
    boolean step() throws Throwable {
        handOver();
        var thrown = failure;
        if (over && thrown != null) {
            throw thrown;
        }
        return !over;
    }

    private void handOver() {
        if (over) {
            return;
        }
        working = true;
        if (begun) {
            LockSupport.unpark(worker);
        } else {
            begun = true;
            worker.start();
        }
        while (working) {
            LockSupport.park(this);
        }
    }

    /// Lets the work come to its end, which is near when its disk is off.
    void finish() {
        while (begun && !over) {
            handOver();
        }
    }

    int waits() {
        return waits;
    }
}
