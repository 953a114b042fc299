package dev.cetera.client.transport;

import com.google.protobuf.MessageLite;
import dev.cetera.api.Refusal;
import dev.cetera.api.etcdserverpb.AuthGrpc;
import dev.cetera.api.etcdserverpb.AuthenticateRequest;
import dev.cetera.api.etcdserverpb.AuthenticateResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// All connections of one client. Shared: every method may be called by any thread, and none waits.
public final class Transport {
    private final Settings settings;
    private final ScheduledThreadPoolExecutor timer;
    private final Connector connector;
    private final Balancer balancer;
    private final Tokens tokens;
    /// Endpoints that were asked for by name and get no other calls.
    private final ConcurrentHashMap<String, Endpoint> others = new ConcurrentHashMap<>();
    /// Those over channels of the user's own; they use this one's timer, and end with it.
    private final Queue<Transport> overOthers = new ConcurrentLinkedQueue<>();

    public Transport(Settings settings) {
        this(settings, timer());
        balancer.update(settings.endpoints());
    }

    private Transport(Settings settings, ScheduledThreadPoolExecutor timer) {
        this.settings = settings;
        this.timer = timer;
        this.connector = new Connector(settings);
        this.balancer = new Balancer(this::endpoint, settings.executor());
        this.tokens = new Tokens(this::login);
    }

