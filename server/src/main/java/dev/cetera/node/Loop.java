package dev.cetera.node;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// An inbox and the one thread that works it off. Whatever has gathered while a batch was worked on is the
/// next batch, which is all that group commit needs.
///
/// The inbox itself has no bound: what clients can put into it is bounded by [Proposals] and [Reads], and all
/// else answers work that was handed out before.
///
/// Shared: any thread may [#offer]. The work runs on one thread only: the loop's own after [#start], or the
/// caller's of [#turn] in a simulation, never both.
final class Loop<T> {
    /// The longest batch handed over at once; keeps one turn short enough for what waits behind it.
    private static final int MAX_BATCH = 8192;

    private static final Object STOP = new Object();

    /// Works one batch off. What it throws is fatal to the member: the loop stops and reports it.
    @FunctionalInterface
    interface Work<T> {
        void on(List<T> batch) throws Exception;
    }

    private final String name;
    private final Consumer<Throwable> fatal;

    /// Set once, before anything turns.
    private Work<T> work;

    /// Holds items of T, and [#STOP].
    private final BlockingQueue<Object> inbox = new LinkedBlockingQueue<>();

    private final List<Object> taken = new ArrayList<>();
    private volatile boolean stopped;
    private @Nullable Thread thread;

    Loop(String name, Consumer<Throwable> fatal) {
        this.name = name;
        this.fatal = fatal;
        this.work = _ -> {
            throw new IllegalStateException("nobody works in loop " + name);
        };
    }

    /// Says what its work is. Loops know each other, so they are there before their work is.
    void does(Work<T> what) {
        work = what;
    }

    /// Never blocks. After [#stop] it is dropped, as it would be by a crash.
    void offer(T item) {
        if (!stopped) {
            inbox.add(item);
        }
    }

    int waiting() {
        return inbox.size();
    }

    /// Works off what has gathered, without waiting.
    ///
    /// @return false when there was nothing
    boolean turn() throws Exception {
        inbox.drainTo(taken, MAX_BATCH);
        return workOff();
    }

    void start() {
        thread = Thread.ofPlatform().name(name).daemon(true).start(this::run);
    }

    /// Lets the batch at hand end, drops the rest and waits for the thread to be gone. No interrupt: that
    /// would close the files which the thread is using.
    void stop() throws InterruptedException {
        abandon();
        var running = thread;
        if (running != null && running != Thread.currentThread()) {
            running.join();
        }
    }

    /// Works off no further batch, and returns at once; the thread ends with the batch at hand.
    void abandon() {
        stopped = true;
        inbox.add(STOP);
    }

    private void run() {
        try {
            while (!stopped) {
                taken.add(inbox.take());
                inbox.drainTo(taken, MAX_BATCH - 1);
                workOff();
            }
        } catch (Throwable broken) {
            stopped = true;
            fatal.accept(broken);
        }
    }

    private boolean workOff() throws Exception {
        if (taken.isEmpty()) {
            return false;
        }
        taken.remove(STOP);
        @SuppressWarnings("unchecked") // everything but STOP came in through offer(T)
        var batch = (List<T>) (List<?>) List.copyOf(taken);
        taken.clear();
        work.on(batch);
        return true;
    }
}
