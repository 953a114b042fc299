package dev.cetera.node;

import dev.cetera.api.Refusal;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/// What answers clients and may take long (big ranges, hashes, snapshots, defragmentation): run by an executor
/// that may refuse, so that it need not hold any number of them.
///
/// Shared: any thread may call any method.
public final class LongWork {
    /// Work that reads files.
    @FunctionalInterface
    interface Reading {
        void run() throws IOException;
    }

    private final Executor executor;
    private final Consumer<Throwable> fatal;
    private volatile boolean closed;

    /// @param fatal told what makes it unsafe to go on
    public LongWork(Executor executor, Consumer<Throwable> fatal) {
        this.executor = executor;
        this.fatal = fatal;
    }

    /// Where the executor lets it run.
    void later(Answer<?> answer, Reading work) {
        try {
            executor.execute(() -> now(answer, work));
        } catch (RejectedExecutionException _) {
            answer.refused(closed ? Refusal.STOPPED : Refusal.TOO_MANY_REQUESTS);
        }
    }

    /// On the caller's thread. A file that can't be read any more ends the member: what it would answer next
    /// might be wrong. So does a bug. The answer may have been given by then; that is up to the client's call
    /// to see.
    void now(Answer<?> answer, Reading work) {
        if (closed) {
            answer.refused(Refusal.STOPPED);
            return;
        }
        try {
            work.run();
        } catch (IOException | RuntimeException | Error broken) {
            if (!closed) {
                fatal.accept(broken);
            }
            answer.refused(Refusal.STOPPED);
        }
    }

    /// Takes nothing more.
    public void close() {
        closed = true;
    }
}
