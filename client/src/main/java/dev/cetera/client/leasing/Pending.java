package dev.cetera.client.leasing;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// The future of an answer that takes several requests, one after the other; to cancel it cancels the one
/// under way.
final class Pending<T> extends CompletableFuture<T> {
    private volatile @Nullable CompletableFuture<?> underWay;

    /// Goes on with what comes of a request: its answer or failure, of which the other is null.
    <A> void then(CompletableFuture<A> request, BiConsumer<@Nullable A, @Nullable Throwable> next) {
        underWay = request;
        if (isCancelled()) {
            request.cancel(true);
        }
        var unused = request.whenComplete((answer, failure) -> {
            try {
                next.accept(answer, failure == null ? null : cause(failure));
            } catch (RuntimeException | Error e) {
                completeExceptionally(e);
            }
        });
    }

    /// Has the same end as `last`.
    void endsAs(CompletableFuture<T> last) {
        then(last, (answer, failure) -> {
            if (failure != null) {
                completeExceptionally(failure);
            } else {
                complete(answer);
            }
        });
    }

    private static Throwable cause(Throwable failure) {
        var cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause : failure;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean canceled = super.cancel(mayInterruptIfRunning);
        var request = underWay;
        if (canceled && request != null) {
            request.cancel(mayInterruptIfRunning);
        }
        return canceled;
    }
}
