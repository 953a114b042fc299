package dev.cetera.client;

import dev.cetera.client.transport.Address;
import dev.cetera.client.transport.CallSettings;
import dev.cetera.client.transport.Security;
import dev.cetera.client.transport.Settings;
import dev.cetera.client.transport.Transport;
import io.grpc.CallOptions;
import io.grpc.Channel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// A client of an etcd cluster. One is enough for a process: it is for any number of threads, and keeps one
/// connection to each endpoint.
///
/// ```java
/// try (var client = Client.builder()
///         .endpoints("https://a:2379", "https://b:2379", "https://c:2379")
///         .tls(Tls.trusting(Path.of("ca.pem")))
///         .login("app", "secret")
///         .connect()) {
///     client.kv().put("greeting", "hello");
/// }
/// ```
public final class Client implements AutoCloseable {
    private static final long IDLE_THREAD_SECONDS = 10;

    private final ClientConfig config;
    private final Transport transport;
    private final @Nullable ExecutorService ownThreads;
    private final Calls calls;
    private final KV kv;
    private final Lease lease;
    private final KeepAlives keepAlives;
    private final Watch watch;

    private Client(ClientConfig config) {
        this.config = config;
        this.ownThreads = config.executor().isPresent() ? null : threads();
        this.transport = new Transport(settings(config, ownThreads));
        var timeout = config.timeout();
        var defaults = timeout.isZero() ? CallSettings.DEFAULTS : CallSettings.DEFAULTS.withTimeout(timeout);
        this.calls = new Calls(transport, defaults);
        var streams = new Calls(transport, CallSettings.DEFAULTS);
        this.kv = KV.over(new RemoteKV(calls));
        this.keepAlives = new KeepAlives(streams);
        this.lease = new Lease(calls, keepAlives);
        this.watch = new Watch(streams);
    }

    /// Without TLS and login.
    public static Client connect(String... endpoints) {
        return builder().endpoints(endpoints).connect();
    }

    public static ClientBuilder builder() {
        return new ClientBuilder();
    }

    /// Connecting goes on in the background unless the configuration asks to wait. A login is made before this
    /// returns.
    ///
    /// @throws DeadlineException if what was waited for took longer than the dial timeout
    /// @throws EtcdException if the login is refused, or the cluster is too old
    public static Client connect(ClientConfig config) {
        var client = new Client(config);
        try {
            client.dial();
        } catch (RuntimeException | Error e) {
            client.close();
            throw e;
        }
        return client;
    }

    public KV kv() {
        return kv;
    }

    public Watch watch() {
        return watch;
    }

    /// The keys of a range, listed now and then kept up to date here.
    public KeyView view(KeyRange keys) {
        return KeyView.open(kv, watch, keys);
    }

    public Lease lease() {
        return lease;
    }

    public Cluster cluster() {
        return new Cluster(calls);
    }

    public Maintenance maintenance() {
        return new Maintenance(calls);
    }

    public Auth auth() {
        return new Auth(calls);
    }

    /// The members' lock service. [dev.cetera.client.concurrency.Mutex] is the same without it, and tells
    /// more.
    public LockService lock() {
        return new LockService(calls);
    }

    /// The members' election service. [dev.cetera.client.concurrency.Election] is the same without it, and
    /// tells more.
    public ElectionService election() {
        return new ElectionService(calls);
    }

    public ClientConfig config() {
        return config;
    }

    public List<String> endpoints() {
        return transport.endpoints();
    }

    /// Those that are connected now.
    public List<String> connectedEndpoints() {
        return transport.connectedEndpoints();
    }

    /// Goes on with these; those that stay keep their connection.
    public void endpoints(List<String> endpoints) {
        if (endpoints.isEmpty()) {
            throw new ClientException(ClientException.Reason.NO_ENDPOINTS);
        }
        transport.endpoints(endpoints);
    }

    /// Goes on with the endpoints that the members say they have.
    public List<String> syncEndpoints() {
        return Calls.await(syncing());
    }

    /// Another login, on connections of its own.
    public Client as(String user, String password) {
        var other = new ClientConfig(
                endpoints(),
                Optional.of(new ClientConfig.Login(user, password)),
                config.tls(),
                config.dialTimeout(),
                config.dialing(),
                config.keepAlive(),
                config.limits(),
                config.clusters(),
                config.syncInterval(),
                config.timeout(),
                config.metadata(),
                config.observer(),
                config.executor());
        return connect(other);
    }

    /// Whether it was closed.
    public boolean isClosed() {
        return transport.closed();
    }

    /// Ends all calls, watches and keep-alives with a [ClosedException]. Leases stay until their time is over.
    @Override
    public void close() {
        keepAlives.close();
        watch.close();
        transport.close();
    }

