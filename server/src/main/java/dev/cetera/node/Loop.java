package dev.cetera.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
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

    /// Works one batch off. What it throws is fatal to the member: the loop stops and reports it.
    @FunctionalInterface
    interface Work<T> {
        void on(List<T> batch) throws Exception;
    }

    private final String name;
    private final Consumer<Throwable> fatal;

    /// Set once, before anything turns.
    private Work<T> work;

    private final Queue<T> inbox = new ConcurrentLinkedQueue<>();
    private final Rest rest = new Rest();
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
            rest.endSoon();
        }
    }

    /// Works off what has gathered, without waiting.
    ///
    /// @return false when there was nothing
    boolean turn() throws Exception {
        var first = inbox.poll();
        if (first == null) {
            return false;
        }
        var batch = new ArrayList<T>();
        for (var item = first; item != null; item = batch.size() < MAX_BATCH ? inbox.poll() : null) {
            batch.add(item);
        }
        work.on(batch);
        return true;
    }

    void start() {
        var started = new Worker(name);
        thread = started;
        started.start();
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
        rest.end();
    }

    private boolean isIdle() {
        return inbox.isEmpty() && !stopped;
    }

    /// A batch is its round.
    private final class Worker extends Thread implements Round {
        /// What is put off waits for the end of the batch, or for the first thing that is put off this much
        /// later than it.
        private static final long MOST_NANOS = 1_000_000;

        private final List<Runnable> putOff = new ArrayList<>();
        private long sinceNanos;

        Worker(String name) {
            super(name);
            setDaemon(true);
        }

        @Override
        public void atItsEnd(Runnable what) {
            long now = System.nanoTime();
            if (putOff.isEmpty()) {
                sinceNanos = now;
            }
            if (!putOff.contains(what)) {
                putOff.add(what);
            }
            if (now - sinceNanos > MOST_NANOS) {
                end();
            }
        }

        private void end() {
            putOff.forEach(Runnable::run);
            putOff.clear();
        }

        @Override
        public void run() {
            try {
                while (!stopped) {
                    boolean worked = turn();
                    end();
                    if (!worked) {
                        rest.take(Loop.this::isIdle, Long.MAX_VALUE);
                    }
                }
            } catch (Throwable broken) {
                stopped = true;
                end();
                fatal.accept(broken);
            }
        }
    }
}
