package dev.cetera.http;

import dev.cetera.config.Config.KeepAlive;
import dev.cetera.metrics.Metrics;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.netty.InternalNettyServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Sockets that carry gRPC and HTTP/1.1, each of them both: those for clients, or those for the other members.
/// Calls run on the event loops. Shared.
public final class DualPort implements AutoCloseable {
    /// Messages between etcd's limit and this many times it are still read, so that they can be refused in
    /// etcd's words.
    private static final int REFUSABLE = 4;

    /// Metadata of a call; etcd's default is the same.
    private static final int MAX_METADATA_BYTES = 16 * 1024;

    /// Calls that a client may give up within some time: a thousand a second, all of them at once if need be.
    /// More is an attack, because a call that is begun and given up costs the client nothing.
    private static final int MOST_RESETS = 10_000;

    private static final int RESETS_SECONDS = 10;

    private static final int BACKLOG = 1024;
    private static final long POLL_MILLIS = 10;
    /// What etcd's gRPC library enforces when nothing is configured.
    private static final long LIBRARY_MIN_TIME_NANOS = TimeUnit.MINUTES.toNanos(5);

    private static final KeepAlive NO_PINGS = new KeepAlive(0, 0, 0);

    private final List<Server> servers;
    private final List<SocketAddress> files;
    private final CompletableFuture<Pages> opened;
    private final LateServices services;
    /// gRPC closes its own connections, and knows nothing of these.
    private final ChannelGroup plain;
    private final ChannelGroup grpc;

    /// One address to bind, beside how the operator wrote it.
    public record Address(SocketAddress socket, String shown, Guard guard) {
        /// For connections in the clear.
        public Address(SocketAddress socket, String shown) {
            this(socket, shown, Guard.NONE);
        }
    }

    /// What plain HTTP gets from a member that is not there yet. Its version is told at once in any case.
    public enum Early {
        /// The member has no data: it has nothing to tell, and says so, or two that are founded at once would
        /// wait for each other.
        REFUSE,

        /// The member has data and will be there soon: who asks had better wait.
        WAIT
    }

    /// How the connections of a port are treated.
    ///
    /// @param heard     done when anything is read from them
    /// @param pages     what plain HTTP gets by then; null before
    /// @param calls     done when gRPC is served
    /// @param front     makes the handlers in front of the pages
    /// @param plain     the connections that turned out to be plain HTTP
    /// @param grpc      those that turned out to be gRPC
    /// @param limit     bounds their number; null for none
    /// @param answered  counts the bytes of what gRPC answers without gRPC knowing of them
    /// @param unsent    bytes of answers that gRPC holds for their clients
    record Lines(
            CompletableFuture<?> heard,
            Supplier<@Nullable Pages> pages,
            CompletableFuture<?> calls,
            Supplier<List<ChannelHandler>> front,
            PortTimes times,
            ChannelGroup plain,
            ChannelGroup grpc,
            @Nullable ConnectionLimit limit,
            LongConsumer answered,
            AtomicLong unsent) {

        /// A connection's first handler says that it is there.
        void enter(Channel connection) {
            if (limit != null) {
                limit.enter(connection);
            }
            Gate.hold(connection, heard);
        }
    }

    private DualPort(
            List<Address> addresses,
            List<Server> servers,
            Lines lines,
            CompletableFuture<Pages> opened,
            LateServices services) {
        this.servers = servers;
        this.files = addresses.stream()
                .map(Address::socket)
                .filter(address -> !(address instanceof InetSocketAddress))
                .toList();
        this.plain = lines.plain();
        this.grpc = lines.grpc();
        this.opened = opened;
        this.services = services;
    }

    /// Binds all addresses for clients; connections wait until [#serve].
    ///
    /// @param maxMessageBytes of a request; the services refuse what is larger
    /// @param front           as of [#forMembers]
    public static DualPort forClients(
            Transport transport,
            List<Address> addresses,
            int maxMessageBytes,
            KeepAlive keepAlive,
            Metrics metrics,
            Supplier<List<ChannelHandler>> front,
            PortTimes times)
            throws BindFailure {
        var opened = new CompletableFuture<Pages>();
        var services = new LateServices();
        var lines = new Lines(
                opened,
                () -> opened.getNow(null),
                opened,
                front,
                times,
                connections(),
                connections(),
                transport.limit(),
                metrics.server.clientSentBytes::add,
                transport.unsent());
        var bytes = new Bytes(metrics);
        var servers = listen(
                addresses,
                address -> builder(transport, address, maxMessageBytes, keepAlive, lines, services)
                        .addStreamTracerFactory(bytes));
        return new DualPort(addresses, servers, lines, opened, services);
    }

    /// Binds all addresses for the other members. Until [#serve] gRPC waits, and plain HTTP gets `early`.
    ///
    /// @param maxMessageBytes of a gRPC request; the services refuse what is larger
    /// @param early           what can be answered before there is a member
    /// @param front           makes the handlers that stand between HTTP's codec and the pages, for each
    ///                        connection its own: they see every request as it arrives, may answer it
    ///                        themselves (then it may last for ever), and pass on what is not theirs
    public static DualPort forMembers(
            Transport transport,
            List<Address> addresses,
            int maxMessageBytes,
            Early early,
            Supplier<List<ChannelHandler>> front,
            PortTimes times)
            throws BindFailure {
        var opened = new CompletableFuture<Pages>();
        var services = new LateServices();
        var first = Pages.early(early, opened);
        var heard = CompletableFuture.completedFuture(null);
        var lines = new Lines(
                heard,
                () -> opened.getNow(first),
                opened,
                front,
                times,
                connections(),
                connections(),
                transport.membersLimit(),
                _ -> {},
                transport.unsent());
        var servers =
                listen(addresses, address -> builder(transport, address, maxMessageBytes, NO_PINGS, lines, services));
        return new DualPort(addresses, servers, lines, opened, services);
    }