    /// The calls of this client over a channel of the user's own.
    Calls over(Channel channel, CallOptions options) {
        return new Calls(transport.over(channel, options), calls.settings());
    }

    private void dial() {
        if (config.dialing() == ClientConfig.Dialing.UNTIL_CONNECTED) {
            inDialTime(transport.connected(EtcdException::from));
        }
        if (config.login().isPresent()) {
            inDialTime(transport.authenticated());
        }
        if (config.clusters() == ClientConfig.Clusters.SUPPORTED) {
            inDialTime(oldest());
        }
        scheduleSync();
    }

    private <T extends @Nullable Object> void inDialTime(CompletableFuture<T> future) {
        var limit = config.dialTimeout();
        try {
            if (limit.isZero()) {
                future.get();
            } else {
                future.get(limit.toNanos(), TimeUnit.NANOSECONDS);
            }
        } catch (TimeoutException e) {
            throw new DeadlineException(EtcdException.Fate.NOT_APPLIED);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CanceledException(EtcdException.Fate.NOT_APPLIED);
        } catch (ExecutionException e) {
            var failure = Transport.failureOf(e);
            if (failure != null) {
                throw EtcdException.from(failure);
            }
            throw e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e);
        }
    }

    /// Fails if any member is older than 3.2, or all fail to say.
    private CompletableFuture<?> oldest() {
        var asked = endpoints().stream()
                .map(endpoint -> maintenance()
                        .within(config.dialTimeout().isZero() ? Duration.ofSeconds(5) : config.dialTimeout())
                        .async()
                        .status(endpoint)
                        .handle((status, failure) -> Optional.ofNullable(status)))
                .toList();
        return CompletableFuture.allOf(asked.toArray(new CompletableFuture<?>[0]))
                .thenAccept(all -> {
                    var known = asked.stream()
                            .map(CompletableFuture::join)
                            .flatMap(Optional::stream)
                            .toList();
                    if (known.isEmpty() || known.stream().anyMatch(status -> isOld(status.version()))) {
                        throw new ClientException(ClientException.Reason.OLD_CLUSTER);
                    }
                });
    }

    static boolean isOld(String version) {
        var parts = version.split("\\.", 3);
        try {
            int major = Integer.parseInt(parts[0]);
            return major < 3 || (major == 3 && parts.length > 1 && Integer.parseInt(parts[1]) < 2);
        } catch (NumberFormatException e) {
            return false; // some other program's idea of a version
        }
    }

    private void scheduleSync() {
        var interval = config.syncInterval();
        if (!interval.isZero()) {
            var unused = transport.schedule(
                    () -> {
                        var unusedToo = syncing().whenComplete((nothing, failure) -> scheduleSync());
                    },
                    interval.toNanos());
        }
    }

    private CompletableFuture<List<String>> syncing() {
        return cluster().within(Duration.ofSeconds(5)).async().list().thenApply(list -> {
            var urls = list.members().stream()
                    .flatMap(member -> member.clientUrls().stream())
                    .toList();
            if (!urls.isEmpty()) {
                transport.endpoints(urls);
            }
            return urls;
        });
    }

    private static Settings settings(ClientConfig config, @Nullable ExecutorService ownThreads) {
        var addresses = config.endpoints().stream().map(Address::parse).toList();
        var tls = config.tls().orElse(addresses.get(0).secure() ? Tls.system() : null);
        var asks = config.keepAlive();
        return new Settings(
                addresses,
                tls == null ? null : context(tls),
                tls == null ? null : tls.serverName().orElse(null),
                config.login()
                        .map(login -> new Settings.Login(login.user(), login.password()))
                        .orElse(null),
                asks.interval(),
                asks.timeout(),
                switch (asks.asks()) {
                    case NEVER -> Settings.Probing.NONE;
                    case WITH_OPEN_CALLS -> Settings.Probing.WITH_OPEN_CALLS;
                    case ALWAYS -> Settings.Probing.ALL;
                },
                config.limits().sendBytes(),
                config.limits().receiveBytes(),
                ownThreads != null ? ownThreads : config.executor().orElseThrow(),
                config.metadata(),
                (method, endpoint, code, nanos, attempts) ->
                        config.observer().ended(method, endpoint, code, Duration.ofNanos(nanos), attempts));
    }

    private static SSLContext context(Tls tls) {
        return tls.context()
                .orElseGet(() -> Security.context(
                        tls.authorities().orElse(null),
                        tls.certificate().orElse(null),
                        tls.key().orElse(null),
                        tls.verification() == Tls.Verification.NONE ? Security.Checks.NONE : Security.Checks.ALL));
    }

    /// Threads as they are needed, none when nothing happens; they keep no process alive.
    private static ExecutorService threads() {
        var number = new AtomicInteger();
        return new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, IDLE_THREAD_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    var thread = new Thread(task, "cetera-client-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
    }
}
