package dev.cetera.ctl.rpc;

import dev.cetera.client.transport.Address;
import dev.cetera.client.transport.CallSettings;
import dev.cetera.client.transport.Repeat;
import dev.cetera.client.transport.Security;
import dev.cetera.client.transport.Settings;
import dev.cetera.client.transport.StreamCall;
import dev.cetera.client.transport.Transport;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Connections to a cluster. Every call waits for its answer; any thread may make one.
public final class Rpc implements AutoCloseable {
    private static final int SEND_BYTES = 2 << 20;

    private final Transport transport;
    private final ExecutorService threads;

    private Rpc(Transport transport, ExecutorService threads) {
        this.transport = transport;
        this.threads = threads;
    }

    /// Connects in the background; logs in before it returns, if there is a login.
    ///
    /// @throws RpcException if the login fails
    /// @throws IllegalArgumentException if an endpoint or a file of TLS is not good
    public static Rpc to(Target target) {
        var threads = new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                1,
                TimeUnit.MINUTES,
                new SynchronousQueue<>(),
                Thread.ofPlatform().name("rpc").daemon().factory(),
                // What a call that nobody waits for any more still wants done when all is closed.
                new ThreadPoolExecutor.DiscardPolicy());
        var rpc = new Rpc(new Transport(settings(target, threads)), threads);
        try {
            if (target.login() != null) {
                rpc.logIn(target.dialTimeout());
            }
            return rpc;
        } catch (RuntimeException e) {
            rpc.close();
            throw e;
        }
    }

    private static Settings settings(Target target, ExecutorService threads) {
        var addresses = target.endpoints().stream().map(Address::parse).toList();
        var tls = target.encryption();
        var encrypted =
                tls.wanted() == Target.Wanted.ALWAYS || addresses.stream().anyMatch(Address::secure);
        var checks = tls.checks() == Target.Checks.ALL ? Security.Checks.ALL : Security.Checks.NONE;
        return new Settings(
                addresses,
                encrypted ? Security.context(tls.authorities(), tls.certificate(), tls.key(), checks) : null,
                tls.serverName(),
                target.login(),
                target.keepAliveTime(),
                target.keepAliveTimeout(),
                Settings.Probing.WITH_OPEN_CALLS,
                SEND_BYTES,
                Integer.MAX_VALUE,
                threads,
                Map::of,
                (method, endpoint, code, nanos, attempts) -> {});
    }

    private void logIn(Duration limit) {
        try {
            var _ = transport.authenticated().get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new RpcException(new dev.cetera.client.transport.CallFailure(
                    io.grpc.Status.DEADLINE_EXCEEDED.withDescription("context deadline exceeded"),
                    dev.cetera.client.transport.CallFailure.Origin.DEADLINE,
                    false));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            var failure = Transport.failureOf(e);
            throw failure != null ? new RpcException(failure) : new IllegalStateException(e.getCause());
        }
    }

    /// Asks whichever endpoint is connected.
    ///
    /// @param timeout null to wait as long as it takes
    /// @throws RpcException if it ends without an answer
    public <Q, A> A call(MethodDescriptor<Q, A> method, Q request, Repeat repeat, @Nullable Duration timeout) {
        return await(start(method, request, repeat, new CallSettings(timeout, Map.of(), null)));
    }

    /// Calls one endpoint.
    ///
    /// @throws RpcException if it ends without an answer
    public <Q, A> A callAt(String endpoint, MethodDescriptor<Q, A> method, Q request, @Nullable Duration timeout) {
        return await(start(method, request, Repeat.ALWAYS, new CallSettings(timeout, Map.of(), endpoint)));
    }

    private <Q, A> CompletableFuture<A> start(
            MethodDescriptor<Q, A> method, Q request, Repeat repeat, CallSettings settings) {
        return transport.call(method, request, repeat, settings, Function.identity(), RpcException::new);
    }

    private static <A> A await(CompletableFuture<A> answer) {
        try {
            return answer.get();
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RpcException failure ? failure : new IllegalStateException(e.getCause());
        }
    }

    /// Opens a stream that is not opened again when it breaks.
    public <Q, A> StreamCall<Q, A> open(
            MethodDescriptor<Q, A> method, Map<String, String> metadata, StreamCall.Listener<Q, A> listener) {
        return transport.open(method, new CallSettings(null, metadata, null), null, listener);
    }

    @Override
    public void close() {
        transport.close();
        threads.shutdown();
    }
}
