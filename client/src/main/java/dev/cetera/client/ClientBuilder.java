package dev.cetera.client;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/// Makes a [ClientConfig], and a [Client] from it. Confined to whoever builds.
public final class ClientBuilder {
    private List<String> endpoints = List.of();
    private Optional<ClientConfig.Login> login = Optional.empty();
    private Optional<Tls> tls = Optional.empty();
    private Duration dialTimeout = Duration.ofSeconds(5);
    private ClientConfig.Dialing dialing = ClientConfig.Dialing.IN_BACKGROUND;
    private ClientConfig.KeepAliveConfig keepAlive = new ClientConfig.KeepAliveConfig(
            Duration.ofSeconds(5), Duration.ofSeconds(3), ClientConfig.KeepAliveConfig.Asks.WITH_OPEN_CALLS);
    private int sendBytes = ClientConfig.Limits.DEFAULT_SEND_BYTES;
    private int receiveBytes = Integer.MAX_VALUE;
    private ClientConfig.Clusters clusters = ClientConfig.Clusters.ANY;
    private Duration syncInterval = Duration.ZERO;
    private Duration timeout = Duration.ZERO;
    private Supplier<Map<String, String>> metadata = Map::of;
    private ClientConfig.Observer observer = (method, endpoint, outcome, took, attempts) -> {};
    private Optional<Executor> executor = Optional.empty();

    ClientBuilder() {}

    public ClientBuilder endpoints(String... all) {
        return endpoints(List.of(all));
    }

    public ClientBuilder endpoints(List<String> all) {
        endpoints = List.copyOf(all);
        return this;
    }

    /// The endpoints that the domain's DNS names: `_etcd-client-ssl._tcp` with TLS, `_etcd-client._tcp`
    /// without.
    ///
    /// @throws IllegalArgumentException if it names none
    public ClientBuilder endpointsOf(String domain) {
        return endpoints(SrvLookup.endpoints(domain, ""));
    }

    public ClientBuilder login(String user, String password) {
        login = Optional.of(new ClientConfig.Login(user, password));
        return this;
    }

    public ClientBuilder tls(Tls how) {
        tls = Optional.of(how);
        return this;
    }

    /// 5 s by default. What runs out of it is a [DeadlineException].
    public ClientBuilder dialTimeout(Duration limit) {
        dialTimeout = limit;
        return this;
    }

    /// Makes [Client#connect] wait until some endpoint is connected.
    public ClientBuilder waitUntilConnected() {
        dialing = ClientConfig.Dialing.UNTIL_CONNECTED;
        return this;
    }

    /// By default after 5 s of silence, and for 3 s, with open calls only.
    public ClientBuilder keepAlive(Duration interval, Duration limit) {
        keepAlive = new ClientConfig.KeepAliveConfig(interval, limit, keepAlive.asks());
        return this;
    }

    public ClientBuilder keepAliveAsks(ClientConfig.KeepAliveConfig.Asks which) {
        keepAlive = new ClientConfig.KeepAliveConfig(keepAlive.interval(), keepAlive.timeout(), which);
        return this;
    }

    /// 2 MiB by default, what etcd takes by default.
    public ClientBuilder maxSendBytes(int bytes) {
        sendBytes = bytes;
        return this;
    }

    /// No limit by default.
    public ClientBuilder maxReceiveBytes(int bytes) {
        receiveBytes = bytes;
        return this;
    }

    /// Refuses clusters older than 3.2.
    public ClientBuilder rejectOldCluster() {
        clusters = ClientConfig.Clusters.SUPPORTED;
        return this;
    }

    /// Replaces the endpoints by what the members say of themselves, so often.
    public ClientBuilder syncInterval(Duration interval) {
        syncInterval = interval;
        return this;
    }

    /// For every request; a view's [KV#within] goes before it. None by default.
    public ClientBuilder timeout(Duration limit) {
        timeout = limit;
        return this;
    }

    public ClientBuilder metadata(Supplier<Map<String, String>> supplier) {
        metadata = supplier;
        return this;
    }

    public ClientBuilder observer(ClientConfig.Observer metrics) {
        observer = metrics;
        return this;
    }

    public ClientBuilder executor(Executor runs) {
        executor = Optional.of(runs);
        return this;
    }

    public ClientConfig config() {
        return new ClientConfig(
                endpoints,
                login,
                tls,
                dialTimeout,
                dialing,
                keepAlive,
                new ClientConfig.Limits(sendBytes, receiveBytes),
                clusters,
                syncInterval,
                timeout,
                metadata,
                observer,
                executor);
    }

    public Client connect() {
        return Client.connect(config());
    }
}
