package dev.cetera.embed;

import dev.cetera.concurrency.ConcurrencyServices;
import dev.cetera.config.Clustering.Beginning;
import dev.cetera.config.Config;
import dev.cetera.config.Config.MetricsDetail;
import dev.cetera.config.Config.Profiling;
import dev.cetera.config.Url;
import dev.cetera.gateway.Gateway;
import dev.cetera.http.Browsers;
import dev.cetera.http.DualPort;
import dev.cetera.http.HttpPort;
import dev.cetera.http.Pages;
import dev.cetera.http.PortTimes;
import dev.cetera.http.Transport;
import dev.cetera.logs.Log;
import dev.cetera.logs.LogLevel;
import dev.cetera.metrics.Metrics;
import dev.cetera.node.Node;
import dev.cetera.node.NodeFactory;
import dev.cetera.node.Time;
import dev.cetera.peer.PeerCalls;
import dev.cetera.peer.PeerOptions;
import dev.cetera.peer.PeerTransport;
import dev.cetera.rpc.LocalCalls;
import dev.cetera.rpc.RpcLimits;
import dev.cetera.rpc.Services;
import io.grpc.HandlerRegistry;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.netty.channel.ChannelHandler;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A running member with its ports. Shared; [#close] is idempotent.
public final class Cetera implements AutoCloseable {
    private static final Log LOG = Log.of("embed");
    private static final Log MEMBER_LOG = Log.of("etcdserver");
    /// A stopping member gives requests 5 s and two election timeouts, as long as it would have given a
    /// proposal.
    private static final long GRACE_MILLIS = 5000;

    private final Config config;
    private final Metrics metrics;
    private final Transport transport;
    private final List<HttpPort> otherPorts = new ArrayList<>();
    private final CompletableFuture<Void> serving = new CompletableFuture<>();
    private @Nullable DualPort clientPort;
    private @Nullable DualPort peerPort;
    private @Nullable PeerTransport link;
    private @Nullable PeerCalls calls;
    private volatile NodeFactory.@Nullable Running member;
    private volatile @Nullable Services services;
    private boolean closed;

    private Cetera(Config config) {
        this.config = config;
        this.metrics = new Metrics(
                config.metrics() == MetricsDetail.EXTENSIVE ? Metrics.Detail.WITH_DURATIONS : Metrics.Detail.BASIC);
        this.transport = Transport.best();
    }

    /// Starts a member and returns when it runs, which may be before it can serve: see [#serving].
    ///
    /// @param logLevel told when an operator sets another level over HTTP
    /// @param fatal    told once when the member cannot go on; the caller then closes it or ends the process
    /// @throws IOException when it cannot start; the message is for the operator
    public static Cetera start(
            Config config, NodeFactory factory, Consumer<LogLevel> logLevel, Consumer<Throwable> fatal)
            throws IOException {
        var cetera = new Cetera(config);
        try {
            cetera.open(factory, logLevel, fatal);
            return cetera;
        } catch (IOException | RuntimeException failed) {
            cetera.close();
            throw failed;
        }
    }

    private void open(NodeFactory factory, Consumer<LogLevel> logLevel, Consumer<Throwable> fatal) throws IOException {
        var limits = new RpcLimits(config.limits().maxTxnOps(), config.limits().maxRequestBytes());
        var listeners = new Listeners(config, transport);
        var dialing = listeners.dialing();
        var messages =
                new PeerTransport(transport, dialing, peerOptions(), new PeerCounting(metrics.peers), Time.system());
        link = messages;
        var questions = new PeerCalls(transport, dialing, config.raft().electionMillis(), this::clusterId);
        calls = questions;
        var peer = bindPeers(listeners, limits.maxMessageBytes(), messages);
        var local = new LocalCalls();
        var client = bindClients(listeners, limits.maxMessageBytes(), local);
        describe();
        var measuringPorts = new ArrayList<HttpPort>();
        var running = factory.start(config, metrics, new NodeFactory.Ways(messages, questions), fatal);
        member = running;
        var node = running.node();
        follow(node);
        listeners.describeClients();
        measuringPorts.addAll(bindMeasuring(listeners));
        var all = new Services(node, limits, metrics, running.services(), certificates());
        services = all;
        var forClients = all.and(servicesForClients(local), node, metrics);
        local.serve(forClients);
        peer.serve(all, Pages.peer(node));
        messages.start(running.inbound());
        var _ = running.ready()
                .thenRun(() -> serve(node, client, forClients, measuringPorts, logLevel))
                .whenComplete((_, failed) -> {
                    if (failed != null) {
                        var cause = failed instanceof CompletionException ? failed.getCause() : failed;
                        serving.completeExceptionally(cause);
                        fatal.accept(cause);
                    }
                });
    }

    /// What members don't ask each other.
    @SuppressWarnings("deprecation") // there are clients that know reflection by its first name alone
    private static List<ServerServiceDefinition> servicesForClients(LocalCalls calls) {
        var services = new ArrayList<>(ConcurrencyServices.definitions(calls));
        services.add(ProtoReflectionServiceV1.newInstance().bindService());
        services.add(ProtoReflectionService.newInstance().bindService());
        return services;
    }

    private void serve(
            Node node,
            DualPort client,
            HandlerRegistry all,
            List<HttpPort> measuringPorts,
            Consumer<LogLevel> logLevel) {
        measuringPorts.forEach(port -> port.serve(Pages.measuring(node, metrics)));
        var pages = Pages.client(node, metrics, logLevel);
        client.serve(all, config.profiling() == Profiling.SERVED ? pages.withProfiles() : pages);
        if (!config.web().origins().isEmpty()) {
            LOG.info("cors = " + String.join(",", config.web().origins()));
        }
        LOG.info("ready to serve client requests");
        describeServing(client.addresses().iterator());
        serving.complete(null);
    }

    /// Where clients are served, as the system calls it: a name is an address now, and a port that was left
    /// open a number.
    ///
    /// @param bound the addresses that have a port, each once
    private void describeServing(Iterator<InetSocketAddress> bound) {
        var known = new HashMap<String, String>();
        for (var url : config.addresses().listenClient()) {
            var address =
                    known.computeIfAbsent(url.address(), given -> url.isSocketFile() ? given : shown(bound.next()));
            if (url.isSecure()) {
                LOG.info("serving client requests on " + address);
            } else {
                LOG.notice("serving insecure client requests on " + address + ", this is strongly discouraged!");
            }
        }
    }

    private static String shown(InetSocketAddress bound) {
        return bound.getAddress().isAnyLocalAddress()
                ? "[::]:" + bound.getPort()
                : NetUtil.toSocketAddressString(bound);
    }

    private PeerOptions peerOptions() {
        var advertised =
                config.addresses().advertisePeer().stream().map(Url::toString).toList();
        return PeerOptions.of(advertised, config.raft().electionMillis() * 1_000_000);
    }

    /// 0 until the member knows.
    private long clusterId() {
        var known = member;
        return known == null ? 0 : known.node().clusterId();
    }

    private DualPort bindPeers(Listeners listeners, int maxMessageBytes, PeerTransport messages) throws IOException {
        var addresses = listeners.peers();
        var early = isNew() ? DualPort.Early.REFUSE : DualPort.Early.WAIT;
        var port = DualPort.forMembers(
                transport, addresses, maxMessageBytes, early, () -> List.of(messages.newHandler()), PortTimes.DEFAULT);
        peerPort = port;
        for (var url : config.addresses().listenPeer()) {
            LOG.info("listening for peers on " + url);
        }
        return port;
    }

    private DualPort bindClients(Listeners listeners, int maxMessageBytes, LocalCalls local) throws IOException {
        var addresses = listeners.clients();
        var gateway = new Gateway(local, maxMessageBytes, PortTimes.DEFAULT.requestMillis());
        var port = DualPort.forClients(
                transport,
                addresses,
                maxMessageBytes,
                config.keepAlive(),
                metrics,
                () -> front(gateway),
                PortTimes.DEFAULT);
        clientPort = port;
        if (config.profiling() == Profiling.SERVED) {
            LOG.info("pprof is enabled under /debug/pprof");
        }
        for (var address : addresses) {
            LOG.info("listening for client requests on " + address.shown());
        }
        return port;
    }

    /// What stands before the pages of the client port.
    private List<ChannelHandler> front(Gateway gateway) {
        var handlers = new ArrayList<>(Browsers.guards(config.web()));
        handlers.add(gateway.newHandler());
        return handlers;
    }

    private List<HttpPort> bindMeasuring(Listeners listeners) throws IOException {
        var ports = new ArrayList<HttpPort>();
        for (var url : config.addresses().listenMetrics()) {
            var port = HttpPort.bind(transport, listeners.measuring(url), PortTimes.DEFAULT);
            otherPorts.add(port);
            ports.add(port);
            LOG.info("listening for metrics on " + url);
        }
        return ports;
    }

    private void describe() {
        var raft = config.raft();
        MEMBER_LOG.info("name = " + config.name());
        MEMBER_LOG.info("data dir = " + config.dataDir());
        MEMBER_LOG.info("member dir = " + memberDir());
        if (config.walDir() != null) {
            MEMBER_LOG.info("dedicated WAL dir = " + config.walDir());
        }
        MEMBER_LOG.info("heartbeat = " + raft.heartbeatMillis() + "ms");
        MEMBER_LOG.info("election = " + raft.electionMillis() + "ms");
        MEMBER_LOG.info("snapshot count = " + Long.toUnsignedString(raft.snapshotCount()));
        MEMBER_LOG.info("advertise client URLs = " + join(config.addresses().advertiseClient()));
        if (isNew() && config.clustering().beginning() == Beginning.FOUND) {
            MEMBER_LOG.info(
                    "initial advertise peer URLs = " + join(config.addresses().advertisePeer()));
            MEMBER_LOG.info("initial cluster = " + config.bootstrap().initialCluster());
        }
    }

    private static String join(List<Url> urls) {
        return String.join(",", urls.stream().map(Url::toString).toList());
    }

    private Path memberDir() {
        return Path.of(config.dataDir(), "member");
    }

    /// Whether there is no log yet, so that the member founds its cluster.
    private boolean isNew() {
        var walDir = config.walDir();
        var dir = walDir != null ? Path.of(walDir) : memberDir().resolve("wal");
        try (var files = Files.newDirectoryStream(dir, "*.wal")) {
            return !files.iterator().hasNext();
        } catch (IOException absent) {
            return true;
        }
    }

    private void follow(Node node) {
        metrics.server.identify(node.memberId());
        metrics.server.hasLeader.follow(() -> node.hasLeader() ? 1 : 0);
        metrics.server.isLeader.follow(() -> node.isLeader() ? 1 : 0);
        metrics.server.clusterVersion(() -> series(node.clusterVersion()));
        metrics.mvcc.currentRevision.follow(node::revision);
        metrics.server.authRevision.follow(node::authRevision);
    }

    /// A client is whom its certificate names where clients must show one.
    private Services.Certificates certificates() {
        return config.security().clients().demand() ? Services.Certificates.NAME : Services.Certificates.IGNORE;
    }

    /// `3.3` of `3.3.0`; empty for what is no version yet.
    private static String series(String version) {
        int last = version.lastIndexOf('.');
        return last < 0 ? "" : version.substring(0, last);
    }

    /// Done when clients are served; fails when the member never will.
    public CompletableFuture<Void> serving() {
        return serving;
    }

    /// Where clients are served, in the order of the listen URLs.
    public List<InetSocketAddress> clientAddresses() {
        var port = clientPort;
        return port == null ? List.of() : port.addresses();
    }

    /// Takes no more calls, waits for those under way, hands leadership on, stops the member and lets the
    /// ports go. The ways to the other members are open until the member has stopped: they may be waiting for
    /// it.
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        try {
            serveNoMore();
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
        try {
            if (member != null) {
                member.close();
            }
        } catch (IOException failed) {
            MEMBER_LOG.error("failed to stop in good order (" + failed.getMessage() + ")");
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        } finally {
            letGo();
        }
    }

    private void serveNoMore() throws InterruptedException {
        if (clientPort != null) {
            var known = services;
            clientPort.drain(
                    GRACE_MILLIS + 2 * config.raft().electionMillis(), () -> known == null ? 0 : known.unaryInFlight());
        }
        if (member != null) {
            member.handOver();
        }
    }

    private void letGo() {
        if (link != null) {
            link.close();
        }
        if (calls != null) {
            calls.close();
        }
        if (peerPort != null) {
            peerPort.close();
        }
        otherPorts.forEach(HttpPort::close);
        transport.close();
    }

    /// Waits until clients are served.
    public void awaitServing(long millis) throws IOException, InterruptedException {
        try {
            serving.get(millis, TimeUnit.MILLISECONDS);
        } catch (java.util.concurrent.ExecutionException failed) {
            throw new IOException(failed.getCause());
        } catch (java.util.concurrent.TimeoutException late) {
            throw new IOException("the member does not serve after " + millis + " ms", late);
        }
    }
}
