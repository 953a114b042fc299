package dev.cetera.client;

import dev.cetera.client.transport.CallSettings;
import dev.cetera.client.transport.Repeat;
import dev.cetera.client.transport.StreamCall;
import dev.cetera.client.transport.Transport;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The transport together with what a view of the client asks for in each of its calls.
record Calls(Transport transport, CallSettings settings) {
    Calls within(Duration timeout) {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("a time limit of " + timeout);
        }
        return new Calls(transport, settings.withTimeout(timeout));
    }

    /// For streams, which last.
    Calls untimed() {
        return new Calls(transport, new CallSettings(null, settings.metadata(), settings.endpoint()));
    }

    Calls at(String endpoint) {
        return new Calls(transport, settings.at(endpoint));
    }

    Calls requiringLeader() {
        return new Calls(transport, settings.withMetadata("hasleader", "true"));
    }

    <Q, A, R> CompletableFuture<R> call(
            MethodDescriptor<Q, A> method, Q request, Repeat repeat, Function<A, R> answer) {
        return transport.call(method, request, repeat, settings, answer, EtcdException::from);
    }

    <Q, A> StreamCall<Q, A> open(
            MethodDescriptor<Q, A> method, @Nullable StreamCall<?, ?> failed, StreamCall.Listener<Q, A> listener) {
        return transport.open(method, settings, failed, listener);
    }

    /// Waits for a call; an interrupt cancels it. Right on virtual threads: it parks and holds no lock.
    static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            future.cancel(true);
            Thread.currentThread().interrupt();
            throw new CanceledException(EtcdException.Fate.UNKNOWN);
        } catch (ExecutionException e) {
            throw rethrown(e.getCause());
        }
    }

    /// The failure with the stack of the thread that waits for it.
    private static RuntimeException rethrown(@Nullable Throwable cause) {
        if (cause instanceof EtcdException failure) {
            failure.setStackTrace(new Throwable().getStackTrace());
            return failure;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException e ? e : new IllegalStateException(cause);
    }
}
