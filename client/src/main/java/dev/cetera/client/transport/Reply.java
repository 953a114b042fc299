package dev.cetera.client.transport;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The future of an answer; to cancel it cancels the call.
final class Reply<A, R> extends CompletableFuture<R> {
    private final Function<A, R> answer;
    private final Function<CallFailure, RuntimeException> words;
    private volatile @Nullable UnaryCall<?, A> call;

    Reply(Function<A, R> answer, Function<CallFailure, RuntimeException> words) {
        this.answer = answer;
        this.words = words;
    }

    void start(UnaryCall<?, A> started) {
        call = started;
        started.start();
    }

    void answered(A message) {
        try {
            complete(answer.apply(message));
        } catch (RuntimeException e) {
            completeExceptionally(e);
        }
    }

    void failed(CallFailure failure) {
        completeExceptionally(words.apply(failure));
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean canceled = super.cancel(mayInterruptIfRunning);
        var running = call;
        if (canceled && running != null) {
            running.cancel();
        }
        return canceled;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new Dependent<>(this);
    }

    /// What is made of an answer: to cancel it cancels the call too.
    private static final class Dependent<U> extends CompletableFuture<U> {
        private final Reply<?, ?> origin;

        Dependent(Reply<?, ?> origin) {
            this.origin = origin;
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            boolean canceled = super.cancel(mayInterruptIfRunning);
            if (canceled) {
                origin.cancel(mayInterruptIfRunning);
            }
            return canceled;
        }

        @Override
        public <V> CompletableFuture<V> newIncompleteFuture() {
            return new Dependent<>(origin);
        }
    }
}