    static ChannelGroup connections() {
        return new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    }

    private static NettyServerBuilder builder(
            Transport transport,
            Address address,
            int maxMessageBytes,
            KeepAlive keepAlive,
            Lines lines,
            LateServices services) {
        var negotiator = Sniffer.negotiator(lines, address.guard(), transport.handshakes());
        var credentials = InternalNettyServerCredentials.create(negotiator);
        var builder = NettyServerBuilder.forAddress(address.socket(), credentials)
                .bossEventLoopGroup(transport.acceptors())
                .workerEventLoopGroup(transport.workers())
                .channelType(transport.channelType(address.socket()))
                .withOption(ChannelOption.SO_BACKLOG, BACKLOG)
                .directExecutor()
                .maxInboundMessageSize((int) Math.min(Integer.MAX_VALUE, (long) REFUSABLE * maxMessageBytes))
                .maxInboundMetadataSize(MAX_METADATA_BYTES)
                .maxRstFramesPerWindow(MOST_RESETS, RESETS_SECONDS)
                .handshakeTimeout(1, TimeUnit.DAYS) // the sniffer has its own; gRPC's would cut plain HTTP connections
                .fallbackHandlerRegistry(services);
        if (address.socket() instanceof InetSocketAddress) {
            builder.withOption(ChannelOption.SO_REUSEADDR, true);
        }
        pings(builder, keepAlive);
        return builder;
    }

    /// One server for each address; none is left behind when one can't be bound.
    private static List<Server> listen(List<Address> addresses, Function<Address, NettyServerBuilder> builder)
            throws BindFailure {
        var servers = new ArrayList<Server>();
        for (var address : addresses) {
            try {
                SocketFiles.prepare(address.socket());
                servers.add(builder.apply(address).build().start());
            } catch (IOException failed) {
                servers.forEach(Server::shutdownNow);
                throw new BindFailure(SocketFiles.network(address.socket()), address.shown(), failed);
            }
        }
        return List.copyOf(servers);
    }

    private static void pings(NettyServerBuilder builder, KeepAlive keepAlive) {
        long minTime = keepAlive.minTimeNanos() > 0 ? keepAlive.minTimeNanos() : LIBRARY_MIN_TIME_NANOS;
        builder.permitKeepAliveTime(minTime, TimeUnit.NANOSECONDS).permitKeepAliveWithoutCalls(false);
        if (keepAlive.intervalNanos() > 0 && keepAlive.timeoutNanos() > 0) {
            builder.keepAliveTime(keepAlive.intervalNanos(), TimeUnit.NANOSECONDS)
                    .keepAliveTimeout(keepAlive.timeoutNanos(), TimeUnit.NANOSECONDS);
        } else {
            builder.keepAliveTime(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        }
    }

    /// Lets the waiting connections in.
    public void serve(HandlerRegistry registry, Pages pages) {
        services.registry = registry;
        opened.complete(pages);
    }

    /// Those that have a port, in the order in which they were given.
    public List<InetSocketAddress> addresses() {
        return servers.stream()
                .flatMap(server -> server.getListenSockets().stream())
                .filter(InetSocketAddress.class::isInstance)
                .map(InetSocketAddress.class::cast)
                .toList();
    }

    /// Takes no more connections and calls, waits for those under way that end by themselves, and cuts off the
    /// rest: streams have no end to wait for.
    ///
    /// @param ending how many calls are under way that will end
    public void drain(long graceMillis, LongSupplier ending) throws InterruptedException {
        servers.forEach(Server::shutdown);
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(graceMillis);
        for (var server : servers) {
            while (ending.getAsLong() > 0
                    && System.nanoTime() < deadline
                    && !server.awaitTermination(POLL_MILLIS, TimeUnit.MILLISECONDS)) {}
        }
        close();
    }

    @Override
    public void close() {
        // Without a word: gRPC would end each stream with a code by which clients think that they gave up themselves.
        for (var connection : grpc) {
            connection.eventLoop().execute(() -> cutOff(connection));
        }
        grpc.newCloseFuture().awaitUninterruptibly();
        servers.forEach(Server::shutdownNow);
        plain.close().awaitUninterruptibly();
        files.forEach(SocketFiles::remove);
    }

    /// Past all handlers, which would say good-bye or wait.
    private static void cutOff(Channel connection) {
        var first = connection.pipeline().firstContext();
        if (first != null) {
            var _ = first.close();
        }
    }

    /// The services, which are made only after the port is bound. Shared.
    private static final class LateServices extends HandlerRegistry {
        private volatile @Nullable HandlerRegistry registry;

        @Override
        public List<ServerServiceDefinition> getServices() {
            var known = registry;
            return known == null ? List.of() : known.getServices();
        }

        @Override
        public @Nullable ServerMethodDefinition<?, ?> lookupMethod(String methodName, @Nullable String authority) {
            var known = registry;
            return known == null ? null : known.lookupMethod(methodName, authority);
        }
    }

    /// Counts the bytes of messages. One instance serves all calls, having no state of its own.
    private static final class Bytes extends ServerStreamTracer.Factory {
        private final ServerStreamTracer tracer;

        Bytes(Metrics metrics) {
            tracer = new ServerStreamTracer() {
                @Override
                public void inboundUncompressedSize(long bytes) {
                    metrics.server.clientReceivedBytes.add(bytes);
                }

                @Override
                public void outboundUncompressedSize(long bytes) {
                    metrics.server.clientSentBytes.add(bytes);
                }
            };
        }

        @Override
        public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
            return tracer;
        }
    }
}