    private static ScheduledThreadPoolExecutor timer() {
        var timer = new ScheduledThreadPoolExecutor(1, task -> {
            var thread = new Thread(task, "cetera-client-timer");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        return timer;
    }

    /// The same settings and limits for calls over a channel of the user's own, which closing leaves open.
    public Transport over(Channel channel, CallOptions options) {
        var other = new Transport(settings, timer);
        other.balancer.use(
                new Endpoint(settings.endpoints().get(0), channel, options, other.connector::connect, timer, settings));
        overOthers.add(other);
        if (closed()) {
            other.end();
        }
        return other;
    }

    private Endpoint endpoint(Address address) {
        return new Endpoint(address, connector::connect, timer, settings, this::becameReady);
    }

    private Endpoint other(String text) {
        var made = endpoint(Address.parse(text));
        made.start();
        if (closed()) {
            made.close();
        }
        return made;
    }

    private void becameReady() {
        balancer.wake();
    }

    /// Sends one request. The future fails with what `words` makes of the failure.
    public <Q, A, R> CompletableFuture<R> call(
            MethodDescriptor<Q, A> method,
            Q request,
            Repeat repeat,
            CallSettings call,
            Function<A, R> answer,
            Function<CallFailure, RuntimeException> words) {
        var reply = new Reply<A, R>(answer, words);
        int size = request instanceof MessageLite message ? message.getSerializedSize() : 0;
        if (size > settings.maxSendBytes()) {
            reply.failed(Limits.tooLargeToSend(size, settings.maxSendBytes()));
        } else {
            reply.start(new UnaryCall<>(this, method, request, repeat, call, reply));
        }
        return reply;
    }

    /// Opens a stream, on another endpoint than that of `failed` if one is connected.
    public <Q, A> StreamCall<Q, A> open(
            MethodDescriptor<Q, A> method,
            CallSettings call,
            @Nullable StreamCall<?, ?> failed,
            StreamCall.Listener<Q, A> listener) {
        var stream = new StreamCall<>(this, method, call, failed == null ? null : failed.endpoint(), listener);
        stream.start();
        return stream;
    }

    /// Done as soon as some endpoint is connected.
    public CompletableFuture<@Nullable Void> connected(Function<CallFailure, RuntimeException> words) {
        var result = new CompletableFuture<@Nullable Void>();
        balancer.whenReady(
                () -> {
                    if (closed()) {
                        result.completeExceptionally(words.apply(CallFailure.CLOSED));
                    } else {
                        result.complete(null);
                    }
                },
                balancer::anyReady);
        return result;
    }

    /// Logs in, if there is a login: done with the token, or with nothing if the cluster has no users.
    public CompletableFuture<String> authenticated() {
        return settings.login() == null ? CompletableFuture.completedFuture(Tokens.NONE) : tokens.current(null);
    }

    /// What made a future of [#authenticated] fail; null if it was something else.
    public static @Nullable CallFailure failureOf(Throwable thrown) {
        for (Throwable each = thrown; each != null; each = each.getCause()) {
            if (each instanceof LoginException login) {
                return login.failure;
            }
        }
        return null;
    }

    public List<String> endpoints() {
        return balancer.endpoints().stream().map(each -> each.address().text()).toList();
    }

    public List<String> connectedEndpoints() {
        return balancer.endpoints().stream()
                .filter(Endpoint::ready)
                .map(each -> each.address().text())
                .toList();
    }

    public void endpoints(List<String> texts) {
        balancer.update(texts.stream().map(Address::parse).toList());
    }

    /// Runs `task` later, not on the timer's own thread: what it sets off may be the user's; null if the
    /// client is closed.
    public @Nullable ScheduledFuture<?> schedule(Runnable task, long nanos) {
        try {
            return timer.schedule(() -> settings.executor().execute(task), nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            return null;
        }
    }

    public Executor executor() {
        return settings.executor();
    }

    public boolean hasLogin() {
        return settings.login() != null;
    }

    /// The token that is in use is not good any more.
    public void renewToken() {
        if (settings.login() != null) {
            var unused = tokens.current(null).thenCompose(tokens::current);
        }
    }

    /// A token that a member refused is not used again.
    void refuse(String token) {
        if (settings.login() != null) {
            var unused = tokens.current(token);
        }
    }

    public void close() {
        end();
        overOthers.forEach(Transport::end);
        timer.shutdownNow();
    }

    private void end() {
        balancer.close();
        others.values().forEach(Endpoint::close);
        connector.close();
    }

    public boolean closed() {
        return balancer.closed();
    }

    Settings settings() {
        return settings;
    }

    Balancer balancer() {
        return balancer;
    }

    Tokens tokens() {
        return tokens;
    }

    @Nullable
    Endpoint pick(@Nullable String named, @Nullable Endpoint avoided) {
        if (named == null) {
            return balancer.pick(avoided);
        }
        var endpoint = balancer.named(named);
        if (endpoint == null) {
            endpoint = others.computeIfAbsent(named, this::other);
        }
        return endpoint.ready() ? endpoint : null;
    }

    boolean needsToken(MethodDescriptor<?, ?> method) {
        return settings.login() != null && method != AuthGrpc.getAuthenticateMethod();
    }

    Metadata headers(CallSettings call, String token) {
        var headers = new Metadata();
        put(headers, "client-api-version", "3.3");
        settings.metadata().get().forEach((name, value) -> put(headers, name, value));
        call.metadata().forEach((name, value) -> put(headers, name, value));
        if (!token.isEmpty()) {
            put(headers, "token", token);
        }
        return headers;
    }

    private static void put(Metadata headers, String name, String value) {
        headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
    }

    private CompletableFuture<String> login() {
        var who = settings.login();
        if (who == null) {
            return CompletableFuture.completedFuture(Tokens.NONE);
        }
        var request = AuthenticateRequest.newBuilder()
                .setName(who.user())
                .setPassword(who.password())
                .build();
        var limit = CallSettings.DEFAULTS.withTimeout(Duration.ofSeconds(30));
        return call(
                        AuthGrpc.getAuthenticateMethod(),
                        request,
                        Repeat.ALWAYS,
                        limit,
                        AuthenticateResponse::getToken,
                        LoginException::new)
                .exceptionally(thrown -> {
                    var failure = failureOf(thrown);
                    if (failure != null && failure.text().equals(Refusal.AUTH_NOT_ENABLED.text())) {
                        return Tokens.NONE;
                    }
                    throw thrown instanceof RuntimeException e ? e : new IllegalStateException(thrown);
                });
    }

    /// Carries why a login failed to those who wait for its token.
    private static final class LoginException extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final transient CallFailure failure;

        LoginException(CallFailure failure) {
            super(failure.text(), null, false, false);
            this.failure = failure;
        }
    }
}
