package dev.cetera.node;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Threads for what answers clients and may take long (big ranges, hashes, snapshots, defragmentation), and
/// others for what follows a linearizable read that had to wait, which is short by nature. Shared.
final class Workers {
    /// Long reads that may wait for a worker; their clients are told to come back later beyond it.
    private static final int MAX_WAITING = 10_000;

    /// Passwords that may wait for each thread that checks them.
    private static final int MAX_PASSWORDS_WAITING = 64;

    /// Long reads may still end when the member stops.
    private static final long END_SECONDS = 10;

    private final ExecutorService workers;
    private final ExecutorService readers;
    private final ExecutorService hashers;
    private final LongWork longWork;
    private final LongWork passwords;

    /// @param fatal told what makes it unsafe to go on
    Workers(Consumer<Throwable> fatal) {
        int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
        workers = new ThreadPoolExecutor(
                threads, threads, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_WAITING), named("worker"));
        longWork = new LongWork(workers, fatal);
        // Each takes a core for tens of milliseconds: half of them is enough, for a line of a few seconds.
        int hashing = Math.max(1, threads / 2);
        hashers = new ThreadPoolExecutor(
                hashing,
                hashing,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(hashing * MAX_PASSWORDS_WAITING),
                named("password"));
        passwords = new LongWork(hashers, fatal);
        // Bounded by the readers that may wait: a round of them is one task.
        readers = new ThreadPoolExecutor(
                threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), named("read"));
    }

    private static ThreadFactory named(String name) {
        return Thread.ofPlatform().name(name + "-", 0).daemon(true).factory();
    }

    /// For what follows a linearizable read.
    Executor readers() {
        return readers;
    }

    LongWork longWork() {
        return longWork;
    }

    /// For passwords: whoever tries many of them takes no reader's place.
    LongWork passwords() {
        return passwords;
    }

    /// Takes nothing more.
    void close() {
        longWork.close();
        passwords.close();
        hashers.shutdown();
        workers.shutdown();
        readers.shutdown();
    }

    /// Waits for what is still running, for a while.
    ///
    /// @return false when something still is
    boolean awaitEnd() throws InterruptedException {
        long began = System.nanoTime();
        boolean ended = readers.awaitTermination(END_SECONDS, TimeUnit.SECONDS);
        long left = TimeUnit.SECONDS.toNanos(END_SECONDS) - (System.nanoTime() - began);
        return workers.awaitTermination(left, TimeUnit.NANOSECONDS) && ended;
    }
}
